//! A port that is never published.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "dead-port",
    severity: Severity::Error,
    title: "A port is published by a service that has a network of its own",
    why: "Compose takes such a port and the engine leaves it out or refuses to start, and neither says so beforehand.",
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
    each(deployed, |service| {
        let (Some(mode), Some(ports)) = (service.get("network_mode"), service.get("ports")) else {
            return Vec::new();
        };
        let text = service.text("network_mode").unwrap_or_default();
        let has_none = matches!(text.as_str(), "host" | "none")
            || text.starts_with("service:")
            || text.starts_with("container:");
        if !has_none || service.ports().is_empty() {
            return Vec::new();
        }
        let message = format!("the ports of `{}` are never published", service.name);
        vec![
            Found::new(service.name, message, ports.key_place())
                .related(mode.place(), "it has no network of its own"),
        ]
    })
}
