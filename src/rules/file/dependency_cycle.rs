//! Services that depend on each other.

use std::collections::BTreeMap;

use crate::compose::Dependency;
use crate::cycles::{Needs, in_words};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "dependency-cycle",
    severity: Severity::Error,
    title: "No service depends on itself",
    why: "Services that depend on each other can never start, and Compose refuses the file.",
    origin: "`docker compose config`",
    bad: compose! {"
        services:
          a: { image: a:1, depends_on: [b] }
          b: { image: a:1, depends_on: [a] }
    "},
    good: compose! {"
        services:
          a: { image: a:1, depends_on: [b] }
          b: { image: a:1 }
    "},
    check: Check::File(check),
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

pub(super) fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let services: Vec<_> = deployed.file.services().collect();
    let needs: Vec<Vec<_>> = services.iter().map(|one| one.needs().collect()).collect();
    let numbers: BTreeMap<&str, usize> = services
        .iter()
        .enumerate()
        .map(|(at, one)| (one.name, at))
        .collect();
    let number = |need: &Dependency<'_>| numbers.get(need.name).copied();
    let graph = needs
        .iter()
        .map(|needs| needs.iter().filter_map(number).collect());
    let found = Needs(graph.collect())
        .cycles()
        .into_iter()
        .filter_map(|cycle| {
            let first = services.get(*cycle.first()?)?;
            let names = cycle.iter().filter_map(|at| services.get(*at));
            let way: Vec<&str> = names.map(|service| service.name).collect();
            let need = needs
                .get(*cycle.first()?)?
                .iter()
                .find(|need| Some(&need.name) == way.get(1))?;
            let message = format!("`{}` depends on itself", first.name);
            let found = Found::new(first.name, message, need.at.key_place()).label(in_words(&way));
            Some(found.service(first.name).belonging(deployed))
        });
    found.collect()
}
