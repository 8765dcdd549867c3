//! One environment, as its file declares it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_yaml::Value;

use super::address::{Published, Subnet};
use super::allow::{Allowance, Difference};
use super::description::{Description, changes};
use super::host::Host;
use super::located::Located;
use super::merged::Around;
use super::names::{Domain, HostPath, Key, Name, Namespace, Period, Reference, Word};
use super::numbered::Numbered;
use super::pull_request::PullRequest;
use super::read::{dangling, keyed, located, optional, readable, record, required};
use super::service::Service;
use super::settings::OwnCheckSettings;
use super::shared::Shared;
use super::upstream::{LevelKind, Upstream, upstreams};
use super::words::{Data, Health, Reach, Requirement};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::files::Root;
use crate::source::{Place, Segment, TextPart};
use crate::state::{PortRange, Protocol};
use crate::yaml::{Fields, Tree};

record! {
    /// An environment: local, preview, staging, prod, or whatever the user calls it.
    pub Environment, read(cursor, fields, problems, shared: Option<&Shared>, written: &Value, number: PullRequest, root: &Root):
    /// Its name.
    computed pub(crate) name: Name = required(&mut fields, "environment", problems),
    /// Where it is described.
    computed pub(crate) place: Place = cursor.get("environment").map(|c| c.place()),
    /// Whether there is one of it per pull request.
    computed pub(crate) per_pull_request: bool = fields.optional("per").map_or(Some(false), |c| {
        // Whatever it says, it is not one environment alone.
        c.one_of(&[("pull-request", ())], problems);
        Some(true)
    }),
    /// How many of it there may be at once, where there is one per pull request.
    computed pub(crate) at_most: Option<Located<u64>> = Some(
        fields
            .optional("at_most")
            .and_then(|c| located(&c, c.whole(1, 100_000, problems))),
    ),
    /// The environment whose topology it has.
    optional pub(crate) mirrors: Option<Located<Name>>,
    /// Its differences from the environment that it mirrors.
    optional pub(crate) differs: Vec<Located<Difference>>,
    /// The findings of `check` that are allowed to it.
    optional pub(crate) allow: Vec<Located<Allowance>>,
    /// What `check` reports of it.
    optional pub(crate) check: Option<OwnCheckSettings>,
    /// The domains it answers to, by the name that routes call them.
    optional pub(crate) domains: BTreeMap<Key, Located<Domain>>,
    /// Whose data it works on.
    optional pub(crate) data: Option<Located<Data>>,
    /// The names of its data in stores that could be shared, by their kinds.
    computed pub(crate) namespaces: BTreeMap<Name, Located<Namespace>> =
        Some(namespaces(&mut fields, shared, problems)),
    /// Its class of secrets, and where they are.
    optional pub(crate) secrets: Option<Secrets>,
    /// What its services call outside their own project.
    computed pub(crate) upstreams: BTreeMap<Name, Upstream> = Some(
        match (fields.optional("upstreams"), shared) {
            (Some(cursor), Some(shared)) => upstreams(&cursor, &shared.upstreams, problems),
            _ => BTreeMap::new(),
        },
    ),
    /// Whether its health is measured or made up, where it says so.
    optional pub(crate) health: Option<Located<Health>>,
    /// Who may see a domain; a domain that is not here is open.
    optional pub(crate) access: BTreeMap<Key, Access>,
    /// How long it keeps what it collects, by kind.
    optional pub(crate) retention: BTreeMap<Key, Located<Period>>,
    /// From where its ports may be reached.
    optional pub(crate) isolation: Option<Isolation>,
    /// What promotes into it.
    optional pub(crate) promotion: Option<Promotion>,
    /// What it sets for services. This wins over the catalogue.
    computed pub(super) services: BTreeMap<Name, Description> = Some(changes(
        fields.optional("services"),
        shared.map(|shared| &shared.roles),
        &shared.into_iter().flat_map(|shared| shared.services.keys()),
        problems,
    )),
    /// What each of its services has unless it sets something else.
    computed pub(super) defaults: Option<Tree> =
        Some(fields.optional("defaults").map(|c| c.tree().clone())),
    /// Its hosts.
    computed pub(crate) hosts: Vec<Host> = {
        // Free values for templates, over those of the catalogue.
        let values = fields.optional("values").map(|c| c.tree());
        let defaults = defaults.as_ref().and_then(Option::as_ref);
        let around = Around {
            number,
            per_pull_request: per_pull_request.unwrap_or_default(),
            root,
            values,
            defaults,
            services: services.as_ref(),
            of_host: None,
            shared,
        };
        hosts(&mut fields, &around, written, problems)
    },
    /// Its file before the number of a pull request was filled in, where it has one.
    computed written: Option<Arc<Value>> =
        Some(per_pull_request.unwrap_or_default().then(|| Arc::new(written.clone()))),
}

fn hosts(
    fields: &mut Fields<'_>,
    around: &Around<'_>,
    written: &Value,
    problems: &mut Diagnostics,
) -> Option<Vec<Host>> {
    let cursor = fields.required("hosts", problems)?;
    if cursor.is_empty() {
        problems.push(
            Diagnostic::new(
                "an environment without a host has no effect",
                cursor.place(),
            )
            .label("expected at least one host: `hosts: { web: {} }`"),
        );
    }
    let written = written.get("hosts");
    let hosts = keyed::<Name>(&cursor, problems)
        .into_iter()
        .filter_map(|(name, cursor)| {
            let written = written.and_then(|hosts| hosts.get(name.as_str()));
            let host = Host::read(name.clone(), &cursor, around, written, problems);
            if host.is_none() {
                problems.unreadable(name.to_string());
            }
            host
        })
        .collect();
    Some(hosts)
}

