//! Placement constraints: what `plan` and `check` say of them, and what becomes of tasks on a real swarm.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::planned::ask;
use super::stack::Stack;

const FILE: &str = "\
version: '3.9'
services:
  moved: {image: 'composegen-stub:latest', stop_grace_period: 0s, deploy: {placement: {constraints: [node.platform.os==linux]}}}
  stopped: {image: 'composegen-stub:latest', stop_grace_period: 0s, environment: {A: '1'}, deploy: {placement: {constraints: [node.platform.os==linux]}}}
  several: {image: 'composegen-stub:latest', stop_grace_period: 0s, deploy: {replicas: 3, placement: {constraints: [node.platform.os==linux]}}}
  globe: {image: 'composegen-stub:latest', stop_grace_period: 0s, deploy: {mode: global, placement: {constraints: [node.platform.os==linux]}}}
  started: {image: 'composegen-stub:latest', stop_grace_period: 0s, environment: {A: '1'}, deploy: {update_config: {order: start-first}, placement: {constraints: [node.platform.os==linux]}}}
  labels: {image: 'composegen-stub:latest', stop_grace_period: 0s, deploy: {labels: {a: '1'}, placement: {constraints: [node.platform.os==linux]}}}
";

/// The services of which a task runs, and those of which one is pending.
fn run(stack: &Stack) -> [BTreeSet<String>; 2] {
    let listed = stack.docker("stack ps --no-trunc --format {{.Name}}={{.CurrentState}} NAME");
    let prefix = format!("{}_", stack.name);
    let with = |state: &str| {
        let lines = listed.lines().filter_map(|line| line.split_once('='));
        let those = lines.filter(|(_, is)| is.starts_with(state));
        let names = those.filter_map(|(name, _)| name.strip_prefix(&prefix)?.split('.').next());
        names.map(str::to_owned).collect()
    };
    [with("Running"), with("Pending")]
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_plan_says_which_tasks_stay_pending() {
    // Nobody changes the nodes meanwhile.
    let mut stack = Stack::alone("placed", FILE);
    let cpus: u32 = stack
        .docker("info --format {{.NCPU}}")
        .trim()
        .parse()
        .unwrap();
    // Each node has half a processor left.
    let hog = format!(
        "  hog: {{image: 'composegen-stub:latest', stop_grace_period: 0s, deploy: {{mode: global, resources: {{reservations: {{cpus: '{}.5'}}}}}}}}\n",
        cpus - 1
    );
    let file = format!("{FILE}{hog}");
    stack.project.write("stack.yml", &file);
    stack = stack.up();
    // `started` may still run on a node that does not meet the constraint: the swarm stops it there.
    let none = "node.labels.nowhere==there";
    let file = file.replace("A: '1'", "A: '2'").replace("a: '1'", "a: '2'");
    let (kept, changed): (Vec<&str>, Vec<&str>) = file
        .lines()
        .partition(|line| line.contains(" labels: ") || line.contains(" hog: "));
    let changed = changed.join("\n").replace("node.platform.os==linux", none);
    let more = format!(
        "  created: {{image: 'composegen-stub:latest', deploy: {{placement: {{constraints: ['{none}']}}}}}}\n  \
           other: {{image: 'composegen-stub:latest', deploy: {{placement: {{constraints: ['node.labels.nowhere!=there', Node.Role==MANAGER]}}}}}}\n  \
           large: {{image: 'composegen-stub:latest', deploy: {{resources: {{reservations: {{memory: 900G}}}}}}}}\n  \
           squeezed: {{image: 'composegen-stub:latest', deploy: {{resources: {{reservations: {{cpus: '0.6'}}}}}}}}\n  \
           too_many: {{image: 'composegen-stub:latest', deploy: {{replicas: 7, resources: {{reservations: {{cpus: '0.2'}}}}}}}}\n  \
           crowded: {{image: 'composegen-stub:latest', deploy: {{replicas: 7, placement: {{max_replicas_per_node: 2}}}}}}"
    );
    stack.project.write(
        "stack.yml",
        &format!("{changed}\n{}\n{more}\n", kept.join("\n")),
    );
    let plan = ask(&stack, "plan", &["--resolve-image", "never"]);
    let named = |list: &str, name: &str, text: &str, is: &str| -> BTreeSet<String> {
        let all = plan[list].as_array().unwrap().iter();
        let those = all.filter(|one| one[text].as_str().is_some_and(|text| text.contains(is)));
        let names = those.map(|one| one[name].as_str().unwrap().to_owned());
        names.collect()
    };
    let pending = named("operations", "resource", "tasks", "stay pending");
    let down = named("downtime", "service", "how_long", "for good");
    let at_first = named("downtime", "service", "how_long", "not down at first");
    let set = |names: &[&str]| -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    };
    assert_eq!(down, set(&["globe", "moved", "stopped"]), "{plan:#}");
    assert_eq!(at_first, set(&["several", "started"]), "{plan:#}");
    assert_eq!(
        pending,
        set(&[
            "created", "crowded", "large", "moved", "several", "squeezed", "started", "stopped",
            "too_many"
        ]),
        "{plan:#}"
    );
    let deployed = stack.deploy();
    assert!(deployed.is_ok(), "{deployed:?}");
    // Old tasks take a few seconds to stop, and are not started again.
    let is_down = |running: &BTreeSet<String>| down.iter().all(|name| !running.contains(name));
    let mut seen = run(&stack);
    for _ in 0..60 {
        if seen[1] == pending && is_down(&seen[0]) {
            break;
        }
        std::thread::sleep(Duration::from_millis(500));
        seen = run(&stack);
    }
    std::thread::sleep(Duration::from_secs(4));
    let [running, waiting] = run(&stack);
    assert_eq!(waiting, pending);
    let mut gone = set(&["moved", "several", "stopped", "globe", "started"]);
    gone.retain(|name| !running.contains(name));
    // Whether something of their nodes changes meanwhile is up to the swarm.
    gone.retain(|name| !at_first.contains(name));
    assert_eq!(down, gone, "{running:?} {plan:#}");
    assert!(
        running.is_superset(&set(&["labels", "other"])),
        "{running:?}"
    );
    // And then it is found.
    stack.until("pending tasks", |report| {
        let of_tasks =
            |one: &&Value| one["code"] == "service-tasks" || one["code"] == "service-update";
        let found = report.findings.iter().filter(of_tasks);
        let found = found.map(|one| one["resource"].as_str().unwrap().to_owned());
        found.collect::<BTreeSet<_>>().is_superset(&waiting)
    });
}
