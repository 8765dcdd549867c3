//! Published ports.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::text::Invalid;

/// A port that is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// The port in the container.
    pub target: u16,
    /// The protocol.
    pub protocol: Protocol,
    /// The address on the host; every one of both families where the file names none.
    pub host_ip: Option<IpAddr>,
    /// The port on the host; the engine chooses any where the file names none.
    pub published: Option<PortRange>,
}

impl Port {
    /// Whether every interface answers, at least of one family of addresses.
    #[must_use]
    pub fn is_everywhere(&self) -> bool {
        self.host_ip.is_none_or(|ip| ip.is_unspecified())
    }

    /// The number on the host, where there is no choice.
    #[must_use]
    pub fn fixed(&self) -> Option<u16> {
        self.published?.fixed()
    }

    /// Whether another port goes on where this one ends: on the same address, with the next number on the host and in
    /// the container.
    #[must_use]
    pub fn precedes(&self, next: &Self) -> bool {
        let (Some(own), Some(other)) = (self.fixed(), next.fixed()) else {
            return false;
        };
        (self.host_ip, self.protocol) == (next.host_ip, next.protocol)
            && own.checked_add(1) == Some(other)
            && self.target.checked_add(1) == Some(next.target)
    }
}

/// A port that is published, of which a part depends on a variable without a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnsetPort {
    /// The address on the host.
    pub host_ip: HostIp,
    /// The port on the host; empty where the engine chooses one. A variable is as it is written.
    pub published: String,
    /// The port in the container, in the same way.
    pub target: String,
    /// The protocol; TCP where that depends on the variable.
    pub protocol: Protocol,
}

/// The address on the host of a port that depends on a variable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostIp {
    /// This one, or every one of both families where the file names none.
    Known(Option<IpAddr>),
    /// The variable decides it; empty where it decides the whole port.
    Unset(String),
}

/// As the short form of Compose: `127.0.0.1:${PORT}:80`.
impl fmt::Display for UnsetPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = match &self.host_ip {
            HostIp::Known(None) => String::new(),
            HostIp::Known(Some(IpAddr::V6(address))) => format!("[{address}]"),
            HostIp::Known(Some(address)) => address.to_string(),
            HostIp::Unset(written) => written.clone(),
        };
        if !address.is_empty() {
            write!(f, "{address}:")?;
        }
        if !address.is_empty() || !self.published.is_empty() {
            write!(f, "{}:", self.published)?;
        }
        f.write_str(&self.protocol.of(&self.target))
    }
}

/// The address that means every address of the family of another one.
pub(crate) fn unspecified(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}

/// Things in their order, those that follow each other as the first and the last of them.
pub fn rows<T>(things: &[T], precedes: impl Fn(&T, &T) -> bool) -> Vec<(&T, &T)> {
    let mut rows: Vec<(&T, &T)> = Vec::new();
    for next in things {
        match rows.last_mut() {
            Some((_, last)) if precedes(last, next) => *last = next,
            _ => rows.push((next, next)),
        }
    }
    rows
}

/// The protocol of a published port.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(
    serialize_all = "lowercase",
    ascii_case_insensitive,
    parse_err_ty = Invalid,
    parse_err_fn = not_a_protocol
)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// A port with it, as Compose writes it: `80`, `53/udp`.
    pub(crate) fn of(self, port: &dyn fmt::Display) -> String {
        match self {
            Self::Tcp => port.to_string(),
            other => format!("{port}/{}", other.as_str()),
        }
    }
}

fn not_a_protocol(_: &str) -> Invalid {
    Invalid("expected the protocol tcp, udp or sctp")
}

/// As Compose writes it in short: `127.0.0.1:8080:80/tcp`.
impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host_ip {
            Some(IpAddr::V6(address)) => write!(f, "[{address}]:")?,
            Some(address) => write!(f, "{address}:")?,
            None => {}
        }
        match self.published {
            Some(published) => write!(f, "{published}:")?,
            None if self.host_ip.is_some() => f.write_str(":")?,
            None => {}
        }
        write!(f, "{}/{}", self.target, self.protocol.as_str())
    }
}

