//! Networks, volumes and containers that two environments would share, by their names on the engine.

use super::{each_shared, on_engine};
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{File, driver_option, text};
use crate::rules::{Deployed, Found, Subject};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "name-shared",
    severity: Severity::Error,
    title: "Two environments share no network, bridge, volume or container",
    why: "A network or volume that two projects know by one name is one thing, and what one writes or answers the other reads.",
    origin: "",
    bad: Example::Compose(&[
        "name: a\nservices:\n  db: { image: \"d:1\", volumes: [\"data:/data\"] }\nvolumes: { data: { name: shared } }\n",
        "name: b\nservices:\n  db: { image: \"d:1\", volumes: [\"own:/data\"] }\nvolumes: { own: { external: true, name: shared } }\n",
    ]),
    good: Example::Compose(&[
        "name: a\nservices:\n  db: { image: \"d:1\", volumes: [\"data:/data\"] }\nvolumes: { data: {} }\n",
        "name: b\nservices:\n  db: { image: \"d:1\", volumes: [\"data:/data\"] }\nvolumes: { data: {} }\n",
    ]),
    check: Check::Across(check),
};

/// What the engine knows by a name: what it is, and its name.
type Name = (&'static str, String);

/// The same, with how the file comes to it, and where.
type Named = (&'static str, String, String, Place);

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    if subject.deployed.len() < 2 {
        return found;
    }
    let named = |deployed: &Deployed<'_>| -> Vec<(Name, Named)> {
        let named = named(&deployed.file).into_iter();
        named.map(|one| ((one.0, one.1.clone()), one)).collect()
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
            Found::new(format!("{kind} {name}"), message, place.clone())
                .label(how.clone())
                .related(first_place.clone(), first_how.clone())
                .belonging(second)
                .belonging(first),
        );
    });
    found
}

/// How many containers of a service are looked at, and how many beyond the first of each are in all of
/// a file.
const MAX_REPLICAS: (u64, u64) = (100, 10_000);

fn named(file: &File) -> Vec<Named> {
    let project = file.project_name();
    let mut named = Vec::new();
    for (kind, resources) in [("network", file.networks()), ("volume", file.volumes())] {
        for resource in resources {
            let name = on_engine(file, &resource);
            let how = if resource.is_external {
                format!("`external`: it is `{name}`, whoever makes it")
            } else if name == format!("{project}_{}", resource.key) {
                format!("project `{project}`, {kind} `{}`", resource.key)
            } else {
                "`name` leaves out the project".to_owned()
            };
            // Two networks on one bridge are one, whatever they are called.
            let at = resource.at.as_ref();
            let bridge = at.and_then(|at| driver_option(at, "com.docker.network.bridge.name"));
            if let Some((at, name)) = bridge.and_then(|at| Some((at.clone(), text(&at)?))) {
                named.push(("bridge", name, "named here".to_owned(), at.place()));
            }
            named.push((kind, name, how, resource.place));
        }
    }
    let (most, mut spare) = MAX_REPLICAS;
    for service in file.services() {
        if let Some(name) = service.get("container_name") {
            let shown = text(&name).unwrap_or_default();
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
            let name = format!("{project}-{}-{number}", service.name);
            named.push(("container", name, how, service.place()));
        }
    }
    named
}
