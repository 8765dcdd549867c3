//! Ports of environments that promise loopback.

use crate::rules::prelude::*;
use crate::spec::{Catalog, Reach};

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
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for (environment, host, service) in catalog.services() {
        let reach = environment.reach();
        let Some(reach) = reach.filter(|reach| reach.value == Reach::Loopback) else {
            continue;
        };
        let beyond = service
            .ports
            .iter()
            .filter(|port| !port.address.is_loopback());
        found.extend(beyond.map(|port| {
            let message = format!("`{}` is not published on loopback", port.value);
            Found::new(&service.name, message, &port.place)
                .label("expected an address in 127.0.0.0/8, or ::1")
                .related(&reach.place, "the environment promises this")
                .of_service(environment, host, service)
        }));
    }
    found
}
