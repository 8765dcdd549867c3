//! Services that wait for each other.

use std::collections::{BTreeMap, VecDeque};

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{Service, entries, scalars};
use crate::rules::{Deployed, Found};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "dependency-cycle",
    severity: Severity::Error,
    title: "No service waits for itself",
    why: "Services that wait for each other never start, and Compose refuses the file.",
    origin: "dclint, `docker compose config`",
    bad: Example::Compose(&[
        "services:\n  a: { image: a:1, depends_on: [b] }\n  b: { image: a:1, depends_on: [a] }\n",
    ]),
    good: Example::Compose(&[
        "services:\n  a: { image: a:1, depends_on: [b] }\n  b: { image: a:1 }\n",
    ]),
    check: Check::File(check),
};

/// What a service waits for, be it by sharing something of it.
fn needs(service: &Service<'_>) -> Vec<(String, Place)> {
    let mut needs = match service.get("depends_on") {
        Some(at) if at.is_mapping() => entries(&at)
            .into_iter()
            .map(|(name, at)| (name.to_owned(), at.key_place()))
            .collect(),
        Some(at) => scalars(&at),
        None => Vec::new(),
    };
    for key in ["network_mode", "pid", "ipc"] {
        if let (Some(at), Some(text)) = (service.get(key), service.text(key))
            && let Some(name) = text.strip_prefix("service:")
        {
            needs.push((name.to_owned(), at.place()));
        }
    }
    for (link, place) in service.list("links") {
        let name = link.split(':').next().unwrap_or_default();
        needs.push((name.to_owned(), place));
    }
    needs
}

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let services = deployed.file.services();
    let needs: Needs<'_> = services.iter().map(|s| (s.name, needs(s))).collect();
    each(deployed, |service| {
        let mut found = Vec::new();
        for (need, place) in needs.get(service.name).into_iter().flatten() {
            let Some(way) = way_back(&needs, need, service.name) else {
                continue;
            };
            let message = format!("`{}` waits for itself", service.name);
            found.push(
                Found::new(service.name, message, place.clone()).label(format!(
                    "{} → {}",
                    service.name,
                    way.join(" → ")
                )),
            );
        }
        found
    })
}

/// What each service waits for.
type Needs<'a> = BTreeMap<&'a str, Vec<(String, Place)>>;

/// The shortest way from one service to another, over none that comes before the second by name: so
/// a circle is told once, of the first in it.
fn way_back<'a>(needs: &'a Needs<'_>, from: &'a str, to: &'a str) -> Option<Vec<&'a str>> {
    if from < to {
        return None;
    }
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut ahead = VecDeque::from([from]);
    while let Some(name) = ahead.pop_front() {
        if name == to {
            let mut way = vec![to];
            let mut last = to;
            while let Some(before) = came_from.get(last).filter(|_| last != from) {
                way.push(before);
                last = before;
            }
            way.reverse();
            return Some(way);
        }
        for (next, _) in needs.get(name).into_iter().flatten() {
            if next.as_str() >= to && next != from && !came_from.contains_key(next.as_str()) {
                came_from.insert(next, name);
                ahead.push_back(next);
            }
        }
    }
    None
}
