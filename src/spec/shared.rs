//! What `catalog.yaml` says for all environments.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::allow::Allowance;
use super::description::{Description, descriptions};
use super::layout::stack;
use super::located::Located;
use super::names::{FilePath, Key, Name, RegistryPrefix, Variable};
use super::read::{at_key, read_map, readable, record};
use super::roles::Roles;
use super::settings::CheckSettings;
use super::upstream::Levels;
use crate::source::Place;
use crate::yaml::Tree;

record! {
    /// What the catalogue's file says.
    pub(super) Shared, read(cursor, fields, problems):
    /// The product's name.
    required pub(super) product: Located<Name>,
    /// Whether environments must state every promise.
    optional pub(super) strict: Option<Located<bool>>,
    /// Where the product's own images are, if it has any.
    optional pub(super) registry: Option<Registry>,
    /// The machines.
    optional pub(super) machines: BTreeMap<Name, Machine>,
    /// The kinds of names in shared stores that environments must keep apart.
    optional pub(super) namespaces: Vec<Located<Name>>,
    /// What services call outside their own project, with its levels.
    optional pub(super) upstreams: BTreeMap<Name, Levels>,
    /// The roles: the default ones, and the product's own.
    computed pub(super) roles: Roles = {
        let declared = fields
            .optional("roles")
            .map(|c| read_map(&c, at_key, problems));
        Some(Roles::new(&declared.unwrap_or_default()))
    },
    /// What every service has unless it sets something else.
    computed pub(super) defaults: Option<Tree> =
        Some(fields.optional("defaults").map(|c| c.tree().clone())),
    /// The services that several environments run.
    computed pub(super) services: BTreeMap<Name, Description> = Some(descriptions(
        fields.optional("services"),
        roles.as_ref(),
        problems,
    )),
    /// What runs together, by name.
    computed pub(super) stacks: BTreeMap<Name, Tree> = Some(
        fields
            .optional("stacks")
            .map(|c| read_map(&c, stack, problems))
            .unwrap_or_default(),
    ),
    /// Free values for templates.
    computed pub(super) values: Option<Tree> =
        Some(fields.optional("values").map(|c| c.tree().clone())),
    /// The domains that only private networks may see.
    optional pub(super) private_domains: Vec<Located<Key>>,
    /// The findings of `check` that are allowed everywhere.
    optional pub(super) allow: Vec<Located<Allowance>>,
    /// Files of custom rules for `check`.
    optional pub(super) rules: Vec<Located<FilePath>>,
    /// What `check` reports.
    optional pub(super) check: Option<CheckSettings>,
}

record! {
    /// Where the product's own images are.
    pub(crate) Registry, read(cursor, fields, problems):
    /// The registry and folder.
    required pub(crate) prefix: Located<RegistryPrefix>,
    /// The variable that holds the tag being deployed, unless an image has its own.
    optional pub(crate) tag: Option<Located<Variable>>,
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
