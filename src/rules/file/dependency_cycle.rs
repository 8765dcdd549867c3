//! Services that wait for each other.

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
        Some(at) if at.value().is_mapping() => entries(&at)
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
    let of = |name: &str| {
        let service = services.iter().find(|service| service.name == name);
        service.map(needs).unwrap_or_default()
    };
    each(deployed, |service| {
        let mut found = Vec::new();
        for (need, place) in needs(service) {
            // Breadth first, so that the way shown is the shortest.
            let mut ways = vec![vec![need.clone()]];
            let mut seen = vec![need];
            while let Some(way) = (!ways.is_empty()).then(|| ways.remove(0)) {
                let Some(last) = way.last() else { break };
                if last == service.name {
                    // Told once: at the first service of the circle, by name.
                    if way.iter().all(|name| name.as_str() >= service.name) {
                        let message = format!("`{}` waits for itself", service.name);
                        found.push(
                            Found::new(service.name, message, place.clone()).label(format!(
                                "{} → {}",
                                service.name,
                                way.join(" → ")
                            )),
                        );
                    }
                    break;
                }
                for (next, _) in of(last) {
                    if next == service.name || !seen.contains(&next) {
                        seen.push(next.clone());
                        let mut longer = way.clone();
                        longer.push(next);
                        ways.push(longer);
                    }
                }
            }
        }
        found
    })
}
