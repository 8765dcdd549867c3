//! `composegen check`

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use crate::project::{Project, root};

pub(crate) fn clean() -> Project {
    Project::copy_of(&root().join("tests/fixtures/clean"))
}

#[test]
fn the_environments_of_this_repository_keep_their_promises() {
    let ran = Project::nata().run(&["check"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_finding_points_at_the_fault_and_at_the_promise() {
    let project = clean();
    project.edit("environments/staging.yaml", "class: staging", "class: prod");
    project.edit("environments/local.yaml", "127.0.0.1:3000", "0.0.0.0:3000");
    let ran = project.run(&["check"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    insta::assert_snapshot!(ran.stdout);
}

/// Compose takes the last mount at a path, in a spec as in a file; one of another file is meant to replace it.
#[test]
fn two_mounts_at_one_path_are_reported() {
    let project = Project::empty();
    let service = "{ image: 'd:1', volumes: ['data:/data', './data:/data'] }";
    project.write(
        "environments/catalog.yaml",
        &format!("product: shop\nservices:\n  db: {service}\n"),
    );
    project.write(
        "environments/prod.yaml",
        "environment: prod\nhosts:\n  prod: { volumes: { data: {} } }\n",
    );
    let select = ["check", "--select", "mounted-twice", "--format", "concise"];
    let ran = project.run(&select);
    let message = "error[mounted-twice]: `db` has two of its `volumes` at one path";
    assert!(
        ran.stdout.starts_with("environments/catalog.yaml:3:"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains(message), "{}", ran.stdout);
    project.write(
        "a.yml",
        &format!("services:\n  db: {service}\nvolumes: {{ data: {{}} }}\n"),
    );
    let ran = project.run(&[&select[..], &["-f", "a.yml"]].concat());
    assert!(ran.stdout.starts_with("a.yml:2:"), "{}", ran.stdout);
    assert!(ran.stdout.contains(message), "{}", ran.stdout);
    project.write(
        "a.yml",
        "services:\n  db: { image: 'd:1', volumes: ['data:/data'] }\nvolumes: { data: {} }\n",
    );
    project.write(
        "a.prod.yml",
        "services:\n  db: { volumes: ['./data:/data'] }\n",
    );
    let ran = project.run(&[&select[..], &["-f", "a.yml", "-f", "a.prod.yml"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
}

#[test]
fn the_proof_of_two_environments_shows_its_witness() {
    let project = clean();
    project.write(
        "a.yml",
        "name: shop\nservices:\n  prod-web: { image: 'a:1', networks: [proxy] }\n\
         networks: { proxy: { external: true } }\n",
    );
    project.write(
        "b.yml",
        "name: Shop-Prod\nservices:\n  web: { image: 'a:1', networks: [front] }\n\
         networks: { front: { name: proxy } }\n",
    );
    let ran = project.run(&[
        "check", "--file", "a.yml", "--file", "b.yml", "--format", "json",
    ]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let report = ran.json();
    let shared: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["code"] == "name-shared")
        .map(|finding| {
            let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            let related = &finding["related"][0];
            format!(
                "{} | {} | {}",
                text(&finding["message"]),
                text(&finding["label"]),
                text(&related["label"])
            )
        })
        .collect();
    insta::assert_snapshot!(shared.join("\n"));
}

#[test]
fn github_shows_it_at_its_line() {
    let project = clean();
    project.edit(
        "environments/staging.yaml",
        "channels: sandbox",
        "channels: live",
    );
    let ran = project.run(&["check", "--format", "github"]);
    insta::assert_snapshot!(ran.stdout);
}

#[test]
fn an_allowance_needs_a_rule_and_a_finding() {
    let project = clean();
    project.edit(
        "environments/prod.yaml",
        "data: own\n",
        "data: own\nallow:\n  - { rule: unused-prot, what: '*', reason: A slip. }\n  \
         - { rule: unused-port, what: '*', reason: It is mended. }\n",
    );
    let ran = project.run(&["check"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout);
}

#[test]
fn an_allowed_finding_is_counted_with_its_reason() {
    let project = clean();
    project.edit(
        "environments/prod.yaml",
        "public: [443]",
        "public: [443, 8443]",
    );
    project.edit(
        "environments/prod.yaml",
        "data: own\n",
        "data: own\nallow: [{ rule: unused-port, what: isolation.public, reason: It is to come. }]\n",
    );
    let ran = project.run(&["check", "--format", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    let report = ran.json();
    let allowed = report["allowed"].as_array().unwrap();
    let reason = |code: &str| {
        let found = allowed.iter().find(|finding| finding["code"] == code);
        found.map(|finding| finding["allowed"].clone())
    };
    assert_eq!(reason("unused-port").unwrap(), "It is to come.");
}

#[test]
fn a_finding_in_two_environments_is_reported_once_for_both() {
    let project = clean();
    project.edit(
        "environments/catalog.yaml",
        "    networks: [back]\n    volumes: { data",
        "    networks: [back, out]\n    volumes: { data",
    );
    project.edit(
        "environments/local.yaml",
        "  db: { secrets: [] }",
        "  db: { networks: [back], secrets: [] }",
    );
    let environments = |names: &[&str]| {
        let ran = project.run(&[&["check", "--format", "json"], names].concat());
        let findings = ran.findings();
        assert_eq!(findings.len(), 1, "{}", ran.stdout);
        findings[0]["environments"].clone()
    };
    for names in [&[][..], &["staging"], &["live"]] {
        assert_eq!(environments(names), serde_json::json!(["prod", "staging"]));
    }
}

/// The codes that `check` finds for a service of a Compose file.
pub(crate) fn codes(file: &str, service: &str) -> Vec<String> {
    let project = clean();
    project.write("other.yml", file);
    let ran = project.run(&[
        "check", "--level", "hardening", "--format", "json", "-f", "other.yml",
    ]);
    let findings = ran.findings();
    let findings = findings.iter();
    findings
        .filter(|finding| finding["service"] == service)
        .map(|finding| finding["code"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_service_of_a_provider_is_not_a_container() {
    let file = "services:\n  cloud: { provider: { type: cloud } }\n  web: { image: 'web:1', depends_on: [cloud] }\n";
    assert_eq!(codes(file, "cloud"), <[&str; 0]>::default());
    assert!(codes(file, "web").contains(&"writable-root".to_owned()));
}

#[test]
fn the_api_socket_is_the_socket_of_the_engine() {
    let with =
        |is_used| format!("services:\n  web: {{ image: 'web:1', use_api_socket: {is_used} }}\n");
    let socket = "engine-socket".to_owned();
    assert!(codes(&with(true), "web").contains(&socket));
    assert!(!codes(&with(false), "web").contains(&socket));
}

/// An allowance for something else than what the findings are about says what they are about.
#[test]
fn an_allowance_of_the_wrong_thing_says_what_the_findings_are_about() {
    let project = clean();
    project.edit("environments/staging.yaml", "class: staging", "class: prod");
    project.edit(
        "environments/staging.yaml",
        "mirrors: prod\n",
        "mirrors: prod\nallow: [{ rule: secret-class, what: prod, reason: We share them. }]\n",
    );
    let ran = project.run(&["check"]);
    let help = "the findings of `secret-class` are about `secrets.class`";
    assert!(ran.stdout.contains(help), "{}", ran.stdout);
}

/// What is wrong in a rendered file is said once for all hosts, at the line of the spec or template that says so.
#[test]
fn a_finding_in_a_rendered_file_is_where_somebody_wrote_it() {
    let project = Project::empty();
    let ran = project.run(&["init", "shop"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let template = "shop/templates/compose.yml.j2";
    project.edit(template, "    read_only: true\n", "");
    project.edit(
        template,
        "[ALL]\n",
        "[ALL]\n    privileged: {{ name == \"web\" }}\n",
    );
    project.edit(
        "shop/environments/catalog.yaml",
        "redis:8.2.1-alpine",
        "redis:latest",
    );
    let ran = project.run(&["-C", "shop", "check", "--level", "hardening"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout);
}

/// How to go on is part of a finding about what an environment promises.
#[test]
fn a_finding_about_made_up_data_says_how_to_fix_it() {
    let project = clean();
    project.edit("environments/local.yaml", "data: fixtures", "data: own");
    project.edit(
        "environments/preview.yaml",
        "app: { networks",
        "app: { role: worker, networks",
    );
    let ran = project.run(&["check", "--format", "json"]);
    let findings = ran.findings();
    let findings = findings.iter();
    let found: Vec<_> = findings
        .filter(|finding| finding["code"] == "mock-first")
        .collect();
    assert!(found.len() >= 2, "{}", ran.stdout);
    for finding in found {
        let help = finding["help"].as_array();
        assert!(help.is_some_and(|help| !help.is_empty()), "{finding}");
    }
}

#[test]
fn values_that_only_the_engine_refuses_are_found() {
    for (field, is_refused) in [
        ("restart: alway", true),
        ("restart: on-failure:x", false),
        ("restart: on-failure:3", false),
        ("restart: always:3", true),
        ("restart: any", false),
        (
            "restart: alway\n    deploy: { restart_policy: { condition: any } }",
            false,
        ),
        ("deploy: { restart_policy: { condition: sometimes } }", true),
        (
            "deploy: { restart_policy: { condition: 'on-failure:3' } }",
            true,
        ),
        (
            "deploy: { restart_policy: { condition: any, max_attempts: 3 } }",
            true,
        ),
        (
            "deploy: { restart_policy: { condition: \"${POLICY}\", max_attempts: 3 } }",
            false,
        ),
        ("restart: no", false),
        ("restart: \"${POLICY}\"", false),
        ("network_mode: bridgee", true),
        ("network_mode: service:db", false),
        ("network_mode: shop_back", false),
        ("volumes: [\"./a\"]", true),
        ("volumes: [/a, \"data:/b\", \"./c:/c\"]", false),
        ("networks: { back: { ipv4_address: 300.1.1.1 } }", true),
        ("networks: { back: { ipv4_address: 10.1.1.1 } }", true),
        ("dns: [8.8.8]", true),
        ("dns: 8.8.8.8", false),
    ] {
        let project = Project::empty();
        project.write(
            "c.yml",
            &format!(
                "name: shop\nservices:\n  web:\n    image: \"a:1\"\n    {field}\n  db: {{ image: \"b:1\" }}\nnetworks: {{ back: }}\nvolumes: {{ data: }}\n"
            ),
        );
        let ran = project.run(&["check", "-f", "c.yml", "--select", "refused-by-engine"]);
        let is_found = ran.stdout.contains("error[refused-by-engine]");
        assert_eq!(
            is_found, is_refused,
            "{field}: {}{}",
            ran.stdout, ran.stderr
        );
    }
    let project = Project::empty();
    project.write(
        "c.yml",
        "services: { web: { image: \"a:1\" } }\nnetworks:\n  back: { ipam: { config: [{ subnet: 10.0.0/24 }] } }\n",
    );
    let ran = project.run(&["check", "-f", "c.yml", "--select", "refused-by-engine"]);
    assert!(
        ran.stdout.contains("`10.0.0/24` is not a subnet"),
        "{}",
        ran.stdout
    );
}

/// A shop with two environments on one machine.
pub(crate) fn two_environments(fields: &str) -> Project {
    let project = Project::empty();
    project.write(
        "environments/catalog.yaml",
        "product: shop\nmachines: { box: {} }\nservices:\n  web: { image: \"web:1\", secrets: [api_key, app_key] }\n",
    );
    for name in ["prod", "staging"] {
        project.write(
            &format!("environments/{name}.yaml"),
            &format!("environment: {name}\n{fields}hosts:\n  {name}-box: {{ machine: box }}\n"),
        );
    }
    project
}

#[test]
fn a_folder_with_a_compose_file_and_no_project_says_what_to_type() {
    let project = Project::empty();
    let ran = project.run(&["render"]);
    assert!(ran.stderr.contains("`composegen init`"), "{}", ran.stderr);
    project.write("docker-compose.yml", "services: {}\n");
    let ran = project.run(&["render"]);
    assert_eq!(ran.code, Some(2));
    for part in [
        "`composegen check -f docker-compose.yml`",
        "`composegen init --from docker-compose.yml`",
    ] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
}

#[test]
fn a_protocol_behind_a_colon_gets_a_hint() {
    let project = Project::empty();
    project.write(
        "c.yml",
        "services: { web: { image: \"a:1\", ports: [\"443:443:tcp\"] } }\n",
    );
    let ran = project.run(&["state", "-f", "c.yml"]);
    assert!(
        ran.stderr
            .contains("the protocol follows a slash: \"443:443/tcp\""),
        "{}",
        ran.stderr
    );
}

/// The findings of a file in a folder with a few others: service and code.
fn found_in(project: &Project) -> std::collections::BTreeSet<String> {
    let ran = project.run(&["check", "-f", "compose.yml", "--format", "json"]);
    let report = ran.json();
    let findings = report["findings"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    findings
        .iter()
        .map(|one| format!("{} {}", text(&one["what"]), text(&one["code"])))
        .collect()
}

#[test]
fn what_is_right_in_public_files_is_no_finding_and_what_is_wrong_is() {
    let project = Project::empty();
    project.write("compose.yml", indoc::indoc! {r#"
        services:
          exec: { image: "a:1", environment: { D: y }, healthcheck: { test: [CMD, ready, -d, "$D"] } }
          words: { image: "a:1", environment: { D: y }, command: "run -d $D" }
          own: { image: "a:1", environment: { D: "${D:-x}" }, healthcheck: { test: "ready $D" } }
          shell: { image: "a:1", environment: { D: y }, command: [sh, -c, "run $D"] }
          split: { image: "a:1", environment: { D: y }, entrypoint: "/bin/bash -ec", command: ["run $D"] }
          names: { image: "a:1", environment: { CREDENTIALS_SOURCE: USER_INFO, PASSWORD_ENCRYPTION: scram-sha-256,
            SECRET_PARAM_SERVERS: "broker:9095", TOKEN_SERVICE: auth, OPENAI_API_KEY: dummy } }
          ocis: { image: "owncloud/ocis:7.1", ports: ["9200:9200"] }
          search: { image: "opensearch:3", ports: ["9201:9200"] }
          gone: { image: "a:1", configs: [gone_config] }
          made: { image: "a:1", volumes: ["./ignored.yml:/c.yml:ro", "./sampled.conf:/etc/x:ro"] }
          blind: { image: "a:1", user: "1001:1001", secrets: [key] }
          sees: { image: "a:1", user: "1001:1001", group_add: ["0"], secrets: [key] }
          waits: { image: "a:1", depends_on: { built: { condition: service_healthy } } }
          ready: { image: "a:1", depends_on: { checked: { condition: service_healthy } } }
          built: { build: ./w }
          checked: { build: { context: ./w, dockerfile: Checked } }
          watcher: { image: "prom/node-exporter:v1", volumes: ["/proc:/host/proc:ro"] }
          agent: { build: ./w, network_mode: host }
          filebeat: { build: ./w, volumes: ["/var/lib/docker/containers:/logs:ro"] }
          home: { image: "ghcr.io/home-assistant/home-assistant:1", network_mode: host, cap_add: [NET_ADMIN] }
          gate: { image: "a:1", labels: ["traefik.http.routers.authelia.rule=Host(`auth.example.com`)", "x.auth.allow=Any()"] }
          proxy: { image: "x/socket-proxy:1", volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"] }
          port: { image: "a:1", ports: ["127.0.0.1:${SAMPLED_PORT}:80", "127.0.0.1:${DEFAULT_PORT}:81"] }
        configs: { gone_config: { file: ./gone.conf } }
        secrets: { key: { file: ./w/key } }
    "#});
    project.write("w/Dockerfile", "FROM scratch\n");
    project.write("w/Checked", "FROM scratch\nHEALTHCHECK CMD [\"/ready\"]\n");
    project.write("w/key", "x\n");
    let key = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(project.path("w/key"), key).unwrap();
    project.write(".gitignore", "ignored.yml\n");
    project.write("sampled.conf.example", "x\n");
    project.write(".env.example", "SAMPLED_PORT=8080\n");
    project.write("defaults.env", "DEFAULT_PORT=8081\n");
    let git = std::process::Command::new("git")
        .args(["init", "-q"])
        .arg(project.path(""))
        .status();
    assert!(git.unwrap().success());
    let owner = std::fs::metadata(project.path("w/key")).unwrap();
    let (user, group) = (owner.uid(), owner.gid());
    assert!(user != 1001 && group != 1001);
    project.edit("compose.yml", "[\"0\"]", &format!("[\"{group}\"]"));
    let expected = [
        "agent host-network",
        "blind secret-unreadable",
        "gone_config bind-missing",
        "search data-port-everywhere",
        "shell shell-variable",
        "split shell-variable",
        "waits waits-for-health",
    ];
    let found = found_in(&project);
    let found: Vec<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(found, expected);
}

#[test]
fn replicas_of_a_stack_share_a_port_that_the_swarm_publishes() {
    let project = Project::empty();
    let file = |mode: &str| {
        format!(
            "services:\n  a:\n    image: 'a:1'\n    deploy: {{ replicas: 3 }}\n    networks: [back]\n    \
             ports: [{{ target: 80, published: 8080, mode: {mode} }}]\nnetworks: {{ back: {{ internal: true }} }}\n"
        )
    };
    let found = |engine: &str| {
        let select = ["--select", "port-taken", "--select", "dead-port"];
        let ask = [
            "check", "-f", "compose.yml", "--engine", engine, "--format", "json",
        ];
        let report = project.run(&[&ask[..], &select].concat()).json();
        let findings = report["findings"].as_array().unwrap().iter();
        let codes = findings.map(|one| one["code"].as_str().unwrap().to_owned());
        codes.collect::<Vec<_>>()
    };
    project.write("compose.yml", &file("ingress"));
    assert_eq!(found("swarm"), [""; 0]);
    assert_eq!(found("docker"), ["dead-port", "port-taken"]);
    // Each node publishes it for its task, through the network that the service is on.
    project.write("compose.yml", &file("host"));
    assert_eq!(found("swarm"), ["dead-port"]);
}

#[test]
fn nodes_of_a_stack_that_are_apart_publish_one_port() {
    let project = Project::empty();
    let port = "ports: [{ target: 80, published: 8080, mode: host }]";
    let file = |role: &str| {
        format!(
            "services:\n  a: {{ image: 'a:1', {port}, deploy: {{ placement: {{ constraints: [node.role == manager] }} }} }}\n  \
             b: {{ image: 'a:1', {port}, volumes: [{{ type: cluster, source: cv, target: /cv }}], \
             deploy: {{ placement: {{ constraints: ['node.role == {role}'] }} }} }}\nvolumes: {{ cv: {{}} }}\n"
        )
    };
    let found = |role: &str| {
        project.write("compose.yml", &file(role));
        let select = ["--select", "port-taken", "--select", "unused-resource"];
        let ask = [
            "check", "-f", "compose.yml", "--engine", "swarm", "--format", "json",
        ];
        let report = project.run(&[&ask[..], &select].concat()).json();
        let findings = report["findings"].as_array().unwrap().iter();
        let codes = findings.map(|one| one["code"].as_str().unwrap().to_owned());
        codes.collect::<Vec<_>>()
    };
    assert_eq!(found("worker"), [""; 0]);
    assert_eq!(found("manager"), ["port-taken"]);
}

#[test]
fn a_line_that_several_services_have_is_one_finding() {
    let project = Project::empty();
    project.write(
        "compose.yml",
        "x-env: &e { A_PASSWORD: hunter22, B_PASSWORD: hunter33 }\nservices:\n  a: { image: 'a:1', environment: *e }\n  \
         b: { image: 'a:1', environment: *e }\n  c: { image: 'a:1', environment: *e }\n",
    );
    let ran = project.run(&["check", "-f", "compose.yml", "--format", "json"]);
    let report = ran.json();
    let findings = report["findings"].as_array().unwrap();
    let of = |one: &serde_json::Value| format!("{} {}", one["service"], one["also"]);
    let all: Vec<String> = findings.iter().map(of).collect();
    assert_eq!(all, [r#""a" ["b","c"]"#; 2], "{}", ran.stdout);
    let ran = project.run(&["check", "-f", "compose.yml"]);
    assert!(
        ran.stdout.contains("note: also applies to `b`, `c`"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_service_that_is_always_restarted_never_completes() {
    for (policy, is_found) in [
        ("restart: always", true),
        ("restart: unless-stopped", true),
        ("deploy: { restart_policy: { condition: any } }", true),
        ("restart: on-failure", false),
        ("restart: \"no\"", false),
        ("restart: \"${POLICY}\"", false),
        (
            "deploy: { restart_policy: { condition: none } }\n    restart: always",
            false,
        ),
        // With it, `restart` does not count, and nothing is restarted.
        (
            "deploy: { restart_policy: { window: 5s } }\n    restart: always",
            false,
        ),
    ] {
        let project = Project::empty();
        let web = "web: { image: 'a:1', depends_on: { job: { condition: service_completed_successfully } } }";
        project.write(
            "c.yml",
            &format!("services:\n  {web}\n  job:\n    image: 'a:1'\n    {policy}\n"),
        );
        let ran = project.run(&["check", "-f", "c.yml", "--select", "waits-for-completion"]);
        let said = ran.stdout + &ran.stderr;
        assert_eq!(
            said.contains("`web` waits for `job` forever"),
            is_found,
            "{policy}: {said}"
        );
    }
}

/// Compose reads `restart` only if `deploy.restart_policy` is not set.
#[test]
fn rules_read_the_restart_policy_that_counts() {
    let found = |code: &str, policy: &str| {
        let project = Project::empty();
        let service = format!("services:\n  web:\n    image: 'a:1'\n    {policy}\n");
        project.write("c.yml", &service);
        let ran = project.run(&[
            "check", "-f", "c.yml", "--select", code, "--format", "concise",
        ]);
        assert_eq!(ran.stderr, "", "{policy}");
        ran.stdout.contains(code)
    };
    for (policy, is_restarted) in [
        ("restart: always", true),
        (
            "deploy: { restart_policy: { condition: on-failure } }",
            true,
        ),
        (
            "deploy: { restart_policy: { condition: any } }\n    restart: \"no\"",
            true,
        ),
        ("init: true", false),
        ("deploy: { restart_policy: {} }", false),
        (
            "deploy: { restart_policy: { window: 5s } }\n    restart: always",
            false,
        ),
    ] {
        assert_eq!(found("no-restart", policy), !is_restarted, "{policy}");
    }
    // What says that nothing restarts it is a job, which needs no health check.
    for (policy, is_job) in [
        ("restart: \"no\"", true),
        (
            "deploy: { restart_policy: { condition: none } }\n    restart: always",
            true,
        ),
        (
            "deploy: { restart_policy: { condition: any } }\n    restart: \"no\"",
            false,
        ),
    ] {
        assert_eq!(found("no-healthcheck", policy), !is_job, "{policy}");
    }
}

/// Where no line can be told, as the template measures what it writes, the template is the place, and a help says why.
#[test]
fn a_foreign_name_without_a_line_comes_from_the_template() {
    let project = Project::empty();
    project.write(
        "environments/catalog.yaml",
        "product: shop\nnamespaces: [database]\nservices:\n  web: { image: 'w:1' }\n",
    );
    for name in ["prod", "staging"] {
        let text = format!(
            "environment: {name}\nnamespaces: {{ database: shop_{name} }}\nhosts:\n  {name}:\n    template: web.yml.j2\n"
        );
        project.write(&format!("environments/{name}.yaml"), &text);
    }
    let template = "name: {{ project }}\n{% set copy %}shop_prod{% endset %}\nservices:\n  web:\n    {{ services.web.compose }}\n\
                    {% if copy|length == 9 %}\n    environment: { COPY: shop_prod, OWN: {{ namespaces.database }} }\n{% endif %}\n";
    let help = "it comes from this template, or from one that it includes";
    let found = |template: &str| {
        project.write("templates/web.yml.j2", template);
        let ran = project.run(&["check", "--select", "foreign-name"]);
        assert!(
            ran.stdout
                .contains("`staging` refers to the database of `prod`, `shop_prod`"),
            "{}{}",
            ran.stdout,
            ran.stderr
        );
        ran.stdout.contains(help)
    };
    assert!(found(template));
    assert!(!found(&template.replace("copy|length == 9", "true")));
}
