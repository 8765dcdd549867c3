//! Previews: two side by side, found by name behind the one edge of their machine.

use std::thread;

use super::stack::{Stack, TAG};
use super::world::{From, UPGRADE, World};
use crate::drift::report::Report;
use crate::judges::rendered;
use crate::outside::Outside;
use crate::project::Project;

const EDGE: &str = "generated/compose/vps.preview-edge.yml";

fn pulse(number: &str) -> String {
    format!("pr-{number}.preview.natapulse.com")
}

fn ops(number: &str) -> String {
    format!("pr-{number}.preview.dashboard.nata.onl")
}

#[test]
#[ignore = "needs the images of real software: make test-real"]
fn they_come_and_go_behind_one_edge_each_at_its_domains() {
    let outside = Outside::real();
    let project = rendered();
    for number in ["7", "8"] {
        let ran = project.run(&["render", "preview", "--pr", number]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
    let names: Vec<String> = ["7", "8", "9"]
        .into_iter()
        .flat_map(|number| [pulse(number), ops(number)])
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let world = World::around(&outside, "10.20.0.6", &names);
    let edge = Stack::start(&outside, &project.path(EDGE));
    edge.is_confined();
    // Nobody gets a certificate for a preview that does not run.
    assert_eq!(
        world.https(From::Internet, &pulse("7"), "/", "{}").status,
        0
    );

    let start = |number: &str| {
        Stack::start(
            &outside,
            &project.path(&format!("generated/compose/preview.pr-{number}.yml")),
        )
    };
    let (first, second) = thread::scope(|scope| {
        let second = scope.spawn(|| start("8"));
        (start("7"), second.join().unwrap())
    });
    first.is_confined();
    for number in ["7", "8"] {
        answers(&world, number);
    }
    assert_eq!(
        world.https(From::Internet, &pulse("9"), "/", "{}").status,
        0
    );

    // The second goes: its names answer no more, and neither the first nor the edge notices.
    let before =
        [first.inspect("pulse-web"), edge.inspect("caddy")].map(|one| one["State"].clone());
    assert_eq!(second.leaves(), [""; 0]);
    assert_eq!(
        world.https(From::Internet, &pulse("8"), "/", "{}").status,
        404
    );
    answers(&world, "7");
    let after = [first.inspect("pulse-web"), edge.inspect("caddy")].map(|one| one["State"].clone());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(
            (&before["StartedAt"], &before["Pid"]),
            (&after["StartedAt"], &after["Pid"])
        );
    }

    is_in_sync(&project, &outside, &["preview-edge"]);
    is_in_sync(&project, &outside, &["preview", "--pr", "7"]);
    assert_eq!(first.leaves(), [""; 0]);
    is_in_sync(&project, &outside, &["preview-edge"]);
    assert_eq!(edge.leaves(), [""; 0]);
}

/// Both domains lead to this preview and no other, and the one of the operators to the private network alone.
fn answers(world: &World, number: &str) {
    let own = format!("<p>nata_preview_{number}</p>");
    let page = world.https(From::Internet, &pulse(number), "/", "{}");
    assert_eq!(
        (page.status, page.release.as_str()),
        (200, "pulse-web"),
        "{page:?}"
    );
    assert!(
        page.body.contains(&own) && page.body.contains("pulse-1: An example"),
        "{page:?}"
    );
    let page = world.https(From::Internet, &ops(number), "/", "{}");
    assert_eq!((page.status, page.release.as_str()), (403, ""), "{page:?}");
    let page = world.https(From::Office, &ops(number), "/", "{}");
    assert_eq!(
        (page.status, page.release.as_str()),
        (200, "ops-web"),
        "{page:?}"
    );
    assert!(
        page.body.contains(&own) && page.body.contains("inc-1: Queue"),
        "{page:?}"
    );

    // The mocks are where prod has the APIs, behind the same door.
    for (from, domain, path, row) in [
        (
            From::Internet,
            pulse(number),
            "/api/pulse",
            "An example of a headline",
        ),
        (
            From::Office,
            ops(number),
            "/api/incidents",
            "Example sensor is silent",
        ),
    ] {
        let answer = world.https(from, &domain, path, "{}");
        let rows: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let rows = rows.as_array().cloned().unwrap_or_default();
        let has_row = rows
            .iter()
            .any(|one| one["headline"] == row || one["title"] == row);
        assert!(answer.status == 200 && has_row, "{answer:?}");
        assert_eq!(world.https(from, &domain, "/ws/x", UPGRADE).status, 101);
    }
    for path in ["/api/incidents", "/ws/x"] {
        let answer = world.https(From::Internet, &ops(number), path, UPGRADE);
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (403, ""),
            "{path}: {answer:?}"
        );
    }
    // A name has no case.
    for (path, text) in [
        ("/", "pulse-1: An example"),
        ("/api/pulse", "An example of a headline"),
    ] {
        let shouted = format!(
            "{{ headers: {{ host: '{}' }} }}",
            pulse(number).to_uppercase()
        );
        let page = world.https(From::Internet, &pulse(number), path, &shouted);
        assert!(page.status == 200 && page.body.contains(text), "{page:?}");
    }
}

fn is_in_sync(project: &Project, outside: &Outside, host: &[&str]) {
    let engine = ["--docker", outside.url(), "--format", "json"];
    let arguments = [&["drift"], host, &["--changes"], &engine].concat();
    let ran = project.run_with(&arguments, &[("NATA_TAG", TAG)]);
    let report = Report::read(ran, "");
    // The rule of the edge for previews matches nothing while there is none.
    let findings = report.findings.iter();
    let reported: Vec<_> = findings
        .filter(|finding| finding["code"] != "ignore-unused")
        .collect();
    assert!(reported.is_empty(), "{reported:#?}");
}
