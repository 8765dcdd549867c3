//! Networks that are labelled, internal, or of one name.

use crate::drift::testing::{fields, file, running, web};
use crate::drift::{Context, compare};
use crate::fields::Value;
use crate::state::{
    Attached, Attachment, Container, Live, Network, Origin, Port, Protocol, Service, State,
};

/// An external network that is internal is of no use to a service that has no other way to publish its ports.
#[test]
fn an_external_network_may_be_internal_beside_one_that_leads_out() {
    let network = |name: &str, is_external, is_internal| {
        let network = Network {
            name: name.into(),
            external: is_external,
            fields: [("internal", Value::Flag(is_internal))]
                .into_iter()
                .collect(),
            ..Network::default()
        };
        (name.to_owned(), network)
    };
    let found = |others: &[(String, Network)]| {
        let networks = [&[network("shared", true, false)], others].concat();
        let attached = networks
            .iter()
            .map(|(name, _)| (name.clone(), Attachment::default()));
        let service = Service {
            networks: attached.collect(),
            ports: vec![Port {
                target: 80,
                protocol: Protocol::Tcp,
                host_ip: None,
                published: None,
            }],
            ..Service::default()
        };
        let expected = State {
            networks: networks.into_iter().collect(),
            ..file(service)
        };
        let observed = State {
            networks: [&[network("shared", false, true)], others]
                .concat()
                .into_iter()
                .collect(),
            live: Some(running([web()])),
            ..State::empty("p")
        };
        let compared = compare(&expected, &observed, &Context::default());
        fields(&compared).contains(&"internal")
    };
    assert!(found(&[]));
    assert!(found(&[network("inner", false, true)]));
    assert!(!found(&[network("outer", false, false)]));
}

/// What is found where networks with these IDs and owners have one name, and a container is attached to one of them.
fn found_of_twins(twins: &[(&str, Option<&str>)], attached: &str, state: &str) -> Vec<String> {
    let network = |id: &str, owner: Option<&str>| Network {
        name: "p_n".into(),
        origin: Some(Origin {
            id: id.into(),
            project: owner.map(str::to_owned),
            key: owner.map(|_| "n".to_owned()),
            ..Origin::default()
        }),
        ..Network::default()
    };
    let service = Service {
        networks: [("n".to_owned(), Attachment::default())].into(),
        ..Service::default()
    };
    let expected = State {
        networks: [(
            "n".to_owned(),
            Network {
                name: "p_n".into(),
                ..Network::default()
            },
        )]
        .into(),
        ..file(service)
    };
    let aliases = Value::List(vec!["web".to_owned()]);
    let attached = Attached {
        network: attached.into(),
        fields: [("aliases", aliases)].into_iter().collect(),
        ..Attached::default()
    };
    let container = Container {
        networks: [("p_n".to_owned(), attached)].into(),
        state: state.into(),
        ..web()
    };
    let twins = twins
        .iter()
        .map(|(id, owner)| ((*id).to_owned(), network(id, *owner)));
    let observed = State {
        networks: twins.collect(),
        live: Some(running([container])),
        ..State::empty("p")
    };
    let mut context = Context::default();
    context.commands.docker = Some(vec!["docker".to_owned()]);
    let compared = compare(&expected, &observed, &context);
    let found = compared.findings.iter().map(|one| {
        let (code, after) = (one.code.as_str(), one.after_up);
        let help = one.help.as_deref().unwrap_or("no help");
        format!("{code} {after:?}: {help}")
    });
    found.collect()
}

#[test]
fn of_networks_with_one_name_the_one_with_labels_is_compared() {
    let own = Some("p");
    for (twins, attached, state, expected) in [
        (
            &[("aa", None), ("bb", own)][..],
            "bb",
            "running",
            &["network-ambiguous Ignores: docker network rm aa"][..],
        ),
        (
            &[("aa", own), ("bb", own)],
            "bb",
            "running",
            &["network-ambiguous Ignores: docker network rm aa"],
        ),
        (
            &[("aa", own), ("bb", Some("other"))],
            "aa",
            "running",
            &["network-ambiguous Ignores: no help"],
        ),
        (
            &[("aa", None), ("bb", own)],
            "bb",
            "exited",
            &[
                "network-ambiguous Ignores: docker network rm aa",
                "service-stopped Heals: docker logs p-web-1",
            ],
        ),
        (
            &[("aa", None), ("bb", own)],
            "bb",
            "created",
            &[
                "network-ambiguous Fails: docker network rm aa",
                "service-stopped Fails: docker logs p-web-1",
            ],
        ),
    ] {
        assert_eq!(
            found_of_twins(twins, attached, state),
            expected,
            "{twins:?} {state}"
        );
    }
}

#[test]
fn a_network_is_labelled_as_one_of_the_file() {
    let network = |key: Option<&str>| {
        let origin = key.map(|key| Origin {
            project: Some("p".to_owned()),
            key: Some(key.to_owned()),
            ..Origin::default()
        });
        let network = Network {
            name: "p_n".into(),
            origin,
            ..Network::default()
        };
        [("n".to_owned(), network)].into()
    };
    let messages = |key: &str| -> Vec<String> {
        let expected = State {
            networks: network(None),
            ..State::empty("p")
        };
        let observed = State {
            networks: network(Some(key)),
            live: Some(Live::default()),
            ..State::empty("p")
        };
        let compared = compare(&expected, &observed, &Context::default());
        let found = compared.findings.into_iter();
        found.map(|finding| finding.message).collect()
    };
    assert_eq!(messages("n"), [""; 0]);
    assert_eq!(messages("z"), ["network `p_n` is labelled as network `z`"]);
}
