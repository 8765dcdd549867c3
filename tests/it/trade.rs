//! `check --file` beside the linters of others: what they report, it reports too.

use std::collections::BTreeSet;

use crate::outside::{Outside, everything};
use crate::project::root;

/// A finding: the rule, and the service.
type Found = BTreeSet<(String, String)>;

/// Which of our rules is which of compose-lint's. CL-0019 has none, and docs/rules.md says why.
const COMPOSE_LINT: [(&str, &[&str]); 26] = [
    ("CL-0001", &["engine-socket"]),
    ("CL-0002", &["privileged"]),
    ("CL-0003", &["new-privileges"]),
    ("CL-0004", &["unpinned-image"]),
    ("CL-0005", &["port-everywhere"]),
    ("CL-0006", &["capability-kept"]),
    ("CL-0007", &["writable-root"]),
    ("CL-0008", &["host-network"]),
    ("CL-0009", &["security-profile"]),
    ("CL-0010", &["host-namespace"]),
    ("CL-0011", &["capability-added"]),
    ("CL-0013", &["host-path"]),
    ("CL-0014", &["logging-off"]),
    ("CL-0016", &["host-device"]),
    ("CL-0017", &["shared-propagation"]),
    ("CL-0018", &["root-user"]),
    ("CL-0020", &["secret-in-environment"]),
    ("CL-0021", &["literal-secret"]),
    ("CL-0022", &["tmpfs-exec"]),
    ("CL-0024", &["capability-escape"]),
    ("CL-0025", &["host-path-writable"]),
    ("CL-0026", &["no-limits"]),
    ("CL-0027", &["capability-added"]),
    ("CL-0028", &["capability-added"]),
    ("CL-0029", &["capability-added"]),
    ("CL-0030", &["capability-added"]),
];

fn ours(file: &str) -> Found {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_composegen"))
        .args(["check", "--format", "json", "--file", file])
        .current_dir(root())
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let service = finding["service"].as_str().unwrap_or_default();
            (
                finding["code"].as_str().unwrap().to_owned(),
                service.to_owned(),
            )
        })
        .collect()
}

#[test]
fn a_file_that_does_all_well_is_left_alone() {
    assert_eq!(ours("tests/fixtures/trade/strong.yml"), Found::new());
}

#[test]
fn what_a_file_does_badly_is_told() {
    let found: Vec<String> = ours("tests/fixtures/trade/weak.yml")
        .into_iter()
        .map(|(code, service)| format!("{code}: {service}"))
        .collect();
    insta::assert_snapshot!(found.join("\n"));
}

#[test]
fn what_compose_lint_reports_is_reported() {
    let Some(outside) = Outside::find("what_compose_lint_reports_is_reported") else {
        return;
    };
    for file in [
        "tests/fixtures/trade/weak.yml",
        "tests/fixtures/trade/strong.yml",
    ] {
        let output = outside
            .tool("compose-lint")
            .args(["check", "--fail-on", "low", "--format", "json"])
            .arg(root().join(file))
            // Not in this repository, whose configuration is not about these files.
            .current_dir(std::env::temp_dir())
            .output()
            .unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", everything(&output)));
        let ours = ours(file);
        let mut missing = BTreeSet::new();
        let mut seen = BTreeSet::new();
        for finding in report["findings"].as_array().unwrap() {
            let rule = finding["rule_id"].as_str().unwrap();
            let service = finding["service"].as_str().unwrap_or_default();
            if rule == "CL-0019" {
                continue;
            }
            let (_, codes) = COMPOSE_LINT
                .iter()
                .find(|(theirs, _)| *theirs == rule)
                .unwrap();
            seen.insert(rule.to_owned());
            let is_told = codes.iter().any(|code| {
                ours.contains(&((*code).to_owned(), service.to_owned()))
                    || ours.contains(&((*code).to_owned(), String::new()))
            });
            if !is_told {
                missing.insert(format!("{rule} of {service}: {}", finding["message"]));
            }
        }
        assert!(missing.is_empty(), "{file}: {missing:#?}");
        if file.ends_with("weak.yml") {
            let all: BTreeSet<String> = COMPOSE_LINT
                .iter()
                .map(|(theirs, _)| (*theirs).to_owned())
                .collect();
            assert_eq!(seen, all, "the fixture breaks every rule of compose-lint");
        }
    }
}
