//! Stages before an environment.

use std::collections::{BTreeSet, HashMap};

use super::few;
use crate::git::Commit;
use crate::promote;
use crate::rules::prelude::*;
use crate::spec::{Environment, Name, Requirement};

pub(super) static RULE: Rule = Rule {
    code: "journal-stage",
    severity: Severity::Error,
    title: "What is promoted was in the mirroring environment before, and comes from an allowed source",
    why: "A commit that was never in staging is tried out on users.",
    bad: Example::Journal(
        "{\"time\":\"2026-01-02T03:04:05Z\",\"ref\":\"feature/x\",\"commit\":\"c0ffee0\",\"environment\":\"staging\",\"files\":{},\"approver\":null,\"previous\":null}\n",
    ),
    good: Example::Journal(
        "{\"time\":\"2026-01-02T03:04:05Z\",\"ref\":\"main\",\"commit\":\"c0ffee0\",\"environment\":\"staging\",\"files\":{},\"approver\":null,\"previous\":null}\n",
    ),
    check: Check::Across(check),
    ..Rule::DEFAULT
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let Some(catalog) = subject.catalog else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let entries: Vec<_> = subject.journal.entries().collect();
    let named: HashMap<&Name, &Environment> = catalog
        .environments
        .iter()
        .map(|one| (&one.name, one))
        .collect();
    let mut earlier: BTreeSet<(&Name, &Commit)> = BTreeSet::new();
    for (at, (entry, place)) in entries.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| entries.get(before));
        earlier.extend(before.map(|(before, _)| (&before.environment, &before.commit)));
        let Some(environment) = named.get(&entry.environment) else {
            let message = format!("there is no environment `{}`", entry.environment);
            found.push(Found::new("journal", message, (*place).clone()));
            continue;
        };
        let Some(promotion) = &environment.promotion else {
            let message = format!("nothing may be promoted into `{}`", environment.name);
            found.push(
                Found::new("journal", message, (*place).clone())
                    .related(&environment.place, "its spec has no `promotion`")
                    .of(environment),
            );
            continue;
        };
        if !promote::fits(promotion.from.as_str(), entry.reference.as_str()) {
            let message = format!(
                "`{}` may not be promoted into `{}`",
                entry.reference, environment.name
            );
            found.push(
                Found::new("journal", message, (*place).clone())
                    .related(&promotion.from.place, "expected this source")
                    .of(environment),
            );
        }
        let is_kept = promotion.demand(Requirement::Journal).is_some();
        for stage in promote::stages_before(catalog, environment).filter(|_| is_kept) {
            if earlier.contains(&(&stage.name, &entry.commit)) {
                continue;
            }
            let message = format!(
                "commit {} was promoted into `{}`, but never into `{}`",
                entry.commit.short(),
                environment.name,
                stage.name
            );
            let mirrors = stage
                .mirrors
                .as_ref()
                .map_or(&stage.place, |mirrors| &mirrors.place);
            found.push(
                Found::new("journal", message, (*place).clone())
                    .label("expected an earlier entry")
                    .related(mirrors.clone(), format!("`{}` mirrors it", stage.name))
                    .of(environment),
            );
        }
    }
    few(found)
}
