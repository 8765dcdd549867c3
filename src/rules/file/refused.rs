//! A file that Compose refuses.

use std::collections::HashSet;

use super::{dependency_cycle, undefined_resource};
use crate::diagnostic::{Diagnostic, ProblemKind};
use crate::rules::prelude::*;
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "refused-by-compose",
    severity: Severity::Error,
    title: "Compose accepts the file",
    why: "Compose refuses a file as a whole, and nothing in it starts. What cannot be read of its `x-composegen` is reported here too.",
    origin: "`docker compose config`, dclint, compose-lint",
    bad: compose! {r#"
        services:
          web: { image: "a:1", prots: ['127.0.0.1:80:80'] }
    "#},
    good: compose! {r#"
        services:
          web: { image: "a:1", ports: ['127.0.0.1:80:80'] }
    "#},
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let refusal = &deployed.file.refusal;
    if refusal.is_empty() {
        return Vec::new();
    }
    // These rules say more about the cause.
    let reported = [
        undefined_resource::found(deployed),
        dependency_cycle::check(deployed),
    ];
    let at = |place: &Place| (place.source.name.clone(), place.line_column());
    let mut reported: HashSet<_> = reported
        .iter()
        .flatten()
        .map(|found| at(found.diagnostic.place()))
        .collect();
    // So do those about what a stack drops or refuses.
    if deployed.orchestrator.is_swarm() {
        let unfit = deployed.file.unfit_for_stacks();
        reported.extend(unfit.iter().map(|one| at(&one.at.place())));
    }
    // All profiles are enabled, so that two services of which only one runs seem to share a name;
    // `container-name-taken` reports the others.
    let is_reported = |diagnostic: &Diagnostic| {
        reported.contains(&at(diagnostic.place()))
            || diagnostic.kind() == Some(&ProblemKind::NameTaken)
    };
    let others = refusal.iter().filter(|diagnostic| !is_reported(diagnostic));
    let (incomplete, others): (Vec<_>, Vec<_>) =
        others.partition(|diagnostic| diagnostic.kind() == Some(&ProblemKind::Incomplete));
    // A file that only overrides others is incomplete on its own. Where its name does not say so, it is
    // said once.
    let incomplete = incomplete
        .into_iter()
        .filter(|_| !deployed.file.is_override()).take(1).map(|diagnostic| {
        diagnostic
            .clone()
            .help("if the file only overrides another one, check both: `composegen check --merge -f OTHER -f FILE`")
    });
    let found = incomplete
        .chain(others.into_iter().cloned())
        .map(|diagnostic| Found {
            diagnostic: diagnostic.clone(),
            ..Found::new("file", "", diagnostic.place().clone())
        });
    found.map(|found| found.belonging(deployed)).collect()
}
