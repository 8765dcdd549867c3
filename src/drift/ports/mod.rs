//! Published ports: those of the file against those that are bound, or would be.

mod matching;

use std::collections::HashSet;
use std::fmt::Display;
use std::net::{IpAddr, Ipv6Addr};

use serde_json::{Value, json};

use super::difference::Difference;
use super::pair::Pair;
use super::states::States;
use crate::finding::{Cause, Code};
use crate::state::{Bound, Container, Port, Protocol};
use matching::{is_at_address, is_in_range, matched};

/// All addresses of IPv6.
const EVERYWHERE_ON_IPV6: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// The ports that a container asks for on all IPv6 addresses and on no other, and the file does not. Where the file names no
/// address, Compose asks for none, and the engine takes those of both families.
fn only_on_ipv6(pair: Pair<'_>) -> HashSet<(u16, Protocol)> {
    let of = |port: &Port| (port.target, port.protocol);
    let (on_ipv6, others): (Vec<&Port>, Vec<&Port>) =
        (pair.container.ports.iter()).partition(|port| port.host_ip == Some(EVERYWHERE_ON_IPV6));
    let mut only: HashSet<_> = on_ipv6.into_iter().map(of).collect();
    let wanted = pair.service.ports.iter();
    let wanted = wanted.filter(|port| port.host_ip.is_some_and(|ip| ip.is_ipv6()));
    for port in others.into_iter().chain(wanted) {
        only.remove(&of(port));
    }
    only
}

/// Compares the ports of a service with those of a container. What counts of a running container is
/// what is bound: on an internal network that is nothing. What it would bind on another network
/// besides is found too.
pub(super) fn ports(pair: Pair<'_>, states: &States<'_>) -> Vec<Difference> {
    let Pair {
        name,
        service,
        container,
    } = pair;
    if states.is_unset("services", name, "ports") {
        return Vec::new();
    }
    let has_no_network = container.network_mode.is_some();
    // Between two tries of a container that restarts, nothing is bound.
    let observed: Vec<Port> = if container.state == "running" {
        container.bound.iter().map(Bound::as_port).collect()
    } else {
        container.ports.clone()
    };
    let networks = service.networks.keys();
    let defaults: Vec<IpAddr> = networks
        .filter_map(|key| states.expected.networks.get(key))
        // An engine may be configured to set it.
        .flat_map(|network| [Some(network), states.index.network(&network.name)])
        .filter_map(|network| network?.port_address())
        .collect();
    let latent = if has_no_network || container.state == "running" {
        latent_ports(pair, &unbound_ports(container), &defaults)
    } else {
        Vec::new()
    };
    if has_no_network {
        return latent;
    }
    let on_ipv6 = only_on_ipv6(pair);
    let (only_ipv6, observed): (Vec<Port>, Vec<Port>) = observed.into_iter().partition(|port| {
        port.host_ip == Some(EVERYWHERE_ON_IPV6) && on_ipv6.contains(&(port.target, port.protocol))
    });
    let mut matched = matched(&service.ports, &observed, &defaults);
    matched.extra.extend(only_ipv6);
    let difference = |code, message: String, port: &Port| {
        Difference::new(code, name, message)
            .container(&container.name)
            .at(&["services", name, "ports", &port.to_string()])
    };
    let configured: HashSet<(u16, Protocol)> = container
        .ports
        .iter()
        .map(|port| (port.target, port.protocol))
        .collect();
    // By the file itself, nothing is published.
    let are_internal = states.expected.is_on_internal_only(service);
    let missing = matched.missing.iter().map(|port| {
        let mut message = not_published(name, port);
        if are_internal {
            message.push_str(": all of its networks are `internal`");
        }
        let is_configured = configured.contains(&(port.target, port.protocol));
        Difference {
            is_refused: container.is_running() && is_configured,
            cause: are_internal.then_some(Cause::Unknown),
            ..difference(Code::PortMissing, message, port).values(
                "ports",
                port.to_string(),
                Value::Null,
            )
        }
    });
    let extra = matched.extra.iter().map(|port| {
        let message = not_in_file(name, port);
        difference(Code::PortExtra, message, port)
            .exposure_if(!is_loopback(port))
            .values("ports", Value::Null, port.to_string())
    });
    let changed = matched
        .changed
        .iter()
        .filter_map(|(wanted, is)| changed_port(pair, wanted, is));
    missing.chain(extra).chain(changed).chain(latent).collect()
}

/// That a service does not publish a port.
pub(super) fn not_published(service: &str, port: impl Display) -> String {
    format!("service `{service}` does not publish `{port}`")
}

/// That a service publishes a port that the file does not have.
pub(super) fn not_in_file(service: &str, port: impl Display) -> String {
    format!("service `{service}` publishes `{port}`, which is not in the Compose file")
}

/// That a service publishes one port instead of another.
pub(super) fn published_instead(service: &str, is: impl Display, wanted: impl Display) -> String {
    format!("service `{service}` publishes `{is}` instead of `{wanted}`")
}

/// The ports that a container is configured with and that are not bound.
fn unbound_ports(container: &Container) -> Vec<Port> {
    let bound: HashSet<_> = container
        .bound
        .iter()
        .map(|port| (port.target, port.protocol))
        .collect();
    container
        .ports
        .iter()
        .filter(|port| !bound.contains(&(port.target, port.protocol)))
        .copied()
        .collect()
}

