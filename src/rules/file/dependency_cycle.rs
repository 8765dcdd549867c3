//! Services that wait for each other.

use std::collections::{BTreeMap, VecDeque};

use super::{each, needs};
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::Service;
use crate::rules::{Deployed, Found};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "dependency-cycle",
    severity: Severity::Error,
    title: "No service waits for itself",
    why: "Services that wait for each other never start, and Compose refuses the file.",
    origin: "`docker compose config`",
    bad: Example::Compose(&[
        "services:\n  a: { image: a:1, depends_on: [b] }\n  b: { image: a:1, depends_on: [a] }\n",
    ]),
    good: Example::Compose(&[
        "services:\n  a: { image: a:1, depends_on: [b] }\n  b: { image: a:1 }\n",
    ]),
    check: Check::File(check),
};

/// What a service waits for, be it by sharing something of it.
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
    let needs: BTreeMap<&str, Vec<(String, Place)>> = services
        .iter()
        .map(|service| (service.name, all_needs(service)))
        .collect();
    let mut waiting: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, needs) in &needs {
        for (need, _) in needs {
            waiting.entry(need.as_str()).or_default().push(name);
        }
    }
    each(deployed, |service| {
        let towards = towards(service.name, &waiting);
        let needs = needs.get(service.name).into_iter().flatten();
        needs
            .filter_map(|(need, place)| {
                let mut way = vec![service.name, need.as_str()];
                let mut last = need.as_str();
                while last != service.name {
                    last = towards.get(last)?;
                    way.push(last);
                }
                let message = format!("`{}` waits for itself", service.name);
                Some(Found::new(service.name, message, place.clone()).label(way.join(" → ")))
            })
            .collect()
    })
}

/// For each service that waits for `goal`, be it through others: the next one on the shortest way
/// there. Only those that follow it by name, so that a circle is told once, at the first of it.
fn towards<'a>(
    goal: &'a str,
    waiting: &BTreeMap<&'a str, Vec<&'a str>>,
) -> BTreeMap<&'a str, &'a str> {
    let mut towards = BTreeMap::new();
    let mut queue = VecDeque::from([goal]);
    while let Some(name) = queue.pop_front() {
        for &behind in waiting.get(name).into_iter().flatten() {
            if behind > goal && !towards.contains_key(behind) {
                towards.insert(behind, name);
                queue.push_back(behind);
            }
        }
    }
    towards
}
