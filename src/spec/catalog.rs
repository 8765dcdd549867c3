//! What all specs say together.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::allow::Allowance;
use super::environment::Environment;
use super::host::Host;
use super::located::Located;
use super::names::{FilePath, Key, Name};
use super::service::Service;
use super::settings::CheckSettings;
use super::shared::{Machine, Registry};
use super::upstream::Levels;
use crate::severity::Level;
use crate::source::{Place, Source};

/// Everything that the specs say.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The product's name.
    pub(crate) product: Located<Name>,
    /// Whether environments must state every promise.
    pub(crate) strict: Option<Located<bool>>,
    /// The kinds of names in shared stores that environments keep apart.
    pub(crate) namespaces: Vec<Located<Name>>,
    /// What services call outside their own project, with its levels.
    pub(crate) upstreams: BTreeMap<Name, Levels>,
    /// Where the product's own images are, if it has any.
    pub(crate) registry: Option<Registry>,
    /// The machines.
    pub(crate) machines: BTreeMap<Name, Machine>,
    /// The domains that only private networks may see, with a second factor, wherever the internet
    /// reaches the environment.
    pub(crate) private_domains: Vec<Located<Key>>,
    /// The findings of `check` that are allowed everywhere.
    pub(crate) allow: Vec<Located<Allowance>>,
    /// Files of custom rules for `check`, relative to the project's root.
    pub(crate) rules: Vec<Located<FilePath>>,
    /// What `check` reports.
    pub(crate) check: Option<CheckSettings>,
    /// The environments, in the order of their names.
    pub(crate) environments: Vec<Environment>,
    /// What is declared and never used.
    pub(crate) unused: Vec<UnusedDeclaration>,
    /// The texts of the specs.
    pub(crate) sources: Vec<Arc<Source>>,
}

/// Something that is declared and never used.
#[derive(Debug, Clone)]
pub(crate) struct UnusedDeclaration {
    /// What is so, in a sentence.
    pub(crate) message: String,
    /// Where it is declared.
    pub(crate) place: Place,
    /// The environment that declares it; the catalogue does where there is none.
    pub(crate) environment: Option<Name>,
}

impl Catalog {
    /// The addresses of machines, which are on private networks.
    pub(crate) fn private_addresses(&self) -> Vec<IpAddr> {
        let machines = self.machines.values();
        let addresses = machines.flat_map(|machine| machine.addresses.values());
        addresses.map(|address| address.value).collect()
    }

    /// The environment with a name.
    pub(crate) fn environment(&self, name: &Name) -> Option<&Environment> {
        self.environments
            .iter()
            .find(|environment| environment.name == *name)
    }

    /// The lowest level of findings that `check` reports of a host, or of an environment as a whole, where
    /// the specs set one.
    pub(crate) fn level(
        &self,
        environment: Option<&Environment>,
        host: Option<&Host>,
    ) -> Option<Level> {
        let host = host.and_then(|host| host.check.as_ref());
        let environment = environment.and_then(|environment| environment.check.as_ref());
        let own = host
            .and_then(|own| own.level.as_ref())
            .or_else(|| environment?.level.as_ref());
        let own = own.or_else(|| self.check.as_ref()?.level.as_ref());
        own.map(|level| level.value)
    }

    /// Whether environments must state every promise.
    pub(crate) fn is_strict(&self) -> bool {
        self.strict.as_ref().is_some_and(|strict| strict.value)
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