/// What [`fmt::Display`] writes.
impl FromStr for Port {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected a port such as 127.0.0.1:8080:80/tcp";
        let (rest, protocol) = text.rsplit_once('/').ok_or(EXPECTED)?;
        let (host, target) = rest.rsplit_once(':').unwrap_or(("", rest));
        let (address, published) = host.rsplit_once(':').unwrap_or(("", host));
        let address = address.trim_start_matches('[').trim_end_matches(']');
        let some = |text: &str| !text.is_empty();
        Ok(Self {
            target: target.parse().map_err(|_| EXPECTED)?,
            protocol: protocol.parse().map_err(|_| EXPECTED)?,
            host_ip: some(address)
                .then(|| address.parse().map_err(|_| EXPECTED))
                .transpose()?,
            published: some(published).then(|| published.parse()).transpose()?,
        })
    }
}

/// A port of the host, or a range of which the engine chooses one: `28300`, `28095-28099`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    test,
    derive(schemars::JsonSchema),
    schemars(into = "String", try_from = "String")
)]
pub struct PortRange {
    first: u16,
    last: u16,
}

impl PortRange {
    /// All ports.
    pub(crate) const ALL: Self = Self {
        first: 1,
        last: u16::MAX,
    };

    /// What is expected of a text that should be a port or a range.
    pub(crate) const EXPECTED: &str = "expected a port or a range of ports from low to high";

    /// The ports from `first` to `last`, where that is one at least.
    #[must_use]
    pub fn new(first: u16, last: u16) -> Option<Self> {
        (first > 0 && first <= last).then_some(Self { first, last })
    }

    /// One port.
    #[must_use]
    pub fn one(port: u16) -> Option<Self> {
        Self::new(port, port)
    }

    /// The first and the last port.
    #[must_use]
    pub fn bounds(self) -> (u16, u16) {
        (self.first, self.last)
    }

    /// The port, where it is only one.
    #[must_use]
    pub fn fixed(self) -> Option<u16> {
        (self.first == self.last).then_some(self.first)
    }

    /// Whether all ports of another range are among these.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// Whether one of these ports is in another range.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// Both halves, unless this is one port.
    pub(crate) fn halves(self) -> Option<(Self, Self)> {
        let middle = self.first + (self.last - self.first) / 2;
        let low = Self::new(self.first, middle)?;
        Some((low, Self::new(middle.checked_add(1)?, self.last)?))
    }

    /// How many ports these are.
    #[must_use]
    pub fn count(self) -> u32 {
        u32::from(self.last) - u32::from(self.first) + 1
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        if self.last != self.first {
            write!(f, "-{}", self.last)?;
        }
        Ok(())
    }
}

impl FromStr for PortRange {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let number = |text: &str| match text.parse::<u16>() {
            // The parser takes a sign.
            Ok(number) if !text.starts_with('+') => Ok(number),
            _ => Err(Self::EXPECTED),
        };
        Self::new(number(first)?, number(last)?).ok_or(Self::EXPECTED)
    }
}

impl Serialize for PortRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PortRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{Port, PortRange, Protocol};

    #[test]
    fn a_port_as_json() {
        let port = Port {
            host_ip: Some("127.0.0.1".parse().unwrap()),
            published: PortRange::new(28095, 28099),
            target: 80,
            protocol: Protocol::Tcp,
        };
        let json = serde_json::to_value(port).unwrap();
        let expected = serde_json::json!({
            "host_ip": "127.0.0.1", "published": "28095-28099", "target": 80, "protocol": "tcp"
        });
        assert_eq!(json, expected);
        assert_eq!(serde_json::from_value::<Port>(json).unwrap(), port);
    }

    #[test]
    fn a_port_is_read_as_it_is_written() {
        for text in [
            "80/tcp",
            "8080:80/udp",
            "127.0.0.1::80/tcp",
            "127.0.0.1:28095-28099:80/sctp",
            "[::1]:8080:80/tcp",
            "[::]::80/tcp",
        ] {
            assert_eq!(text.parse::<Port>().unwrap().to_string(), text);
        }
        for wrong in ["", "80", "x/tcp", "a:1:2/tcp", "1:0:80/tcp", "80/xyz"] {
            assert!(wrong.parse::<Port>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_range_runs_from_low_to_high() {
        assert_eq!("80".parse::<PortRange>().unwrap().count(), 1);
        assert_eq!("1-65535".parse::<PortRange>().unwrap().count(), 65535);
        for wrong in ["", "0", "2-1", "80-", "a", "65536", "1-2-3", "+80"] {
            assert!(wrong.parse::<PortRange>().is_err(), "{wrong}");
        }
    }
}
