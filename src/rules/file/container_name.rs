//! A fixed container name.

use std::collections::BTreeMap;

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "container-name",
    severity: Severity::Warning,
    title: "A container has the name that Compose generates",
    why: "A container name is unique on a host, so a service with a fixed name cannot be scaled, and a second project cannot start.",
    origin: "",
    equivalents: &[
        dclint("no-duplicate-container-names"),
        dclint("service-container-name-regex"),
    ],
    bad: service!("container_name: web"),
    good: service!(),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let mut named: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for service in deployed.file.services() {
        if let Some(name) = service.text("container_name") {
            named.entry(name).or_default().push(service.name);
        }
    }
    each(deployed, |service| {
        let Some(at) = service.get("container_name") else {
            return Vec::new();
        };
        let name = service.text("container_name").unwrap_or_default();
        let users = named.get(&name).into_iter().flatten();
        let twin = users.copied().find(|other| *other != service.name);
        let message = match twin {
            Some(twin) => format!(
                "`{}` and `{twin}` have the same container name",
                service.name
            ),
            None => format!("`{}` has a fixed container name", service.name),
        };
        let found =
            Found::new(service.name, message, at.place()).label("expected no `container_name`");
        let per_pull_request = deployed
            .of
            .filter(|(environment, _)| environment.per_pull_request);
        vec![match per_pull_request {
            Some((environment, _)) => found.related(
                environment.place.clone(),
                "this environment exists once per pull request",
            ),
            None => found,
        }]
    })
}
