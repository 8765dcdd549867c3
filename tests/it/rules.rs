//! The rules: each is broken by its bad example and kept by its good one, and explained from there.

use std::fs;

use composegen::report::rules as explained;
use composegen::rules::{self, Example, Rule};
use serde_yaml::Value;

use crate::project::{Project, Ran, root};

/// The small project that examples go over.
fn clean() -> Project {
    Project::copy_of(&root().join("tests/fixtures/clean"))
}

/// What is written over what: mappings field by field, anything else as a whole.
fn over(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Mapping(below), Value::Mapping(above)) if !above.is_empty() => {
            for (key, value) in above {
                match below.get_mut(&key) {
                    Some(there) => over(there, value),
                    None => drop(below.insert(key, value)),
                }
            }
        }
        (below, above) => *below = above,
    }
}

/// The codes that `check` reports for an example, and the run itself.
fn codes(example: &Example) -> (Vec<String>, Ran) {
    let project = clean();
    let mut arguments = vec!["check".to_owned(), "--format".to_owned(), "json".to_owned()];
    match example {
        Example::Spec { file, text } => {
            let name = format!("environments/{file}");
            let mut spec: Value = serde_yaml::from_str(&project.read(&name)).unwrap();
            over(&mut spec, serde_yaml::from_str(text).unwrap());
            project.write(&name, &serde_yaml::to_string(&spec).unwrap());
        }
        Example::Template { file, text } => {
            let name = format!("templates/{file}");
            project.write(&name, &(project.read(&name) + text));
        }
        Example::Journal(text) => project.write("releases/journal.jsonl", text),
        Example::Compose(files) => {
            for (at, text) in files.iter().enumerate() {
                let name = format!("compose.{at}.yml");
                project.write(&name, text);
                arguments.extend(["--file".to_owned(), name]);
            }
        }
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ran = project.run(&arguments);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
    let findings = report["findings"].as_array().cloned().unwrap_or_default();
    let codes = findings
        .iter()
        .map(|finding| finding["code"].as_str().unwrap().to_owned());
    (codes.collect(), ran)
}

#[test]
fn the_project_that_examples_go_over_is_clean() {
    let ran = clean().run(&["check"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn every_rule_is_broken_by_its_bad_example_and_kept_by_its_good_one() {
    let mut wrong = Vec::new();
    for rule in rules::all() {
        let (bad, ran) = codes(&rule.bad);
        if ran.code != Some(1) || !bad.iter().any(|code| code == rule.code) {
            wrong.push(format!("{}: bad gives {bad:?}\n{}", rule.code, ran.stderr));
        }
        let (good, ran) = codes(&rule.good);
        // A Compose file or a journal of an example says nothing of what other rules ask for.
        let is_kept = match rule.good {
            Example::Compose(_) | Example::Journal(_) => !good.iter().any(|code| code == rule.code),
            _ => good.is_empty(),
        };
        if ran.code == Some(2) || !is_kept {
            wrong.push(format!(
                "{}: good gives {good:?}\n{}",
                rule.code, ran.stderr
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn codes_are_words_and_stand_for_one_rule() {
    let mut codes: Vec<&str> = rules::all().map(|rule| rule.code).collect();
    assert!(
        codes
            .iter()
            .all(|code| { code.chars().all(|c| c.is_ascii_lowercase() || c == '-') })
    );
    let all = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all);
}

#[test]
fn every_rule_says_why_in_a_sentence() {
    let is_sentence = |rule: &&Rule| rule.why.ends_with('.') && !rule.title.ends_with('.');
    let not: Vec<&str> = rules::all()
        .filter(|rule| !is_sentence(rule))
        .map(|rule| rule.code)
        .collect();
    assert!(not.is_empty(), "{not:?}");
}

/// `composegen rules --markdown > docs/rules.md` writes it again.
#[test]
fn the_page_of_the_rules_is_as_they_are() {
    let page = fs::read_to_string(root().join("docs/rules.md")).unwrap();
    assert!(
        page == explained::page(),
        "docs/rules.md is stale: composegen rules --markdown"
    );
}

#[test]
fn a_rule_is_explained_with_its_examples() {
    let project = clean();
    let ran = project.run(&["rules", "secret-class"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout);
    let ran = project.run(&["rules", "secret-clas"]);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.stderr, @"error: there is no rule `secret-clas`; did you mean `secret-class`?");
}
