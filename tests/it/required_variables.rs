//! Required variables without a value, of which `docker compose` refuses the whole file.

use crate::drift::fake::Fake;
use crate::project::{Project, Ran, composegen};

const COMPOSE: &str = "\
name: shop
services:
  web: { image: 'w:1', environment: { MODE: \"${MODE:-${FALLBACK:?name a mode}}\" } }
  debug: { image: 'd:1', profiles: [debug], environment: { LEVEL: \"${DEBUG_LEVEL?}\" } }
";

fn run(project: &Project, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let engine = Fake::empty();
    let mut command = composegen();
    command
        .args(arguments)
        .args(["--docker", &engine.url()])
        .current_dir(project.path("."))
        .envs(engine.variables())
        .envs(variables.iter().copied());
    Ran::of(&mut command)
}

#[test]
fn nothing_is_done_without_them() {
    let project = Project::empty();
    project.write("compose.yml", COMPOSE);
    let json = &["plan", "-f", "compose.yml", "--format", "json"];
    let ran = run(&project, json, &[]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    let report = ran.json();
    let operations = report["hosts"][0]["operations"].as_array().unwrap();
    let found: Vec<_> = operations
        .iter()
        .map(|one| (one["action"].as_str(), one["cause"].as_str()))
        .collect();
    let fails = Some("fail");
    assert_eq!(
        found,
        [
            (fails, Some("`DEBUG_LEVEL` is required but not set")),
            (
                fails,
                Some("`FALLBACK` is required but not set: name a mode")
            ),
        ]
    );
    assert_eq!(operations[0]["rule"], "required");
    // A variable that is empty is set, and a default that is not used is filled in all the same.
    let variables = [("DEBUG_LEVEL", ""), ("MODE", "fast")];
    let ran = run(&project, json, &variables);
    let said = &ran.json()["hosts"][0]["operations"];
    assert_eq!(said.as_array().map(Vec::len), Some(1), "{said}");
    let variables = [("DEBUG_LEVEL", "5m"), ("FALLBACK", "slow")];
    let ran = run(&project, json, &variables);
    let operations = &ran.json()["hosts"][0]["operations"];
    assert!(!operations.to_string().contains("\"fail\""), "{operations}");
}

#[test]
fn no_finding_promises_what_is_not_done() {
    let project = Project::empty();
    project.write("compose.yml", COMPOSE);
    let ran = run(
        &project,
        &["drift", "-f", "compose.yml", "--format", "json"],
        &[],
    );
    let finding = &ran.json()["hosts"][0]["findings"][0];
    assert_eq!(finding["after_up"], "fails", "{finding}");
    let warning =
        "warning: `docker compose up` fails: `FALLBACK` is required but not set: name a mode";
    assert!(ran.stderr.contains(warning), "{}", ran.stderr);
}

/// Who deploys to a host may have an env file that is not here.
#[test]
fn a_host_may_have_them() {
    let project = Project::empty();
    project.write(
        "environments/catalog.yaml",
        "product: shop\nservices:\n  web: { image: 'w:1', environment: { MODE: '${MODE:?name a mode}' } }\n",
    );
    project.write(
        "environments/prod.yaml",
        "environment: prod\nhosts:\n  prod: {}\n",
    );
    assert_eq!(project.run(&["render"]).code, Some(0));
    project.write("prod.env", "TAG=1\n");
    let ran = run(&project, &["plan", "prod"], &[]);
    assert!(!ran.stdout.contains("fail  "), "{}", ran.stdout);
    assert!(
        ran.stdout.contains(
            "every required variable, and fails if not: `MODE` is required but not set: name a mode"
        ),
        "{}",
        ran.stdout
    );
    let ran = run(&project, &["plan", "prod", "--env-file", "prod.env"], &[]);
    assert!(
        ran.stdout
            .contains("`MODE` is required but not set: name a mode\n"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("1 operation would fail"),
        "{}",
        ran.stdout
    );
}
