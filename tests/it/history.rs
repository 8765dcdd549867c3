//! `drift --record` and `composegen history`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;

use serde_json::Value;

use crate::project::{Project, Ran, root};

/// The sound project with snapshots of its host, the later one without the open port and with a new container.
fn project() -> Project {
    let project = Project::sound();
    let now = fs::read_to_string(root().join("tests/fixtures/hosts/web.json")).unwrap();
    project.write("second.json", &now);
    let first = now.replace("2026-11-24T23:01:33Z", "2026-11-20T10:00:00Z");
    project.write("first.json", &first);
    let mut fixed: Value = serde_json::from_str(&now).unwrap();
    fixed["live"]["taken"] = "2026-11-25T08:00:00Z".into();
    let containers = fixed["live"]["containers"].as_array_mut().unwrap();
    let db = containers
        .iter_mut()
        .find(|one| one["service"] == "db")
        .unwrap();
    db["created"] = "2026-11-25T07:00:00Z".into();
    db["networks"]
        .as_object_mut()
        .unwrap()
        .remove("kiosk-prod_front");
    // Somebody detached the foreign container, and nothing of the project was touched.
    let foreign = fixed["live"]["foreign"].as_array_mut().unwrap();
    foreign.clear();
    project.write("third.json", &fixed.to_string());
    project
}

fn drift(project: &Project, snapshot: &str, more: &[&str]) -> Ran {
    let arguments = [
        "drift", "web", "--snapshot", snapshot, "--record", "runs.jsonl",
    ];
    project.run_with(&[&arguments, more].concat(), &[("KIOSK_TAG", "7.1")])
}

#[test]
fn runs_are_recorded_and_shown() {
    let project = project();
    for snapshot in ["first.json", "second.json", "third.json"] {
        let ran = drift(&project, snapshot, &[]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    }
    let ran = project.run(&["history", "runs.jsonl"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    insta::assert_snapshot!("history", ran.stdout);
    let ran = project.run(&["history", "web", "runs.jsonl", "--format", "json"]);
    let history = ran.json();
    assert_eq!(history["version"], 1);
    let host = &history["hosts"][0];
    assert_eq!((&host["host"], &host["runs"]), (&"web".into(), &3.into()));
    let ran = project.run(&["history", "wbe", "runs.jsonl"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("no run of `wbe` is recorded"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_record_is_for_its_owner_and_holds_no_values() {
    let project = project();
    drift(&project, "second.json", &[]);
    let mode = fs::metadata(project.path("runs.jsonl"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = project.read("runs.jsonl");
    assert!(text.contains("mem_limit"), "{text}");
    for value in ["268435456", "1073741824", "5432", "sha256:"] {
        assert!(!text.contains(value), "{value}: {text}");
    }
}

#[test]
fn what_is_selected_is_not_all_and_is_not_recorded() {
    let project = project();
    for select in [
        ["--service", "db"],
        ["--code", "port-extra"],
        ["--only", "unapplied"],
    ] {
        let ran = drift(&project, "second.json", &select);
        assert_eq!(ran.code, Some(2), "{select:?}");
    }
    assert!(!project.path("runs.jsonl").exists());
}

#[test]
fn a_broken_record_is_neither_read_nor_replaced() {
    let project = project();
    project.write("runs.jsonl", "{\"version\":1}\n");
    for ran in [
        drift(&project, "second.json", &[]),
        project.run(&["history", "runs.jsonl"]),
    ] {
        assert_eq!(ran.code, Some(2));
        assert!(
            ran.stderr.contains("line 1 is not a recorded run"),
            "{}",
            ran.stderr
        );
    }
    assert_eq!(project.read("runs.jsonl"), "{\"version\":1}\n");
    let ran = project.run(&["history", "nowhere.jsonl"]);
    assert_eq!(ran.code, Some(2));
    // An older observation is not a later run.
    project.remove("runs.jsonl");
    drift(&project, "second.json", &[]);
    let ran = drift(&project, "first.json", &[]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("a later run of `web` is recorded"),
        "{}",
        ran.stderr
    );
}

/// Each replaces the file that the others are about to open.
#[test]
fn runs_at_once_lose_nothing() {
    const RUNS: usize = 40;
    let project = Project::empty();
    project.write("c.yml", "services: { web: { image: a } }\n");
    let record = |name: String| {
        let ask = ["drift", "-f", "c.yml", "--docker", "unix:///nowhere"];
        let ran = project.run(&[&ask[..], &["-p", &name, "--record", "runs.jsonl"]].concat());
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    };
    thread::scope(|scope| {
        for number in 0..RUNS {
            scope.spawn(move || record(format!("p{number}")));
        }
    });
    assert_eq!(project.read("runs.jsonl").lines().count(), RUNS);
}

#[test]
fn a_snapshot_that_is_recorded_again_is_not_another_run() {
    let project = project();
    for snapshot in ["first.json", "second.json", "second.json"] {
        assert_eq!(drift(&project, snapshot, &[]).code, Some(1));
    }
    let ran = project.run(&["history", "runs.jsonl"]);
    assert!(ran.stdout.contains("· 2 runs from"), "{}", ran.stdout);
    let since = "`mem_limit`: since 2026-11-20T10:00:00Z, in 2 runs";
    assert!(ran.stdout.contains(since), "{}", ran.stdout);
}

#[test]
fn an_unreachable_host_is_recorded_as_such() {
    let project = project();
    let ran = project.run_with(
        &["drift", "web", "--record", "runs.jsonl"],
        &[("COMPOSEGEN_DOCKER_WEB", "unix:///nowhere")],
    );
    assert_eq!(ran.code, Some(2));
    let ran = project.run(&["history", "runs.jsonl"]);
    assert!(
        ran.stdout.contains("web: unreachable since"),
        "{}",
        ran.stdout
    );
}
