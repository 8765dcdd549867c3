//! What one environment says of itself.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_yaml::Value;

use super::allow::{Allowance, Difference, allowances, differences};
use super::ignore::{self, IgnoreRule};
use super::layout::{Layout, Network, Routes, Volume, VolumeKind, read_map};
use super::located::Located;
use super::names::{
    AbsolutePath, Domain, Endpoint, FilePath, Key, Name, Period, ProjectName, Protocol, Published,
    Reference, Route, Subnet, Word,
};
use super::numbered::Numbered;
use super::read::{keyed, located, parse_list, parse_map};
use super::service::{Call, Description, Service, port};
use crate::diagnostic::Diagnostics;
use crate::source::{At, Place};
use crate::yaml::{Cursor, Segment};

/// An environment: local, preview, staging, prod, or whatever the user calls it.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Its name.
    pub name: Name,
    /// Where it is described.
    pub place: Place,
    /// Whether there is one of it per pull request.
    pub per_pull_request: bool,
    /// How many of it there may be at once, where there is one per pull request.
    pub at_most: Option<Located<u64>>,
    /// The environment whose topology it has.
    pub mirrors: Option<Located<Name>>,
    /// What it says differently of the environment that it mirrors.
    pub differs: Vec<Located<Difference>>,
    /// The findings of `check` that are allowed to it.
    pub allow: Vec<Located<Allowance>>,
    /// The domains it answers to, by the name that routes call them.
    pub domains: BTreeMap<Key, Located<Domain>>,
    /// Whose data it works on.
    pub data: Located<Data>,
    /// Where its data lies in stores that could be shared.
    pub namespaces: Namespaces,
    /// Its class of secrets, and where they are.
    pub secrets: Secrets,
    /// What its messages to the outside reach.
    pub channels: Located<Channels>,
    /// Where its models are.
    pub compute: Compute,
    /// Whether its health is looked at or made up.
    pub health: Located<Health>,
    /// Who may see a domain; a domain that is not here is open.
    pub access: BTreeMap<Key, Access>,
    /// How long it keeps what it collects, by kind.
    pub retention: BTreeMap<Key, Located<Period>>,
    /// From where its ports may be reached.
    pub isolation: Isolation,
    /// What promotes into it.
    pub promotion: Option<Promotion>,
    /// Its hosts.
    pub hosts: Vec<Host>,
    /// Its file before the number of a pull request was filled in, where it has one.
    written: Option<Arc<Value>>,
}

/// Where one Compose project of an environment runs.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its name.
    pub name: Name,
    /// Where it is described.
    pub place: Place,
    /// The physical box.
    pub machine: Located<Name>,
    /// Its Docker Engine.
    pub docker: Located<Endpoint>,
    /// The Compose project's name.
    pub project: Located<ProjectName>,
    /// The template of its Compose file, below `templates/`.
    pub template: Located<FilePath>,
    /// Its Compose file, below `generated/`.
    pub output: Located<FilePath>,
    /// The same as it is written in the spec, with the placeholder of a pull request's number.
    pub output_pattern: String,
    /// The project's name as it is written, with `<pr>` where it is for a pull request.
    pub project_pattern: String,
    /// What runs on it.
    pub services: BTreeMap<Name, Service>,
    /// Where each of its services is listed.
    pub listed: BTreeMap<Name, Place>,
    /// The networks it declares.
    pub networks: BTreeMap<Key, Network>,
    /// The volumes it declares.
    pub volumes: BTreeMap<Key, Volume>,
    /// Who answers on which domain and path.
    pub routes: BTreeMap<Key, Located<Routes>>,
    /// Whether nothing but the project may publish ports on the machine.
    pub exclusive: Option<Located<bool>>,
    /// The findings of `drift` that somebody has decided to live with.
    pub ignore: Vec<Located<IgnoreRule>>,
}

