//! What `drift` prints, of a host that was written down once: no engine is needed, so this is also
//! how the README shows it.

use std::fs;

use serde_json::Value;

use crate::project::{Project, Ran, root};

/// The sound project, and the snapshot of a host on which somebody worked by hand.
fn drift(arguments: &[&str]) -> Ran {
    let project = Project::sound();
    let snapshot = fs::read_to_string(root().join("tests/fixtures/hosts/web.json")).unwrap();
    project.write("web.json", &snapshot);
    let arguments = [
        &["drift", "--host", "web", "--snapshot", "web.json"],
        arguments,
    ]
    .concat();
    project.run_with(&arguments, &[("KIOSK_TAG", "7.1")])
}

#[test]
fn for_people() {
    let ran = drift(&[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    insta::assert_snapshot!("human", ran.stdout);
    let coloured = drift(&["--color", "always"]).stdout;
    assert!(coloured.contains("\u{1b}["));
    // Without the colours it is the same.
    let bare: String = anstream::adapter::strip_str(&coloured).to_string();
    assert_eq!(bare, ran.stdout);
}

#[test]
fn for_people_who_want_to_know_what_was_not_compared() {
    let ran = drift(&["-v"]);
    assert!(ran.stdout.contains("not compared"), "{}", ran.stdout);
    assert!(
        ran.stdout
            .contains("an engine does not show what volumes hold")
    );
}

#[test]
fn as_a_diff() {
    let ran = drift(&["--diff"]);
    assert_eq!(ran.code, Some(1));
    insta::assert_snapshot!("diff", ran.stdout);
}

#[test]
fn for_a_pull_request() {
    insta::assert_snapshot!("markdown", drift(&["--format", "markdown"]).stdout);
}

#[test]
fn for_prometheus() {
    insta::assert_snapshot!("prometheus", drift(&["--format", "prometheus"]).stdout);
}

#[test]
fn for_programs() {
    let report: Value = serde_json::from_str(&drift(&["--format", "json"]).stdout).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["hosts"][0]["status"], "drifted");
    assert_eq!(report["summary"]["exposure"], 3);
    assert_eq!(report["summary"]["drift"], 1);
    insta::assert_snapshot!(
        "json",
        serde_json::to_string_pretty(&report["hosts"][0]["findings"][1]).unwrap()
    );
}

/// The README shows the report as it is.
#[test]
fn the_readme_shows_it() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for line in drift(&[])
        .stdout
        .lines()
        .filter(|line| !line.trim().is_empty())
    {
        assert!(readme.contains(line.trim()), "the README lacks: {line}");
    }
}

/// Every code is explained in the docs, in the words of the code.
#[test]
fn every_code_is_explained() {
    let docs = fs::read_to_string(root().join("docs/drift.md")).unwrap();
    for code in composegen::finding::Code::ALL {
        let row = format!("| `{}` | {} |", code.as_str(), code.meaning());
        assert!(docs.contains(&row), "docs/drift.md lacks: {row}");
        let ran = Project::empty().run(&["rules", code.as_str()]);
        assert!(ran.stdout.contains(code.meaning()), "{}", ran.stderr);
    }
}
