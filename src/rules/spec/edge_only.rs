//! Ports that are open to the internet.

use crate::rules::prelude::*;
use crate::spec::{Catalog, Reach, Trait};

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
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    // Where roles say what may be public, a service without one may not.
    let has_public = catalog
        .services()
        .any(|(_, _, service)| service.has(Trait::Public));
    for (environment, host, service) in catalog.services() {
        let Some(isolation) = &environment.isolation else {
            continue;
        };
        if isolation.reach.value == Reach::Loopback {
            continue;
        }
        let role = service.role.as_ref();
        for port in service.ports.iter().filter(|port| port.is_public()) {
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
            let message = format!("`{}` is open to the internet", port.value);
            let mut finding = Found::new(&service.name, message, &port.place)
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
