//! The rules, explained; `tests/cases/examples.rs` checks their examples.

use std::fs;

use composegen::rules::{self, Rule};

use crate::project::{Project, root};

/// The small project that examples are merged into.
fn clean() -> Project {
    Project::copy_of(&root().join("tests/fixtures/clean"))
}

#[test]
fn the_project_that_examples_are_merged_into_is_clean() {
    let ran = clean().run(&["check"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn each_code_is_unique_and_made_of_words() {
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
fn every_rule_has_a_title_and_a_reason_in_one_sentence() {
    let is_sentence = |rule: &&Rule| rule.why.ends_with('.') && !rule.title.ends_with('.');
    let not: Vec<&str> = rules::all()
        .filter(|rule| !is_sentence(rule))
        .map(|rule| rule.code)
        .collect();
    assert_eq!(not, Vec::<&str>::new());
}

/// `composegen rules --markdown > docs/rules.md` writes it again.
#[test]
fn the_page_of_the_rules_is_up_to_date() {
    let page = fs::read_to_string(root().join("docs/rules.md")).unwrap();
    assert!(
        page == Project::empty().run(&["rules", "--markdown"]).stdout,
        "docs/rules.md is stale: composegen rules --markdown"
    );
}

/// `UPDATE_DOCS=1 cargo test --test it rules` writes it again.
#[test]
fn the_pages_show_the_number_of_rules() {
    let is_number = |word: &str| word.chars().all(|c| c.is_ascii_digit());
    for page in ["docs/check.md", "docs/tutorial.md"] {
        let path = root().join(page);
        let committed = fs::read_to_string(&path).unwrap();
        let lines = committed.split_inclusive('\n').map(|line| {
            match line.trim_start().split_once(" rules, ") {
                Some((number, rest)) if is_number(number) => {
                    format!("    {} rules, {rest}", rules::all().count())
                }
                _ => line.to_owned(),
            }
        });
        let written: String = lines.collect();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(&path, &written).unwrap();
            continue;
        }
        assert!(
            committed == written,
            "{page} is stale: UPDATE_DOCS=1 cargo test --test it rules"
        );
    }
}

#[test]
fn a_rule_is_explained_with_its_examples() {
    let project = clean();
    let ran = project.run(&["rules", "secret-class"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout);
    let ran = project.run(&["rules", "secret-clas"]);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.stderr, @"error: there is no rule `secret-clas` (`composegen rules` lists all codes); did you mean `secret-class`?");
}
