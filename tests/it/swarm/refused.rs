//! Files that the client or the swarm refuses: the plan fails where the deploy does, and after the same was created.

use std::collections::BTreeSet;

use serde_json::Value;

use super::planned::{agreed, ask};
use super::stack::{Stack, briefs};

/// The fields of a service, the rest of the file, and what a deploy creates before it fails. Each is refused at another step, or
/// for another reason.
#[rustfmt::skip]
const FILES: &[(&str, &str, &[&str])] = &[
    ("mem_limit: 64m", "", &[]),
    ("networks: {n: {aliases: [x, x]}}", "networks: {n: {}}", &[]),
    ("user: root", "networks: {default: {name: 'a.b'}}", &[]),
    ("secrets: [x]", "secrets: {x: {file: empty.txt}}", &["network default"]),
    ("configs: [x]", "configs: {x: {file: app.conf, name: 'a b'}}", &["network default"]),
    ("deploy: {mode: global, replicas: 1}, configs: [app]", "configs: {app: {file: app.conf}}", &["config app", "network default"]),
    ("configs: [{source: app, target: /t}, {source: x, target: /t}]", "configs: {app: {file: app.conf}, x: {file: app.conf}}", &["config app", "config x", "network default"]),
    ("restart: foo", "", &["network default"]),
    ("deploy: {resources: {limits: {memory: 1M}}}", "", &["network default"]),
    ("deploy: {placement: {constraints: ['node.role = manager']}}", "", &["network default"]),
    ("deploy: {endpoint_mode: dnsrr}, ports: ['28000:80']", "", &["network default"]),
    ("ports: ['28000:80', '28000:81']", "", &["network default"]),
    ("environment: {A: '{{.Foo}}'}", "", &["network default"]),
    ("volumes: ['data:/t', {type: tmpfs, target: /t}]", "volumes: {data: {}}", &["network default"]),
    ("networks: [n]", "networks: {n: {external: true, name: ingress}}", &["network default"]),
];

fn file(fields: &str, rest: &str) -> String {
    let image = "image: 'composegen-stub:latest'";
    format!(
        "version: '3.9'\nservices:\n  web: {{{image}, {fields}}}\n  other: {{{image}, deploy: {{replicas: 0}}}}\n{rest}\n"
    )
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_what_is_refused_fails_where_the_plan_says() {
    let mut wrong = Vec::new();
    for (fields, rest, created) in FILES {
        let stack = Stack::of("refused", &file(fields, rest));
        stack.project.write("empty.txt", "");
        let report = agreed(&stack);
        let mut found = briefs(&report);
        found.retain(|one| !one.ends_with(" fails"));
        if !found.is_empty() || report.findings.is_empty() {
            wrong.push(format!("{fields}: {found:?}"));
        }
        let plan = ask(&stack, "plan", &[]);
        let operations = plan["operations"].as_array().unwrap();
        let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
        let fails = operations.iter().filter(|one| one["action"] == "fail");
        let mut rules: BTreeSet<String> = fails.map(|one| text(one, "rule")).collect();
        if !rules.remove("stack-refused") || !rules.is_empty() {
            wrong.push(format!("{fields}: {operations:#?}"));
        }
        let creates = operations.iter().filter(|one| one["action"] == "create");
        let creates = creates.filter(|one| one["certain"] == true && one["kind"] != "service");
        let planned: BTreeSet<String> = creates
            .map(|one| format!("{} {}", text(one, "kind"), text(one, "resource")))
            .collect();
        let refused = stack.deploy();
        let label = "--filter label=com.docker.stack.namespace=NAME";
        let is: BTreeSet<String> = ["network", "secret", "config"]
            .into_iter()
            .flat_map(|kind| {
                let names = stack.docker(&format!("{kind} ls {label} --format {{{{.Name}}}}"));
                let names = names.lines().map(|name| {
                    let key = name.strip_prefix(&format!("{}_", stack.name));
                    format!("{kind} {}", key.unwrap_or(name))
                });
                names.collect::<Vec<_>>()
            })
            .collect();
        let expected: BTreeSet<String> = created.iter().map(|&one| one.to_owned()).collect();
        if refused.is_ok() || !planned.is_subset(&is) || is != expected {
            wrong.push(format!(
                "{fields}: planned {planned:?}, is {is:?}, {refused:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
