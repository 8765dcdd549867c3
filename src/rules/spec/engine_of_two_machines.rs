//! An engine is on one machine.

use crate::rules::Found;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::spec::Catalog;

pub(super) static RULE: Rule = Rule {
    code: "engine-of-two-machines",
    severity: Severity::Error,
    title: "An engine is on one machine",
    why: "Collisions are looked for machine by machine: two hosts that name two machines and one engine would never be compared.",
    origin: "",
    bad: Example::Spec {
        file: "staging.yaml",
        text: "hosts:\n  stage: { docker: \"ssh://deploy@live\" }\n",
    },
    good: Example::Spec {
        file: "staging.yaml",
        text: "hosts:\n  stage: { docker: \"ssh://deploy@stage\" }\n",
    },
    check: Check::Spec(check),
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let hosts: Vec<_> = catalog.hosts().collect();
    let mut found = Vec::new();
    for (at, (environment, host)) in hosts.iter().enumerate() {
        // What `default`, a context or a local socket means depends on who asks.
        let endpoint = host.docker.as_str();
        let Some((_, address)) = endpoint
            .split_once("://")
            .filter(|(scheme, _)| matches!(*scheme, "ssh" | "tcp"))
        else {
            continue;
        };
        let same = hosts.iter().take(at).find(|(_, other)| {
            let theirs = other
                .docker
                .as_str()
                .split_once("://")
                .map(|(_, address)| address);
            theirs == Some(address) && other.machine.value != host.machine.value
        });
        let Some((other_environment, other)) = same else {
            continue;
        };
        let message = format!(
            "`{}` and `{}` are on two machines and use one engine",
            other.name, host.name
        );
        // The one whose engine is called as its machine is right.
        let is_other_right = endpoint.contains(other.machine.as_str());
        let (wrong, right, owner) = if is_other_right {
            (host, other, environment)
        } else {
            (other, host, other_environment)
        };
        found.push(
            Found::new("docker", message, wrong.docker.place.clone())
                .label("expected the engine of its own machine")
                .related(right.docker.place.clone(), "the same engine")
                .related(wrong.machine.place.clone(), "its machine")
                .of(owner)
                .on(wrong),
        );
    }
    found
}
