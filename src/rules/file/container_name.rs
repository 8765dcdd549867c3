//! A fixed container name.

use std::collections::BTreeMap;

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "container-name",
    severity: Severity::Warning,
    title: "A container has the name that Compose generates",
    why: "A container name is unique on a host, so a service with a fixed name cannot be scaled, and a second project cannot start.",
    equivalents: &[
        dclint("no-duplicate-container-names"),
        dclint("service-container-name-regex"),
    ],
    bad: service!("container_name: web"),
    good: service!(),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let mut named: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for service in deployed.file.services() {
        if let Some(name) = service.text("container_name") {
            named.entry(name).or_default().push(service.name);
        }
    }
    each(deployed, |service| {
        let at = service.get("container_name")?;
        let mut users = named
            .get(&at.text().unwrap_or_default())
            .into_iter()
            .flatten();
        let message = match users.find(|other| **other != service.name) {
            Some(twin) => format!(
                "`{}` and `{twin}` have the same container name",
                service.name
            ),
            None => format!("`{}` has a fixed container name", service.name),
        };
        let found =
            Found::new(service.name, message, at.place()).label("expected no `container_name`");
        Some(match deployed.of {
            Some((environment, _)) if environment.per_pull_request => {
                found.per_pull_request(environment)
            }
            _ => found,
        })
    })
}
