//! Networks, bridges, volumes and containers that two environments share.

use super::each_shared;
use crate::compose::Written;
use crate::rules::prelude::*;
use crate::source::Place;
use crate::state::{container_name, scoped_name};

pub(super) static RULE: Rule = Rule {
    code: "name-shared",
    severity: Severity::Error,
    title: "Two environments do not share a network, bridge, volume or container",
    why: "A network or volume with one name on the engine is one resource: both environments can read what is in it.",
    bad: compose! {
        r#"
            name: a
            services:
              db: { image: "d:1", volumes: ["data:/data"] }
            volumes: { data: { name: shared } }
        "#,
        r#"
            name: b
            services:
              db: { image: "d:1", volumes: ["own:/data"] }
            volumes: { own: { external: true, name: shared } }
        "#,
    },
    good: compose! {
        r#"
            name: a
            services:
              db: { image: "d:1", volumes: ["data:/data"] }
            volumes: { data: {} }
        "#,
        r#"
            name: b
            services:
              db: { image: "d:1", volumes: ["data:/data"] }
            volumes: { data: {} }
        "#,
    },
    check: Check::Across(check),
    ..Rule::DEFAULT
};

/// The kind of a resource, and its name on the engine.
type ResourceName = (&'static str, String);

/// A name of a kind, with the origin of the name and its place.
type NamedResource = (&'static str, String, String, Place);

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    if subject.deployed.len() < 2 {
        return found;
    }
    let named = |deployed: &Deployed<'_>| -> Vec<(ResourceName, NamedResource)> {
        named(&deployed.file)
            .into_iter()
            .map(|one| ((one.0, one.1.clone()), one))
            .collect()
    };
    let apart = |first: &Deployed<'_>, second: &Deployed<'_>| !first.is_with(second);
    each_shared(subject, named, apart, |second, theirs, first, ours| {
        let (kind, name, how, place) = theirs;
        let (_, _, first_how, first_place) = ours;
        let message = format!(
            "`{}` and `{}` share the {kind} `{name}`",
            first.title(),
            second.title()
        );
        found.push(
            Found::new(format!("{kind} {name}"), message, place)
                .label(how.clone())
                .related(first_place, first_how.clone())
                .belonging(second)
                .belonging(first),
        );
    });
    found
}

/// The most containers that are checked: of one service, and in a file beyond the first of each
/// service.
const MAX_REPLICAS: (u32, u32) = (100, 10_000);

fn named(file: &Written) -> Vec<NamedResource> {
    let project = &file.project;
    let mut named = Vec::new();
    for (kind, resources) in [("network", file.networks()), ("volume", file.volumes())] {
        for resource in resources {
            let name = resource.name;
            let how = if resource.is_external {
                format!("`external`: it is `{name}` for both")
            } else if name == scoped_name(project, &resource.key) {
                format!("project `{project}`, {kind} `{}`", resource.key)
            } else {
                "this `name` does not include the project".to_owned()
            };
            // Two networks on one bridge are one network, whatever their names.
            let bridge = resource.at.driver_option("com.docker.network.bridge.name");
            if let Some((at, name)) = bridge.and_then(|at| Some((at, at.text()?))) {
                named.push(("bridge", name, "named here".to_owned(), at.place()));
            }
            named.push((kind, name, how, resource.place));
        }
    }
    let (most, mut spare) = MAX_REPLICAS;
    for service in file.services() {
        if let Some(name) = service.get("container_name") {
            let shown = name.text().unwrap_or_default();
            named.push((
                "container",
                shown,
                "`container_name`".to_owned(),
                name.place(),
            ));
            continue;
        }
        let replicas = service.replicas().min(most).min(spare + 1);
        spare -= replicas.saturating_sub(1);
        for number in 1..=replicas {
            let how = format!("project `{project}`, service `{}`", service.name);
            let name = container_name(project, service.name, number);
            named.push(("container", name, how, service.place()));
        }
    }
    named
}
