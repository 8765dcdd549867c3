//! The addresses in a spec: routes, networks and published ports.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

use super::names::Domain;
use super::read::parsed;
use crate::state::{Port, PortRange, Protocol};
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

/// Where an upstream is reached: a name that services resolve, and the port they call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// The name.
    pub(crate) host: Domain,
    /// The port.
    pub(crate) port: u16,
}

impl FromStr for Route {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        const EXPECTED: Invalid = Invalid("expected a name and a port, such as `models:11434`");
        let (host, port) = text.split_once(':').ok_or(EXPECTED)?;
        let host = host.parse().map_err(|_| EXPECTED)?;
        match port.parse() {
            Ok(port) if port > 0 => Ok(Self { host, port }),
            _ => Err(EXPECTED),
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
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
    /// The port on the host; `None` lets the engine choose any.
    pub(crate) port: Option<PortRange>,
    /// The port in the container.
    pub(crate) target: u16,
    /// TCP or UDP.
    pub(crate) protocol: Protocol,
}

impl Published {
    /// Whether its address is every address of the host.
    pub(crate) fn is_public(&self) -> bool {
        self.address.is_unspecified()
    }

    /// The port on the host, where the engine has no choice.
    pub(crate) fn fixed_port(&self) -> Option<u16> {
        self.port?.fixed()
    }

    /// The address as a Compose file asks for it.
    pub(crate) fn as_port(&self) -> Port {
        Port {
            target: self.target,
            protocol: self.protocol,
            host_ip: Some(self.address),
            published: self.port,
        }
    }

    /// This one and all up to the last of a row, as Compose writes them: `127.0.0.1:8000-8100:8000-8100`.
    pub(crate) fn through(&self, last: &Self) -> String {
        let range = |first: u16, last: u16| PortRange::new(first, last);
        let ports = self.port.zip(last.port).and_then(|(first, last)| {
            let ((first, _), (_, last)) = (first.bounds(), last.bounds());
            range(first, last)
        });
        match (self.target == last.target, range(self.target, last.target)) {
            (false, Some(targets)) => Self {
                port: ports,
                ..*self
            }
            .written(&targets),
            _ => self.to_string(),
        }
    }

    fn written(&self, target: &dyn fmt::Display) -> String {
        let address = match self.address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        let port = self.port.map(|port| port.to_string()).unwrap_or_default();
        format!("{address}:{port}:{}", self.protocol.of(target))
    }

    /// Whether it may be on a port of the host: the one, or one of those that the engine chooses from.
    pub(crate) fn may_be_on(&self, port: u16) -> bool {
        self.port.is_some_and(|range| {
            let (first, last) = range.bounds();
            (first..=last).contains(&port)
        })
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
            port: match port {
                "" => None,
                range => Some(range.parse().map_err(Invalid)?),
            },
            target: match target.parse() {
                Ok(port) if port > 0 && !target.starts_with(['0', '+']) => port,
                _ => {
                    return Err(Invalid(
                        "expected a port from 1 to 65535 after the last colon",
                    ));
                }
            },
            protocol,
        })
    }
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written(&self.target))
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
            "80", "80:80", ":80:80", "::1:80:80", "localhost:80:80", "127.0.0.1:0:80",
        ]);
        refuses::<Published>(&[
            "127.0.0.1:80:80/sctp",
            "127.0.0.1:81-80:80",
            "127.0.0.1:65536:1",
            "127.0.0.1:80:",
        ]);
    }

    #[test]
    fn a_route_is_a_name_and_a_port() {
        assert!("models:11434".parse::<Route>().is_ok());
        refuses::<Route>(&["mock", "models", "models:0", "models:x", "a b:1"]);
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
