//! A published port.

use std::net::IpAddr;

use super::At;
use crate::compose::canonical::colons;
use crate::compose::canonical::port::parts;
use crate::compose::interpolate::{Unset, interpolate};
use crate::compose::tree::Kind;
use crate::source::Place;
use crate::state;
use crate::text::Invalid;
use crate::variables::Variables;

/// A published port: one port of the container, unless that depends on a variable.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Port<'a> {
    pub(crate) address: Address,
    pub(crate) published: HostPort,
    /// The port in the container; `None` where it depends on a variable.
    pub(crate) target: Option<u16>,
    /// `None` where it depends on a variable.
    pub(crate) protocol: Option<state::Protocol>,
    pub(crate) at: At<'a>,
}

/// The address on the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Address {
    /// Every one, as none is written.
    Any,
    One(IpAddr),
    /// It depends on a variable.
    Unknown,
}

/// The port on the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostPort {
    /// Any that is free, as none is written.
    Any,
    /// Any that is free, as what is written is empty.
    Empty,
    /// This one, or the one of these that the engine chooses.
    Range(state::PortRange),
    /// It depends on a variable.
    Unknown,
}

impl<'a> Port<'a> {
    /// Reads an entry of `ports` in its canonical form.
    pub(in crate::compose) fn read(at: At<'a>) -> Result<Self, (At<'a>, &'static str)> {
        const TARGET: &str = "expected a port from 1 to 65535";
        if !at.is_known() && !at.is_mapping() {
            return Ok(Self::unset_text(at));
        }
        let field = |key: &str| at.field(key);
        let target = field("target").ok_or((at, TARGET))?;
        let number = match &target.node.kind {
            _ if !target.is_known() => None,
            Kind::Int(number) => {
                let number = u16::try_from(number.get()).ok().filter(|port| *port > 0);
                Some(number.ok_or((target, TARGET))?)
            }
            _ => return Err((target, TARGET)),
        };
        let protocol = match field("protocol") {
            Some(protocol) if !protocol.is_known() => None,
            Some(protocol) => {
                let word = protocol
                    .text()
                    .filter(|word| !word.is_empty())
                    .as_deref()
                    .unwrap_or("tcp")
                    .parse();
                Some(word.map_err(|invalid: Invalid| (protocol, invalid.0))?)
            }
            None => Some(state::Protocol::Tcp),
        };
        let address = match field("host_ip") {
            // What is one variable may be a port with an address.
            None if is_one_variable(at) => Address::Unknown,
            None => Address::Any,
            Some(address) if !address.is_known() => Address::Unknown,
            Some(address) => {
                let ip = address.text().unwrap_or_default().parse();
                Address::One(ip.map_err(|_| (address, "expected an IP address"))?)
            }
        };
        let published = match field("published") {
            None => HostPort::Any,
            Some(published) if !published.is_known() => HostPort::Unknown,
            Some(published) => match published.text().unwrap_or_default().as_str() {
                "" => HostPort::Empty,
                "0" => HostPort::Any,
                text => {
                    let range = text.parse();
                    HostPort::Range(range.map_err(|expected| (published, expected))?)
                }
            },
        };
        Ok(Self {
            address,
            published,
            target: number,
            protocol,
            at,
        })
    }

    /// A short form that cannot be read before its variables have values: its address, where that has none.
    fn unset_text(at: At<'a>) -> Self {
        let text = at.text().unwrap_or_default();
        let written = parts(&text);
        let address = match written.address {
            _ if colons(&text).is_empty() => Address::Unknown,
            "" => Address::Any,
            written => {
                let bare = written.trim_start_matches('[').trim_end_matches(']');
                bare.parse().map_or(Address::Unknown, Address::One)
            }
        };
        Self {
            address,
            published: written
                .published
                .map_or(HostPort::Any, |_| HostPort::Unknown),
            target: None,
            protocol: written
                .protocol
                .map_or(Some(state::Protocol::Tcp), |word| word.parse().ok()),
            at,
        }
    }

    /// The port where it depends on a variable, with what is known of it.
    pub(crate) fn unset(&self) -> Option<state::UnsetPort> {
        if self.known().is_some() {
            return None;
        }
        let text = self.at.text().unwrap_or_default();
        let written = parts(&text);
        let part = |key: &str, written: &str| {
            let own = self.at.field(key).and_then(|at| at.text());
            own.unwrap_or_else(|| written.to_owned())
        };
        Some(state::UnsetPort {
            host_ip: match self.address {
                Address::Any => state::HostIp::Known(None),
                Address::One(ip) => state::HostIp::Known(Some(ip)),
                Address::Unknown => state::HostIp::Unset(part("host_ip", written.address)),
            },
            published: match self.published {
                HostPort::Any | HostPort::Empty => String::new(),
                _ => part("published", written.published.unwrap_or_default()),
            },
            target: part("target", written.target),
            protocol: self.protocol.unwrap_or(state::Protocol::Tcp),
        })
    }

