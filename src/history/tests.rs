#![allow(clippy::disallowed_methods, reason = "tests look at what was written")]

use serde_json::json;

use super::timeline::How;
use super::*;
use crate::host_id::HostId;

/// A run at a minute, of a service whose container was created at another.
fn run(minute: u8, created: u8, findings: &[&str]) -> Run {
    let time = format!("2026-01-01T00:{minute:02}:00Z");
    let seen = |id: &&str| RecordedFinding {
        id: (*id).to_owned(),
        code: Code::ServiceConfig,
        severity: Severity::Drift,
        resource: "app".to_owned(),
        field: Some("mem_limit".to_owned()),
        service: Some("app".to_owned()),
        container: None,
        after_up: AfterUp::Ignores,
        first_seen: time.clone(),
    };
    Run {
        version: 1,
        id: HostId {
            host: Some("web".to_owned()),
            environment: Some("prod".to_owned()),
            project: "shop".to_owned(),
        },
        status: if findings.is_empty() {
            Status::InSync
        } else {
            Status::Drifted
        },
        spec: "1".to_owned(),
        created: [("app".to_owned(), format!("2026-01-01T00:{created:02}:00Z"))].into(),
        containers: BTreeMap::new(),
        content: false,
        changes: false,
        findings: findings.iter().map(seen).collect(),
        ignored: BTreeSet::new(),
        time,
    }
}

fn unreachable(minute: u8) -> Run {
    Run {
        status: Status::Unreachable,
        created: BTreeMap::new(),
        ..run(minute, 0, &[])
    }
}

fn recorded(runs: impl IntoIterator<Item = Run>) -> Vec<Run> {
    let mut all = Vec::new();
    for run in runs {
        add(&mut all, run).unwrap();
    }
    all
}

fn timeline(runs: &[Run]) -> Timeline {
    let hosts = by_host(runs);
    assert_eq!(hosts.len(), 1);
    Timeline::of(&hosts[0]).unwrap()
}

fn fixed(runs: impl IntoIterator<Item = Run>) -> How {
    let timeline = timeline(&recorded(runs));
    timeline.findings[0].fixed.as_ref().unwrap().how
}

#[test]
fn what_is_ignored_or_not_looked_for_is_not_fixed_by_hand() {
    let ignoring = Run {
        ignored: ["a".to_owned()].into(),
        ..run(2, 0, &[])
    };
    assert_eq!(fixed([run(1, 0, &["a"]), ignoring]), How::Ignored);
    assert_eq!(fixed([run(1, 0, &["a"]), run(2, 0, &[])]), How::ByHand);
    let mut changed = run(1, 0, &["a"]);
    changed.findings[0].code = Code::ContainerChanged;
    changed.changes = true;
    let runs = recorded([changed.clone(), run(2, 0, &[])]);
    let there = timeline(&runs);
    assert!(there.findings[0].fixed.is_none(), "not looked for");
    let looking = |minute| Run {
        changes: true,
        ..run(minute, 0, &[])
    };
    assert_eq!(
        fixed([changed.clone(), run(2, 0, &[]), looking(3)]),
        How::ByHand
    );
    let mut again = changed.clone();
    again.time = "2026-01-01T00:05:00Z".to_owned();
    again.findings[0].first_seen.clone_from(&again.time);
    let runs = recorded([changed.clone(), run(2, 0, &[]), again]);
    assert_eq!(runs[2].findings[0].first_seen, changed.time);
}

#[test]
fn what_was_changed_in_a_container_is_gone_with_it() {
    let mut changed = run(1, 0, &["a"]);
    changed.findings[0].code = Code::ContainerChanged;
    assert_eq!(fixed([changed, run(2, 2, &[])]), How::Recreated);
}

#[test]
fn a_snapshot_that_is_compared_with_something_else_is_a_further_run() {
    let mut changed = run(1, 0, &[]);
    changed.spec = "2".to_owned();
    assert_eq!(fixed([run(1, 0, &["a"]), changed]), How::SpecChanged);
}

#[test]
fn what_was_observed_at_one_time_is_one_run() {
    let runs = recorded([run(1, 0, &["a"]), run(2, 0, &["a"]), run(2, 0, &["a", "b"])]);
    assert_eq!(runs.len(), 2);
    assert_eq!(runs[1].findings[0].first_seen, runs[0].time);
    assert_eq!(timeline(&runs).findings[0].runs, 2);
}