impl Environment {
    /// A value as its file writes it, with `<pr>` where it is another one for each pull request.
    #[must_use]
    pub fn as_written<T: fmt::Display>(&self, value: &Located<T>) -> Numbered {
        // What comes from the catalogue is nobody's number.
        let file = self.written.as_deref();
        let own = file.filter(|_| value.place.source.name == self.place.source.name);
        let written = own.and_then(|file| {
            let (At::Value(path) | At::Key(path)) = &value.place.at else {
                return None;
            };
            let mut steps = path.segments().into_iter();
            steps
                .try_fold(file, |at, step| match step {
                    Segment::Key(key) => at.get(key.as_str()),
                    Segment::Index(index) => at.get(*index),
                })?
                .as_str()
        });
        Numbered::new(written.map_or_else(|| value.value.to_string(), str::to_owned))
    }

    /// The address on which the host that serves the models publishes the route's port.
    #[must_use]
    pub fn compute_address(&self) -> Option<&Located<Published>> {
        let Route::Address { port, .. } = &self.compute.route.value else {
            return None;
        };
        let server = self.compute.served_by.as_ref()?;
        let host = self.hosts.iter().find(|host| host.name == server.value)?;
        let mut ports = host.services.values().flat_map(|service| &service.ports);
        ports.find(|published| {
            published.protocol == Protocol::Tcp && published.port.fixed() == Some(*port)
        })
    }
}

impl Host {
    /// The volumes that Compose creates for this host; a directory of the host is none.
    pub fn named_volumes(&self) -> impl Iterator<Item = (&Key, &Volume)> {
        let volumes = self.volumes.iter();
        volumes.filter(|(_, volume)| !matches!(volume.kind, VolumeKind::Bind(_)))
    }

    /// Whether a service of this host calls something outside its project.
    #[must_use]
    pub fn calls(&self, call: Call) -> bool {
        let mut calls = self.services.values().flat_map(|service| &service.calls);
        calls.any(|made| made.value == call)
    }
}

/// Declares an enum of words with the table that reads and writes them.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $word:literal => $variant:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant),)+];

            /// The word for it in a spec.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

words! {
    /// Whose data an environment works on.
    Data {
        /// Scrubbed fixtures, and nothing else.
        "fixtures" => Fixtures,
        /// Made-up answers, or a read-only part of another environment's.
        "mocked" => Mocked,
        /// Stores of its own.
        "own" => Own,
    }
}

words! {
    /// What an environment's messages to the outside reach.
    Channels {
        /// Nothing.
        "none" => None,
        /// The channels' sandboxes.
        "sandbox" => Sandbox,
        /// Real people.
        "live" => Live,
    }
}

words! {
    /// Whether an environment's health is looked at or made up.
    Health {
        /// Made up.
        "mock" => Mock,
        /// Looked at.
        "live" => Live,
    }
}

words! {
    /// From where an environment's published ports may be reached.
    Reach {
        /// From the machine itself only.
        "loopback" => Loopback,
        /// Also from the machine's private networks.
        "private" => Private,
        /// Also from the internet.
        "public" => Public,
    }
}

words! {
    /// What a promotion asks for besides its source.
    Requirement {
        /// Somebody's approval.
        "approval" => Approval,
        /// An entry in the release journal.
        "journal" => Journal,
    }
}

/// Where an environment's data lies in stores that could be shared with another one.
#[derive(Debug, Clone)]
pub struct Namespaces {
    /// The database.
    pub database: Located<Word>,
    /// The vector store's collections.
    pub vectors: Located<Word>,
    /// The bucket.
    pub bucket: Located<Word>,
    /// The queues.
    pub queue: Located<Word>,
}

impl Namespaces {
    /// All of them, with the words that a spec has for them.
    #[must_use]
    pub fn all(&self) -> [(&'static str, &Located<Word>); 4] {
        [
            ("database", &self.database),
            ("vectors", &self.vectors),
            ("bucket", &self.bucket),
            ("queue", &self.queue),
        ]
    }
}

/// An environment's class of secrets.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// The class; `none` means that no service of the environment is given a secret.
    pub class: Located<Word>,
    /// The directory on each host that holds one file per secret.
    pub directory: Option<Located<AbsolutePath>>,
}

