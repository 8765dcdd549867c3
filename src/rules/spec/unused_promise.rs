//! A port that the isolation names and nobody publishes.

use crate::rules::Found;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::spec::Catalog;

pub(super) static RULE: Rule = Rule {
    code: "unused-port",
    severity: Severity::Error,
    title: "A port that the isolation names is published",
    why: "What the isolation lets through without need is open to the next service that asks for it.",
    origin: "",
    bad: Example::Spec {
        file: "prod.yaml",
        text: "isolation: { public: [443, 8443] }\n",
    },
    good: Example::Spec {
        file: "prod.yaml",
        text: "isolation: { public: [443] }\n",
    },
    check: Check::Spec(check),
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for environment in &catalog.environments {
        let isolation = &environment.isolation;
        for (name, ports, is_public) in [
            ("isolation.public", &isolation.public, true),
            ("isolation.private", &isolation.private, false),
        ] {
            for port in ports {
                let services = environment
                    .hosts
                    .iter()
                    .flat_map(|host| host.services.values());
                let mut published = services.flat_map(|service| &service.ports);
                if published.any(|published| {
                    published.port.fixed() == Some(port.value) && published.is_public() == is_public
                }) {
                    continue;
                }
                let message = format!(
                    "`{}` publishes nothing on port {}",
                    environment.name, port.value
                );
                found.push(
                    Found::new(name, message, port.place.clone())
                        .label("named here, and used by nobody")
                        .help("take it out, or publish the port under `ports:` of a host")
                        .of(environment),
                );
            }
        }
    }
    found
}
