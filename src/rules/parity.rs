//! What two environments are made of, compared thing by thing.

use std::collections::{BTreeMap, BTreeSet};

use super::Subject;
use crate::compose::At;
use crate::pattern;
use crate::redact::{Sensitive, is_hidden_path};
use crate::source::Place;
use crate::spec::{Environment, Host, ImageSource, Located, Service, VolumeKind};
use crate::state::Protocol;

/// What an environment is made of: each thing by its name, what it is, and where that is said.
///
/// A command or an option may hold a secret: it is compared, and not shown.
type Facts = BTreeMap<String, (Sensitive, Place)>;

/// Something that is not alike in two environments.
#[derive(Debug, Clone)]
pub struct Difference {
    /// What it is: `services.db.image`.
    pub what: String,
    /// What it is in the first environment, and where that is said; nothing where it is not there.
    pub first: Option<(Sensitive, Place)>,
    /// The same of the second.
    pub second: Option<(Sensitive, Place)>,
}

/// Everything that is not alike in two environments: services, networks, volumes, routes, and how
/// services are written.
#[must_use]
pub fn differences(
    subject: &Subject<'_>,
    first: &Environment,
    second: &Environment,
) -> Vec<Difference> {
    let (ours, theirs) = (facts(subject, first), facts(subject, second));
    let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let mut found = Vec::new();
    for what in names {
        let (our, their) = (ours.get(what), theirs.get(what));
        // A service that is missing is one difference, not one for each of its fields.
        if our.map(|(value, _)| value) != their.map(|(value, _)| value)
            && !is_below_a_difference(what, &ours, &theirs)
        {
            found.push(Difference {
                what: what.clone(),
                first: our.cloned(),
                second: their.cloned(),
            });
        }
    }
    found
}

/// Why a mirror may differ in something, where its spec says so: which of its reasons.
#[must_use]
pub fn reasons(mirror: &Environment, what: &str) -> Vec<usize> {
    let differs = mirror.differs.iter().enumerate();
    differs
        .filter(|(_, differs)| pattern::matches(&differs.what.value, what))
        .map(|(at, _)| at)
        .collect()
}

fn is_below_a_difference(what: &str, theirs: &Facts, ours: &Facts) -> bool {
    let mut dots = what.match_indices('.').map(|(at, _)| at);
    dots.any(|at| {
        let parent = what.get(..at).unwrap_or_default();
        theirs.contains_key(parent) != ours.contains_key(parent)
    })
}

fn facts(subject: &Subject<'_>, environment: &Environment) -> Facts {
    let mut facts = Facts::new();
    for host in &environment.hosts {
        of_host(host, &mut facts);
    }
    for deployed in &subject.deployed {
        let Some((_, host)) = deployed.of.filter(|(own, _)| own.name == environment.name) else {
            continue;
        };
        for service in deployed.file.services() {
            for key in [
                "healthcheck", "restart", "user", "read_only", "cap_add", "cap_drop", "command",
                "entrypoint",
            ] {
                let Some(at) = service.get(key) else { continue };
                let what = format!("services.{}.{key}", service.name);
                let text = written(environment, host, at);
                let is_hidden = is_hidden_path(&what) || key == "healthcheck";
                facts.insert(what, (fact(key, text, is_hidden), at.key_place()));
            }
        }
        for (key, network) in deployed.file.entries("networks") {
            for field in ["driver", "driver_opts", "attachable", "enable_ipv6"] {
                let Some(at) = network.get(field) else {
                    continue;
                };
                let what = format!("networks.{key}.{field}");
                let text = written(environment, host, at);
                let is_hidden = is_hidden_path(&what);
                facts.insert(what, (fact(field, text, is_hidden), at.key_place()));
            }
        }
    }
    facts
}

fn fact(name: &str, text: String, is_hidden: bool) -> Sensitive {
    if is_hidden {
        Sensitive::whole(text)
    } else {
        Sensitive::of_field(name, text)
    }
}

/// The text of a file, with the environment's own names removed.
fn written(environment: &Environment, host: &Host, at: At<'_>) -> String {
    let own = own_names(environment, host);
    let mut texts = Vec::new();
    at.each_scalar(&mut |key, text, _| {
        let text = generic(&own, text);
        texts.push(match key {
            // The names of options are as much of them as their values.
            Some(key) if at.is_mapping() || at.is_list() => format!("{key}={text}"),
            _ => text,
        });
    });
    texts.join(" ")
}

