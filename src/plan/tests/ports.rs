//! Ports of the host that several services publish.

use std::net::Ipv4Addr;

use super::setup::Setup;
use crate::state::{Bound, Port, Protocol};

/// The operations for services that each publish a port at an address; those in `missing` have no container.
fn publishing(services: &[(&str, &str)], missing: &[&str]) -> Vec<String> {
    let names: Vec<(&str, &[&str])> = services.iter().map(|(name, _)| (*name, &[][..])).collect();
    let mut setup = Setup::of(&names, "2.40");
    for (name, ip) in services {
        let port = Port {
            target: 80,
            protocol: Protocol::Tcp,
            host_ip: (!ip.is_empty()).then(|| ip.parse().unwrap()),
            published: "8080".parse().ok(),
        };
        setup.service(name).ports = vec![port];
        setup.running(&format!("p-{name}-1")).bound = vec![Bound {
            target: 80,
            protocol: Protocol::Tcp,
            host_ip: port.host_ip.unwrap_or(Ipv4Addr::UNSPECIFIED.into()),
            published: 8080,
        }];
    }
    setup.live.containers.retain(|one| {
        let service = one.service.as_deref();
        service.is_none_or(|service| !missing.contains(&service))
    });
    setup.operations()
}

#[test]
fn of_two_services_with_one_port_the_second_cannot_start() {
    let (any, local) = ("", "127.0.0.1");
    let fails = ["create p-b-1", "fail p-b-1"];
    assert_eq!(publishing(&[("a", any), ("b", any)], &["b"]), fails);
    assert_eq!(publishing(&[("a", any), ("b", local)], &["b"]), fails);
    let other = publishing(&[("a", "127.0.0.2"), ("b", local)], &["b"]);
    assert_eq!(other, ["create p-b-1"]);
    let both = publishing(&[("a", local), ("b", local)], &["a", "b"]);
    assert_eq!(both, ["create p-a-1", "create p-b-1", "fail p-b-1"]);
}

#[test]
fn what_has_ended_before_publishes_nothing() {
    let mut setup = Setup::of(&[("job", &[]), ("web", &[])], "2.40");
    setup.live.containers.clear();
    for name in ["job", "web"] {
        setup.service(name).ports = vec![Port {
            target: 80,
            protocol: Protocol::Tcp,
            host_ip: None,
            published: "8080".parse().ok(),
        }];
    }
    let with = |setup: &mut Setup, condition: &str| {
        let needs = [("job".to_owned(), condition.to_owned())];
        setup.service("web").depends_on = needs.into();
        setup.operations()
    };
    let created = ["create p-job-1", "create p-web-1"];
    assert_eq!(with(&mut setup, "service_completed_successfully"), created);
    let both = with(&mut setup, "service_started");
    assert_eq!(both, [&created[..], &["fail p-web-1"]].concat());
}
