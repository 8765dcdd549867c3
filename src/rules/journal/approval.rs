//! Approvals in the journal.

use super::{demanding, few};
use crate::promote;
use crate::rules::prelude::*;
use crate::spec::Requirement;

pub(super) static RULE: Rule = Rule {
    code: "journal-approval",
    severity: Severity::Error,
    title: "A journal entry for an environment that requires an approval names the approver",
    why: "An approval without a name is not an approval.",
    bad: Example::Journal(
        "{\"time\":\"2026-01-02T03:04:05Z\",\"ref\":\"v1.0.0-rc.1\",\"commit\":\"c0ffee0\",\"environment\":\"prod\",\"files\":{},\"approver\":null,\"previous\":null}\n",
    ),
    good: Example::Journal(
        "{\"time\":\"2026-01-02T03:04:05Z\",\"ref\":\"v1.0.0-rc.1\",\"commit\":\"c0ffee0\",\"environment\":\"prod\",\"files\":{},\"approver\":\"A Person\",\"previous\":null}\n",
    ),
    check: Check::Across(check),
    ..Rule::DEFAULT
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
                "`{}` was not approved for `{}`",
                entry.reference, environment.name
            );
            found.push(
                Found::new("journal", message, place)
                    .label("expected an `approver`")
                    .related(&demand.place, "the environment requires it")
                    .of(environment),
            );
        }
    }
    few(found)
}
