//! Values that the client or the swarm changes, drops or leaves empty: none is drift after a deploy.

use super::stack::{Stack, briefs};

const FILE: &str = "\
version: '3.9'
services:
  empty:
    image: 'composegen-stub:latest'
    dns_search: ['', a.example]
    isolation: foo
    healthcheck: {disable: true, interval: 5s}
    deploy:
      replicas: 0
      endpoint_mode: DNSRR
      placement: {preferences: [{spread: ''}]}
      resources: {reservations: {generic_resources: [{discrete_resource_spec: {kind: g, value: 0}}]}}
  bare:
    image: 'composegen-stub:latest'
    dns: ''
    environment: [COMPOSEGEN_UNSET, B=1, COMPOSEGEN_SET]
    ports: [{target: 80, published: 28000, mode: foo}]
    deploy: {replicas: 0, placement: {preferences: [{}]}}
  mapped:
    image: 'composegen-stub:latest'
    environment: {COMPOSEGEN_UNSET: null, B: ''}
    healthcheck: {test: [NONE], interval: 5s}
    deploy: {replicas: 0}
configs: {unused: {external: true}}
secrets: {unused: {external: true}}
";

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_values_that_are_changed_or_dropped_are_not_drift() {
    let stack = Stack::of("values", FILE).with("COMPOSEGEN_SET", "1");
    stack.deploy().unwrap();
    assert_eq!(briefs(&stack.drift()), [""; 0]);
    stack.is_in_sync_with_its_snapshot();
}

/// A variable without a value takes away that of the image.
#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_variable_without_a_value_is_found() {
    let stack = Stack::of("unset", FILE).with("COMPOSEGEN_SET", "1");
    stack.deploy().unwrap();
    stack
        .docker("service update --detach --no-resolve-image --env-add COMPOSEGEN_MORE NAME_mapped");
    let report = stack.drift();
    assert_eq!(
        briefs(&report),
        ["service-config mapped unset_variables heals"]
    );
    let finding = &report.findings[0];
    assert_eq!(finding["expected"], serde_json::json!(["COMPOSEGEN_UNSET"]));
    let both = serde_json::json!(["COMPOSEGEN_MORE", "COMPOSEGEN_UNSET"]);
    assert_eq!(finding["observed"], both);
    stack.docker("service update --detach --no-resolve-image --env-rm COMPOSEGEN_UNSET NAME_bare");
    let found = briefs(&stack.drift());
    assert!(
        found.contains(&"service-config bare unset_variables heals".to_owned()),
        "{found:?}"
    );
    stack.deploy().unwrap();
    assert_eq!(briefs(&stack.drift()), [""; 0]);
}

/// A stack is not a project of Compose: its networks say so.
#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_stack_that_is_taken_for_a_project_is_named() {
    let stack = Stack::of("taken", FILE);
    stack.deploy().unwrap();
    let url = stack.swarm.url();
    let ask = [
        "drift", "-f", "stack.yml", "-p", &stack.name, "--docker", url,
    ];
    let ran = stack.project.run(&ask);
    assert!(ran.stdout.contains("of a swarm"), "{}", ran.stdout);
    assert!(ran.stdout.contains("--engine swarm"), "{}", ran.stdout);
}

/// A swarm takes capital letters in the name of a stack.
#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_the_name_of_a_stack_can_have_capital_letters() {
    let mut stack = Stack::of("Capital", FILE).with("COMPOSEGEN_SET", "1");
    stack.name = format!("Swarm_{}", stack.name);
    stack.deploy().unwrap();
    assert_eq!(briefs(&stack.drift()), [""; 0]);
}
