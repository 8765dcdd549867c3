//! Files that the client or the swarm refuses: the plan fails where the deploy does, and after the same was created.

use std::collections::BTreeSet;

use serde_json::Value;

use super::planned::{agreed, ask};
use super::stack::{Stack, briefs};

/// The minor version in which a field was new, and a file with it.
#[rustfmt::skip]
const VERSIONS: &[(u8, &str, &str)] = &[
    (1, "secrets: [x]", "secrets: {x: {external: true}}"),
    (2, "user: a", "networks: {n: {attachable: true}}"),
    (2, "build: {context: ., cache_from: [a]}", ""),
    (2, "deploy: {endpoint_mode: vip}", ""),
    (2, "ports: [{target: 80}]", ""),
    (2, "volumes: [{type: volume, target: /t}]", ""),
    (3, "configs: [x]", "configs: {x: {external: true}}"),
    (3, "build: {context: ., labels: [a]}", ""),
    (3, "credential_spec: {file: a}", ""),
    (3, "deploy: {placement: {preferences: [{spread: node.id}]}}", ""),
    (4, "build: {context: ., network: a}", ""),
    (4, "build: {context: ., target: a}", ""),
    (4, "deploy: {update_config: {order: stop-first}}", ""),
    (4, "healthcheck: {test: a, start_period: 1s}", ""),
    (4, "user: a", "volumes: {x: {name: y}}"),
    (4, "user: a", "x-a: b"),
    (5, "user: a", "configs: {x: {file: a, name: y}}"),
    (5, "user: a", "networks: {x: {name: y}}"),
    (5, "user: a", "secrets: {x: {file: a, name: y}}"),
    (5, "build: {context: ., shm_size: 1}", ""),
    (5, "deploy: {resources: {reservations: {generic_resources: [{discrete_resource_spec: {kind: a, value: 1}}]}}}", ""),
    (5, "isolation: default", ""),
    (6, "volumes: [{type: tmpfs, target: /t, tmpfs: {size: 1}}]", ""),
    (7, "user: a", "configs: {x: {file: a, x-a: b}}"),
    (7, "user: a", "networks: {x: {x-a: b}}"),
    (7, "user: a", "secrets: {x: {file: a, x-a: b}}"),
    (7, "user: a", "volumes: {x: {x-a: b}}"),
    (7, "deploy: {rollback_config: {order: stop-first}}", ""),
    (7, "init: true", ""),
    (7, "x-a: b", ""),
    (8, "user: a", "configs: {x: {file: a, template_driver: b}}"),
    (8, "user: a", "secrets: {x: {driver: b}}"),
    (8, "user: a", "secrets: {x: {file: a, driver_opts: {a: b}}}"),
    (8, "user: a", "secrets: {x: {file: a, template_driver: b}}"),
    (8, "credential_spec: {config: a}", ""),
    (8, "deploy: {placement: {max_replicas_per_node: 1}}", ""),
    (9, "build: {context: ., extra_hosts: ['a:10.0.0.1']}", ""),
    (9, "cgroupns_mode: host", ""),
    (9, "deploy: {resources: {limits: {pids: 1}}}", ""),
    (12, "healthcheck: {test: a, start_interval: 1s}", ""),
    (13, "networks: {n: {driver_opts: {a: b}}}", "networks: {n: {}}"),
    (13, "oom_score_adj: 1", ""),
];

/// What the schema of a version refuses, which the client reads before anything else.
#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_fields_that_a_version_of_the_file_does_not_know() {
    let mut wrong = Vec::new();
    let stack = Stack::of("versions", "");
    for (since, fields, rest) in VERSIONS {
        for minor in [since.saturating_sub(1), *since] {
            let file = format!(
                "version: '3.{minor}'\nservices: {{web: {{image: 'a:1', {fields}}}}}\n{rest}\n"
            );
            stack.project.write("stack.yml", &file);
            let by_client = stack
                .try_docker("stack config -c stack.yml")
                .is_err_and(|said| {
                    said.contains("Additional property") || said.contains("must be")
                });
            let check = [
                "check", "-f", "stack.yml", "--engine", "swarm", "--select", "refused-by-stack",
            ];
            let ran = stack.project.run(&check);
            let is_said = ran.stdout.contains("a stack of version");
            if (by_client, is_said) != (minor < *since, minor < *since) {
                wrong.push(format!(
                    "{file}by the client: {by_client}, said: {}",
                    ran.stdout
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

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
