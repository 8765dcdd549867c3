//! Services that depend on each other.

use std::collections::BTreeMap;

use indoc::indoc;

use super::needs;
use crate::cycles::{Needs, in_words};
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::Service;
use crate::rules::{Deployed, Found};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "dependency-cycle",
    severity: Severity::Error,
    title: "No service depends on itself",
    why: "Services that depend on each other can never start, and Compose refuses the file.",
    origin: "`docker compose config`",
    equivalents: &[],
    bad: Example::Compose(&[indoc! {"
            services:
              a: { image: a:1, depends_on: [b] }
              b: { image: a:1, depends_on: [a] }
        "}]),
    good: Example::Compose(&[indoc! {"
            services:
              a: { image: a:1, depends_on: [b] }
              b: { image: a:1 }
        "}]),
    check: Check::File(check),
};

/// What a service depends on: what it waits for, and what it shares something with.
fn all_needs(service: &Service<'_>) -> Vec<(String, Place)> {
    let named = needs(service).into_iter();
    let mut all: Vec<_> = named.map(|need| (need.name, need.place)).collect();
    for key in ["network_mode", "pid", "ipc"] {
        if let (Some(at), Some(text)) = (service.get(key), service.text(key))
            && let Some(name) = text.strip_prefix("service:")
        {
            all.push((name.to_owned(), at.place()));
        }
    }
    for (link, place) in service.list("links") {
        let name = link.split(':').next().unwrap_or_default();
        all.push((name.to_owned(), place));
    }
    all
}

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let services = deployed.file.services();
    let needs: Vec<Vec<(String, Place)>> = services.iter().map(all_needs).collect();
    let numbered = services.iter().enumerate();
    let numbers: BTreeMap<&str, usize> = numbered.map(|(at, one)| (one.name, at)).collect();
    let number = |(name, _): &(String, Place)| numbers.get(name.as_str()).copied();
    let graph = needs
        .iter()
        .map(|needs| needs.iter().filter_map(number).collect());
    let cycles = Needs(graph.collect()).cycles().into_iter();
    let found = cycles.filter_map(|cycle| {
        let first = services.get(*cycle.first()?)?;
        let names = cycle.iter().filter_map(|at| services.get(*at));
        let way: Vec<&str> = names.map(|service| service.name).collect();
        let mut needs = needs.get(*cycle.first()?)?.iter();
        let (_, place) = needs.find(|(need, _)| Some(&need.as_str()) == way.get(1))?;
        let message = format!("`{}` depends on itself", first.name);
        let found = Found::new(first.name, message, place.clone()).label(in_words(&way));
        Some(found.service(first.name).belonging(deployed))
    });
    found.collect()
}
