//! A port that the world reaches is one that somebody decided on.

use crate::rules::Found;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::spec::{Catalog, Reach, Role};

pub(super) static RULE: Rule = Rule {
    code: "public-port",
    severity: Severity::Error,
    title: "A port that the world reaches is allowed, with a reason",
    why: "That the edge is open is a decision, and the spec is where its reason is looked for.",
    origin: "",
    bad: Example::Spec {
        file: "prod.yaml",
        text: "services:\n  gate: { allow: {} }\n",
    },
    good: Example::Spec {
        file: "prod.yaml",
        text: "services:\n  gate: { allow: { public-port: The gate is the way in. } }\n",
    },
    check: Check::Spec(check),
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for (environment, host, service) in catalog.services() {
        // Of any other service and environment this is no decision but a fault (`edge-only`).
        if environment.isolation.reach.value != Reach::Public || service.role.value != Role::Edge {
            continue;
        }
        let public = service.ports.iter().filter(|port| port.is_public());
        found.extend(public.map(|port| {
            let message = format!("`{}` is open to the world", port.value);
            Found::new(service.name.as_str(), message, port.place.clone())
                .label("nothing allows this")
                .related(service.place.clone(), "the service")
                .help("say why: `allow: { public-port: … }` of the service")
                .of_service(environment, host, service)
        }));
    }
    found
}