    /// The port as a state has it; `None` where it depends on a variable.
    pub(crate) fn known(&self) -> Option<state::Port> {
        Some(state::Port {
            target: self.target?,
            protocol: self.protocol?,
            host_ip: match self.address {
                Address::Any => None,
                Address::One(ip) => Some(ip),
                Address::Unknown => return None,
            },
            published: match self.published {
                HostPort::Any | HostPort::Empty => None,
                HostPort::Range(range) => Some(range),
                HostPort::Unknown => return None,
            },
        })
    }

    /// Whether every interface of the host answers: no address is written, or one that means it.
    pub(crate) fn is_everywhere(&self) -> bool {
        match self.address {
            Address::Any => true,
            // `::ffff:0.0.0.0` is `0.0.0.0`.
            Address::One(ip) => ip.to_canonical().is_unspecified(),
            Address::Unknown => false,
        }
    }

    /// Whether the port on the host may be another one than the port in the container.
    pub(crate) fn moves(&self) -> bool {
        let HostPort::Range(range) = self.published else {
            return true;
        };
        self.target.map(|target| (target, target)) != Some(range.bounds())
    }

    /// Whether a port on the host is written, and is empty where no variable is set.
    pub(crate) fn may_be_empty(&self) -> bool {
        match self.published {
            HostPort::Empty => true,
            HostPort::Any | HostPort::Range(_) => false,
            HostPort::Unknown => {
                let written = self
                    .at
                    .field("published")
                    .and_then(|at| at.text())
                    .unwrap_or_default();
                let filled = interpolate(&written, &Variables::default(), Unset::Strict);
                filled.is_ok_and(|filled| filled.text.is_empty())
            }
        }
    }

    /// The port on the host as it is written, with its variables; empty where none is.
    pub(crate) fn published_as_written(&self) -> &'a str {
        let Some(published) = self.at.field("published") else {
            return "";
        };
        let written = published.unquoted();
        // In the short form, it is the part before the last one.
        if published.node.at != self.at.node.at {
            return written;
        }
        let colons = colons(written);
        let part = colons.split_last().and_then(|(end, before)| {
            let start = before.last().map_or(0, |colon| colon + 1);
            written.get(start..*end)
        });
        part.unwrap_or_default()
    }

    /// The place that decides where it is published.
    pub(crate) fn place(&self) -> Place {
        let published = self.at.field("published");
        let at = published.or_else(|| self.at.field("host_ip"));
        at.unwrap_or(self.at).place()
    }

    /// How it is written for an address alone; nothing where that only has to be put in front.
    pub(crate) fn on(&self, address: &str) -> Option<String> {
        let written = self.at.unquoted();
        if written.starts_with('*') {
            return None;
        }
        if !self.is_short() {
            return Some(format!("host_ip: {address}"));
        }
        let target = colons(written)
            .last()
            .map_or(Some(written), |colon| written.get(colon + 1..))?;
        let is_in_front = self.address == Address::Any && self.published != HostPort::Any;
        (!is_in_front).then(|| format!("{address}:{}:{target}", self.published_as_written()))
    }

    /// Whether it is written in the short form. The place of an alias is where it is used.
    fn is_short(&self) -> bool {
        is_short(self.at) && !self.at.unquoted().starts_with('*')
    }

    /// The port as it is written in short, or would be.
    pub(crate) fn written(&self) -> String {
        if self.is_short() {
            return self.at.unquoted().to_owned();
        }
        self.filled()
    }

    /// The port in short, with the values of its variables where they are known.
    pub(crate) fn filled(&self) -> String {
        let parts = ["host_ip", "published", "target"]
            .into_iter()
            .filter_map(|key| self.at.field(key)?.text());
        parts.collect::<Vec<_>>().join(":")
    }
}

/// Whether an entry of `ports` was written in the short form, maybe behind an alias.
fn is_short(at: At<'_>) -> bool {
    let target = at.field("target");
    !at.is_mapping() || target.is_some_and(|target| target.node.at == at.node.at)
}

/// Whether an entry in the short form is a variable and nothing else: it may have an address when it has a value.
fn is_one_variable(at: At<'_>) -> bool {
    let target = at.field("target");
    let is_unset = target.is_some_and(|target| !target.is_known());
    is_unset && is_short(at) && at.field("published").is_none()
}
