//! Which containers hold which ports of the host.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::state::{Container, Port, Protocol, unspecified};

/// Bound ports, each with the first two containers that hold it: one of them may be the one for
/// which it is asked.
#[derive(Debug, Default)]
pub(super) struct Held<'a> {
    count: usize,
    held: HashMap<(u16, Protocol, Addresses), Vec<Holder<'a>>>,
}

/// A container, and which one of all it is.
type Holder<'a> = (usize, &'a Container);

/// The addresses on which a port is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Addresses {
    /// Any.
    Any,
    /// Any of IPv4, or of IPv6.
    Family(bool),
    /// This one.
    One(IpAddr),
}

impl<'a> Held<'a> {
    pub(super) fn add(&mut self, container: &'a Container) {
        self.count += 1;
        for bound in &container.bound {
            let ip = bound.host_ip;
            for addresses in [
                Addresses::Any,
                Addresses::Family(ip.is_ipv4()),
                Addresses::One(ip),
            ] {
                let key = (bound.published, bound.protocol, addresses);
                let holders = self.held.entry(key).or_default();
                if holders.len() < 2 && holders.iter().all(|(_, one)| one.id != container.id) {
                    holders.push((self.count, container));
                }
            }
        }
    }

    /// The first container, other than the one of an ID, that holds a number where a port wants it.
    pub(super) fn holder(
        &self,
        port: &Port,
        number: u16,
        but: Option<&str>,
    ) -> Option<&'a Container> {
        let addresses = match port.host_ip {
            None => vec![Addresses::Any],
            Some(ip) if ip.is_unspecified() => {
                vec![Addresses::Family(ip.is_ipv4()), Addresses::One(ip)]
            }
            Some(ip) => vec![Addresses::One(ip), Addresses::One(unspecified(ip))],
        };
        let holders = addresses
            .into_iter()
            .filter_map(|at| self.held.get(&(number, port.protocol, at)));
        let others = holders
            .flatten()
            .filter(|(_, one)| but.is_none_or(|id| one.id != id));
        others.min_by_key(|(at, _)| *at).map(|(_, one)| *one)
    }
}
