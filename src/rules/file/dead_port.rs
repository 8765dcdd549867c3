//! A port that is never published.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::flag;
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "dead-port",
    severity: Severity::Error,
    title: "A port is published by a service that a network leads to from outside",
    why: "Compose takes any other port too, and the engine leaves it out or refuses to start; neither says so beforehand.",
    origin: "",
    bad: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    network_mode: none\n    ports: ['127.0.0.1:80:80']\n",
    ]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    ports: ['127.0.0.1:80:80']\n",
    ]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let networks = deployed.file.networks();
    let is_internal = |key: &str| {
        let network = networks.iter().find(|network| network.key == key);
        let internal = network.and_then(|network| network.at.as_ref()?.get("internal"));
        internal.and_then(|at| flag(&at)) == Some(true)
    };
    each(deployed, |service| {
        let Some(ports) = service.get("ports") else {
            return Vec::new();
        };
        if service.ports().is_empty() {
            return Vec::new();
        }
        let message = format!("the ports of `{}` are never published", service.name);
        let found = Found::new(service.name, message, ports.key_place());
        if let Some(mode) = service.get("network_mode") {
            let text = service.text("network_mode").unwrap_or_default();
            let has_none = matches!(text.as_str(), "host" | "none")
                || text.starts_with("service:")
                || text.starts_with("container:");
            let reason = "it has no network of its own";
            return Vec::from_iter(has_none.then(|| found.related(mode.place(), reason)));
        }
        let joined = service.networks();
        let is_cut_off = joined.iter().all(|(key, ..)| is_internal(key));
        let Some((.., place)) = joined.into_iter().next().filter(|_| is_cut_off) else {
            return Vec::new();
        };
        let reason = "every network that it is on is `internal`, which nothing leads to";
        vec![found.related(place, reason)]
    })
}
