//! What is compared of how a container is attached to a network.

use super::are_moved;
use crate::drift::testing::{compared, fields, file, running, web};
use crate::drift::{Comparison, Context};
use crate::fields::Value;
use crate::redact::Sensitive;
use crate::state::{Attached, Attachment, Container, Dialect, Network, Service, State};

/// Compares an address of a container on a network with what the file asks for.
fn on_a_network(
    path: &'static str,
    wanted: Option<&str>,
    is: &str,
    dialect: Dialect,
) -> Comparison {
    let address = |address: &str| Value::Text(Sensitive::public(address));
    let wanted = wanted.map(|wanted| (path, address(wanted)));
    let place = Attachment {
        fields: wanted.into_iter().collect(),
        ..Attachment::default()
    };
    let service = Service {
        networks: [("back".to_owned(), place)].into(),
        ..Service::default()
    };
    let network = Network {
        name: "back".into(),
        external: true,
        ..Network::default()
    };
    let expected = State {
        networks: [("back".to_owned(), network)].into(),
        ..file(service)
    };
    let attached = Attached {
        fields: [(path, address(is))].into_iter().collect(),
        ..Attached::default()
    };
    let mut live = running([Container {
        networks: [("back".to_owned(), attached)].into(),
        ..web()
    }]);
    live.dialect = dialect;
    compared(&expected, live, &Context::default())
}

#[test]
fn an_address_that_may_have_been_asked_for_is_listed_as_unchecked() {
    let listed = |wanted: Option<&str>, hides_addresses: bool| {
        let dialect = Dialect {
            hides_addresses,
            ..Dialect::DOCKER
        };
        let compared = on_a_network("ipv4_address", wanted, "10.1.0.5", dialect);
        let what = "`ipv4_address` of attachments that do not set it";
        compared.unchecked.iter().any(|one| one.what == what)
    };
    assert!(listed(None, true));
    assert!(!listed(None, false));
    assert!(!listed(Some("10.1.0.5"), true));
}

#[test]
fn what_the_engine_ignores_is_listed_as_unchecked() {
    let (wanted, is) = (Some("02:42:ac:11:00:09"), "02:42:ac:11:00:02");
    let known = on_a_network("mac_address", wanted, is, Dialect::DOCKER);
    assert!(fields(&known).contains(&"networks.back.mac_address"));
    let why = |compared: &Comparison| {
        let mut unchecked = compared.unchecked.iter();
        unchecked
            .find(|one| one.what.starts_with("`mac_address` of "))
            .map(|one| one.why.clone())
    };
    assert_eq!(why(&known), None);
    let old = Dialect {
        unknown_of_attachments: &["mac_address"],
        ..Dialect::DOCKER
    };
    let ignored = on_a_network("mac_address", wanted, is, old);
    assert!(!fields(&ignored).contains(&"networks.back.mac_address"));
    let expected = "this engine does not support it";
    assert_eq!(why(&ignored).as_deref(), Some(expected));
}

#[test]
fn only_what_the_service_sets_is_moved_to_the_endpoint() {
    let set = [
        ("net.ipv4.conf.eth0.rp_filter", "0"),
        ("net.core.somaxconn", "9"),
    ];
    let set = set.map(|(name, value)| (name.to_owned(), Some(Sensitive::public(value))));
    let set = set.into();
    for (moved, is_moved) in [
        ("net.ipv4.conf.IFNAME.rp_filter=0", true),
        ("net.ipv4.conf.IFNAME.rp_filter=1", false),
        ("net.ipv4.conf.IFNAME.log_martians=1", false),
        (
            "net.ipv4.conf.IFNAME.rp_filter=0,net.ipv6.conf.IFNAME.accept_ra=1",
            false,
        ),
        ("", false),
    ] {
        assert_eq!(are_moved(&set, moved), is_moved, "{moved}");
    }
}
