//! The specification of one environment.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_yaml::Value;

use super::address::{Published, Route, Subnet};
use super::allow::{Allowance, Difference};
use super::host::Host;
use super::located::Located;
use super::names::{AbsolutePath, Domain, Key, Name, Period, Reference, Word};
use super::numbered::Numbered;
use super::read::{keyed, located, readable, record, required};
use super::service::{Description, Service};
use super::shared::Shared;
use super::words::{Channels, Data, Health, Reach, Requirement};
use crate::diagnostic::Diagnostics;
use crate::source::{At, Place, Segment};
use crate::state::Protocol;
use crate::yaml::Fields;

record! {
    /// An environment: local, preview, staging, prod, or whatever the user calls it.
    pub Environment, read(cursor, fields, problems, shared: Option<&Shared>, written: &Value):
    /// Its name.
    computed pub(crate) name: Name = required(&mut fields, "environment", problems),
    /// Where it is described.
    computed pub(crate) place: Place = cursor.get("environment").map(|c| c.place()),
    /// Whether there is one of it per pull request.
    computed pub(crate) per_pull_request: bool = fields.optional("per").map_or(Some(false), |c| {
        Some(c.one_of(&[("pull-request", ())], problems).is_some())
    }),
    /// How many of it there may be at once, where there is one per pull request.
    computed pub(crate) at_most: Option<Located<u64>> = Some(
        fields
            .optional("at_most")
            .and_then(|c| located(&c, c.whole(1, 100_000, problems))),
    ),
    /// The environment whose topology it has.
    optional pub(crate) mirrors: Option<Located<Name>>,
    /// How it may differ from the environment that it mirrors.
    optional pub(crate) differs: Vec<Located<Difference>>,
    /// The findings of `check` that are allowed to it.
    optional pub(crate) allow: Vec<Located<Allowance>>,
    /// The domains it answers to, by the name that routes call them.
    required pub(crate) domains: BTreeMap<Key, Located<Domain>>,
    /// Whose data it works on.
    required pub(crate) data: Located<Data>,
    /// The names of its data in stores that could be shared.
    required pub(crate) namespaces: Namespaces,
    /// Its class of secrets, and where they are.
    required pub(crate) secrets: Secrets,
    /// What its messages to the outside reach.
    required pub(crate) channels: Located<Channels>,
    /// Where its models are.
    required pub(crate) compute: Compute,
    /// Whether its health is measured or made up.
    required pub(crate) health: Located<Health>,
    /// Who may see a domain; a domain that is not here is open.
    optional pub(crate) access: BTreeMap<Key, Access>,
    /// How long it keeps what it collects, by kind.
    optional pub(crate) retention: BTreeMap<Key, Located<Period>>,
    /// From where its ports may be reached.
    required pub(crate) isolation: Isolation,
    /// What promotes into it.
    optional pub(crate) promotion: Option<Promotion>,
    /// Its services, merged over those of the catalogue.
    optional pub(super) services: BTreeMap<Name, Description>,
    /// Its hosts.
    computed pub(crate) hosts: Vec<Host> = hosts(
        &mut fields,
        services.as_ref(),
        shared,
        written,
        problems,
    ),
    /// Its file before the number of a pull request was filled in, where it has one.
    computed written: Option<Arc<Value>> =
        Some(per_pull_request.unwrap_or_default().then(|| Arc::new(written.clone()))),
}

fn hosts(
    fields: &mut Fields<'_>,
    services: Option<&BTreeMap<Name, Description>>,
    shared: Option<&Shared>,
    written: &Value,
    problems: &mut Diagnostics,
) -> Option<Vec<Host>> {
    let cursor = fields.required("hosts", problems)?;
    let (services, written) = (services?, written.get("hosts"));
    let hosts = keyed::<Name>(&cursor, problems)
        .into_iter()
        .filter_map(|(name, cursor)| {
            let written = written.and_then(|hosts| hosts.get(name.as_str()));
            Host::read(name, &cursor, services, shared, written, problems)
        })
        .collect();
    Some(hosts)
}

impl Environment {
    /// The services of all of its hosts.
    pub(crate) fn services(&self) -> impl Iterator<Item = &Service> {
        self.hosts.iter().flat_map(|host| host.services.values())
    }

