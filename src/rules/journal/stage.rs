//! No stage is skipped.

use std::collections::HashMap;

use crate::promote;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Found, Subject};
use crate::spec::{Environment, Requirement};

pub(super) static RULE: Rule = Rule {
    code: "journal-stage",
    severity: Severity::Error,
    title: "What is in an environment was in its mirror before, and came from where it may",
    why: "A commit that staging never saw is tried out on the people who use the product.",
    origin: "",
    bad: Example::Journal(
        "{\"time\":\"2026-01-02T03:04:05Z\",\"ref\":\"feature/x\",\"commit\":\"c0ffee\",\"environment\":\"staging\",\"files\":{},\"approver\":null,\"previous\":null}\n",
    ),
    good: Example::Journal(
        "{\"time\":\"2026-01-02T03:04:05Z\",\"ref\":\"main\",\"commit\":\"c0ffee\",\"environment\":\"staging\",\"files\":{},\"approver\":null,\"previous\":null}\n",
    ),
    check: Check::Across(check),
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let Some(catalog) = subject.catalog else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let entries: Vec<_> = subject.journal.entries().collect();
    let environments = catalog.environments.iter();
    let named: HashMap<&str, &Environment> =
        environments.map(|one| (one.name.as_str(), one)).collect();
    // Where a commit first went into an environment.
    let mut first: HashMap<(&str, &str), usize> = HashMap::new();
    for (at, (entry, _)) in entries.iter().enumerate() {
        let key = (entry.environment.as_str(), entry.commit.as_str());
        first.entry(key).or_insert(at);
    }
    for (at, (entry, place)) in entries.iter().enumerate() {
        let Some(environment) = named.get(entry.environment.as_str()) else {
            let message = format!("there is no environment `{}`", entry.environment);
            found.push(Found::new("journal", message, (*place).clone()));
            continue;
        };
        let Some(promotion) = &environment.promotion else {
            let message = format!("nothing promotes into `{}`", environment.name);
            found.push(
                Found::new("journal", message, (*place).clone())
                    .related(environment.place.clone(), "its spec has no `promotion`")
                    .of(environment),
            );
            continue;
        };
        if !promote::fits(promotion.from.as_str(), &entry.reference) {
            let message = format!(
                "`{}` does not promote into `{}`",
                entry.reference, environment.name
            );
            found.push(
                Found::new("journal", message, (*place).clone())
                    .related(promotion.from.place.clone(), "this does")
                    .of(environment),
            );
        }
        let is_kept = promotion.demand(Requirement::Journal).is_some();
        for stage in promote::stages_before(catalog, environment).filter(|_| is_kept) {
            let before = first.get(&(stage.name.as_str(), entry.commit.as_str()));
            if before.is_some_and(|before| *before < at) {
                continue;
            }
            let message = format!(
                "commit {} went into `{}` without having been in `{}`",
                promote::short(&entry.commit),
                environment.name,
                stage.name
            );
            let mirrors = stage
                .mirrors
                .as_ref()
                .map_or(&stage.place, |mirrors| &mirrors.place);
            found.push(
                Found::new("journal", message, (*place).clone())
                    .label("expected an entry of it before")
                    .related(mirrors.clone(), format!("`{}` mirrors it", stage.name))
                    .of(environment),
            );
        }
    }
    found
}
