//! Ports that are open to the internet.

use super::past_ports::{past_ports, unpublished};
use crate::graph::Zone;
use crate::rules::prelude::*;
use crate::spec::{Catalog, Environment, Isolation, Reach, Trait};

pub(super) static RULE: Rule = Rule {
    code: "edge-only",
    severity: Severity::Error,
    title: "Only the edge is reachable from the internet, on the declared ports",
    why: "Docker bypasses the firewall of the host, so a port on every interface is open to the internet at once.",
    origin: "OWASP Docker Security rule 5a, CIS Docker 5.14 (5.13 of older editions)",
    bad: spec! {"prod.yaml", r#"
        hosts:
          live: { ports: { gate: ["0.0.0.0:443:443", "0.0.0.0:8443:8443"] } }
    "#},
    good: spec! {"prod.yaml", r#"
        hosts:
          live: { ports: { gate: ["0.0.0.0:443:443"] } }
    "#},
    check: Check::Across(check),
    ..Rule::DEFAULT
};

/// The isolation of an environment that others than its machines may reach.
fn isolation(environment: &Environment) -> Option<&Isolation> {
    let isolation = environment.isolation.as_ref();
    isolation.filter(|isolation| isolation.reach.value != Reach::Loopback)
}

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let Some(catalog) = subject.catalog else {
        return Vec::new();
    };
    let mut found = of_ports(subject, catalog);
    for deployed in &subject.deployed {
        let Some(isolation) = deployed
            .of
            .and_then(|(environment, _)| isolation(environment))
        else {
            continue;
        };
        let ways = past_ports(catalog, deployed).into_iter();
        let ways = ways.filter(|way| matches!(way.from, Zone::Internet | Zone::Unknown));
        found.extend(ways.map(|way| {
            Found::new(way.service.as_str(), way.message, way.place)
                .label(way.expected)
                .related(&isolation.reach.place, "the environment's reach")
                .belonging(deployed)
                .service(way.service)
        }));
    }
    found
}

fn of_ports(subject: &Subject<'_>, catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    let unpublished = unpublished(subject);
    // Where roles say what may be public, a service without one may not.
    let has_public = catalog
        .services()
        .any(|(_, _, service)| service.has(Trait::Public));
    for (environment, host, service) in catalog.services() {
        let Some(isolation) = isolation(environment) else {
            continue;
        };
        if unpublished.contains(&(host.name.as_str(), service.name.as_str())) {
            continue;
        }
        let role = service.role.as_ref();
        let ports = service.open_ports();
        for port in ports.filter(|port| port.is_public() != Some(false)) {
            let expected = if isolation.reach.value != Reach::Public {
                "the environment's reach is not `public`"
            } else if role.is_some() && !service.has(Trait::Public) {
                "the service's role is not public, as `edge` is"
            } else if has_public && role.is_none() {
                "the service has no role, and others have one that is public"
            } else if !port.is_within(&isolation.public) {
                "`isolation.public` does not list the port"
            } else {
                continue;
            };
            let is = if port.is_public().is_some() {
                "is"
            } else {
                "may be"
            };
            let message = format!("`{}` {is} open to the internet", port.what);
            let mut finding = Found::new(&service.name, message, port.place)
                .label(expected)
                .related(&isolation.reach.place, "the environment's reach");
            if let Some(role) = role {
                finding = finding.related(&role.place, "the service's role");
            }
            found.push(
                finding
                    .help(
                        "only a service whose role is public, as `edge` is, may be public, on a port \
                         that `isolation.public` lists; publish others on an address of the machine",
                    )
                    .of_service(environment, host, service),
            );
        }
    }
    found
}
