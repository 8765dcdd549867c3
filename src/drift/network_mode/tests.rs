//! What a container has instead of networks, and what of it exposes the container.

use std::collections::BTreeMap;

use crate::drift::testing::{compared, file, running, web};
use crate::drift::{Context, compare};
use crate::finding::Severity;
use crate::state::{Attached, Attachment, Container, Live, Network, Service, State};

/// The severity with which a mode by hand is found, of a service on networks or with a mode of its own.
fn severity(wanted: Result<&[&str], &str>, is: (Option<&str>, &[&str])) -> Option<Severity> {
    let named = |name: &str, is_internal: bool| Network {
        name: name.to_owned(),
        external: false,
        fields: [("internal", crate::fields::Value::Flag(is_internal))]
            .into_iter()
            .collect(),
        origin: None,
    };
    let networks: BTreeMap<String, Network> = [("back", true), ("front", false), ("bridge", false)]
        .map(|(name, is_internal)| (name.to_owned(), named(name, is_internal)))
        .into();
    let service = |wanted: Result<&[&str], &str>| Service {
        network_mode: wanted.err().map(str::to_owned),
        networks: wanted
            .unwrap_or_default()
            .iter()
            .map(|name| ((*name).to_owned(), Attachment::default()))
            .collect(),
        replicas: 1,
        ..Service::default()
    };
    let container = |id: &str, name: &str, mode: Option<&str>, networks: &[&str]| Container {
        id: id.into(),
        name: format!("p-{name}-1"),
        service: Some(name.into()),
        network_mode: mode.map(str::to_owned),
        networks: networks
            .iter()
            .map(|name| ((*name).to_owned(), Attached::default()))
            .collect(),
        ..web()
    };
    let mut expected = file(service(wanted));
    expected.networks.clone_from(&networks);
    for (name, network) in [("db", "back"), ("gate", "front")] {
        let service = service(Ok(&[network]));
        expected.services.insert(name.into(), service);
    }
    let stranger = Container {
        project: None,
        service: None,
        ..container("ff", "stranger", None, &["bridge"])
    };
    let live = Live {
        foreign: vec![stranger],
        ..running([
            container("aa", "web", is.0, is.1),
            container("bb", "db", None, &["back"]),
            container("cc", "gate", None, &["front"]),
            // One that is in a circle with itself is connected to nothing that is known.
            container("dd", "circle", Some("container:dd"), &[]),
        ])
    };
    let observed = State {
        networks,
        live: Some(live),
        ..State::empty("p")
    };
    let compared = compare(&expected, &observed, &Context::default());
    let mut found = compared.findings.iter();
    let found = found.find(|one| one.field.as_deref() == Some("network_mode"))?;
    assert_eq!(found.resource, "web");
    Some(found.severity)
}

#[test]
fn a_mode_exposes_a_container_that_it_connects_to_more() {
    let (drift, exposure) = (Some(Severity::Drift), Some(Severity::Exposure));
    for (wanted, is, expected) in [
        (Ok(&["back"][..]), (Some("host"), &["host"][..]), exposure),
        // Podman lists no network of the host.
        (Ok(&["back"]), (Some("host"), &[]), exposure),
        (Ok(&["back"]), (Some("none"), &["none"]), drift),
        (Ok(&["back"]), (Some("container:bb"), &[]), drift),
        (Ok(&["back"]), (Some("container:cc"), &[]), exposure),
        (Ok(&["back"]), (Some("container:cc"), &["front"]), exposure),
        (Ok(&["front"]), (Some("container:cc"), &[]), drift),
        (Ok(&["front"]), (Some("container:bb"), &[]), drift),
        (Ok(&["back"]), (Some("container:ff"), &[]), exposure),
        (Ok(&["back"]), (Some("container:00"), &[]), exposure),
        (Ok(&["back"]), (Some("container:dd"), &[]), exposure),
        (Err("none"), (Some("host"), &[]), exposure),
        (Err("none"), (None, &["bridge"]), exposure),
        (Err("none"), (None, &["back"]), drift),
        (Err("host"), (None, &["bridge"]), drift),
        (Err("host"), (Some("container:ff"), &[]), drift),
        (Err("bridge"), (Some("host"), &[]), exposure),
        (Err("bridge"), (Some("container:ff"), &[]), drift),
        (Err("service:db"), (Some("host"), &[]), exposure),
        (Err("service:db"), (Some("container:ff"), &[]), exposure),
        (Err("service:db"), (Some("container:bb"), &[]), None),
        (Err("service:db"), (None, &["back"]), drift),
        (Err("service:db"), (None, &["front"]), exposure),
        (Err("container:p-gate-1"), (None, &["front"]), drift),
        (Err("container:p-db-1"), (None, &["front"]), exposure),
    ] {
        assert_eq!(severity(wanted, is), expected, "{wanted:?} {is:?}");
    }
}

