//! Ports of environments that promise loopback.

use super::past_ports::{past_ports, unpublished};
use crate::rules::prelude::*;
use crate::spec::{Environment, Reach};

pub(super) static RULE: Rule = Rule {
    code: "loopback-only",
    severity: Severity::Error,
    title: "An environment that promises loopback publishes on loopback only",
    why: "An environment that is meant for its own machine has no protection against others.",
    bad: spec! {"local.yaml", r#"
        hosts:
          local: { ports: { app: ["0.0.0.0:3000:3000"] } }
    "#},
    good: spec! {"local.yaml", r#"
        hosts:
          local: { ports: { app: ["127.0.0.1:3000:3000"] } }
    "#},
    check: Check::Across(check),
    ..Rule::DEFAULT
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let Some(catalog) = subject.catalog else {
        return Vec::new();
    };
    let promised = |environment: &Environment| {
        let reach = environment.reach();
        let reach = reach.filter(|reach| reach.value == Reach::Loopback);
        reach.map(|reach| reach.place.clone())
    };
    let mut found = Vec::new();
    let unpublished = unpublished(subject);
    for (environment, host, service) in catalog.services() {
        let Some(promise) = promised(environment) else {
            continue;
        };
        if unpublished.contains(&(host.name.as_str(), service.name.as_str())) {
            continue;
        }
        for port in service.open_ports() {
            let message = match port.address {
                Some(address) if address.is_loopback() => continue,
                Some(_) => format!("`{}` is not published on loopback", port.what),
                None => format!("`{}` may be published on any address", port.what),
            };
            found.push(
                Found::new(&service.name, message, port.place)
                    .label("expected an address in 127.0.0.0/8, or ::1")
                    .related(&promise, "the environment promises this")
                    .of_service(environment, host, service),
            );
        }
    }
    for deployed in &subject.deployed {
        let Some(promise) = deployed
            .of
            .and_then(|(environment, _)| promised(environment))
        else {
            continue;
        };
        let ways = past_ports(catalog, deployed).into_iter();
        found.extend(ways.map(|way| {
            Found::new(way.service.as_str(), way.message, way.place)
                .label(way.expected)
                .related(&promise, "the environment promises this")
                .belonging(deployed)
                .service(way.service)
        }));
    }
    found
}
