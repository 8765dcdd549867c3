//! Recording what managers answer, for the tests that try every way in which an answer can be wrong
//! (`src/docker/swarm/damaged.rs`).

use std::collections::BTreeMap;

use serde_json::Value;

use super::happened::full;
use crate::outside::succeed;
use crate::project::root;

/// `cargo test --test it manual_record_what_managers -- --ignored`, also with `SWARM=swarm-26`, records them again.
#[test]
#[ignore = "writes tests/fixtures/engines"]
fn manual_record_what_managers_answer() {
    let stack = full("recorded").up();
    stack.until("jobs are done", |report| report.findings.is_empty());
    let ask = |path: &str| -> Value {
        let socket = stack.swarm.url().trim_start_matches("unix://");
        let mut curl = std::process::Command::new("curl");
        curl.args(["--silent", "--fail", "--unix-socket", socket])
            .arg(format!("http://engine{path}"));
        serde_json::from_str(&succeed(&mut curl)).unwrap()
    };
    // What other tests have on the swarm is not recorded.
    let own = |path: &str, id: &dyn Fn(&Value) -> bool| {
        let mut list = ask(path);
        list.as_array_mut().unwrap().retain(id);
        list
    };
    let is_own = |answer: &Value| answer.to_string().contains(&stack.name);
    let services = own("/services?status=true", &is_own);
    let ids: Vec<&str> = services
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|service| service["ID"].as_str())
        .collect();
    let mut answers: BTreeMap<String, Value> = ["/configs", "/secrets"]
        .map(|path| (path.to_owned(), own(path, &is_own)))
        .into();
    let is_task = |task: &Value| ids.contains(&task["ServiceID"].as_str().unwrap());
    answers.insert("/tasks".to_owned(), own("/tasks", &is_task));
    let is_network = |network: &Value| is_own(network) || network["Scope"] == "local";
    let networks = own("/networks", &is_network);
    let listed = networks.to_string();
    for service in services.as_array().unwrap() {
        let joined = &service["Spec"]["TaskTemplate"]["Networks"];
        for network in joined.as_array().into_iter().flatten() {
            let id = network["Target"].as_str().unwrap();
            if !listed.contains(id) {
                let path = format!("/networks/{id}");
                answers.insert(path.clone(), ask(&path));
            }
        }
    }
    answers.insert("/networks".to_owned(), networks);
    answers.insert("/services?status=true".to_owned(), services);
    for path in ["/version", "/info", "/nodes"] {
        answers.insert(path.to_owned(), ask(path));
    }
    // Certificates and joining are nobody's business.
    for node in answers.get_mut("/nodes").unwrap().as_array_mut().unwrap() {
        node["Description"]["TLSInfo"] = Value::Null;
    }
    let info = answers.get_mut("/info").unwrap();
    info.as_object_mut()
        .unwrap()
        .retain(|key, _| matches!(key.as_str(), "ID" | "Swarm"));
    info["Swarm"]["Cluster"] = Value::Null;
    // The specs of tasks are those of their services.
    for task in answers.get_mut("/tasks").unwrap().as_array_mut().unwrap() {
        task.as_object_mut()
            .unwrap()
            .retain(|key, _| !matches!(key.as_str(), "Spec" | "NetworksAttachments"));
    }
    for service in answers
        .get_mut("/services?status=true")
        .unwrap()
        .as_array_mut()
        .unwrap()
    {
        service.as_object_mut().unwrap().remove("PreviousSpec");
    }
    let version = answers["/version"]["Version"].as_str().unwrap().to_owned();
    let version: Vec<&str> = version.split('.').take(2).collect();
    let text = serde_json::to_string_pretty(&answers).unwrap() + "\n";
    let engine = std::fs::canonicalize(root().join("target")).unwrap();
    let text = text
        .replace(&stack.name, "full")
        .replace(&stack.port().to_string(), "28000")
        .replace(&*engine.to_string_lossy(), "/engine");
    let file = format!("tests/fixtures/engines/swarm-{}.json", version.join("."));
    std::fs::write(root().join(file), text).unwrap();
}
