//! Networks on which other machines reach containers at the containers' own addresses.

/// The options of a bridge network that say so, for each family of addresses.
pub const GATEWAY_MODES: [&str; 2] = [
    "com.docker.network.bridge.gateway_mode_ipv4",
    "com.docker.network.bridge.gateway_mode_ipv6",
];

/// The option of a bridge network with the address on which ports without one are published.
pub const PORT_ADDRESS: &str = "com.docker.network.bridge.host_binding_ipv4";

/// Which ports of a container other machines reach at its own address, whatever address a port is published on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exposed {
    /// All ports.
    All,
    /// Those that are published.
    Published,
}

impl Exposed {
    /// What a gateway mode of a bridge network exposes.
    #[must_use]
    pub fn by_gateway(mode: &str) -> Option<Self> {
        match mode {
            "nat-unprotected" => Some(Self::All),
            "routed" => Some(Self::Published),
            _ => None,
        }
    }
}
