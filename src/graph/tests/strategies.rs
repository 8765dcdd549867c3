//! Graphs of any shape, with any names.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::model::{
    Attachment, Caller, Drift, DriftKind, Graph, Members, Network, Note, Port, Route, Service,
    Volume, Zone,
};
use crate::host_id::HostId;
use crate::severity::Severity;
use crate::text::tests::nasty;

fn drift() -> impl Strategy<Value = Option<Drift>> {
    let severity = prop_oneof![
        Just(Severity::Exposure),
        Just(Severity::Drift),
        Just(Severity::Notice)
    ];
    let change = prop_oneof![
        Just(DriftKind::Missing),
        Just(DriftKind::Extra),
        Just(DriftKind::Differs)
    ];
    let some = (severity, change, nasty()).prop_map(|(severity, change, message)| Drift {
        severity,
        change,
        messages: vec![message],
    });
    proptest::option::weighted(0.2, some)
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-z][a-z0-9-]{0,12}", 1 => nasty(), 1 => "[a-zA-Z]{60,90}"]
}

fn attachments(names: Vec<String>, most: usize) -> impl Strategy<Value = Vec<Attachment>> {
    let count = names.len();
    let chosen = proptest::sample::subsequence(names, 0..=most.min(count));
    (chosen, drift()).prop_map(|(names, drift)| {
        let attach = |name| Attachment {
            name,
            drift: drift.clone(),
        };
        names.into_iter().map(attach).collect()
    })
}

fn port() -> impl Strategy<Value = Port> {
    let zone = prop_oneof![
        Just(Zone::Internet),
        Just(Zone::Unknown),
        Just(Zone::PrivateNetwork),
        Just(Zone::Loopback),
        Just(Zone::Nowhere)
    ];
    let caller = (name(), name()).prop_map(|(host, route)| Caller { host, route });
    let callers = proptest::collection::vec(caller, 0..2);
    (zone, name(), 1..65535_u16, callers, drift()).prop_map(|(reach, from, to, callers, drift)| {
        Port {
            reach,
            from,
            to: to.to_string(),
            callers,
            drift,
        }
    })
}

fn service(
    networks: Vec<String>,
    volumes: Vec<String>,
    routes: Vec<String>,
) -> impl Strategy<Value = Service> {
    let mode = prop_oneof![
        4 => Just(None),
        1 => name().prop_map(|name| Some(format!("service:{name}"))),
        1 => Just(Some("host".to_owned()))
    ];
    let count = routes.len();
    (
        (
            name(),
            any::<bool>(),
            proptest::option::of(name()),
            0..4_u32,
            mode,
        ),
        attachments(networks, 6),
        attachments(volumes, 5),
        proptest::collection::vec(port(), 0..4),
        proptest::sample::subsequence(routes, 0..=count),
        (proptest::collection::vec(name(), 0..6), drift()),
    )
        .prop_map(
            |(own, networks, volumes, ports, routes, (binds, drift))| Service {
                name: own.0,
                foreign: own.1,
                container: None,
                image: own.2,
                replicas: own.3,
                network_mode: own.4,
                has_unset_network: false,
                networks,
                ports,
                volumes,
                binds,
                routes,
                drift,
            },
        )
}

pub(super) fn graph() -> impl Strategy<Value = Graph> {
    let names = |most| proptest::collection::btree_set(name(), 0..most);
    (names(9), names(5), names(4)).prop_flat_map(|(networks, volumes, routes)| {
        let list = |set: &BTreeSet<String>| set.iter().cloned().collect();
        let one = service(list(&networks), list(&volumes), list(&routes));
        let services = proptest::collection::vec(one, 0..14);
        let flags = proptest::collection::vec((any::<bool>(), drift()), 9);
        let hosts = proptest::collection::vec(proptest::option::of(name()), 4);
        let notes = proptest::collection::vec(nasty(), 0..16);
        (services, flags, hosts, name(), notes).prop_map(
            move |(services, flags, hosts, title, notes)| Graph {
                id: HostId {
                    host: Some(title.clone()),
                    environment: None,
                    project: title,
                },
                disabled: Vec::new(),
                services,
                networks: networks
                    .iter()
                    .zip(&flags)
                    .map(|(name, (internal, drift))| Network {
                        name: name.clone(),
                        on_engine: name.clone(),
                        internal: *internal,
                        external: !internal,
                        members: if *internal {
                            Members::Own
                        } else {
                            Members::Others
                        },
                        others: None,
                        drift: drift.clone(),
                    })
                    .collect(),
                volumes: volumes
                    .iter()
                    .zip(flags.iter().rev())
                    .map(|(name, (external, drift))| Volume {
                        name: name.clone(),
                        external: *external,
                        drift: drift.clone(),
                    })
                    .collect(),
                routes: routes
                    .iter()
                    .zip(&hosts)
                    .map(|(name, host)| Route {
                        name: name.clone(),
                        address: name.clone(),
                        host: host.clone(),
                        services: host.iter().cloned().collect(),
                    })
                    .collect(),
                findings: notes
                    .into_iter()
                    .map(|message| Note {
                        severity: Severity::Drift,
                        message,
                    })
                    .collect(),
                ..Graph::default()
            },
        )
    })
}
