//! A name that there is once on a host.

use std::collections::BTreeMap;

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "container-name",
    severity: Severity::Warning,
    title: "A container has the name that Compose gives it",
    why: "A fixed name is there once on a host, so neither a second container of the service nor a second project can start.",
    origin: "dclint `no-duplicate-container-names`, `service-container-name-regex`",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    container_name: web\n"]),
    good: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n"]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let services = deployed.file.services();
    let mut named: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for service in &services {
        if let Some(name) = service.text("container_name") {
            named.entry(name).or_default().push(service.name);
        }
    }
    each(deployed, |service| {
        let Some(at) = service.get("container_name") else {
            return Vec::new();
        };
        let name = service.text("container_name").unwrap_or_default();
        let bearers = named.get(&name).into_iter().flatten();
        let twin = bearers.copied().find(|other| *other != service.name);
        let message = match twin {
            Some(twin) => format!("`{}` and `{twin}` have one container name", service.name),
            None => format!("the container of `{}` has a fixed name", service.name),
        };
        let found = Found::new(service.name, message, at.place()).label("expected none");
        let per_pull_request = deployed
            .of
            .filter(|(environment, _)| environment.per_pull_request);
        vec![match per_pull_request {
            Some((environment, _)) => {
                found.related(environment.place.clone(), "one of it per pull request")
            }
            None => found,
        }]
    })
}
