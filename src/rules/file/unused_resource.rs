//! Resources that are declared but not used.

use std::collections::BTreeSet;

use super::drive_letter;
use super::undefined_resource::{DEFAULT, SECTIONS, used};
use crate::compose::{At, Service};
use crate::rules::prelude::*;
use crate::state::MountKind;

pub(super) static RULE: Rule = Rule {
    code: "unused-resource",
    severity: Severity::Warning,
    title: "Everything that a file declares is used",
    why: "Compose silently ignores an unused resource, and readers believe that it exists.",
    bad: compose! {"
        services:
          web: { image: a:1 }
        volumes: { data: {} }
    "},
    good: compose! {"
        services:
          web: { image: a:1, volumes: [data:/data] }
        volumes: { data: {} }
    "},
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let used = deployed
        .file
        .every_service()
        .flat_map(used)
        .map(|(kind, key, _)| (kind, key));
    // That of a cluster need not be declared, but may be.
    let mounts = deployed.file.every_service().flat_map(Service::mounts);
    let of_clusters = mounts
        .filter(|mount| mount.kind == MountKind::Cluster)
        .filter_map(|mount| Some(("volume", mount.source?)));
    let used = used.chain(of_clusters).chain(dropped(deployed));
    let used: BTreeSet<(&str, String)> = used.collect();
    let mut found = Vec::new();
    for (section, kind) in SECTIONS {
        for (key, at) in deployed.file.entries(section) {
            // The default network may be declared to configure it.
            if used.contains(&(kind, key.to_owned()))
                || (kind, key) == DEFAULT
                || key.starts_with("x-")
                // `drive-letter` reports that it is not mounted.
                || (section == "volumes" && is_misread(deployed, key))
            {
                continue;
            }
            // `unused-value` reports those that the specs declare.
            if is_declared(deployed, section, key) {
                continue;
            }
            let message = format!("no service uses the {kind} `{key}`");
            found.push(
                Found::new(key, message, at.key_place())
                    .label("declared here, but never used")
                    .belonging(deployed),
            );
        }
    }
    found
}

/// What only mounts name that Compose drops: `mounted-twice` says why no service uses it.
fn dropped<'a>(deployed: &'a Deployed<'_>) -> impl Iterator<Item = (&'static str, String)> + 'a {
    let is_said = !deployed.orchestrator.is_swarm();
    let twice = deployed.file.mounted_twice().filter(move |_| is_said);
    twice.filter_map(|twice| {
        let (_, kind) = SECTIONS
            .into_iter()
            .find(|(section, _)| *section == twice.field)?;
        Some((kind, twice.dropped?.to_owned()))
    })
}

/// Whether the specs declare a network or volume of a host.
fn is_declared(deployed: &Deployed<'_>, section: &str, key: &str) -> bool {
    let host = deployed.of.map(|(_, host)| host);
    host.is_some_and(|host| match section {
        _ if host.by_hand().is_some() => false,
        "networks" => host.networks.keys().any(|own| own.as_str() == key),
        "volumes" => host.volumes.keys().any(|own| own.as_str() == key),
        _ => false,
    })
}

/// Whether a service is meant to mount a volume whose name Compose reads as a drive of Windows.
fn is_misread(deployed: &Deployed<'_>, volume: &str) -> bool {
    let services = deployed.file.written_services();
    let mut mounts = services
        .filter_map(|(_, service)| service.get("volumes"))
        .flat_map(At::texts);
    volume.chars().count() == 1 && mounts.any(|(mount, _)| drive_letter::means(&mount, volume))
}
