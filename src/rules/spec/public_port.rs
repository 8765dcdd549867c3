//! Ports that are open to the internet on purpose.

use crate::rules::prelude::*;
use crate::spec::{Catalog, Reach, Trait};

pub(super) static RULE: Rule = Rule {
    code: "public-port",
    severity: Severity::Error,
    title: "A port that is open to the internet is allowed, with a reason",
    why: "Opening the edge is a decision, and the spec is where its reason belongs.",
    bad: spec! {"prod.yaml", "
        services:
          gate: { allow: null }
    "},
    good: spec! {"prod.yaml", "
        services:
          gate: { allow: { public-port: The gate is the way in. } }
    "},
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for (environment, host, service) in catalog.services() {
        // Any other service or environment must not do this at all (`edge-only`).
        let is_public = environment
            .reach()
            .is_some_and(|reach| reach.value == Reach::Public);
        if !is_public || !service.has(Trait::Public) {
            continue;
        }
        let ports = service.open_ports();
        let public = ports.filter(|port| port.is_public() == Some(true));
        found.extend(public.map(|port| {
            let message = format!("`{}` is open to the internet", port.what);
            Found::new(&service.name, message, port.place)
                .label("no spec allows this")
                .related(&service.place, "the service")
                .help("state the reason: `allow: { public-port: … }` of the service")
                .of_service(environment, host, service)
        }));
    }
    found
}
