//! What `catalog.yaml` says for all environments.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::allow::Allowance;
use super::layout::{Layout, stack};
use super::located::Located;
use super::names::{Key, Name, RegistryPrefix, Variable};
use super::read::{read_map, readable, record, required};
use super::service::Description;
use crate::source::Place;

record! {
    /// What the catalogue's file says.
    pub(super) Shared, read(cursor, fields, problems):
    /// The product's name.
    required pub(super) product: Located<Name>,
    /// Where the product's own images are, if it has any.
    optional pub(super) registry: Option<Registry>,
    /// The machines.
    computed pub(super) machines: BTreeMap<Name, Machine> =
        Some(required(&mut fields, "machines", problems).unwrap_or_default()),
    /// The services that several environments run.
    optional pub(super) services: BTreeMap<Name, Description>,
    /// What runs together, by name.
    computed pub(super) stacks: BTreeMap<Name, Located<Layout>> = Some(
        fields
            .optional("stacks")
            .map(|c| read_map(&c, stack, problems))
            .unwrap_or_default(),
    ),
    /// The domains that only private networks may see.
    optional pub(super) private_domains: Vec<Located<Key>>,
    /// The findings of `check` that are allowed everywhere.
    optional pub(super) allow: Vec<Located<Allowance>>,
}

record! {
    /// Where the product's own images are.
    pub(crate) Registry, read(cursor, fields, problems):
    /// The registry and folder.
    required pub(crate) prefix: Located<RegistryPrefix>,
    /// The variable that holds the tag being deployed.
    required pub(crate) tag: Located<Variable>,
}

record! {
    /// A machine.
    pub(crate) Machine, read(cursor, fields, problems):
    /// Where it is described.
    computed pub(crate) place: Place = Some(cursor.key_place()),
    /// Its addresses on private networks, by name.
    optional pub(crate) addresses: BTreeMap<Key, Located<IpAddr>>,
}

readable!(Registry, Machine);