    /// The host that serves the models.
    pub(crate) fn compute_host(&self) -> Option<&Host> {
        let server = self.compute.served_by.as_ref()?;
        self.hosts.iter().find(|host| host.name == server.value)
    }

    /// A value as its file writes it, with `<pr>` where it is another one for each pull request.
    pub(crate) fn as_written<T: fmt::Display>(&self, value: &Located<T>) -> Numbered {
        // The catalogue has no numbers of pull requests.
        let file = self.written.as_deref();
        let own = file.filter(|_| value.place.source.name == self.place.source.name);
        let written = own.and_then(|file| {
            let (At::Value(path) | At::Key(path)) = &value.place.at else {
                return None;
            };
            path.segments()
                .into_iter()
                .try_fold(file, |at, step| match step {
                    Segment::Key(key) => at.get(key.as_str()),
                    Segment::Index(index) => at.get(*index),
                })?
                .as_str()
        });
        Numbered::new(written.map_or_else(|| value.value.to_string(), str::to_owned))
    }

    /// The address on which the host that serves the models publishes the route's port.
    pub(crate) fn compute_address(&self) -> Option<&Located<Published>> {
        let Route::Address { port, .. } = &self.compute.route.value else {
            return None;
        };
        let services = self.compute_host()?.services.values();
        services
            .flat_map(|service| &service.ports)
            .find(|published| {
                published.protocol == Protocol::Tcp && published.fixed_port() == Some(*port)
            })
    }
}

record! {
    /// The names of an environment's data in stores that could be shared with another one.
    pub(crate) Namespaces, read(cursor, fields, problems):
    /// The database.
    required pub(crate) database: Located<Word>,
    /// The vector store's collections.
    required pub(crate) vectors: Located<Word>,
    /// The bucket.
    required pub(crate) bucket: Located<Word>,
    /// The queues.
    required pub(crate) queue: Located<Word>,
}

impl Namespaces {
    /// All of them, with the words that a spec has for them.
    pub(crate) fn all(&self) -> [(&'static str, &Located<Word>); 4] {
        [
            ("database", &self.database),
            ("vectors", &self.vectors),
            ("bucket", &self.bucket),
            ("queue", &self.queue),
        ]
    }
}

record! {
    /// An environment's class of secrets.
    pub(crate) Secrets, read(cursor, fields, problems):
    /// The class; `none` means that no service of the environment is given a secret.
    required pub(crate) class: Located<Word>,
    /// The directory on each host that holds one file per secret.
    optional pub(crate) directory: Option<Located<AbsolutePath>>,
}

record! {
    /// Where an environment's models are.
    pub(crate) Compute, read(cursor, fields, problems):
    /// The address that services call, or `mock`.
    required pub(crate) route: Located<Route>,
    /// The host of this environment that answers there.
    optional pub(crate) served_by: Option<Located<Name>>,
    /// What is used where the route fails.
    optional pub(crate) fallback: Option<Located<Word>>,
}

record! {
    /// Who may see a domain.
    pub(crate) Access, read(cursor, fields, problems):
    /// Where it is declared.
    computed pub(crate) place: Place = Some(cursor.key_place()),
    /// The networks from which it may be seen; empty means from everywhere.
    optional pub(crate) private: Vec<Located<Subnet>>,
    /// Whether a second factor is required.
    optional pub(crate) mfa: Option<Located<bool>>,
}

record! {
    /// From where an environment's ports may be reached.
    pub(crate) Isolation, read(cursor, fields, problems):
    /// How far the furthest of them may be reached from.
    required pub(crate) reach: Located<Reach>,
    /// The host ports that the internet may reach, on services whose role is `edge`.
    optional pub(crate) public: Vec<Located<u16>>,
    /// The host ports that a machine's private network may reach.
    optional pub(crate) private: Vec<Located<u16>>,
}

record! {
    /// What promotes into an environment.
    pub(crate) Promotion, read(cursor, fields, problems):
    /// The branch, pattern or kind of release.
    required pub(crate) from: Located<Reference>,
    /// What else is required.
    optional pub(crate) requires: Vec<Located<Requirement>>,
}

readable!(Namespaces, Secrets, Compute, Access, Isolation, Promotion);

impl Promotion {
    /// Where it asks for something, if it does.
    pub(crate) fn demand(&self, requirement: Requirement) -> Option<&Located<Requirement>> {
        self.requires
            .iter()
            .find(|given| given.value == requirement)
    }
}
