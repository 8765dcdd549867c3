//! What needs no way out has none.

use crate::rules::Found;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::spec::{Catalog, Role};

pub(super) static RULE: Rule = Rule {
    code: "needless-way-out",
    severity: Severity::Error,
    title: "A service that publishes nothing and calls nobody is on internal networks only",
    why: "A network that is not internal has a way out to the internet, which is the way that stolen data takes.",
    origin: "OWASP Docker Security rule 5, CIS Docker 5.30 (5.29 of older editions)",
    bad: Example::Spec {
        file: "prod.yaml",
        text: "services:\n  db: { networks: [back, front] }\n",
    },
    good: Example::Spec {
        file: "prod.yaml",
        text: "services:\n  db: { networks: [back] }\n",
    },
    check: Check::Spec(check),
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for (environment, host, service) in catalog.services() {
        if service.role.value == Role::Edge
            || !service.ports.is_empty()
            || !service.calls.is_empty()
        {
            continue;
        }
        for network in &service.networks {
            let Some(declared) = host.networks.get(&network.value) else {
                continue;
            };
            if declared.is_internal() {
                continue;
            }
            let message = format!(
                "service `{}` has a way out that it does not need",
                service.name
            );
            found.push(
                Found::new(service.name.as_str(), message, network.place.clone())
                    .label("this network is not internal")
                    .related(declared.place.clone(), "declared here")
                    .help(
                        "take the service off it, make the network `internal: true`, or say \
                             what the service `calls`",
                    )
                    .of_service(environment, host, service),
            );
        }
    }
    found
}
