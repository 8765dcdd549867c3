//! Ports of the host that several services publish.

use std::net::{IpAddr, Ipv4Addr};

use super::setup::Setup;
use crate::state::{Bound, Port, Protocol};

/// Port 8080 of the host, at an address.
fn port(host_ip: Option<IpAddr>) -> Port {
    Port {
        target: 80,
        protocol: Protocol::Tcp,
        host_ip,
        published: "8080".parse().ok(),
    }
}

/// The operations for services that each publish a port at an address; those in `missing` have no container.
fn publishing(services: &[(&str, &str)], missing: &[&str]) -> Vec<String> {
    let names: Vec<(&str, &[&str])> = services.iter().map(|(name, _)| (*name, &[][..])).collect();
    let mut setup = Setup::of(&names, "2.40");
    for (name, ip) in services {
        let port = port((!ip.is_empty()).then(|| ip.parse().unwrap()));
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
        setup.service(name).ports = vec![port(None)];
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

/// One port of the host is for one container, whether the others are new or were only stopped.
#[test]
fn a_port_is_published_by_one_container() {
    for (running, replicas, expected) in [
        (true, 1, &[][..]),
        (false, 1, &["start p-web-1"]),
        (true, 2, &["create p-web-2", "fail p-web-2"]),
        (false, 2, &["create p-web-2", "fail p-web-1"]),
    ] {
        let mut setup = Setup::of(&[("web", &[])], "2.40");
        setup.service("web").ports.push(port(None));
        setup.service("web").replicas = replicas;
        if !running {
            setup.running("p-web-1").state = "exited".into();
        }
        assert_eq!(setup.operations(), expected, "{running} {replicas}");
    }
    let mut setup = Setup::of(&[("web", &[])], "2.40");
    setup.container("web", 2);
    setup.service("web").ports.push(port(None));
    setup.service("web").replicas = 2;
    for name in ["p-web-1", "p-web-2"] {
        setup.running(name).state = "exited".into();
    }
    assert_eq!(setup.operations(), ["start p-web-2", "fail p-web-1"]);
}
