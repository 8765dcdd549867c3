//! Rules about what an environment promises, in products that use few of the fields.

use crate::project::Project;

/// The messages and labels of the findings of a rule, in a project of these two files.
fn found(rule: &str, catalog: &str, environment: &str) -> Vec<String> {
    let project = Project::empty();
    project.write("environments/catalog.yaml", catalog);
    project.write("environments/prod.yaml", environment);
    let ran = project.run(&["check", "--select", rule, "--format", "json"]);
    let findings = ran.findings();
    let findings = findings.iter();
    findings
        .map(|finding| format!("{}: {}", finding["message"], finding["place"]["label"]))
        .collect()
}

/// Where roles say who may be public, a service without one may not; where none does, `isolation` says enough.
#[test]
fn a_service_without_a_role_is_not_the_edge() {
    let environment = "environment: prod\nisolation: { reach: public, public: [443, 5027] }\nhosts:\n  prod:\n    \
                       ports: { gps: [\"0.0.0.0:5027:5027/udp\"], web: [\"0.0.0.0:443:443\"] }\n";
    let catalog = |role: &str| {
        format!(
            "product: fleet\nservices:\n  gps: {{ image: 'g:1' }}\n  web: {{ image: 'w:1'{role} }}\n"
        )
    };
    assert_eq!(found("edge-only", &catalog(""), environment).len(), 0);
    let found = found("edge-only", &catalog(", role: edge"), environment);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("5027"), "{found:?}");
}

/// A network that another host creates is internal if it is there.
#[test]
fn an_external_network_leads_out_where_its_creator_says_so() {
    let project = Project::nata();
    let select = ["check", "--select", "needless-way-out", "--format", "json"];
    assert_eq!(project.run(&select).findings().len(), 0);
    project.edit(
        "environments/preview-edge.yaml",
        "subnet: 10.21.1.0/24, internal: true",
        "subnet: 10.21.1.0/24",
    );
    let found = project.run(&select).findings();
    let messages: Vec<&str> = found
        .iter()
        .map(|one| one["message"].as_str().unwrap())
        .collect();
    assert_eq!(
        messages,
        ["mock-api", "mock-ws"]
            .map(|one| format!("service `{one}` has internet access that it does not need"))
    );
}

#[test]
fn a_preview_may_keep_its_data_in_memory() {
    let environment = |volume: &str| {
        format!(
            "environment: review\nper: pull-request\nhosts:\n  review:\n    project: shop-<pr>\n    \
             output: review.<pr>.yml\n    volumes: {{ data: {volume} }}\n"
        )
    };
    let catalog =
        "product: shop\nservices:\n  db: { image: 'd:1', role: state, volumes: { data: /data } }\n";
    let memory = "{ ephemeral: { size: 1G, user: 70, mode: '0700' } }";
    assert_eq!(
        found("stateless-preview", catalog, &environment(memory)).len(),
        0
    );
    assert_eq!(
        found("stateless-preview", catalog, &environment("{}")).len(),
        2
    );
    let anonymous = catalog.replace("{ data: /data }", "[/data, 'data:/more']");
    assert_eq!(
        found("stateless-preview", &anonymous, &environment(memory)).len(),
        1
    );
}

#[test]
fn a_port_that_is_open_elsewhere_is_said_to_be() {
    let environment = "environment: prod\nisolation: { reach: public, public: [], private: [5027, 6000] }\nhosts:\n  \
                       prod:\n    ports: { gps: [\"0.0.0.0:5027:5027\"] }\n";
    let catalog = "product: fleet\nservices:\n  gps: { image: 'g:1' }\n";
    let found = found("unused-port", catalog, environment);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].contains("does not publish port 5027 on a private address"),
        "{found:?}"
    );
    assert!(
        found[1].contains("publishes nothing on port 6000"),
        "{found:?}"
    );
}

/// All three fields of a volume in memory are in one option of the Compose file.
#[test]
fn every_field_of_a_volume_in_memory_is_used() {
    let project = Project::empty();
    project.write(
        "environments/catalog.yaml",
        "product: shop\nservices:\n  db: { image: 'd:1', serves: 80, volumes: { data: /data } }\n",
    );
    project.write(
        "environments/prod.yaml",
        "environment: prod\nretention: { logs: 30d }\nhosts:\n  prod:\n    template: prod.yml.j2\n    \
         volumes: { data: { ephemeral: { size: 1G, user: 70, mode: '0700' } } }\n",
    );
    project.write(
        "templates/prod.yml.j2",
        "name: {{ project }}\nservices: {{ compose.services }}\nvolumes: {{ compose.volumes }}\n",
    );
    let ran = project.run(&["check", "--select", "unused-value", "--format", "concise"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(0), ""),
        "{}",
        ran.stderr
    );
}

/// Rules, `graph` and `catalog` use them, whether or not a template does.
#[test]
fn routes_and_upstreams_are_used() {
    let project = Project::empty();
    project.write(
        "environments/catalog.yaml",
        "product: shop\nupstreams: { models: [mock, live] }\nservices:\n  web: { image: 'w:1', serves: 80, calls: [models] }\n",
    );
    project.write(
        "environments/prod.yaml",
        "environment: prod\nupstreams: { models: { level: live, route: 'models.example.org:443' } }\n\
         domains: { shop: shop.example.org }\nhosts:\n  prod:\n    template: prod.yml.j2\n    routes: { shop: { /: web } }\n",
    );
    project.write(
        "templates/prod.yml.j2",
        "name: {{ project }}\nservices: {{ compose.services }}\n",
    );
    let ran = project.run(&["check", "--select", "unused-value", "--format", "concise"]);
    let said = ran.stdout + &ran.stderr;
    assert_eq!(
        (ran.code, said.contains("unused-value")),
        (Some(0), false),
        "{said}"
    );
}
