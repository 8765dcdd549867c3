//! The ports of containers: those that are configured, and those that are published now.

use std::net::{IpAddr, Ipv4Addr};

use super::answer::Answer;
use crate::state::{Bound, Port, PortRange, Protocol};

const ADDRESS: &str = "an IP address";
const PORT: &str = "a port";
const PROTOCOL: &str = "one of tcp, udp, sctp";

/// The ports that the list of containers has as published.
pub(super) fn listed(answer: &Answer<'_>) -> Vec<Bound> {
    let bound = |port: Answer<'_>| {
        let private = port.must("PrivatePort");
        let target: Option<u16> = private.number_that_is(PORT);
        let protocol = port.must("Type").parse(PROTOCOL);
        // Podman leaves out an address that is every one.
        let host_ip = port.at("IP").parse(ADDRESS);
        let published = port
            .at("PublicPort")
            .number_that_is(PORT)
            .filter(|port| *port > 0)?;
        // A range that is only exposed is shown as port 0.
        if target == Some(0) {
            private.unknown::<()>(PORT, "0");
        }
        Some(Bound {
            target: target.filter(|port| *port > 0)?,
            protocol: protocol?,
            host_ip: host_ip.unwrap_or(Ipv4Addr::UNSPECIFIED.into()),
            published,
        })
    };
    answer.items().filter_map(bound).collect()
}

/// `HostConfig.PortBindings`: `{"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}`.
pub(super) fn configured(answer: &Answer<'_>) -> Vec<Port> {
    let mut ports = Vec::new();
    for (key, bindings) in answer.entries() {
        let target = target(key);
        let mut items = bindings.items().peekable();
        // A range that is only exposed is shown as port 0, and bound to nothing.
        let is_range = key.starts_with("0/") && items.peek().is_none();
        if target.is_none() && !is_range {
            bindings.unknown::<()>("a port and its protocol", key);
        }
        for binding in items {
            let host_ip: Option<IpAddr> = binding.must("HostIp").parse(ADDRESS);
            let published = binding.must("HostPort");
            // 0 is any port.
            let published = published.known("a port or a range of ports", |text| {
                text == "0" || text.parse::<PortRange>().is_ok()
            });
            let Some((target, protocol)) = target else {
                continue;
            };
            ports.push(Port {
                target,
                protocol,
                host_ip,
                published: published.and_then(|text| text.parse().ok()),
            });
        }
    }
    ports.sort();
    ports
}

/// `NetworkSettings.Ports`, in the same form: what of it is published.
pub(super) fn bound(answer: &Answer<'_>) -> impl Iterator<Item = Bound> {
    configured(answer).into_iter().filter_map(|port| {
        Some(Bound {
            target: port.target,
            protocol: port.protocol,
            host_ip: port.host_ip.unwrap_or(Ipv4Addr::UNSPECIFIED.into()),
            published: port.published?.bounds().0,
        })
    })
}

/// `80/tcp`
fn target(key: &str) -> Option<(u16, Protocol)> {
    let (port, protocol) = key.split_once('/').unwrap_or((key, "tcp"));
    let port = port.parse().ok().filter(|port| *port > 0)?;
    Some((port, protocol.parse().ok()?))
}