#[test]
fn the_other_container_is_named_as_a_file_would() {
    let other = |id: &str, name: &str, service: Option<&str>| Container {
        id: id.into(),
        name: name.into(),
        service: service.map(str::to_owned),
        ..web()
    };
    for (mode, named) in [
        ("container:bb", "service:db"),
        ("container:cc", "container:p-many-1"),
        ("container:ff", "container:stranger"),
        ("container:00", "container:00"),
    ] {
        let container = Container {
            network_mode: Some(mode.into()),
            ..web()
        };
        let live = Live {
            foreign: vec![other("ff", "stranger", None)],
            ..running([
                container,
                other("bb", "p-db-1", Some("db")),
                other("cc", "p-many-1", Some("many")),
                other("dd", "p-many-2", Some("many")),
            ])
        };
        let compared = compared(&file(Service::default()), live, &Context::default());
        let mut found = compared.findings.iter();
        let found = found.find(|one| one.field.as_deref() == Some("network_mode"));
        assert_eq!(found.map(|one| &one.observed), Some(&named.into()));
    }
}

#[test]
fn a_mode_puts_a_container_on_at_most_one_network() {
    for (mode, is, networks, expected) in [
        ("bridge", None, &["bridge"][..], &[][..]),
        ("default", None, &["bridge"], &[]),
        ("bridge", None, &["bridge", "other"], &["network-attached"]),
        ("bridge", None, &[], &["network-detached"]),
        ("host", Some("host"), &["host"], &[]),
        ("host", Some("host"), &[], &[]),
        (
            "host",
            Some("host"),
            &["host", "other"],
            &["network-attached"],
        ),
        (
            "none",
            Some("none"),
            &["none", "other"],
            &["network-attached"],
        ),
        // Podman lists those of the other container.
        ("container:aa", Some("container:aa"), &["other"], &[]),
        ("host", None, &["other"], &["service-config"]),
        ("shared", None, &["shared"], &[]),
        ("shared", None, &["shared", "other"], &["network-attached"]),
        ("shared", None, &["other"], &["service-config"]),
        ("shared", Some("none"), &["none"], &["service-config"]),
    ] {
        let service = Service {
            network_mode: Some(mode.to_owned()),
            ..Service::default()
        };
        let networks = networks.iter();
        let container = Container {
            network_mode: is.map(str::to_owned),
            networks: networks
                .map(|name| ((*name).to_owned(), Attached::default()))
                .collect(),
            ..web()
        };
        let live = running([container]);
        let found: Vec<_> = compared(&file(service), live, &Context::default())
            .findings
            .iter()
            .map(|finding| finding.code.as_str())
            .collect();
        assert_eq!(found, expected, "{mode} {is:?}");
    }
}

#[test]
fn a_lost_network_stays_lost_while_a_container_is_paused() {
    let found = |own: &str, state: &str| {
        let container = Container {
            network_mode: Some("container:bb".into()),
            started: "2026-01-01T00:00:00Z".into(),
            state: state.into(),
            ..web()
        };
        let db = Container {
            id: "bb".into(),
            name: "p-db-1".into(),
            service: Some("db".into()),
            started: "2026-01-01T00:00:09Z".into(),
            state: own.into(),
            ..web()
        };
        let service = Service {
            network_mode: Some("service:db".into()),
            ..Service::default()
        };
        let mut expected = file(service);
        expected.services.insert(
            "db".into(),
            Service {
                replicas: 1,
                ..Service::default()
            },
        );
        let compared = compared(&expected, running([container, db]), &Context::default());
        let mut fields = compared.findings.iter().map(|one| one.field.as_deref());
        fields.any(|field| field == Some("network_mode"))
    };
    for (own, state, expected) in [
        ("running", "running", true),
        ("running", "paused", true),
        ("paused", "running", true),
        ("running", "exited", false),
        ("exited", "running", false),
    ] {
        assert_eq!(found(own, state), expected, "{own} {state}");
    }
}
