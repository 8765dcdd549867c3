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
                let published = services.flat_map(|service| &service.ports);
                let mut published =
                    published.filter(|one| one.port.is_some_and(|own| own.overlaps(port.value)));
                let mut elsewhere = None;
                if published.any(|one| {
                    elsewhere = Some(one);
                    one.is_public() == is_public
                }) {
                    continue;
                }
                let (environment_name, number) = (&environment.name, port.value);
                let finding = if let Some(one) = elsewhere {
                    let where_to = if is_public {
                        "for the internet"
                    } else {
                        "on a private address"
                    };
                    let message =
                        format!("`{environment_name}` does not publish port {number} {where_to}");
                    Found::new(name, message, &port.place)
                        .label("listed here")
                        .related(&one.place, "it is published here")
                        .help("list it where it belongs, or publish it on another address")
                } else {
                    let message =
                        format!("`{environment_name}` publishes nothing on port {number}");
                    Found::new(name, message, &port.place)
                        .label("listed here, but no service uses it")
                        .help("remove it, or publish the port under `ports:` of a host")
                };
                found.push(finding.of(environment));
            }
        }
    }
    found
}