/// Where an environment's models are.
#[derive(Debug, Clone)]
pub struct Compute {
    /// The address that services call, or `mock`.
    pub route: Located<Route>,
    /// The host of this environment that answers there.
    pub served_by: Option<Located<Name>>,
    /// What is used where the route fails.
    pub fallback: Option<Located<Word>>,
}

/// Who may see a domain.
#[derive(Debug, Clone)]
pub struct Access {
    /// Where it is declared.
    pub place: Place,
    /// The networks from which it may be seen; empty means from everywhere.
    pub private: Vec<Located<Subnet>>,
    /// Whether a second factor is asked for.
    pub mfa: Option<Located<bool>>,
}

/// From where an environment's ports may be reached.
#[derive(Debug, Clone)]
pub struct Isolation {
    /// How far the furthest of them may be reached from.
    pub reach: Located<Reach>,
    /// The host ports that the internet may reach, on services whose role is `edge`.
    pub public: Vec<Located<u16>>,
    /// The host ports that a machine's private network may reach.
    pub private: Vec<Located<u16>>,
}

/// What promotes into an environment.
#[derive(Debug, Clone)]
pub struct Promotion {
    /// The branch, pattern or kind of release.
    pub from: Located<Reference>,
    /// What else is asked for.
    pub requires: Vec<Located<Requirement>>,
}

impl Promotion {
    /// Where it asks for something, if it does.
    #[must_use]
    pub fn demand(&self, requirement: Requirement) -> Option<&Located<Requirement>> {
        let mut requires = self.requires.iter();
        requires.find(|given| given.value == requirement)
    }
}

/// An environment's file as it was read, before the catalogue is put under it.
#[derive(Debug)]
pub(super) struct EnvironmentFile {
    pub(super) name: Located<Name>,
    pub(super) per_pull_request: bool,
    pub(super) services: BTreeMap<Name, Description>,
    pub(super) hosts: Vec<HostFile>,
    /// The file before the number of a pull request was filled in, where there is one per pull request.
    pub(super) written: Option<Arc<Value>>,
    facts: Option<Facts>,
}

/// A host as it was read, before its stack is put under it.
#[derive(Debug)]
pub(super) struct HostFile {
    pub(super) name: Name,
    pub(super) place: Place,
    pub(super) stack: Option<Located<Name>>,
    pub(super) machine: Option<Located<Name>>,
    pub(super) docker: Option<Located<Endpoint>>,
    pub(super) project: Option<Located<ProjectName>>,
    pub(super) output: Option<Located<FilePath>>,
    pub(super) output_pattern: Option<String>,
    pub(super) project_pattern: Option<String>,
    pub(super) layout: Layout,
    pub(super) ports: BTreeMap<Name, Located<Vec<Located<Published>>>>,
    pub(super) exclusive: Option<Located<bool>>,
    pub(super) ignore: Vec<Located<IgnoreRule>>,
}

/// What an environment says besides its services and hosts.
#[derive(Debug)]
struct Facts {
    place: Place,
    at_most: Option<Located<u64>>,
    mirrors: Option<Located<Name>>,
    differs: Vec<Located<Difference>>,
    allow: Vec<Located<Allowance>>,
    domains: BTreeMap<Key, Located<Domain>>,
    data: Located<Data>,
    namespaces: Namespaces,
    secrets: Secrets,
    channels: Located<Channels>,
    compute: Compute,
    health: Located<Health>,
    access: BTreeMap<Key, Access>,
    retention: BTreeMap<Key, Located<Period>>,
    isolation: Isolation,
    promotion: Option<Promotion>,
}

