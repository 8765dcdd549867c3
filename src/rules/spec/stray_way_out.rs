//! Internet access that a service does not need.

use std::collections::BTreeSet;

use crate::rules::prelude::*;
use crate::spec::{Catalog, Network, Trait};

pub(super) static RULE: Rule = Rule {
    code: "needless-way-out",
    severity: Severity::Error,
    title: "A service that publishes nothing and calls nothing is on internal networks only",
    why: "Any other network has access to the internet, which lets stolen data out.",
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

/// The name by which several projects have one network: that of an external one is declared where it is created.
fn shared_name(network: &Network) -> Option<&str> {
    network.compose.get("name")?.as_str()
}

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    // A product that does not say what its services call has no promise to keep here.
    if catalog.upstreams.is_empty() {
        return found;
    }
    let networks = catalog.hosts().flat_map(|(_, host)| host.networks.values());
    let internal: BTreeSet<_> = networks
        .filter(|network| network.is_internal() && !network.is_external)
        .filter_map(shared_name)
        .collect();
    for (environment, host, service) in catalog.services() {
        if service.has(Trait::Public)
            || service.open_ports().next().is_some()
            || !service.calls.is_empty()
        {
            continue;
        }
        for network in &service.networks {
            let Some(declared) = host.networks.get(&network.value) else {
                continue;
            };
            let is_of_others = declared.is_external
                && shared_name(declared).is_some_and(|name| internal.contains(name));
            if declared.is_internal() || is_of_others {
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
