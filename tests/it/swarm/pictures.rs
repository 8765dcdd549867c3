//! What `graph --live` draws of a stack.

use indoc::indoc;
use serde_json::{Value, json};

use super::stack::Stack;

const FILE: &str = indoc! {"
    services:
      web:
        image: composegen-stub:latest
        ports: ['28000:80']
        networks: [front, back]
      db: { image: composegen-stub:latest, networks: [back], volumes: ['data:/data'] }
    networks: { front: {}, back: { internal: true } }
    volumes: { data: {} }
"};

/// A part of each service of a graph, by the names of the services.
fn of_services(graph: &Value, part: &str, name: &str) -> Value {
    let services = graph["services"].as_array().unwrap().iter();
    let parts = services.map(|service| {
        let parts = service[part].as_array().unwrap().iter();
        let names: Vec<&Value> = parts.map(|one| &one[name]).collect();
        (service["name"].as_str().unwrap().to_owned(), json!(names))
    });
    Value::Object(parts.collect())
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_is_drawn_with_what_was_changed_by_hand() {
    let stack = Stack::of("pictures", FILE).up();
    let (name, port) = (stack.name.clone(), stack.port());
    stack.docker(
        "service update --quiet --detach --publish-add 28001:81 --network-rm NAME_front NAME_web",
    );
    stack.docker("service create --quiet --detach --name NAME-debug --network NAME_back composegen-stub:latest");
    let drawn = |format: &str| {
        let of_stack = ["-f", "stack.yml", "-p", &name, "--engine", "swarm"];
        let live = [
            "graph",
            "--live",
            "--docker",
            stack.swarm.url(),
            "--format",
            format,
        ];
        let ran = stack.project.run(&[&live[..], &of_stack].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stdout
    };
    let report: Value = serde_json::from_str(&drawn("json")).unwrap();
    let human = drawn("human");
    stack.docker("service rm NAME-debug");
    let graph = &report["hosts"][0];
    assert!(graph["error"].is_null(), "{graph}");
    let debug = format!("{name}-debug");
    assert_eq!(
        of_services(graph, "ports", "from"),
        json!({
            "web": [format!("*:{port}"), format!("*:{}", port + 1)],
            "db": [],
            debug.as_str(): [],
        }),
    );
    assert_eq!(
        of_services(graph, "networks", "name"),
        json!({ "web": ["back", "front"], "db": ["back"], debug.as_str(): ["back"] }),
        "a network that it is to be on is drawn, as missing",
    );
    let web = &graph["services"][1];
    assert_eq!(web["networks"][1]["drift"]["change"], "missing", "{web}");
    assert_eq!(web["ports"][1]["drift"]["change"], "extra", "{web}");
    assert!(human.contains(&format!("stack {name}")), "{human}");
    assert!(human.contains("not of this stack"), "{human}");
}