impl EnvironmentFile {
    /// Reads an environment's file; `None` where it does not even have a name.
    pub(super) fn read(root: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let mut fields = root.fields(problems)?;
        let name = fields
            .required("environment", problems)
            .and_then(|c| located(&c, c.parse(problems)));
        let per = fields
            .optional("per")
            .and_then(|c| c.one_of(&[("pull-request", ())], problems));
        let at_most = fields
            .optional("at_most")
            .and_then(|c| located(&c, c.whole(1, 100_000, problems)));
        let mirrors = fields
            .optional("mirrors")
            .and_then(|c| located(&c, c.parse(problems)));
        let differs = differences(&mut fields, problems);
        let allow = allowances(&mut fields, problems);
        let domains = fields
            .required("domains", problems)
            .map(|c| parse_map(&c, problems));
        let data = fields
            .required("data", problems)
            .and_then(|c| located(&c, c.one_of(Data::WORDS, problems)));
        let namespaces = fields
            .required("namespaces", problems)
            .and_then(|c| namespaces(&c, problems));
        let secrets = fields
            .required("secrets", problems)
            .and_then(|c| secrets(&c, problems));
        let channels = fields
            .required("channels", problems)
            .and_then(|c| located(&c, c.one_of(Channels::WORDS, problems)));
        let compute = fields
            .required("compute", problems)
            .and_then(|c| compute(&c, problems));
        let health = fields
            .required("health", problems)
            .and_then(|c| located(&c, c.one_of(Health::WORDS, problems)));
        let access = read_map(fields.optional("access"), access, problems);
        let retention = fields
            .optional("retention")
            .map(|c| parse_map(&c, problems))
            .unwrap_or_default();
        let isolation = fields
            .required("isolation", problems)
            .and_then(|c| isolation(&c, problems));
        let promotion = fields
            .optional("promotion")
            .and_then(|c| promotion(&c, problems));
        let services = read_map(
            fields.optional("services"),
            |c, problems| Some(Description::read(c, problems)),
            problems,
        );
        let mut hosts = Vec::new();
        if let Some(cursor) = fields.required("hosts", problems) {
            for (name, cursor) in keyed(&cursor, problems) {
                hosts.extend(HostFile::read(name, &cursor, problems));
            }
        }
        fields.finish(problems);
        let name = name?;
        let place = name.place.clone();
        let facts = (|| {
            Some(Facts {
                place,
                at_most,
                mirrors,
                differs,
                allow,
                domains: domains?,
                data: data?,
                namespaces: namespaces?,
                secrets: secrets?,
                channels: channels?,
                compute: compute?,
                health: health?,
                access,
                retention,
                isolation: isolation?,
                promotion,
            })
        })();
        Some(Self {
            name,
            per_pull_request: per.is_some(),
            services,
            hosts,
            written: None,
            facts,
        })
    }

    /// The environment with its hosts, if everything that it must have was read.
    pub(super) fn complete(self, hosts: Vec<Host>) -> Option<Environment> {
        let facts = self.facts?;
        Some(Environment {
            name: self.name.value,
            place: facts.place,
            per_pull_request: self.per_pull_request,
            at_most: facts.at_most,
            mirrors: facts.mirrors,
            differs: facts.differs,
            allow: facts.allow,
            domains: facts.domains,
            data: facts.data,
            namespaces: facts.namespaces,
            secrets: facts.secrets,
            channels: facts.channels,
            compute: facts.compute,
            health: facts.health,
            access: facts.access,
            retention: facts.retention,
            isolation: facts.isolation,
            promotion: facts.promotion,
            hosts,
            written: self.written,
        })
    }
}