/// The names of an environment's data, of the kinds that the catalogue declares.
fn namespaces(
    fields: &mut Fields<'_>,
    shared: Option<&Shared>,
    problems: &mut Diagnostics,
) -> BTreeMap<Name, Located<Namespace>> {
    let read: BTreeMap<Name, Located<Namespace>> = optional(fields, "namespaces", problems);
    let Some(shared) = shared else {
        return read;
    };
    let known = || shared.namespaces.iter().map(|kind| &kind.value);
    for (kind, name) in &read {
        if !known().any(|known| known == kind) {
            let kind = Located::new(kind, name.place.to_key());
            problems.push(dangling("kind of namespace", &kind, known()).help(
                "list it in catalog.yaml: `namespaces: [database, bucket]` are kinds of names \
                 that environments must keep apart",
            ));
        }
    }
    read
}

impl Environment {
    /// The services of all of its hosts.
    pub(crate) fn services(&self) -> impl Iterator<Item = &Service> {
        self.hosts.iter().flat_map(|host| host.services.values())
    }

    /// Whether its data is made up, where it says whose data it works on.
    pub(crate) fn has_made_up_data(&self) -> Option<bool> {
        self.data.as_ref().map(|data| data.value != Data::Own)
    }

    /// How far its ports may be reached from, where it says so.
    pub(crate) fn reach(&self) -> Option<&Located<Reach>> {
        self.isolation.as_ref().map(|isolation| &isolation.reach)
    }

    /// The directory of its secrets, where it has one.
    pub(crate) fn secret_directory(&self) -> Option<&Located<HostPath>> {
        self.secrets.as_ref()?.directory.as_ref()
    }

    /// The upstreams of which customers get what this environment uses.
    pub(crate) fn real_upstreams(&self) -> impl Iterator<Item = (&Name, &Upstream)> {
        self.upstreams
            .iter()
            .filter(|(_, upstream)| upstream.kind == LevelKind::Real)
    }

    /// The host of this environment that answers on the route of an upstream.
    pub(crate) fn server(&self, upstream: &Upstream) -> Option<&Host> {
        let server = upstream.served_by.as_ref()?;
        self.hosts.iter().find(|host| host.name == server.value)
    }

    /// A value as its file writes it, with `<pr>` where it is another one for each pull request.
    pub(crate) fn as_written<T: fmt::Display>(&self, value: &Located<T>) -> Numbered {
        // The catalogue has no numbers of pull requests.
        let file = self.written.as_deref();
        let own = file.filter(|_| value.place.source.name == self.place.source.name);
        let written = own.and_then(|file| {
            let (TextPart::Value(path) | TextPart::Key(path)) = &value.place.at else {
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

    /// The address on which the host that serves an upstream publishes the port of its route.
    pub(crate) fn address(&self, upstream: &Upstream) -> Option<&Located<Published>> {
        let port = upstream.route.as_ref()?.port;
        self.server(upstream)?
            .services
            .values()
            .flat_map(|service| &service.ports)
            .find(|published| {
                published.protocol == Protocol::Tcp && published.fixed_port() == Some(port)
            })
    }
}

/// The class of an environment without secrets.
const NO_SECRETS: &str = "none";

record! {
    /// An environment's class of secrets.
    pub(crate) Secrets, read(cursor, fields, problems):
    /// The class; `none` means that no service of the environment is given a secret.
    optional pub(crate) class: Option<Located<Word>>,
    /// The directory on each host that holds one file per secret.
    optional pub(crate) directory: Option<Located<HostPath>>,
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
    /// The host ports that the internet may reach, on services whose role is public.
    optional pub(crate) public: Vec<Located<PortRange>>,
    /// The host ports that a machine's private network may reach.
    optional pub(crate) private: Vec<Located<PortRange>>,
}

record! {
    /// What promotes into an environment.
    pub(crate) Promotion, read(cursor, fields, problems):
    /// The branch, pattern or kind of release.
    required pub(crate) from: Located<Reference>,
    /// What else is required.
    optional pub(crate) requires: Vec<Located<Requirement>>,
}

readable!(Secrets, Access, Isolation, Promotion);

impl Secrets {
    /// The class, unless it says that there are no secrets.
    pub(crate) fn own_class(&self) -> Option<&Located<Word>> {
        self.class
            .as_ref()
            .filter(|class| class.as_str() != NO_SECRETS)
    }

    /// Where it is said that there are no secrets, if it is.
    pub(crate) fn none(&self) -> Option<&Place> {
        let class = self.class.as_ref()?;
        (class.as_str() == NO_SECRETS).then_some(&class.place)
    }
}

impl Promotion {
    /// Where it asks for something, if it does.
    pub(crate) fn demand(&self, requirement: Requirement) -> Option<&Located<Requirement>> {
        self.requires
            .iter()
            .find(|given| given.value == requirement)
    }
}
