//! A published port.

use std::net::IpAddr;

use super::At;
use crate::compose::canonical::colons;
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
        let target = self.at.field("target");
        let is_here = target.is_some_and(|target| target.node.at == self.at.node.at);
        is_here && !self.at.unquoted().starts_with('*')
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
