//! The fields of an attachment: a service's place on a network.

use super::row::field;
use super::{Field, Form};
use Form::{Address, Addresses, Count, Mac, Options, Set, Text};

/// The fields of an attachment (Compose specification, `05-services.md`, `networks`; Engine API,
/// `EndpointSettings`). `priority` is not one: it only decides which network a container is created on.
#[rustfmt::skip]
pub static ATTACHMENT: &[Field] = &[
    field("aliases",        "Aliases",                 Set).written(),
    field("ipv4_address",   "IPAddress",               Address).written_as("ipv4"),
    field("ipv6_address",   "GlobalIPv6Address",       Address).written_as("ipv6"),
    field("link_local_ips", "IPAMConfig.LinkLocalIPs", Addresses),
    field("mac_address",    "MacAddress",              Mac),
    field("driver_opts",    "DriverOpts",              Options),
    field("gw_priority",    "GwPriority",              Count),
    // It is sent as a driver option.
    field("interface_name", "DriverOpts",              Text),
];
