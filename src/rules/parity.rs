//! What two environments are made of, compared thing by thing.

use std::collections::{BTreeMap, BTreeSet};

use super::Subject;
use crate::compose::{At, capability};
use crate::fields::{Field, Form, NETWORK, SERVICE};
use crate::pattern;
use crate::redact::{Sensitive, is_hidden_path};
use crate::source::Place;
use crate::spec::{Environment, Host, ImageSource, Located, Service, VolumeKind};
use crate::state::Protocol;

/// What an environment is made of: each thing by its name, its value, and where that is set.
///
/// A command or an option may hold a secret: it is compared, and not shown.
type Facts = BTreeMap<String, (Sensitive, Place)>;

/// Something that is not alike in two environments.
#[derive(Debug, Clone)]
pub struct Difference {
    /// What it is: `services.db.image`.
    pub what: String,
    /// Its value in the first environment, and where that is set; `None` where it is missing.
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

/// What each environment decides for itself: of a service its variables, names and limits, and of a
/// network its addresses.
const OWN_OF_SERVICE: &[&str] = &[
    "environment", "labels", "annotations", "hostname", "domainname", "mac_address", "logging",
    "mem_limit", "mem_reservation", "memswap_limit", "mem_swappiness", "cpus", "cpu_shares",
    "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_count", "cpuset",
    "pids_limit", "shm_size", "blkio_config", "extra_hosts",
];
const OWN_OF_NETWORK: &[&str] = &["internal", "ipam", "labels"];

/// The fields that are compared in the files as they are written, by their first keys; the specs say
/// the rest.
fn compared(table: &'static [Field], own: &[&str]) -> BTreeMap<&'static str, Form> {
    let keys = table.iter().map(|field| {
        let key = field.path.split('.').next().unwrap_or_default();
        (key, field.form)
    });
    keys.filter(|(key, _)| !own.contains(key)).collect()
}

fn facts(subject: &Subject<'_>, environment: &Environment) -> Facts {
    let mut facts = Facts::new();
    for host in &environment.hosts {
        of_host(host, &mut facts);
    }
    let sections = [
        ("services", compared(SERVICE, OWN_OF_SERVICE)),
        ("networks", compared(NETWORK, OWN_OF_NETWORK)),
    ];
    for deployed in &subject.deployed {
        let Some((_, host)) = deployed.of.filter(|(own, _)| own.name == environment.name) else {
            continue;
        };
        let own = own_names(environment, host);
        for (section, fields) in &sections {
            for (name, at) in deployed.file.entries(section) {
                for (field, at) in at.entries() {
                    let Some(form) = fields.get(field).filter(|_| !at.is_null()) else {
                        continue;
                    };
                    let what = format!("{section}.{name}.{field}");
                    let text = written(&own, *form, at);
                    let value = if is_hidden_path(&what) || field == "healthcheck" {
                        Sensitive::whole(text)
                    } else {
                        Sensitive::of_field(field, text)
                    };
                    facts.insert(what, (value, at.key_place()));
                }
            }
        }
    }
    facts
}

/// The text of a field, with the environment's own names removed.
fn written(own: &[&str], form: Form, at: At<'_>) -> String {
    let mut texts = Vec::new();
    at.each_scalar(&mut |key, text, _| {
        let text = generic(own, text);
        texts.push(match key {
            // The names of options are as much of them as their values.
            Some(key) if at.is_mapping() || at.is_list() => format!("{key}={text}"),
            _ => text,
        });
    });
    if form == Form::Capabilities {
        texts = texts.iter().map(|text| capability(text)).collect();
    }
    if form.is_list() && form != Form::List {
        texts.sort();
        texts.dedup();
    }
    texts.join(" ")
}

/// The names that are an environment's own, the longest first: a short one may be part of it.
fn own_names<'a>(environment: &'a Environment, host: &'a Host) -> Vec<&'a str> {
    let mut own: Vec<&str> = vec![host.project.as_str(), environment.name.as_str()];
    own.extend(environment.namespaces.values().map(|name| name.as_str()));
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

/// The fields of a service: each with its value, and where that is set.
fn fields(service: &Service) -> Vec<(&'static str, String, &Place)> {
    fn located<T: ToString>(items: &[Located<T>]) -> Vec<(String, &Place)> {
        let items = items.iter();
        items
            .map(|item| (item.value.to_string(), &item.place))
            .collect()
    }
    let mut fields = Vec::new();
    if let Some(image) = &service.image {
        let text = match &image.value {
            ImageSource::Named(image) => image.to_string(),
            ImageSource::Released(released) => format!("the release of {}", released.image),
        };
        fields.push(("image", text, &image.place));
    }
    if let Some(role) = &service.role {
        fields.push(("role", role.name.to_string(), &role.place));
    }
    if let Some(serves) = &service.serves {
        fields.push(("serves", serves.to_string(), &serves.place));
    }
    let volumes = service.mounts.iter().filter_map(|mount| {
        let volume = mount.volume.as_ref()?;
        let text = format!("{} at {}", volume.value, mount.target.value);
        Some((text, &mount.target.place))
    });
    let needs = service.needs.iter();
    let needs = needs.map(|need| (need.service.to_string(), &need.service.place));
    // On which number a host answers is its own; whether the world reaches it is not.
    let ports = service.ports.iter().map(|port| {
        let reach = if port.is_public() {
            "the world"
        } else {
            "a private address"
        };
        let protocol = match port.protocol {
            Protocol::Tcp => String::new(),
            other => format!("/{}", other.as_str()),
        };
        (
            format!("{}{protocol} for {reach}", port.target),
            &port.place,
        )
    });
    for (key, items) in [
        ("networks", located(&service.networks)),
        ("secrets", located(&service.secrets)),
        ("needs", needs.collect()),
        ("calls", located(&service.calls)),
        ("volumes", volumes.collect()),
        ("ports", ports.collect()),
    ] {
        let place = items.first().map_or(&service.place, |(_, place)| *place);
        let mut texts: Vec<String> = items.into_iter().map(|(text, _)| text).collect();
        texts.sort();
        texts.dedup();
        fields.push((key, texts.join(", "), place));
    }
    fields
}