/// The ports of a container that the file does not have and that are not bound as no network of the
/// container makes them real: on one that does, they are.
fn latent_ports(pair: Pair<'_>, latent: &[Port], defaults: &[IpAddr]) -> Vec<Difference> {
    let name = pair.name;
    let matched = matched(&pair.service.ports, latent, defaults);
    let changed = matched.changed.iter().map(|(_, is)| is);
    let ports = matched.extra.iter().chain(changed);
    let difference = |port: &Port| {
        let message = format!(
            "service `{name}` has `{port}`, which is not in the Compose file: it is not published at present, as no network of the container allows it"
        );
        Difference::new(Code::PortExtra, name, message)
            .exposure_if(!is_loopback(port))
            .values("ports", Value::Null, port.to_string())
            .container(&pair.container.name)
            .at(&["services", name, "ports", &port.to_string()])
    };
    ports.map(difference).collect()
}

/// The difference of a port: of its one field that differs, or of the whole port.
fn changed_port(pair: Pair<'_>, wanted: &Port, is: &Port) -> Option<Difference> {
    let name = pair.name;
    let is_elsewhere = !is_at_address(wanted, is, &[]);
    let is_wider =
        is_loopback(wanted) && !is_loopback(is) || is.is_everywhere() && !wanted.is_everywhere();
    let mut fields = Vec::new();
    if is_elsewhere {
        fields.push(("host_ip", json!(wanted.host_ip), json!(is.host_ip)));
    }
    if !is_in_range(wanted, is) {
        fields.push(("published", json!(wanted.published), json!(is.published)));
    }
    if wanted.target != is.target {
        fields.push(("target", json!(wanted.target), json!(is.target)));
    }
    let (field, expected, observed) = match fields.len() {
        0 | 1 => fields.pop()?,
        _ => ("ports", json!(wanted.to_string()), json!(is.to_string())),
    };
    let message = published_instead(name, is, wanted);
    let wanted = wanted.to_string();
    Some(
        Difference::new(Code::PortChanged, name, message)
            .exposure_if(is_elsewhere && is_wider)
            .values(field, expected, observed)
            .container(&pair.container.name)
            .at(&["services", name, "ports", &wanted, field])
            .subject(wanted),
    )
}

fn is_loopback(port: &Port) -> bool {
    port.host_ip.is_some_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use crate::drift::Context;
    use crate::drift::testing::{compared, file, running, web};
    use crate::fields::Value;
    use crate::state::{Attachment, Bound, Container, Network, Port, Protocol, Service};

    /// The codes of what is found where a container asks for these addresses, and has those.
    fn codes(wanted: &str, asked: &[&str], bound: &[&str]) -> Vec<&'static str> {
        let port = |ip: &str| Port {
            target: 80,
            protocol: Protocol::Tcp,
            host_ip: (!ip.is_empty()).then(|| ip.parse().unwrap()),
            published: "8080".parse().ok(),
        };
        let service = Service {
            ports: vec![port(wanted)],
            ..Service::default()
        };
        let bound = bound.iter().map(|ip| Bound {
            target: 80,
            protocol: Protocol::Tcp,
            host_ip: ip.parse().unwrap(),
            published: 8080,
        });
        let container = Container {
            ports: asked.iter().map(|ip| port(ip)).collect(),
            bound: bound.collect(),
            ..web()
        };
        let compared = compared(&file(service), running([container]), &Context::default());
        let codes = compared
            .findings
            .iter()
            .map(|finding| finding.code.as_str());
        codes.filter(|code| code.starts_with("port-")).collect()
    }

    #[test]
    fn a_port_on_internal_networks_is_not_a_change_of_the_host() {
        let mut expected = file(Service {
            ports: vec![Port {
                target: 80,
                protocol: Protocol::Tcp,
                host_ip: None,
                published: "8080".parse().ok(),
            }],
            networks: [("back".to_owned(), Attachment::default())].into(),
            ..Service::default()
        });
        for is_internal in [true, false] {
            let network = Network {
                fields: [("internal", Value::Flag(is_internal))]
                    .into_iter()
                    .collect(),
                ..Network::default()
            };
            expected.networks = [("back".to_owned(), network)].into();
            let compared = compared(&expected, running([web()]), &Context::default());
            let mut found = compared.findings.iter();
            let missing = found.find(|finding| finding.code.as_str() == "port-missing");
            let is_named = missing.unwrap().message.contains("`internal`");
            assert_eq!(is_named, is_internal);
        }
    }

    #[test]
    fn a_port_on_ipv6_alone_is_not_one_on_all_addresses() {
        assert_eq!(codes("", &[""], &["0.0.0.0", "::"]), [""; 0]);
        assert_eq!(codes("", &[""], &["0.0.0.0"]), [""; 0]);
        // The engine may have no IPv4.
        assert_eq!(codes("", &[""], &["::"]), [""; 0]);
        assert_eq!(codes("::", &["::"], &["::"]), [""; 0]);
        let mut found = codes("", &["::"], &["::"]);
        found.sort_unstable();
        assert_eq!(found, ["port-extra", "port-missing"]);
    }
}
