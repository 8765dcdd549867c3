//! How a service of a swarm is reached by its name (Compose specification, `deploy.endpoint_mode`).

use strum::{EnumString, VariantNames};

/// How a service of a swarm is reached by its name. A swarm ignores the case of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "lowercase", ascii_case_insensitive)]
pub enum EndpointMode {
    /// Through one address, from which the swarm forwards to the tasks.
    Vip,
    /// Through the addresses of its tasks, in turn.
    Dnsrr,
}
