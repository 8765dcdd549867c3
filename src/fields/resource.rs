//! The fields of networks and volumes.

use super::row::field;
use super::{Field, Form};
use Form::{Flag, NotSent, Options, PoolHosts, Pools, Subnets, Switch, Text};

/// The fields of a network (Compose specification, `06-networks.md`; Engine API, `Network`).
#[rustfmt::skip]
pub static NETWORK: &[Field] = &[
    field("driver",                    "Driver",                         Text).always().written().known(&["bridge", "nat"]),
    field("internal",                  "Internal",                       Flag).always().written(),
    field("attachable",                "Attachable",                     Flag).always().written(),
    field("enable_ipv4",               "EnableIPv4",                     Switch).known(&["true"]),
    field("enable_ipv6",               "EnableIPv6",                     Switch).always().written_as("ipv6").known(&["false"]),
    field("ipam.driver",               "IPAM.Driver",                    Text).known(&["default"]),
    field("ipam.options",              "IPAM.Options",                   NotSent),
    field("ipam.config.subnet",        "IPAM.Config.Subnet",             Subnets).always().written_as("subnets"),
    field("ipam.config.gateway",       "IPAM.Config.Gateway",            Pools),
    field("ipam.config.ip_range",      "IPAM.Config.IPRange",            Pools),
    field("ipam.config.aux_addresses", "IPAM.Config.AuxiliaryAddresses", PoolHosts),
    field("driver_opts",               "Options",                        Options).always().written_as("options").configured_by("default-network-opts"),
    field("labels",                    "Labels",                         Options).always().written(),
];

/// The fields of a volume (Compose specification, `07-volumes.md`; Engine API, `Volume`).
#[rustfmt::skip]
pub static VOLUME: &[Field] = &[
    field("driver",      "Driver",  Text).always().written().known(&["local"]),
    field("driver_opts", "Options", Options).always().written_as("options"),
    field("labels",      "Labels",  Options).always().written(),
];
