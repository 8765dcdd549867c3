//! `composegen snapshot` on the host's side, and the comparison elsewhere.

use std::fs;

use super::fake::Fake;
use super::kiosk::Kiosk;
use super::shop::SECRET;
use crate::schemas::refused;

/// A host on which several things were changed, some of them with secrets.
fn changed() -> Kiosk {
    let shop = Kiosk::shop().up();
    shop.replace(
        "gate",
        &[
            ("--publish=127.0.0.1:", "--publish=0.0.0.0:"),
            ("", &format!("--env=ADDED={SECRET}")),
            ("--memory=67108864", ""),
        ],
    );
    shop.docker("stop NAME-prod-db-1");
    let stranger = format!("--env STRANGE={SECRET} --volume NAME-prod_data:/stolen");
    shop.docker(&format!(
        "run -d --init --name NAME-stranger {stranger} composegen-stub:latest"
    ));
    shop
}

fn snapshot(shop: &Kiosk) -> String {
    let file = shop.path("s.json").to_str().unwrap().to_owned();
    let ask = [
        "snapshot",
        "--host",
        "shop-prod",
        "--docker",
        shop.outside.url(),
    ];
    let ran = shop.run(&[&ask[..], &["-o", &file]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
    file
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_snapshot_and_what_drift_finds_follow_their_schemas() {
    let shop = changed();
    let live = shop.drift_of_host(&[]);
    assert!(live.findings.len() > 3);
    let report = shop.path("report.json");
    fs::write(&report, &live.ran.stdout).unwrap();
    for (schema, file) in [("state", snapshot(&shop).into()), ("drift", report)] {
        let refused = refused(&shop.outside, schema, &[file]);
        assert!(refused.is_empty(), "{refused:#?}");
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_snapshot_gives_the_same_findings_as_the_host_itself() {
    let shop = changed();
    let live = shop.drift_of_host(&[]);
    let file = snapshot(&shop);
    // There is no engine any more, and nobody asks for one.
    let nobody = Fake::empty();
    let ask = [
        "drift", "--host", "shop-prod", "--snapshot", &file, "--format", "json",
    ];
    let ran = shop.run(&ask);
    assert_eq!(ran.code, live.ran.code, "{}", ran.stderr);
    let report = super::report::Report::read(ran, &shop.name);
    assert!(!live.findings.is_empty());
    // The commands of the help lines are for the engine of the spec.
    let without_help = |findings: &[serde_json::Value]| {
        let mut findings = findings.to_vec();
        for finding in &mut findings {
            assert!(finding["help"].take().is_string(), "{finding}");
        }
        findings
    };
    assert_eq!(without_help(&report.findings), without_help(&live.findings));
    assert_eq!(report.host()["engine"], live.host()["engine"]);
    assert!(nobody.requests().is_empty());
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_snapshot_goes_to_standard_output_where_no_file_is_named() {
    let shop = Kiosk::shop();
    let shop = shop.up();
    let url = shop.outside.url();
    let ran = shop.run(&["snapshot", "--host", "shop-prod", "--docker", url]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let state = ran.json();
    assert_eq!(state["version"], 1);
    assert_eq!(state["project"], shop.project);
    let containers = state["live"]["containers"].as_array().unwrap();
    assert!(containers.iter().any(|one| one["service"] == "gate"));
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_secret_is_in_no_snapshot_and_in_no_report() {
    let shop = changed();
    let file = snapshot(&shop);
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.contains("\"TOKEN\""), "{written}");
    assert!(!written.contains(SECRET), "{written}");
    let url = shop.outside.url();
    let live = ["drift", "--host", "shop-prod", "--docker", url];
    let stored = ["drift", "--host", "shop-prod", "--snapshot", &file];
    for ask in [&live[..], &stored[..]] {
        for more in [
            &["--format", "human"][..],
            &["--format", "json"],
            &["--format", "markdown"],
            &["--format", "prometheus"],
            &["--diff"],
            &["--verbose"],
        ] {
            let ran = shop.run(&[ask, more].concat());
            assert_eq!(ran.code, Some(1), "{more:?}: {}", ran.stderr);
            let said = ran.stdout + &ran.stderr;
            assert!(!said.contains(SECRET), "{more:?}: {said}");
            assert!(said.contains("shop-prod"), "{more:?}: {said}");
        }
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_file_that_is_not_a_snapshot() {
    let shop = Kiosk::shop();
    for (file, text) in [
        ("empty.json", ""),
        ("half.json", "{ \"version\": 1, \"project\""),
        ("other.json", "[1, 2]"),
        ("future.json", "{ \"version\": 99 }"),
    ] {
        shop.write(file, text);
        let path = shop.path(file);
        let ran = shop.run(&[
            "drift",
            "--host",
            "shop-prod",
            "--snapshot",
            path.to_str().unwrap(),
        ]);
        assert_eq!(ran.code, Some(2), "{file}: {}{}", ran.stdout, ran.stderr);
        assert!((ran.stdout + &ran.stderr).contains(file));
    }
    let ran = shop.run(&["drift", "--host", "shop-prod", "--snapshot", "absent.json"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_snapshot_of_another_project_is_not_taken_for_ones_own() {
    let shop = Kiosk::shop();
    let shop = shop.up();
    let file = snapshot(&shop);
    let ran = shop.run(&["drift", "--host", "shop-staging", "--snapshot", &file]);
    assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
    assert!((ran.stdout + &ran.stderr).contains(&shop.project));
}
