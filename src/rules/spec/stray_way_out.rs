//! Internet access that a service does not need.

use crate::rules::prelude::*;
use crate::spec::{Catalog, Trait};

pub(super) static RULE: Rule = Rule {
    code: "needless-way-out",
    severity: Severity::Error,
    title: "A service that publishes nothing and calls nothing is on internal networks only",
    why: "Any other network has access to the internet, which is how stolen data leaves.",
    origin: "OWASP Docker Security rule 5, CIS Docker 5.30 (5.29 of older editions)",
    bad: spec! {"prod.yaml", "
        services:
          db: { networks: [back, front] }
    "},
    good: spec! {"prod.yaml", "
        services:
          db: { networks: [back] }
    "},
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    // A product that does not say what its services call has no promise to keep here.
    if catalog.upstreams.is_empty() {
        return found;
    }
    for (environment, host, service) in catalog.services() {
        if service.has(Trait::Public) || !service.ports.is_empty() || !service.calls.is_empty() {
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
                "service `{}` has internet access that it does not need",
                service.name
            );
            found.push(
                Found::new(&service.name, message, &network.place)
                    .label("this network is not internal")
                    .related(&declared.place, "declared here")
                    .help(
                        "detach the service from it, make the network `internal: true`, or \
                             declare what the service `calls`",
                    )
                    .of_service(environment, host, service),
            );
        }
    }
    found
}
