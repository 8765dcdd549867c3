//! The chain of the journal is whole.

use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Found, Subject};

pub(super) static RULE: Rule = Rule {
    code: "journal-chain",
    severity: Severity::Error,
    title: "Every entry of the release journal holds the digest of the one before it",
    why: "A journal whose past can be rewritten says nothing of the past.",
    origin: "",
    bad: Example::Journal(
        "{\"time\":\"2026-01-02T03:04:05Z\",\"ref\":\"main\",\"commit\":\"c0ffee\",\"environment\":\"staging\",\"files\":{},\"approver\":null,\"previous\":\"sha256:0000\"}\n",
    ),
    good: Example::Journal(
        "{\"time\":\"2026-01-02T03:04:05Z\",\"ref\":\"main\",\"commit\":\"c0ffee\",\"environment\":\"staging\",\"files\":{},\"approver\":null,\"previous\":null}\n",
    ),
    check: Check::Across(check),
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut before: Option<(&crate::journal::Line, Option<&str>)> = None;
    for line in &subject.journal.lines {
        let mut time = before.and_then(|(_, time)| time);
        match &line.entry {
            Err(why) => found.push(
                Found::new(
                    "journal",
                    "this is no entry of the journal",
                    line.place.clone(),
                )
                .label(why.as_str()),
            ),
            Ok(entry) => {
                let expected = before.map(|(line, _)| line.digest.as_str());
                if entry.previous.as_deref() != expected {
                    let one = Found::new("journal", "the chain is broken before this entry", line.place.clone())
                        .label(match expected {
                            Some(digest) => format!("expected `previous` to be {digest}"),
                            None => "expected `previous` to be null: nothing is before it".to_owned(),
                        })
                        .help("an entry before it was changed, added or taken out; the file's history says which");
                    found.push(match before {
                        Some((line, _)) => one.related(line.place.clone(), "the line before it"),
                        None => one,
                    });
                }
                // Times are written in one form, so that they compare as text.
                if time.is_some_and(|time| time > entry.time.as_str()) {
                    let message = "this entry is older than the one before it";
                    found.push(Found::new("journal", message, line.place.clone()));
                }
                time = Some(&entry.time);
            }
        }
        before = Some((line, time));
    }
    found
}