impl HostFile {
    fn read(name: Name, cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let mut fields = cursor.fields(problems)?;
        let stack = fields
            .optional("stack")
            .and_then(|c| located(&c, c.parse(problems)));
        let machine = fields
            .required("machine", problems)
            .and_then(|c| located(&c, c.parse(problems)));
        let docker = fields
            .required("docker", problems)
            .and_then(|c| located(&c, c.parse(problems)));
        let project = fields
            .required("project", problems)
            .and_then(|c| located(&c, c.parse(problems)));
        let output = fields
            .required("output", problems)
            .and_then(|c| located(&c, c.parse(problems)));
        let layout = Layout::read(&mut fields, problems);
        let ports = read_map(
            fields.optional("ports"),
            |c, problems| Some(Located::new(parse_list(c, problems), c.key_place())),
            problems,
        );
        let exclusive = fields
            .optional("exclusive")
            .and_then(|c| located(&c, c.boolean(problems)));
        let ignore = fields
            .optional("ignore")
            .map(|c| c.list(problems))
            .unwrap_or_default();
        let ignore = ignore
            .iter()
            .filter_map(|c| located(c, ignore::read(c, problems)));
        let ignore = ignore.collect();
        fields.finish(problems);
        Some(Self {
            name,
            place: cursor.key_place(),
            stack,
            machine,
            docker,
            project,
            output,
            output_pattern: None,
            project_pattern: None,
            layout,
            ports,
            exclusive,
            ignore,
        })
    }
}

fn namespaces(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Namespaces> {
    let mut fields = cursor.fields(problems)?;
    let mut word = |key| {
        fields
            .required(key, problems)
            .and_then(|c| located(&c, c.parse(problems)))
    };
    let (database, vectors) = (word("database"), word("vectors"));
    let (bucket, queue) = (word("bucket"), word("queue"));
    fields.finish(problems);
    Some(Namespaces {
        database: database?,
        vectors: vectors?,
        bucket: bucket?,
        queue: queue?,
    })
}

fn secrets(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Secrets> {
    let mut fields = cursor.fields(problems)?;
    let class = fields
        .required("class", problems)
        .and_then(|c| located(&c, c.parse(problems)));
    let directory = fields
        .optional("directory")
        .and_then(|c| located(&c, c.parse(problems)));
    fields.finish(problems);
    Some(Secrets {
        class: class?,
        directory,
    })
}

fn compute(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Compute> {
    let mut fields = cursor.fields(problems)?;
    let route = fields
        .required("route", problems)
        .and_then(|c| located(&c, c.parse(problems)));
    let served_by = fields
        .optional("served_by")
        .and_then(|c| located(&c, c.parse(problems)));
    let fallback = fields
        .optional("fallback")
        .and_then(|c| located(&c, c.parse(problems)));
    fields.finish(problems);
    Some(Compute {
        route: route?,
        served_by,
        fallback,
    })
}

fn access(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Access> {
    let mut fields = cursor.fields(problems)?;
    let access = Access {
        place: cursor.key_place(),
        private: fields
            .optional("private")
            .map(|c| parse_list(&c, problems))
            .unwrap_or_default(),
        mfa: fields
            .optional("mfa")
            .and_then(|c| located(&c, c.boolean(problems))),
    };
    fields.finish(problems);
    Some(access)
}

fn isolation(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Isolation> {
    let mut fields = cursor.fields(problems)?;
    let reach = fields
        .required("reach", problems)
        .and_then(|c| located(&c, c.one_of(Reach::WORDS, problems)));
    let mut ports = |key| {
        let items = fields.optional(key).map(|c| c.list(problems));
        let items = items.unwrap_or_default().into_iter();
        items.filter_map(|c| port(&c, problems)).collect()
    };
    let (public, private) = (ports("public"), ports("private"));
    fields.finish(problems);
    Some(Isolation {
        reach: reach?,
        public,
        private,
    })
}

fn promotion(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Promotion> {
    let mut fields = cursor.fields(problems)?;
    let from = fields
        .required("from", problems)
        .and_then(|c| located(&c, c.parse(problems)));
    let requires = fields.optional("requires").map(|c| c.list(problems));
    let requires = requires.unwrap_or_default().into_iter();
    let requires = requires
        .filter_map(|c| located(&c, c.one_of(Requirement::WORDS, problems)))
        .collect();
    fields.finish(problems);
    Some(Promotion {
        from: from?,
        requires,
    })
}
