//! A manager whose answers a test chooses: what is asked of it, and what is made of answers that are damaged.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::drift::fake::{Answer, Fake};
use crate::project::{Project, Ran};

const FILE: &str = "services:\n  web:\n    image: a\n    tty: true\nconfigs: {app: {file: app.conf}}\n\
                    secrets: {key: {file: app.conf}}\n";

/// A manager that runs the stack of the file, with one path answered otherwise.
fn manager(other: &'static str, answer: impl Fn() -> Answer + Send + Sync + 'static) -> Fake {
    Fake::new(move |path| {
        if !other.is_empty() && path.starts_with(other) {
            return answer();
        }
        match path {
            "/version" => Answer::json(r#"{"Version":"26.1.5","ApiVersion":"1.45"}"#),
            "/info" => Answer::json(&info("active", true).to_string()),
            "/services" => Answer::json(&json!([service()]).to_string()),
            "/networks" => Answer::json(&json!([network()]).to_string()),
            "/configs" => {
                let spec = json!({"Name": "s_app", "Labels": labels(), "Data": "YT0xCg=="});
                Answer::json(&json!([{"ID": "c1", "Spec": spec}]).to_string())
            }
            "/secrets" => {
                let spec = json!({"Name": "s_key", "Labels": labels()});
                Answer::json(&json!([{"ID": "x1", "Spec": spec}]).to_string())
            }
            _ => Answer::json("[]"),
        }
    })
}

fn info(state: &str, is_manager: bool) -> Value {
    json!({"ID": "e1", "Swarm": {"LocalNodeState": state, "ControlAvailable": is_manager}})
}

fn labels() -> Value {
    json!({"com.docker.stack.namespace": "s"})
}

fn network() -> Value {
    json!({
        "Name": "s_default", "Id": "n1", "Created": "2026-11-27T11:07:56Z", "Scope": "swarm", "Driver": "overlay",
        "EnableIPv6": false, "Internal": false, "Attachable": false, "Labels": labels(), "Options": null,
        "IPAM": {"Driver": "default", "Options": null, "Config": [{"Subnet": "10.0.1.0/24", "Gateway": "10.0.1.1"}]}
    })
}

fn service() -> Value {
    json!({
        "ID": "s1",
        "Spec": {
            "Name": "s_web",
            "Labels": {"com.docker.stack.namespace": "s", "com.docker.stack.image": "a"},
            "TaskTemplate": {
                "ContainerSpec": {"Image": "a:latest", "TTY": true, "Labels": labels()},
                "Networks": [{"Target": "n1", "Aliases": ["web"]}]
            },
            "Mode": {"Replicated": {"Replicas": 1}},
            "EndpointSpec": {"Mode": "vip"}
        },
        "ServiceStatus": {"RunningTasks": 1, "DesiredTasks": 1}
    })
}

fn drift(engine: &Fake) -> Ran {
    let project = Project::empty();
    project.write("stack.yml", FILE);
    project.write("app.conf", "a=1\n");
    let url = engine.url();
    project.run(&[
        "drift", "-f", "stack.yml", "-p", "s", "--engine", "swarm", "--docker", &url, "--format",
        "json",
    ])
}

/// The codes of what is found.
fn codes(ran: &Ran) -> Vec<String> {
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let findings = report["hosts"][0]["findings"].as_array().unwrap();
    let codes = findings.iter().map(|one| one["code"].as_str().unwrap());
    codes.map(str::to_owned).collect()
}

#[test]
fn swarm_a_manager_is_asked_for_lists_alone() {
    let engine = manager("", || Answer::json("[]"));
    let ran = drift(&engine);
    assert_eq!(
        (ran.code, codes(&ran)),
        (Some(0), Vec::new()),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    let requests = engine.requests().into_iter();
    let named = requests.map(|one| one.split("?filters").next().unwrap().to_owned());
    let expected = [
        "GET /version",
        "GET /info",
        "GET /services?status=true",
        "GET /tasks",
        "GET /networks",
        "GET /nodes",
        "GET /configs",
        "GET /secrets",
    ];
    let page = std::fs::read_to_string(crate::project::root().join("SECURITY.md")).unwrap();
    for request in expected {
        assert!(page.contains(&format!("`{request}`")), "{request}");
    }
    let expected: BTreeSet<String> = expected.map(str::to_owned).into();
    assert_eq!(named.collect::<BTreeSet<_>>(), expected);
}

#[test]
fn swarm_a_manager_whose_headers_have_its_version_is_not_asked_for_it() {
    let about = || Answer::json(&info("active", true).to_string());
    let engine = manager("/info", move || {
        about().from("Docker/28.5.2 (linux)", "1.51")
    });
    let ran = drift(&engine);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(!engine.requests().contains(&"GET /version".to_owned()));
}

#[test]
fn swarm_an_answer_that_cannot_be_used_is_an_error() {
    for path in [
        "/version", "/info", "/services", "/tasks", "/networks", "/nodes", "/configs", "/secrets",
    ] {
        for text in ["{\"message\": \"no\"", "[7]", "\"x\""] {
            let ran = drift(&manager(path, || Answer::json(text)));
            assert_eq!(ran.code, Some(2), "{path} {text}: {}", ran.stdout);
            assert!(
                ran.stdout.contains("\"unreachable\""),
                "{path} {text}: {}",
                ran.stdout
            );
        }
    }
}

#[test]
fn swarm_an_engine_without_a_swarm_is_an_error() {
    for (state, is_manager, said) in [
        ("inactive", false, "is not part of a swarm"),
        ("active", false, "a worker of a swarm, not a manager"),
        ("locked", false, "docker swarm unlock"),
        ("pending", false, "is not a manager of a working swarm"),
    ] {
        let engine = manager("/info", move || {
            Answer::json(&info(state, is_manager).to_string())
        });
        let ran = drift(&engine);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(ran.stdout.contains(said), "{}", ran.stdout);
    }
}

/// A field of the service, set to what no engine sends, is never taken for what was expected.
#[test]
fn swarm_a_field_that_cannot_be_read_is_not_in_sync() {
    for (path, damage) in [
        ("/Spec/TaskTemplate/ContainerSpec/TTY", json!("yes")),
        ("/Spec/TaskTemplate/ContainerSpec/Image", json!(7)),
        ("/Spec/TaskTemplate/Networks", json!({})),
        ("/Spec/Mode", json!({"Other": {}})),
        ("/Spec/EndpointSpec/Mode", json!([])),
        ("/ServiceStatus/RunningTasks", json!("1")),
        ("/ServiceStatus", Value::Null),
    ] {
        let mut damaged = service();
        *damaged.pointer_mut(path).unwrap() = damage.clone();
        let text = json!([damaged]).to_string();
        let ran = drift(&manager("/services", move || Answer::json(&text)));
        assert_eq!(ran.code, Some(1), "{path}: {}", ran.stdout);
        let codes = codes(&ran);
        assert!(
            codes.contains(&"answer-unreadable".to_owned()),
            "{path}: {codes:?}"
        );
    }
}

#[test]
fn swarm_what_cannot_be_done_is_said() {
    let project = Project::empty();
    project.write("stack.yml", FILE);
    project.write("app.conf", "a=1\n");
    let engine = manager("", || Answer::json("[]"));
    let url = engine.url();
    for command in [
        "plan --content", "drift --diff", "drift --patch", "drift --watch", "drift --content",
        "state --live",
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        let file = [
            "-f", "stack.yml", "-p", "s", "--engine", "swarm", "--docker", &url,
        ];
        let ran = project.run(&[&words[..], &file].concat());
        assert_eq!(ran.code, Some(2), "{command}: {}{}", ran.stdout, ran.stderr);
        let said = ran.stdout + &ran.stderr;
        assert!(said.contains("is a swarm"), "{command}: {said}");
    }
}

#[test]
fn swarm_a_plan_takes_the_options_of_a_deploy() {
    let project = Project::empty();
    project.write("stack.yml", "services: {api: {image: a}}\n");
    let engine = manager("", || Answer::json("[]"));
    let url = engine.url();
    let plan = |engine: &str, more: &[&str]| {
        let file = [
            "plan", "-f", "stack.yml", "-p", "s", "--engine", engine, "--docker", &url,
        ];
        project.run(&[&file[..], more].concat())
    };
    for option in [
        "--service=api", "--force-recreate", "--remove-orphans", "--pull=always", "--scale=api=2",
        "--yes", "--compose=5.5",
    ] {
        let ran = plan("swarm", &[option]);
        assert_eq!(ran.code, Some(2), "{option}: {}", ran.stdout);
        let option = option.split('=').next().unwrap();
        let said = format!("`s` is a swarm: `{option}` is an option of `docker compose up`");
        assert!(ran.stderr.contains(&said), "{option}: {}", ran.stderr);
    }
    for option in ["--prune", "--resolve-image=never"] {
        let ran = plan("docker", &[option]);
        assert_eq!(ran.code, Some(2), "{option}: {}", ran.stdout);
        assert!(ran.stderr.contains("`s` is not a swarm"), "{}", ran.stderr);
    }
    let count = |ran: &Ran, what: &str| {
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        report["summary"][what].as_u64().unwrap()
    };
    let ran = plan("swarm", &["--format", "json", "--fail-on", "stays"]);
    // The service, the config and the secret that the file does not have.
    assert_eq!(
        (ran.code, count(&ran, "leave")),
        (Some(1), 3),
        "{}",
        ran.stdout
    );
    let ran = plan(
        "swarm",
        &["--format", "json", "--fail-on", "failure", "--prune"],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    let counts = ["create", "remove", "leave"].map(|what| count(&ran, what));
    assert_eq!(counts, [1, 1, 2], "{}", ran.stdout);
}

#[test]
fn swarm_a_snapshot_is_compared_as_the_manager_is() {
    let project = Project::empty();
    project.write("stack.yml", FILE);
    project.write("app.conf", "a=1\n");
    let engine = manager("", || Answer::json("[]"));
    let url = engine.url();
    let file = ["-f", "stack.yml", "-p", "s", "--engine", "swarm"];
    let ran = project.run(&[&["snapshot", "-o", "s.json", "--docker", &url], &file[..]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let compare = |more: &[&str]| {
        project.run(&[&["drift", "--snapshot", "s.json"], &file[..], more].concat())
    };
    let ran = compare(&[]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    project.write("app.conf", "a=2\n");
    let ran = compare(&["--format", "concise"]);
    assert!(
        ran.stdout.contains("config-content app"),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    // As a host of Compose, it is something else.
    let ran = project.run(&[
        "drift", "--snapshot", "s.json", "-f", "stack.yml", "-p", "s",
    ]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(
        ran.stderr.contains("is a snapshot of a swarm"),
        "{}",
        ran.stderr
    );
}

#[test]
fn swarm_a_host_of_the_specs() {
    let project = Project::sound();
    project.edit(
        "environments/prod.yaml",
        "    machine: box\n",
        "    machine: box\n    engine: swarm\n",
    );
    // Its template is for Docker Compose.
    let template = "    template: web.yml.j2\n";
    project.edit("environments/catalog.yaml", template, "");
    let engine = manager("/services", || Answer::json("[]"));
    let ran = project.run(&[
        "drift",
        "web",
        "--docker",
        &engine.url(),
        "--format",
        "json",
    ]);
    assert_eq!(
        (ran.code, codes(&ran)),
        (Some(1), vec!["project-missing".to_owned()]),
        "{}",
        ran.stderr
    );
    let requests = engine.requests();
    assert!(
        requests.contains(&"GET /services?status=true".to_owned()),
        "{requests:?}"
    );
    let ran = project.run(&["plan", "web", "--docker", &engine.url()]);
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    assert!(ran.stdout.contains("0 to update"), "{}", ran.stdout);
}
