//! `check --file` beside the linters of others: what they report, it reports too, or the table of
//! their rules (`composegen::rules::others`, in docs/rules.md) says why not.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use composegen::rules::others::{Counterpart, Tool, rules_of};
use serde_json::Value;

use crate::outside::{Outside, everything};
use crate::project::root;

/// A finding: the rule, and the service.
type Found = BTreeSet<(String, String)>;

/// What `check --file` finds in a file of this repository.
fn findings(file: &str) -> Vec<Value> {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_composegen"))
        .args([
            "check", "--level", "hardening", "--format", "json", "--file", file,
        ])
        .current_dir(root())
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", everything(&output)));
    report["findings"].as_array().unwrap().clone()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn ours(file: &str) -> Found {
    let findings = findings(file).into_iter();
    findings
        .map(|finding| (text(&finding["code"]), text(&finding["service"])))
        .collect()
}

fn counterpart(tool: Tool, name: &str) -> Counterpart {
    rules_of(tool)
        .into_iter()
        .find(|rule| rule.name == name)
        .unwrap_or_else(|| panic!("the table lacks `{name}` of {}", tool.name()))
}

/// The names of files in a folder, without an ending.
fn names(folder: &Path, ending: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter_map(|name| Some(name.strip_suffix(ending)?.to_owned()))
        .collect()
}

/// The rules of the table.
fn table(tool: Tool) -> BTreeSet<String> {
    let rules = rules_of(tool).into_iter();
    rules.map(|rule| rule.name.to_owned()).collect()
}

#[test]
fn a_strong_file_has_no_findings() {
    assert_eq!(ours("tests/fixtures/trade/strong.yml"), Found::new());
}

#[test]
fn every_weakness_of_a_weak_file_is_found() {
    let found: Vec<String> = ours("tests/fixtures/trade/weak.yml")
        .into_iter()
        .map(|(code, service)| format!("{code}: {service}"))
        .collect();
    insta::assert_snapshot!(found.join("\n"));
}

/// Where a tool is installed, as its own files say what rules it has.
fn installed(outside: &Outside) -> PathBuf {
    PathBuf::from(outside.setting("COMPOSEGEN_TOOLS_BIN"))
        .parent()
        .unwrap()
        .to_owned()
}

#[test]
#[ignore = "needs the linters: make test"]
fn every_rule_of_the_linters_is_in_the_table() {
    let outside = Outside::new();
    let tools = installed(&outside);
    let rules = tools.join("npm/node_modules/dclint/dist/types/src/rules");
    assert_eq!(names(&rules, "-rule.d.ts"), table(Tool::Dclint));
    let python = std::fs::read_dir(tools.join("venv/lib")).unwrap();
    let python = python.map(|entry| entry.unwrap().path());
    let rules = python
        .map(|python| python.join("site-packages/compose_lint/rule_docs"))
        .find(|rules| rules.exists())
        .expect("compose-lint explains its rules");
    assert_eq!(names(&rules, ".md"), table(Tool::ComposeLint));
}

#[test]
#[ignore = "needs the linters: make test"]
fn findings_of_compose_lint_are_reported() {
    let outside = Outside::new();
    let mut seen = BTreeSet::new();
    let mut missing = BTreeSet::new();
    for file in [
        "tests/fixtures/trade/weak.yml",
        "tests/fixtures/trade/odd.yml",
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
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", everything(&output)));
        let ours = ours(file);
        for finding in report["findings"].as_array().unwrap() {
            let rule = text(&finding["rule_id"]);
            let service = text(&finding["service"]);
            let theirs = counterpart(Tool::ComposeLint, &rule);
            let is_reported = theirs.ours.iter().any(|code| {
                ours.contains(&((*code).to_owned(), service.clone()))
                    || ours.contains(&((*code).to_owned(), String::new()))
            });
            if !is_reported && !theirs.ours.is_empty() {
                missing.insert(format!("{rule} of {service}: {}", finding["message"]));
            }
            seen.insert(rule);
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert_eq!(
        seen,
        table(Tool::ComposeLint),
        "the fixtures break every rule of compose-lint"
    );
}

/// A file for each rule of dclint that is more than style, named after it.
#[test]
#[ignore = "needs the linters: make test"]
fn findings_of_dclint_are_reported_on_their_lines() {
    let outside = Outside::new();
    let folder = "tests/fixtures/trade/dclint";
    let mapped: BTreeSet<String> = rules_of(Tool::Dclint)
        .into_iter()
        .filter(|rule| !rule.ours.is_empty())
        .map(|rule| rule.name.to_owned())
        .collect();
    assert_eq!(names(&root().join(folder), ".yml"), mapped);
    let mut missing = BTreeSet::new();
    for name in &mapped {
        let file = format!("{folder}/{name}.yml");
        let output = outside
            .tool("dclint")
            .args(["--formatter", "json"])
            .arg(root().join(&file))
            .current_dir(std::env::temp_dir())
            .output()
            .unwrap();
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", everything(&output)));
        let ours: BTreeSet<(String, u64)> = findings(&file)
            .iter()
            .map(|finding| {
                let line = finding["place"]["line"].as_u64().unwrap();
                (text(&finding["code"]), line)
            })
            .collect();
        let mut broken = BTreeSet::new();
        for message in report[0]["messages"].as_array().unwrap() {
            let (rule, line) = (text(&message["rule"]), message["line"].as_u64().unwrap());
            // It points at a list of ports, and not at the one in it; the fixtures have one each.
            let line =
                line + u64::from(rule.ends_with("-exported-ports") || rule.contains("-port-"));
            let codes = counterpart(Tool::Dclint, &rule).ours;
            let is_reported = codes
                .iter()
                .map(|code| ((*code).to_owned(), line))
                .any(|code| ours.contains(&code));
            if !is_reported && &rule == name {
                missing.insert(format!("{file}:{line}: {rule}: {}", message["message"]));
            }
            broken.insert(rule);
        }
        assert!(broken.contains(name), "{file} breaks it: {broken:?}");
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// A file for each query of KICS that has its like here, named after it: services that are called
/// bad are found, and those that are called good are not.
#[test]
fn findings_of_kics_are_reported_and_its_good_files_are_clean() {
    let folder = "tests/fixtures/trade/kics";
    let slug = |name: &str| name.to_lowercase().replace(' ', "-");
    let mapped: Vec<_> = rules_of(Tool::Kics)
        .into_iter()
        .filter(|rule| !rule.ours.is_empty())
        .collect();
    assert_eq!(
        names(&root().join(folder), ".yml"),
        mapped.iter().map(|rule| slug(rule.name)).collect()
    );
    let wrong: Vec<_> = mapped
        .into_iter()
        .flat_map(|theirs| confused(&format!("{folder}/{}.yml", slug(theirs.name)), &theirs.ours))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A file for each rule whose limits are not plain, named after it, with services of both kinds.
#[test]
fn a_rule_finds_what_is_bad_and_leaves_alone_what_is_not() {
    let folder = "tests/fixtures/trade/limits";
    let wrong: Vec<_> = names(&root().join(folder), ".yml")
        .into_iter()
        .flat_map(|code| confused(&format!("{folder}/{code}.yml"), &[code.as_str()]))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The services of a file that are called bad and have no finding of the rules, and those that have
/// one and are not.
fn confused(file: &str, codes: &[&str]) -> Vec<String> {
    let ours = ours(file);
    let source = std::fs::read_to_string(root().join(file)).unwrap();
    let source: serde_yaml::Value = serde_yaml::from_str(&source).unwrap();
    let services = source["services"].as_mapping().unwrap().keys();
    services
        .map(|service| service.as_str().unwrap())
        .filter(|service| {
            let is_reported = codes
                .iter()
                .any(|code| ours.contains(&((*code).to_owned(), (*service).to_owned())));
            is_reported != service.starts_with("bad")
        })
        .map(|service| format!("{file}: {service}"))
        .collect()
}
