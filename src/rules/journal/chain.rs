//! The chain of the journal is whole.

use jiff::Timestamp;

use crate::journal::{Entry, Line};
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
    let mut before: Option<(&Line, Option<Timestamp>)> = None;
    for line in &subject.journal.lines {
        let mut time = before.and_then(|(_, time)| time);
        match &line.entry {
            Err(why) => found.push(
                Found::new(
                    "journal",
                    "this is no entry of the journal",
                    line.place.clone(),
                )
                .label(why.clone()),
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
                found.extend(malformed(entry).map(|(message, expected)| {
                    Found::new("journal", message, line.place.clone()).label(expected)
                }));
                let own: Option<Timestamp> = entry.time.parse().ok();
                if time.is_some_and(|time| own.is_some_and(|own| time > own)) {
                    let message = "this entry is older than the one before it";
                    found.push(Found::new("journal", message, line.place.clone()));
                }
                time = own.or(time);
            }
        }
        before = Some((line, time));
    }
    found
}

/// What of an entry nobody wrote who promoted something.
fn malformed(entry: &Entry) -> Option<(&'static str, &'static str)> {
    let is_commit = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_hexdigit());
    if entry.time.parse::<Timestamp>().is_err() {
        return Some((
            "the time of this entry is none",
            "expected one such as 2026-01-02T03:04:05Z",
        ));
    }
    (!is_commit(&entry.commit)).then_some((
        "the commit of this entry is none",
        "expected its number in hexadecimal digits",
    ))
}