#[test]
fn a_line_is_read_as_it_was_written() {
    let runs = recorded([run(1, 0, &["a"]), unreachable(2), run(3, 0, &[])]);
    let text = written(&runs).unwrap();
    assert_eq!(read(&text).unwrap(), runs);
    for line in text.lines() {
        assert!(line.as_bytes().starts_with(BEGINNING), "{line}");
    }
}

#[test]
fn a_line_that_is_not_a_run_is_named() {
    let text = written(&recorded([run(1, 0, &[])])).unwrap();
    for (broken, why) in [
        (format!("{text}\n{{}}\n"), "line 3 is not a recorded run"),
        (text.replace("\"version\":1", "\"version\":2"), "version 2"),
        (
            text.replace("2026-01-01T00:01:00Z", "soon"),
            "no valid time",
        ),
    ] {
        let error = read(&broken).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn a_finding_keeps_its_first_time_until_it_is_gone() {
    let runs = recorded([
        run(1, 0, &["a"]),
        unreachable(2),
        run(3, 0, &["a", "b"]),
        run(4, 0, &["b"]),
        run(5, 0, &["a", "b"]),
    ]);
    let first = |run: usize, id: &str| {
        runs[run]
            .findings
            .iter()
            .find(|one| one.id == id)
            .unwrap()
            .first_seen
            .clone()
    };
    assert_eq!(first(2, "a"), "2026-01-01T00:01:00Z");
    assert_eq!(first(4, "a"), "2026-01-01T00:05:00Z");
    assert_eq!(first(4, "b"), "2026-01-01T00:03:00Z");
    let timeline = timeline(&runs);
    assert_eq!((timeline.runs, timeline.unreachable), (5, 1));
    assert_eq!(timeline.since, "2026-01-01T00:03:00Z");
    let a = timeline.findings.iter().find(|one| one.id == "a").unwrap();
    assert_eq!((a.runs, a.times, &a.fixed), (3, 2, &None));
}

#[test]
fn what_ended_a_finding_is_reported_only_where_the_runs_show_it() {
    let found = || run(1, 0, &["a"]);
    assert_eq!(fixed([found(), run(2, 1, &[])]), How::Recreated);
    assert_eq!(fixed([found(), run(2, 0, &[])]), How::ByHand);
    // `up` might have done this one without a new container.
    let mut healed = found();
    healed.findings[0].after_up = AfterUp::Heals;
    assert_eq!(fixed([healed, run(2, 0, &[])]), How::Unknown);
    let mut changed = run(2, 0, &[]);
    changed.spec = "2".to_owned();
    assert_eq!(fixed([found(), changed]), How::SpecChanged);
    // Nobody saw it go, and the container is another one.
    assert_eq!(
        fixed([found(), unreachable(2), run(3, 2, &[])]),
        How::Recreated
    );
    // What is not of a service may have gone with containers that were recreated.
    let mut other = found();
    other.findings[0].service = None;
    assert_eq!(fixed([other.clone(), run(2, 0, &[])]), How::ByHand);
    assert_eq!(fixed([other, run(2, 1, &[])]), How::Unknown);
}

#[test]
fn what_can_end_by_itself_has_no_known_end() {
    for code in [
        Code::ServiceUnhealthy,
        Code::ServiceTasks,
        Code::ServiceStopped,
    ] {
        let mut state = run(1, 0, &["a"]);
        state.findings[0].code = code;
        assert_eq!(fixed([state, run(2, 0, &[])]), How::Unknown, "{code:?}");
    }
    // Another replica was created.
    let mut replicas = run(1, 0, &["a"]);
    replicas.findings[0].code = Code::ServiceReplicas;
    assert_eq!(fixed([replicas, run(2, 2, &[])]), How::Unknown);
    // The services of a swarm have no containers.
    let of_swarm = |minute, findings: &[&str]| Run {
        created: BTreeMap::new(),
        ..run(minute, 0, findings)
    };
    assert_eq!(fixed([of_swarm(1, &["a"]), of_swarm(2, &[])]), How::Unknown);
}

#[test]
fn only_its_own_container_ends_a_finding() {
    let at = |minute: u8| format!("2026-01-01T00:{minute:02}:00Z");
    let with = |minute, newest, findings: &[&str], containers: &[(&str, u8)]| {
        let mut run = run(minute, newest, findings);
        let containers = containers.iter();
        run.containers = containers
            .map(|(name, created)| ((*name).to_owned(), at(*created)))
            .collect();
        for finding in &mut run.findings {
            finding.container = Some("shop-app-1".to_owned());
        }
        run
    };
    let found = || with(2, 1, &["a"], &[("shop-app-1", 1)]);
    let both = with(4, 3, &[], &[("shop-app-1", 1), ("shop-app-2", 3)]);
    assert_eq!(fixed([found(), both]), How::Unknown);
    let gone = with(4, 3, &[], &[("shop-app-2", 3)]);
    assert_eq!(fixed([found(), gone]), How::Unknown);
    // The other replica is newer than the one that was recreated.
    let new = with(6, 5, &[], &[("shop-app-1", 4), ("shop-app-2", 5)]);
    let timeline = timeline(&recorded([found(), new]));
    let end = timeline.findings[0].fixed.as_ref().unwrap();
    assert_eq!(
        (end.how, end.created.clone()),
        (How::Recreated, Some(at(4)))
    );
    let same = with(4, 1, &[], &[("shop-app-1", 1)]);
    assert_eq!(fixed([found(), same]), How::ByHand);
}

#[test]
fn an_unreachable_host_fixes_nothing() {
    let runs = recorded([run(1, 0, &["a"]), unreachable(2)]);
    let timeline = timeline(&runs);
    assert_eq!(timeline.status, Status::Unreachable);
    assert_eq!(timeline.findings[0].fixed, None);
}

#[test]
fn runs_are_added_in_the_order_of_time() {
    let mut runs = recorded([run(5, 0, &[])]);
    let error = add(&mut runs, run(4, 0, &[])).unwrap_err();
    assert!(
        error.contains("a later run of `web` is recorded"),
        "{error}"
    );
    let mut other = run(4, 0, &[]);
    other.id.host = None;
    add(&mut runs, other).unwrap();
    assert_eq!(by_host(&runs).len(), 2);
}

#[test]
fn a_file_is_bounded_and_what_it_forgets_is_still_dated() {
    let mut runs = Vec::new();
    for index in 0..MOST_RUNS + 10 {
        let mut one = run(1, 0, &["a"]);
        one.time = format!(
            "2026-01-{:02}T{:02}:00:00Z",
            1 + index / 24 % 28,
            index % 24
        );
        one.time = one
            .time
            .replace("2026-01", &format!("2026-{:02}", 1 + index / 24 / 28));
        one.findings[0].first_seen.clone_from(&one.time);
        add(&mut runs, one).unwrap();
    }
    assert_eq!(runs.len(), MOST_RUNS);
    let timeline = timeline(&runs);
    assert_eq!(timeline.findings[0].since, "2026-01-01T00:00:00Z");
    assert_eq!(timeline.first, "2026-01-01T10:00:00Z");
}

#[test]
fn a_file_that_would_be_too_large_loses_its_oldest_runs() {
    let large = |minute| {
        let mut one = run(minute, 0, &[]);
        one.id.project = "x".repeat(limits::HISTORY.bytes / 3);
        one
    };
    let text = written(&[large(1), large(2), large(3), large(4)]).unwrap();
    assert!(text.len() <= limits::HISTORY.bytes);
    let times: Vec<String> = read(&text)
        .unwrap()
        .into_iter()
        .map(|run| run.time)
        .collect();
    assert_eq!(times, ["2026-01-01T00:03:00Z", "2026-01-01T00:04:00Z"]);
}

#[test]
fn a_file_is_created_for_its_owner_and_replaced_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.jsonl");
    std::fs::write(folder.path().join(".composegen-abcdef"), BEGINNING).unwrap();
    std::fs::write(folder.path().join(".composegen-ghijkl"), "{\n").unwrap();
    append(&path, vec![run(1, 0, &["a"])], || ()).unwrap();
    append(&path, vec![run(2, 0, &[])], || ()).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(read(&text).unwrap().len(), 2);
    // What a killed run left is gone; what is not ours is not.
    assert!(!folder.path().join(".composegen-abcdef").exists());
    assert!(folder.path().join(".composegen-ghijkl").exists());
    append(&path, vec![run(1, 0, &[])], || ()).unwrap_err();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    append(folder.path(), vec![run(3, 0, &[])], || ()).unwrap_err();
    let value: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(value["findings"][0]["after_up"], json!("ignores"));
}
