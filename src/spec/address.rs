//! The addresses in a spec: routes, networks and published ports.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use strum::IntoStaticStr;

use super::names::Domain;
use super::read::parsed;
use crate::text::Invalid;

parsed!(IpAddr, Published, Route, Subnet);

/// A network in CIDR notation: `10.20.0.0/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subnet(pub(crate) IpNet);

impl FromStr for Subnet {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let expected = Invalid("expected a network in CIDR notation, such as `10.20.0.0/24`");
        text.parse().map(Self).map_err(|_| expected)
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where the models of an environment are: `mock`, or a name and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// No model is called.
    Mock,
    /// A name that services resolve, and the port they call.
    Address {
        /// The name.
        host: Domain,
        /// The port.
        port: u16,
    },
}

impl FromStr for Route {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        const EXPECTED: Invalid =
            Invalid("expected `mock`, or a name and a port such as `models:11434`");
        if text == "mock" {
            return Ok(Self::Mock);
        }
        let (host, port) = text.split_once(':').ok_or(EXPECTED)?;
        let host = host.parse().map_err(|_| EXPECTED)?;
        match port.parse() {
            Ok(port) if port > 0 => Ok(Self::Address { host, port }),
            _ => Err(EXPECTED),
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mock => f.write_str("mock"),
            Self::Address { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

/// A port that a host publishes: `ADDRESS:PORT:CONTAINER_PORT[/PROTOCOL]`.
///
/// The address is always written out: Compose's default, every interface, is what firewalls on
/// the host do not see. From a range (`127.0.0.1:20000-20999:80`) the engine chooses a free one;
/// an empty host port (`127.0.0.1::80`) lets it choose any.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Published {
    /// The address on the host.
    pub(crate) address: IpAddr,
    /// The port on the host.
    pub(crate) port: HostPort,
    /// The port in the container.
    pub(crate) target: u16,
    /// `tcp` or `udp`.
    pub(crate) protocol: Protocol,
}

/// The port on the host that a container's port is published on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HostPort {
    /// Any that is free.
    Any,
    /// This one.
    Fixed(u16),
    /// A free one from the first to the last.
    Range(u16, u16),
}

impl HostPort {
    /// The port, where the engine has no choice.
    pub(crate) fn fixed(self) -> Option<u16> {
        match self {
            Self::Fixed(port) => Some(port),
            Self::Any | Self::Range(..) => None,
        }
    }

    /// Whether it may be a port: the one, or one of those that the engine chooses from.
    pub(crate) fn may_be(self, port: u16) -> bool {
        match self {
            Self::Any => false,
            Self::Fixed(own) => own == port,
            Self::Range(first, last) => (first..=last).contains(&port),
        }
    }
}

impl FromStr for HostPort {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Ok(Self::Any);
        }
        let Some((first, last)) = text.split_once('-') else {
            return Ok(Self::Fixed(port_number(text)?));
        };
        let (first, last) = (port_number(first)?, port_number(last)?);
        if first < last {
            Ok(Self::Range(first, last))
        } else {
            Err(Invalid("expected a range of ports from low to high"))
        }
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => Ok(()),
            Self::Fixed(port) => port.fmt(f),
            Self::Range(first, last) => write!(f, "{first}-{last}"),
        }
    }
}

/// The protocol of a published port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(crate) enum Protocol {
    /// TCP, where nothing is written.
    Tcp,
    /// UDP, as in HTTP/3.
    Udp,
}

impl Protocol {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Published {
    /// Whether its address is every address of the host.
    pub(crate) fn is_public(&self) -> bool {
        self.address.is_unspecified()
    }
}

impl FromStr for Published {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        const EXPECTED: Invalid =
            Invalid("expected ADDRESS:PORT:CONTAINER_PORT, such as \"127.0.0.1:8080:80\"");
        let (text, protocol) = match text.split_once('/') {
            None | Some((_, "tcp")) => (text.trim_end_matches("/tcp"), Protocol::Tcp),
            Some((text, "udp")) => (text, Protocol::Udp),
            Some(_) => return Err(Invalid("expected the protocol tcp or udp")),
        };
        let (rest, target) = text.rsplit_once(':').ok_or(EXPECTED)?;
        let (address, port) = rest.rsplit_once(':').ok_or(EXPECTED)?;
        let address = match address.strip_prefix('[') {
            Some(v6) => IpAddr::V6(
                v6.strip_suffix(']')
                    .ok_or(EXPECTED)?
                    .parse()
                    .map_err(|_| EXPECTED)?,
            ),
            None => IpAddr::V4(address.parse().map_err(|_| EXPECTED)?),
        };
        Ok(Self {
            address,
            port: port.parse()?,
            target: port_number(target)?,
            protocol,
        })
    }
}

fn port_number(text: &str) -> Result<u16, Invalid> {
    match text.parse() {
        Ok(port) if port > 0 && !text.starts_with(['0', '+']) => Ok(port),
        _ => Err(Invalid("expected ports from 1 to 65535")),
    }
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            IpAddr::V4(address) => write!(f, "{address}:")?,
            IpAddr::V6(address) => write!(f, "[{address}]:")?,
        }
        self.port.fmt(f)?;
        write!(f, ":{}", self.target)?;
        if self.protocol == Protocol::Udp {
            f.write_str("/udp")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Published, Route, Subnet};

    fn refuses<T: std::str::FromStr>(texts: &[&str]) {
        for text in texts {
            assert!(text.parse::<T>().is_err(), "{text:?} is not valid");
        }
    }

    #[test]
    fn published_ports_name_their_address() {
        for text in [
            "127.0.0.1:80:8080",
            "[::1]:80:8080",
            "0.0.0.0:53:53/udp",
            "127.0.0.1::80",
            "127.0.0.1:20000-20999:80",
        ] {
            assert_eq!(text.parse::<Published>().unwrap().to_string(), text);
        }
        refuses::<Published>(&[
            "80",
            "80:80",
            ":80:80",
            "::1:80:80",
            "localhost:80:80",
            "127.0.0.1:0:80",
        ]);
        refuses::<Published>(&[
            "127.0.0.1:80:80/sctp",
            "127.0.0.1:81-80:80",
            "127.0.0.1:65536:1",
            "127.0.0.1:80:",
        ]);
    }

    #[test]
    fn routes_are_mock_or_an_address() {
        assert_eq!("mock".parse(), Ok(Route::Mock));
        assert!("models:11434".parse::<Route>().is_ok());
        refuses::<Route>(&["models", "models:0", "models:x", "a b:1"]);
    }

    #[test]
    fn subnets_are_networks() {
        assert_eq!(
            "10.20.0.0/24".parse::<Subnet>().unwrap().to_string(),
            "10.20.0.0/24"
        );
        refuses::<Subnet>(&["10.20.0.0", "10.20.0.0/33", "a/8", "fd00::/129", ""]);
    }
}
