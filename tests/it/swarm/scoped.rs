//! What is of one engine, and what is of its swarm.

use super::planned::ask;
use super::stack::{Stack, briefs};
use crate::drift::report::Report;

const FILE: &str = "\
services:
  web: {image: 'composegen-stub:latest', stop_grace_period: 0s, networks: [front]}
networks:
  front: {driver: overlay, attachable: true}
";

/// The client leaves a network with its label as it is, and the swarm lets no service join it.
#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_network_of_one_engine_with_the_label_of_the_stack() {
    let stack = Stack::of("scoped", FILE);
    stack.docker(
        "network create --driver bridge --label com.docker.stack.namespace=NAME NAME_front",
    );
    let found = briefs(&stack.drift());
    let plan = ask(&stack, "plan", &["--resolve-image", "never"]);
    let deployed = stack.deploy();
    stack.docker("network rm NAME_front");
    assert_eq!(
        found,
        [
            "network-changed front scope ignores",
            "service-missing web name fails"
        ]
    );
    let operations = plan["operations"].as_array().unwrap().iter();
    let operations: Vec<String> = operations
        .map(|one| {
            format!("{} {} {}", one["action"], one["resource"], one["rule"]).replace('"', "")
        })
        .collect();
    assert_eq!(
        operations,
        ["fail web stack-network-scope", "leave front stack-left"]
    );
    let said = deployed.unwrap_err();
    assert!(said.contains("cannot be used with services"), "{said}");
}

/// Who compares a stack as a Compose project is told what it is, and nothing that breaks it.
#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_stack_that_is_compared_as_a_project() {
    let stack = Stack::of("project", FILE).up();
    let as_project = [
        "drift",
        "-f",
        "stack.yml",
        "-p",
        &stack.name,
        "--docker",
        stack.swarm.url(),
        "--format",
        "json",
    ];
    let report = Report::read(stack.project.run(&as_project), &stack.name);
    let found = briefs(&report);
    assert_eq!(
        found,
        [
            "network-unlabelled front labels fails",
            "service-missing web replicas fails"
        ],
        "{:#?}",
        report.findings
    );
    let message = report.findings[0]["message"].as_str().unwrap();
    let expected = format!(
        "belongs to the stack `{}` of a swarm; compare a stack with `--engine swarm`",
        stack.name
    );
    assert!(message.ends_with(&expected), "{message}");
}
