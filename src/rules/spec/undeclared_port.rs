//! Published ports that `isolation` does not list.

use crate::rules::prelude::*;
use crate::spec::{Catalog, Reach};

pub(super) static RULE: Rule = Rule {
    code: "undeclared-port",
    severity: Severity::Error,
    title: "A published port is listed in `isolation`",
    why: "Behind the edge everything is internal: an undeclared port is a second entrance, even for one machine only.",
    bad: spec!("prod.yaml", "isolation: { private: [] }\n"),
    good: spec!("prod.yaml", "isolation: { private: [11434] }\n"),
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for (environment, host, service) in catalog.services() {
        let Some(isolation) = &environment.isolation else {
            continue;
        };
        if isolation.reach.value == Reach::Loopback {
            continue;
        }
        let ports = service.open_ports();
        // One that may be public is for `edge-only`.
        for port in ports.filter(|port| port.is_public() == Some(false)) {
            if port.is_within(&isolation.private) {
                continue;
            }
            let message = format!("`{}` is not in `isolation.private`", port.what);
            found.push(
                Found::new(&service.name, message, port.place)
                    .label("expected a port that `isolation.private` lists")
                    .related(&isolation.reach.place, "the environment's isolation")
                    .of_service(environment, host, service),
            );
        }
    }
    found
}
