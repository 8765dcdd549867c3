//! Ports that `isolation` lists but no service publishes.

use crate::rules::prelude::*;
use crate::spec::Catalog;

pub(super) static RULE: Rule = Rule {
    code: "unused-port",
    severity: Severity::Error,
    title: "A port that `isolation` lists is published",
    why: "A port that is open without need is available to the next service that publishes it.",
    bad: spec!("prod.yaml", "isolation: { public: [443, 8443] }\n"),
    good: spec!("prod.yaml", "isolation: { public: [443] }\n"),
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for environment in &catalog.environments {
        let Some(isolation) = &environment.isolation else {
            continue;
        };
        for (name, ports, is_public) in [
            ("isolation.public", &isolation.public, true),
            ("isolation.private", &isolation.private, false),
        ] {
            for port in ports {
                let services = environment.services();
                let mut published = services.flat_map(|service| &service.ports);
                if published.any(|published| {
                    published.fixed_port() == Some(port.value) && published.is_public() == is_public
                }) {
                    continue;
                }
                let message = format!(
                    "`{}` publishes nothing on port {}",
                    environment.name, port.value
                );
                found.push(
                    Found::new(name, message, &port.place)
                        .label("listed here, but no service uses it")
                        .help("remove it, or publish the port under `ports:` of a host")
                        .of(environment),
                );
            }
        }
    }
    found
}
