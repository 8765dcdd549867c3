//! Published ports in Compose's own syntax.

use std::net::{IpAddr, Ipv4Addr};

use super::address::Published;
use super::in_compose::each;
use super::located::Located;
use crate::compose::Port;
use crate::diagnostic::Diagnostics;
use crate::source::Place;
use crate::state::{HostIp, UnsetPort};
use crate::yaml::Cursor;

/// The ports of a service.
#[derive(Debug, Default)]
pub(super) struct PublishedPorts {
    pub(super) known: Vec<Located<Published>>,
    /// Those that depend on a variable without a value.
    pub(super) unset: Vec<Located<UnsetPort>>,
}

impl PublishedPorts {
    /// Adds a port. `default` is the address of its network for ports without one.
    pub(super) fn add(&mut self, port: &Port<'_>, place: Place, default: Option<IpAddr>) {
        if let Some(unset) = port.unset() {
            let host_ip = match unset.host_ip {
                HostIp::Known(address) => HostIp::Known(address.or(default)),
                unset @ HostIp::Unset(_) => unset,
            };
            self.unset
                .push(Located::new(UnsetPort { host_ip, ..unset }, place));
        } else if let Some(known) = published(port, default) {
            self.known.push(Located::new(known, place));
        }
    }
}

/// The ports of a list.
pub(super) fn ports(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> PublishedPorts {
    // Whatever is not a list is noted.
    cursor.list(problems);
    let each = each("ports", cursor.tree().items(), |service, item| {
        let mut ports = PublishedPorts::default();
        for port in service.ports() {
            ports.add(&port, item.place(), None);
        }
        vec![ports]
    });
    let mut all = PublishedPorts::default();
    for ports in each {
        all.known.extend(ports.known);
        all.unset.extend(ports.unset);
    }
    all
}

/// A port, where it depends on no variable.
fn published(port: &Port<'_>, default: Option<IpAddr>) -> Option<Published> {
    let known = port.known()?;
    let everywhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    Some(Published {
        address: known.host_ip.or(default).unwrap_or(everywhere),
        port: known.published,
        target: known.target,
        protocol: known.protocol,
    })
}
