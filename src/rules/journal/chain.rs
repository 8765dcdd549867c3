//! The chain of the journal.

use jiff::Timestamp;

use super::few;
use crate::journal::JournalLine;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "journal-chain",
    severity: Severity::Error,
    title: "Every entry of the release journal contains the digest of the one before it",
    why: "A journal whose past can be changed proves nothing.",
    bad: Example::Journal(
        "{\"time\":\"2026-01-02T03:04:05Z\",\"ref\":\"main\",\"commit\":\"c0ffee0\",\"environment\":\"staging\",\"files\":{},\"approver\":null,\"previous\":\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"}\n",
    ),
    good: Example::Journal(
        "{\"time\":\"2026-01-02T03:04:05Z\",\"ref\":\"main\",\"commit\":\"c0ffee0\",\"environment\":\"staging\",\"files\":{},\"approver\":null,\"previous\":null}\n",
    ),
    check: Check::Across(check),
    ..Rule::DEFAULT
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut before: Option<(&JournalLine, Option<Timestamp>)> = None;
    for line in &subject.journal.lines {
        let mut time = before.and_then(|(_, time)| time);
        match &line.entry {
            Err(why) => found.push(
                Found::new(
                    "journal",
                    "this line is not a valid journal entry",
                    &line.place,
                )
                .label(why.clone())
                .help("restore the line from the file's history, or remove it where it was never committed"),
            ),
            Ok(entry) => {
                let expected = before.map(|(line, _)| &line.digest);
                if entry.previous.as_ref() != expected {
                    let one = Found::new("journal", "the chain is broken before this entry", &line.place)
                        .label(match expected {
                            Some(digest) => format!("expected `previous` to be {digest}"),
                            None => "expected `previous` to be null: this is the first entry".to_owned(),
                        })
                        .help("an earlier entry was changed, added or removed; the history of the file shows which");
                    found.push(match before {
                        Some((line, _)) => one.related(&line.place, "the line before it"),
                        None => one,
                    });
                }
                if time.is_some_and(|time| time > entry.time.at) {
                    let message = "this entry is older than the one before it";
                    found.push(Found::new("journal", message, &line.place));
                }
                time = Some(entry.time.at);
            }
        }
        before = Some((line, time));
    }
    few(found)
}
