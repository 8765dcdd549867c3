//! Published ports in Compose's own syntax.

use std::net::{IpAddr, Ipv4Addr};

use super::address::Published;
use super::in_compose::each;
use super::located::Located;
use crate::compose::Port;
use crate::diagnostic::Diagnostics;
use crate::yaml::Cursor;

/// The ports of a list. One that depends on a variable is for the rules of Compose files.
pub(super) fn ports(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Vec<Located<Published>> {
    // Whatever is not a list is noted.
    cursor.list(problems);
    each("ports", cursor.tree().items(), |service, item| {
        let ports = service.ports().filter_map(|port| published(&port, None));
        ports.map(|port| Located::new(port, item.place())).collect()
    })
}

/// A port, where it depends on no variable. `default` is the address of its network for ports without one.
pub(super) fn published(port: &Port<'_>, default: Option<IpAddr>) -> Option<Published> {
    let known = port.known()?;
    let everywhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    Some(Published {
        address: known.host_ip.or(default).unwrap_or(everywhere),
        port: known.published,
        target: known.target,
        protocol: known.protocol,
    })
}
