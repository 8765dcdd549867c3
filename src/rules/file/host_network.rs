//! The host network.

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "host-network",
    severity: Severity::Warning,
    title: "No container uses the host network",
    why: "It can capture the traffic of the host and reach what listens on loopback, and no Compose network isolates it.",
    origin: "OWASP Docker Security rule 5, CIS Docker 5.10 (5.9 of older editions)",
    equivalents: &[
        compose_lint("CL-0008"),
        kics("Shared Host Network Namespace"),
    ],
    bad: service!("network_mode: host"),
    good: service!("networks: [back]"),
    check: Check::File(check),
    only: Some(Engine::Docker),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let at = service.get("network_mode")?;
        let message = format!("`{}` uses the host network", service.name);
        (at.text()? == "host").then(|| {
            Found::new(service.name, message, at.place())
                .label("every port that it listens on is open, whatever `ports` says")
        })
    })
}
