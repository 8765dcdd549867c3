//! The second example, a product without templates: it renders, is checked, starts, and does not drift.

use crate::engine::Up;
use crate::judges::{compose_accepts, dclint_accepts};
use crate::outside::Outside;
use crate::project::{Project, copy, root};

/// Every file of the example that is committed.
const OUTPUTS: [&str; 4] = [
    "generated/dev.yml",
    "generated/prod-app.yml",
    "generated/prod-data.yml",
    "generated/qa.yml",
];

pub(crate) fn bookstore() -> Project {
    let folder = root().join("examples/bookstore");
    let project = Project::copy_of(&folder);
    for part in ["files", "generated"] {
        copy(&folder.join(part), &project.path(part));
    }
    project
}

#[test]
fn it_is_rendered_and_clean() {
    let project = bookstore();
    let ran = project.run(&["render", "--check"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(0), ""),
        "{}",
        ran.stderr
    );
    let ran = project.run(&["check"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    let ran = project.run(&["render", "review", "--pr", "7"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let review = project.read("generated/review.pr-7.yml");
    assert!(review.contains("name: bookstore-review-7\n"), "{review}");
    assert!(review.contains("DATABASE: bookstore_pr_7\n"), "{review}");
}

/// What an environment says is merged key by key, a list replaces, `null` removes.
#[test]
fn environments_change_only_what_they_name() {
    let project = bookstore();
    let mysql = |file: &str| {
        let document: serde_yaml::Value = serde_yaml::from_str(&project.read(file)).unwrap();
        document["services"]["mysql"].clone()
    };
    let limits = mysql("generated/prod-data.yml")["deploy"]["resources"]["limits"].clone();
    assert_eq!(limits["memory"], "8G");
    assert_eq!(limits["cpus"], 2);
    let environment = mysql("generated/dev.yml")["environment"].clone();
    assert_eq!(environment["MYSQL_DATABASE"], "bookstore_dev");
    assert_eq!(environment["MYSQL_USER"], "bookstore");
    project.edit(
        "environments/prod.yaml",
        "limits: { cpus: 2, memory: 1G }",
        "limits: { memory: 1G }\n    healthcheck: null",
    );
    let ran = project.run(&["render"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let document: serde_yaml::Value =
        serde_yaml::from_str(&project.read("generated/prod-app.yml")).unwrap();
    let django = &document["services"]["django"];
    assert_eq!(django["deploy"]["resources"]["limits"]["cpus"], 1);
    assert!(django.get("healthcheck").is_none());
}

/// A namespace of the catalogue's own kind, and an upstream, are kept apart as Nata's are.
#[test]
fn its_own_promises_are_kept() {
    for (file, old, new, code) in [
        (
            "environments/qa.yaml",
            "vhost: qa",
            "vhost: prod",
            "namespace-shared",
        ),
        (
            "environments/qa.yaml",
            "payments: sandbox",
            "payments: live",
            "live-upstream",
        ),
        (
            "environments/qa.yaml",
            "amqp://rabbitmq/qa",
            "amqp://10.40.0.4/qa",
            "foreign-name",
        ),
        (
            "environments/dev.yaml",
            "127.0.0.1:8000:8080",
            "0.0.0.0:8000:8080",
            "loopback-only",
        ),
    ] {
        let project = bookstore();
        project.edit(file, old, new);
        let ran = project.run(&["check", "--format", "json"]);
        assert_eq!(ran.code, Some(1), "{new}: {}", ran.stderr);
        assert!(ran.stdout.contains(code), "{new}: {}", ran.stdout);
    }
}

/// A name or a directory that all previews have is one of a spec that has no number; a number that only looks like it is none.
#[test]
fn what_all_previews_would_share_is_found() {
    let (mysql, volumes) = ("mysql: { role: null,", "    volumes:\n      media: {");
    let network = |fields: &str| format!("    networks: {{ front: {{ {fields} }} }}\n{volumes}");
    let volume = |fields: &str| format!("{volumes} name: {fields},");
    for (old, new, what) in [
        (
            mysql,
            "mysql: { container_name: mysql, role: null,",
            "the container name `mysql`",
        ),
        (
            mysql,
            "mysql: { container_name: mysql-1, role: null,",
            "the container name `mysql-1`",
        ),
        (
            mysql,
            "mysql: { container_name: mysql-<pr>, role: null,",
            "",
        ),
        (
            mysql,
            "mysql: { container_name: mysql-1-<pr>, role: null,",
            "",
        ),
        (
            mysql,
            "mysql: { volumes: ['./x:/x'], role: null,",
            "the path `./x`",
        ),
        (mysql, "mysql: { volumes: ['./x/<pr>:/x'], role: null,", ""),
        (mysql, "mysql: { volumes: ['./x:/x:ro'], role: null,", ""),
        (volumes, &network("name: all"), "the network `all`"),
        (volumes, &network("name: all-<pr>"), ""),
        (volumes, &network("internal: true"), ""),
        (volumes, &volume("all"), "the volume `all`"),
        (volumes, &volume("all-<pr>"), ""),
    ] {
        let project = bookstore();
        project.edit("environments/review.yaml", old, new);
        let ran = project.run(&["check", "--select", "preview-shares", "--format", "json"]);
        let findings = ran.findings();
        let found: Vec<&str> = findings
            .iter()
            .map(|one| one["message"].as_str().unwrap())
            .collect();
        let expected = (!what.is_empty()).then(|| format!("two pull requests would share {what}"));
        assert_eq!(
            found,
            expected.iter().collect::<Vec<_>>(),
            "{new}: {}",
            ran.stderr
        );
    }
}

/// An environment that promises nothing about its ports is not left alone: the rule for any Compose file holds.
#[test]
fn open_ports_are_found_without_a_promise() {
    let project = bookstore();
    let isolation = "isolation: { reach: public, public: [443] }\n";
    project.edit("environments/qa.yaml", isolation, "");
    let ran = project.run(&["check", "--level", "hardening", "--format", "json"]);
    assert!(ran.stdout.contains("port-everywhere"), "{}", ran.stdout);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn compose_and_dclint_accept_it() {
    let (outside, project) = (Outside::new(), bookstore());
    compose_accepts(&outside, &project, &OUTPUTS);
    // The developer's file builds an image, which the linter does not like.
    let linted = OUTPUTS.iter().filter(|name| !name.contains("dev"));
    dclint_accepts(&outside, &project, &linted.copied().collect::<Vec<_>>());
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_host_starts_and_does_not_drift() {
    let outside = Outside::new().other("COMPOSEGEN_DOCKER_26");
    let project = bookstore();
    let up = Up::start(&outside, &project, "generated/qa.yml", &[]);
    up.drift(&project, "bookstore").is_in_sync();
}

/// The environment on a swarm has a file that `docker stack deploy` takes.
#[test]
fn a_swarm_gets_a_stack() {
    let project = bookstore();
    let name = |project: &Project| {
        let text = project.read("generated/cluster.yml");
        let stack: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
        for absent in ["name", "depends_on", "restart", "security_opt", "tmpfs"] {
            let services = stack["services"].as_mapping().unwrap();
            let holds = |(_, service): (_, &serde_yaml::Value)| service.get(absent).is_some();
            assert!(!services.iter().any(holds), "{absent}: {text}");
        }
        assert!(stack.get("name").is_none(), "{text}");
        let limits = &stack["services"]["mysql"]["deploy"]["resources"]["limits"];
        assert_eq!(limits["cpus"], "2");
        let migrate = &stack["services"]["migrate"]["deploy"]["restart_policy"];
        assert_eq!(migrate["condition"], "none");
        assert_eq!(stack["services"]["nginx"]["ports"][0], "443:8080");
        stack["configs"]["site"]["name"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    // `sha256sum files/site.conf`
    assert_eq!(name(&project), "bookstore-cluster_site_d9a51860cc04");
    project.edit("files/site.conf", "return 200;", "return 204;");
    assert_eq!(project.run(&["render", "cluster"]).code, Some(0));
    assert_eq!(name(&project), "bookstore-cluster_site_4609ac30865a");
}

/// What the specs ask for and a stack does not have is found at its place in the specs.
#[test]
fn what_a_stack_drops_is_found_in_the_specs() {
    for (old, new, code) in [
        ("  security_opt: null\n", "", "dropped-by-stack"),
        (
            "\"0.0.0.0:443:8080\"",
            "\"10.40.0.5:443:8080\"",
            "stack-port-address",
        ),
        (
            "    deploy: { placement: { constraints: [node.labels.files == true] } }\n    allow",
            "    allow",
            "stack-unplaced-data",
        ),
        (
            "constraints: [node.labels.files == true] } }\n    allow",
            "constraints: [node.label.files == true] } }\n    allow",
            "stack-unmet-constraint",
        ),
        (
            "monitor: 10s }",
            "monitor: 10s, order: start-first }",
            "stack-start-first",
        ),
        (
            "    environment: { RABBITMQ_DEFAULT_VHOST: cluster }\n",
            "    environment: { RABBITMQ_DEFAULT_VHOST: cluster }\n    dns_opt: [ndots:2]\n",
            "refused-by-stack",
        ),
        (
            "{ content: null, file: ../files/site.conf }",
            "{ content: null, file: ../files/site.conf, name: site }",
            "stack-fixed-name",
        ),
    ] {
        let project = bookstore();
        let spec = "environments/cluster.yaml";
        project.edit(spec, old, new);
        let ran = project.run(&["check", "--format", "json", "--select", code]);
        assert_eq!(ran.code, Some(1), "{code}: {}", ran.stderr);
        assert!(ran.stdout.contains(code), "{code}: {}", ran.stdout);
    }
}

/// A template of a stack writes no name, and can name a config by its content.
#[test]
fn a_template_of_a_stack() {
    let project = bookstore();
    let host = "    engine: swarm\n";
    project.edit(
        "environments/cluster.yaml",
        host,
        &format!("{host}    template: stack.yml.j2\n"),
    );
    project.write(
        "templates/stack.yml.j2",
        "name: {{ project }}\n{{ compose }}\n",
    );
    let ran = project.run(&["render", "cluster"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(
        ran.stderr
            .contains("the file of a stack has a project name"),
        "{}",
        ran.stderr
    );
    let sections = [
        "services: {{ compose.services }}\n",
        "networks: {{ compose.networks }}\n",
        "volumes: {{ compose.volumes }}\n",
        "secrets: {{ compose.secrets }}\n",
    ]
    .concat();
    let config = "configs:\n  site:\n    file: ../files/site.conf\n    name: {{ project ~ \"_site_\" ~ content_digest(\"files/site.conf\") }}\n";
    project.write("templates/stack.yml.j2", &(sections + config));
    let ran = project.run(&["render", "cluster"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let text = project.read("generated/cluster.yml");
    assert!(
        text.contains("name: bookstore-cluster_site_d9a51860cc04\n"),
        "{text}"
    );
    for (file, expected) in [
        ("../outside", "takes the path of a file"),
        ("files/none", "cannot read `files/none`"),
    ] {
        project.write(
            "templates/stack.yml.j2",
            &format!("x: {{{{ content_digest(\"{file}\") }}}}\n"),
        );
        let ran = project.run(&["render", "cluster"]);
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    }
}

/// The name of a config ends in a digest of its file, so a file that cannot be read is an error, unless the config has a name.
#[test]
fn a_config_of_a_stack_whose_file_is_missing() {
    let project = bookstore();
    project.remove("files/site.conf");
    let ran = project.run(&["render", "cluster"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    for said in [
        "cannot read `files/site.conf`",
        "environments/cluster.yaml:",
        "give the config a `name`",
    ] {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    project.edit(
        "environments/cluster.yaml",
        "file: ../files/site.conf",
        "name: site_1, file: ../files/site.conf",
    );
    let ran = project.run(&["render", "cluster"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

/// Relative paths of a rendered file start from where it is, whatever the directory of the process.
#[test]
fn files_of_a_stack_are_found_from_elsewhere() {
    let (project, other) = (bookstore(), Project::empty());
    let folder = project.path("");
    let folder = folder.to_str().unwrap();
    let ran = other.run(&["-C", folder, "check", "--select", "refused-by-stack"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
}
