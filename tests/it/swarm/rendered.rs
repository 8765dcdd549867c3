//! A stack of specs, on a real swarm: a change of the specs alone replaces no task, and what a deploy refuses is known.

use std::time::Duration;

use super::stack::Stack;
use crate::project::Ran;

const CATALOG: &str = "\
product: shop
services:
  web: { image: 'composegen-stub:latest', stop_grace_period: 0s, deploy: { labels: { a: '1' } } }
  every: { image: 'composegen-stub:nowhere', deploy: { mode: global } }
stacks: { all: {} }
";

/// What `docker stack ps` lists of the running tasks of `web`.
fn tasks(stack: &Stack) -> String {
    stack.docker("stack ps --quiet --filter desired-state=running --filter name=NAME_web NAME")
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_stack_of_specs() {
    let stack = Stack::of("specs", "");
    let project = &stack.project;
    project.write("environments/catalog.yaml", CATALOG);
    let (name, engine) = (&stack.name, stack.swarm.url());
    let environment = format!(
        "environment: prod\nhosts:\n  node: {{ docker: '{engine}', engine: swarm, stack: all, project: {name} }}\n"
    );
    project.write("environments/prod.yaml", &environment);
    let run = |arguments: &[&str]| -> Ran { project.run(arguments) };
    let render = || {
        let ran = run(&["render"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let file = project.read("generated/node.yml");
        project.write("stack.yml", &file);
        file
    };
    let file = render();
    assert!(
        file.contains("    deploy:\n      labels:\n        a: '1'\n        composegen.definition:"),
        "{file}"
    );
    stack.deploy().unwrap();
    // The swarm counts no task that it rejects as one that is to run.
    let mut said = String::new();
    for _ in 0..60 {
        said = run(&["drift", "node"]).stdout;
        if said.contains("of 3 tasks of service `every` run; rejected")
            && !said.contains("service `web`")
        {
            break;
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    assert!(
        said.contains("0 of 3 tasks of service `every` run; rejected"),
        "{said}"
    );
    let before = tasks(&stack);
    project.edit("environments/catalog.yaml", "a: '1'", "a: '2'");
    render();
    let plan = run(&["plan", "node", "--resolve-image", "never"]).stdout;
    assert!(plan.contains("tasks: no task is replaced"), "{plan}");
    stack.deploy().unwrap();
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(tasks(&stack), before);
    // By hand, since it was deployed; a snapshot knows it too.
    stack.docker("service update --detach --no-resolve-image --limit-memory 99M NAME_web");
    let caused = |said: &str| said.contains("changed on the host: `docker stack deploy` fixes it");
    let drift = run(&["drift", "node"]).stdout;
    assert!(caused(&drift), "{drift}");
    assert_eq!(run(&["snapshot", "node", "-o", "node.json"]).code, Some(0));
    let drift = run(&["drift", "node", "--snapshot", "node.json"]).stdout;
    assert!(caused(&drift), "{drift}");
    // The client refuses it.
    project.edit(
        "environments/catalog.yaml",
        "stop_grace_period: 0s",
        "stop_grace_period: 0s, uts: host",
    );
    render();
    let plan = run(&["plan", "node"]).stdout;
    assert!(
        plan.contains("a stack cannot have `uts`") && plan.contains("would fail"),
        "{plan}"
    );
    let drift = run(&["drift", "node"]).stdout;
    assert!(drift.contains("deploy-refused"), "{drift}");
    assert!(stack.deploy().is_err());
}