/// The names that are an environment's own, the longest first: a short one may be part of it.
fn own_names<'a>(environment: &'a Environment, host: &'a Host) -> Vec<&'a str> {
    let namespaces = &environment.namespaces;
    let mut own: Vec<&str> = vec![
        namespaces.database.as_str(),
        namespaces.vectors.as_str(),
        namespaces.bucket.as_str(),
        namespaces.queue.as_str(),
        host.project.as_str(),
        environment.name.as_str(),
    ];
    own.extend(environment.domains.values().map(|domain| domain.as_str()));
    own.extend(environment.retention.values().map(|period| period.as_str()));
    own.sort_by_key(|name| std::cmp::Reverse(name.len()));
    own
}

/// A text with an environment's own names taken out.
fn generic(own: &[&str], text: &str) -> String {
    let mut text = text.to_owned();
    for name in own {
        if text.contains(name) {
            text = text.replace(name, "…");
        }
    }
    text
}

fn of_host(host: &Host, facts: &mut Facts) {
    let yes = |place: &Place| (Sensitive::public("there"), place.clone());
    for (key, network) in &host.networks {
        let what = format!("networks.{key}");
        let internal = network
            .internal
            .as_ref()
            .map_or(&network.place, |internal| &internal.place);
        facts.insert(
            format!("{what}.internal"),
            (
                Sensitive::public(network.is_internal().to_string()),
                internal.clone(),
            ),
        );
        facts.insert(what, yes(&network.place));
    }
    for (key, volume) in &host.volumes {
        let kind = match &volume.kind {
            VolumeKind::Named => "a named volume",
            VolumeKind::Ephemeral(_) => "in memory",
            VolumeKind::Bind(_) => "a directory of the host",
        };
        facts.insert(
            format!("volumes.{key}"),
            (Sensitive::public(kind), volume.place.clone()),
        );
    }
    for (domain, routes) in &host.routes {
        facts.insert(format!("routes.{domain}"), yes(&routes.place));
        for (path, service) in &routes.value {
            facts.insert(
                format!("routes.{domain}.{path}"),
                (
                    Sensitive::public(service.to_string()),
                    service.place.clone(),
                ),
            );
        }
    }
    for service in host.services.values() {
        let place = host.listed.get(&service.name).unwrap_or(&service.place);
        let what = format!("services.{}", service.name);
        for (key, value, at) in fields(service) {
            facts.insert(
                format!("{what}.{key}"),
                (Sensitive::public(value), at.clone()),
            );
        }
        facts.insert(what, yes(place));
    }
}

fn fields(service: &Service) -> Vec<(&'static str, String, &Place)> {
    fn listed<'a, T: ToString>(items: &'a [Located<T>], or: &'a Place) -> (String, &'a Place) {
        let mut texts: Vec<String> = items.iter().map(|item| item.value.to_string()).collect();
        texts.sort();
        (
            texts.join(", "),
            items.first().map_or(or, |item| &item.place),
        )
    }
    let image = match &service.image.value {
        ImageSource::Pinned(image) => image.to_string(),
        ImageSource::Released(release) => format!("the release of {release}"),
    };
    let mut fields = vec![
        ("image", image, &service.image.place),
        (
            "role",
            service.role.as_str().to_owned(),
            &service.role.place,
        ),
    ];
    for (key, (value, place)) in [
        ("networks", listed(&service.networks, &service.place)),
        ("secrets", listed(&service.secrets, &service.place)),
        ("needs", listed(&service.needs, &service.place)),
    ] {
        fields.push((key, value, place));
    }
    let calls: Vec<&str> = service.calls.iter().map(|call| call.as_str()).collect();
    let at = service
        .calls
        .first()
        .map_or(&service.place, |call| &call.place);
    fields.push(("calls", calls.join(", "), at));
    let mounts: Vec<String> = service
        .volumes
        .iter()
        .map(|(key, target)| format!("{key} at {}", target.value))
        .collect();
    let at = service
        .volumes
        .values()
        .next()
        .map_or(&service.place, |target| &target.place);
    fields.push(("volumes", mounts.join(", "), at));
    // On which number a host answers is its own; whether the world reaches it is not.
    let ports: BTreeSet<String> = service
        .ports
        .iter()
        .map(|port| {
            let reach = if port.is_public() {
                "the world"
            } else {
                "a private address"
            };
            let protocol = if port.protocol == Protocol::Udp {
                "/udp"
            } else {
                ""
            };
            format!("{}{protocol} for {reach}", port.target)
        })
        .collect();
    let ports: Vec<String> = ports.into_iter().collect();
    let at = service
        .ports
        .first()
        .map_or(&service.place, |port| &port.place);
    fields.push(("ports", ports.join(", "), at));
    if let Some(serves) = &service.serves {
        fields.push(("serves", serves.to_string(), &serves.place));
    }
    fields
}
