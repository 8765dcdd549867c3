//! Two pull requests share nothing of the machine.

use crate::rules::Found;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::spec::{Catalog, VolumeKind};

pub(super) static RULE: Rule = Rule {
    code: "preview-shares",
    severity: Severity::Error,
    title: "Environments of two pull requests share no port, subnet or directory",
    why: "The second preview would not start, or would work on what the first one wrote.",
    origin: "",
    bad: Example::Spec {
        file: "preview.yaml",
        text: "hosts:\n  preview: { ports: { app: [\"127.0.0.1:3000:3000\"] } }\n",
    },
    good: Example::Spec {
        file: "preview.yaml",
        text: "hosts:\n  preview: { ports: { app: [\"127.0.0.1:20000-20999:3000\"] } }\n",
    },
    check: Check::Spec(check),
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for (environment, host) in catalog.hosts() {
        if !environment.per_pull_request {
            continue;
        }
        let mut note =
            |what: &str, message: String, place: &crate::source::Place, expected: &str| {
                found.push(
                    Found::new(what, message, place.clone())
                        .label(expected)
                        .related(environment.place.clone(), "one of it per pull request")
                        .of(environment)
                        .on(host),
                );
            };
        for service in host.services.values() {
            for port in service
                .ports
                .iter()
                .filter(|port| port.port.fixed().is_some())
            {
                note(
                    service.name.as_str(),
                    format!("two pull requests would share the port of `{}`", port.value),
                    &port.place,
                    "expected a range of ports, from which the engine chooses",
                );
            }
        }
        for (key, network) in &host.networks {
            if let Some(subnet) = &network.subnet {
                note(
                    key.as_str(),
                    format!("two pull requests would share the subnet {}", subnet.value),
                    &subnet.place,
                    "expected no subnet: the engine chooses a free one",
                );
            }
        }
        for (key, volume) in &host.volumes {
            if let VolumeKind::Bind(path) = &volume.kind {
                note(
                    key.as_str(),
                    format!(
                        "two pull requests would share the directory `{}`",
                        path.value
                    ),
                    &path.place,
                    "expected an `ephemeral` volume",
                );
            }
        }
    }
    found
}
