//! What all specs say together.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::allow::Allowance;
use super::environment::Environment;
use super::host::Host;
use super::located::Located;
use super::names::{Key, Name};
use super::service::Service;
use super::shared::{Machine, Registry};
use crate::source::Source;

/// Everything that the specs say.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The product's name.
    pub(crate) product: Located<Name>,
    /// Where the product's own images are, if it has any.
    pub(crate) registry: Option<Registry>,
    /// The machines.
    pub(crate) machines: BTreeMap<Name, Machine>,
    /// The domains that only private networks may see, with a second factor, wherever the internet
    /// reaches the environment.
    pub(crate) private_domains: Vec<Located<Key>>,
    /// The findings of `check` that are allowed everywhere.
    pub(crate) allow: Vec<Located<Allowance>>,
    /// The environments, in the order of their names.
    pub(crate) environments: Vec<Environment>,
    /// The texts of the specs.
    pub(crate) sources: Vec<Arc<Source>>,
}

impl Catalog {
    /// The environment with a name.
    pub(crate) fn environment(&self, name: &Name) -> Option<&Environment> {
        let mut environments = self.environments.iter();
        environments.find(|environment| environment.name == *name)
    }

    /// Every host with its environment, in the order of environments and hosts.
    pub fn hosts(&self) -> impl Iterator<Item = (&Environment, &Host)> {
        self.environments.iter().flat_map(|environment| {
            environment
                .hosts
                .iter()
                .map(move |host| (environment, host))
        })
    }

    /// Every service with its environment and host, in the order of these.
    pub(crate) fn services(&self) -> impl Iterator<Item = (&Environment, &Host, &Service)> {
        self.hosts().flat_map(|(environment, host)| {
            host.services
                .values()
                .map(move |service| (environment, host, service))
        })
    }
}
