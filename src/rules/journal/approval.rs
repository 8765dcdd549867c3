//! What asks for an approval got one.

use super::{demanding, few};
use crate::promote;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Found, Subject};
use crate::spec::Requirement;

pub(super) static RULE: Rule = Rule {
    code: "journal-approval",
    severity: Severity::Error,
    title: "An entry into an environment that asks for an approval says whose it was",
    why: "An approval that nobody can name was none.",
    origin: "",
    bad: Example::Journal(
        "{\"time\":\"2026-01-02T03:04:05Z\",\"ref\":\"v1.0.0-rc.1\",\"commit\":\"c0ffee0\",\"environment\":\"prod\",\"files\":{},\"approver\":null,\"previous\":null}\n",
    ),
    good: Example::Journal(
        "{\"time\":\"2026-01-02T03:04:05Z\",\"ref\":\"v1.0.0-rc.1\",\"commit\":\"c0ffee0\",\"environment\":\"prod\",\"files\":{},\"approver\":\"A Person\",\"previous\":null}\n",
    ),
    check: Check::Across(check),
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (environment, demand) in demanding(subject, Requirement::Approval) {
        for (entry, place) in subject.journal.entries() {
            let has_one = entry
                .approver
                .as_ref()
                .is_some_and(|name| promote::is_name(name));
            if entry.environment != environment.name || has_one {
                continue;
            }
            let message = format!(
                "nobody approved `{}` for `{}`",
                entry.reference, environment.name
            );
            found.push(
                Found::new("journal", message, place.clone())
                    .label("expected an `approver`")
                    .related(demand.place.clone(), "the environment asks for it")
                    .of(environment),
            );
        }
    }
    few(found)
}
