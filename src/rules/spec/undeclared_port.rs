//! Every port that is published is one that the environment's isolation names.

use crate::rules::Found;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::spec::{Catalog, Reach};

pub(super) static RULE: Rule = Rule {
    code: "undeclared-port",
    severity: Severity::Error,
    title: "A port that is published is one that the isolation names",
    why: "Behind the edge everything is internal: a port that nobody declared is a second way in, be it for one machine only.",
    origin: "",
    bad: Example::Spec {
        file: "prod.yaml",
        text: "isolation: { private: [] }\n",
    },
    good: Example::Spec {
        file: "prod.yaml",
        text: "isolation: { private: [11434] }\n",
    },
    check: Check::Spec(check),
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for (environment, host, service) in catalog.services() {
        let isolation = &environment.isolation;
        if isolation.reach.value == Reach::Loopback {
            continue;
        }
        for port in service.ports.iter().filter(|port| !port.is_public()) {
            let number = port.port.fixed();
            if isolation
                .private
                .iter()
                .any(|private| Some(private.value) == number)
            {
                continue;
            }
            let message = format!(
                "`{}` is not among the environment's private ports",
                port.value
            );
            found.push(
                Found::new(service.name.as_str(), message, port.place.clone())
                    .label("expected a port that `isolation.private` names")
                    .related(isolation.reach.place.clone(), "the environment's isolation")
                    .of_service(environment, host, service),
            );
        }
    }
    found
}
