//! What a service is: its image, its role, what it is attached to and what it may use.

use std::collections::BTreeMap;

use super::located::Located;
use super::names::{AbsolutePath, Image, Key, Memory, Name, Published, Release};
use super::read::{keyed, located, parse_list, parse_map};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Place;
use crate::yaml::Cursor;

/// A service of a host, complete.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its name in the Compose file.
    pub name: Name,
    /// Where it is described.
    pub place: Place,
    /// The image it runs.
    pub image: Located<ImageSource>,
    /// What it is for.
    pub role: Located<Role>,
    /// The networks it is on.
    pub networks: Vec<Located<Key>>,
    /// The volumes it mounts, and where in the container.
    pub volumes: BTreeMap<Key, Located<AbsolutePath>>,
    /// The secrets it is given, by name.
    pub secrets: Vec<Located<Key>>,
    /// The services that must be healthy before it starts.
    pub needs: Vec<Located<Name>>,
    /// The port that it answers on.
    pub serves: Option<Located<u16>>,
    /// Where it shows its metrics.
    pub metrics: Option<Metrics>,
    /// What it may use of the machine.
    pub limits: Limits,
    /// What it calls outside its own project.
    pub calls: Vec<Located<Call>>,
    /// What is allowed to it against a rule, by the rule's name, and why.
    pub allow: BTreeMap<Key, Located<String>>,
    /// The ports that its host publishes for it.
    pub ports: Vec<Located<Published>>,
}

/// Where an image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSource {
    /// Somebody else's, at a fixed tag.
    Pinned(Image),
    /// The product's own, at the tag that is being deployed.
    Released(Release),
}

/// What a service is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The door from outside.
    Edge,
    /// Keeps data that must survive.
    State,
    /// Serves pages.
    Web,
    /// Serves requests of other programs.
    Api,
    /// Works on its own.
    Worker,
    /// Watches the others.
    Monitor,
    /// Serves models.
    Model,
    /// Stands in for a backend.
    Mock,
}

const ROLES: [(&str, Role); 8] = [
    ("edge", Role::Edge),
    ("state", Role::State),
    ("web", Role::Web),
    ("api", Role::Api),
    ("worker", Role::Worker),
    ("monitor", Role::Monitor),
    ("model", Role::Model),
    ("mock", Role::Mock),
];

impl Role {
    /// The word for it in a spec.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        ROLES
            .iter()
            .find_map(|(word, role)| (*role == self).then_some(*word))
            .unwrap_or_default()
    }
}

/// What a service calls outside its own project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// The environment's models.
    Compute,
    /// The environment's external channels.
    Channels,
}

const CALLS: [(&str, Call); 2] = [("compute", Call::Compute), ("channels", Call::Channels)];

impl Call {
    /// The word for it in a spec.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compute => "compute",
            Self::Channels => "channels",
        }
    }
}

/// Where a service shows its metrics, for Prometheus to scrape.
#[derive(Debug, Clone)]
pub struct Metrics {
    /// The port in the container.
    pub port: Located<u16>,
    /// The path, `/metrics` where nothing is written.
    pub path: Option<Located<AbsolutePath>>,
}

/// What a service may use of the machine.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Processors, in whole ones.
    pub cpus: Located<f64>,
    /// Memory.
    pub memory: Located<Memory>,
    /// Processes and threads.
    pub pids: Located<u64>,
}

/// What one file says of a service; an environment's words go over the catalogue's, field by field.
#[derive(Debug, Clone, Default)]
pub(super) struct Description {
    place: Option<Place>,
    /// Whether something was written that could not be read.
    has_mistake: bool,
    image: Option<Located<ImageSource>>,
    role: Option<Located<Role>>,
    networks: Option<Vec<Located<Key>>>,
    volumes: Option<BTreeMap<Key, Located<AbsolutePath>>>,
    secrets: Option<Vec<Located<Key>>>,
    needs: Option<Vec<Located<Name>>>,
    serves: Option<Located<u16>>,
    metrics: Option<Metrics>,
    limits: Option<Limits>,
    calls: Option<Vec<Located<Call>>>,
    allow: Option<BTreeMap<Key, Located<String>>>,
}

impl Description {
    /// Where the service is described.
    pub(super) fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    pub(super) fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Self {
        let known = problems.len();
        let Some(mut fields) = cursor.fields(problems) else {
            return Self {
                place: Some(cursor.key_place()),
                has_mistake: true,
                ..Self::default()
            };
        };
        let pinned = fields.optional("image").and_then(|c| {
            located(&c, c.parse::<Image>(problems)).map(|i| relabel(i, ImageSource::Pinned))
        });
        let release = fields.optional("release").and_then(|c| {
            located(&c, c.parse::<Release>(problems)).map(|i| relabel(i, ImageSource::Released))
        });
        if let (Some(pinned), Some(release)) = (&pinned, &release) {
            problems.push(
                Diagnostic::new(
                    format!("`{}` has an `image` and a `release`", cursor.path()),
                    release.place.to_key(),
                )
                .label("expected one of the two")
                .related(pinned.place.to_key(), "the other one")
                .help("`image` is somebody else's at a fixed tag, `release` the product's own"),
            );
        }
        let mut description = Self {
            place: Some(cursor.key_place()),
            has_mistake: false,
            image: pinned.or(release),
            role: fields
                .optional("role")
                .and_then(|c| located(&c, c.one_of(&ROLES, problems))),
            networks: fields
                .optional("networks")
                .map(|c| parse_list(&c, problems)),
            volumes: fields.optional("volumes").map(|c| parse_map(&c, problems)),
            secrets: fields.optional("secrets").map(|c| parse_list(&c, problems)),
            needs: fields.optional("needs").map(|c| parse_list(&c, problems)),
            serves: fields.optional("serves").and_then(|c| port(&c, problems)),
            metrics: fields
                .optional("metrics")
                .and_then(|c| metrics(&c, problems)),
            limits: fields.optional("limits").and_then(|c| limits(&c, problems)),
            calls: fields.optional("calls").map(|c| {
                let items = c.list(problems).into_iter();
                items
                    .filter_map(|c| located(&c, c.one_of(&CALLS, problems)))
                    .collect()
            }),
            allow: fields.optional("allow").map(|c| allowances(&c, problems)),
        };
        fields.finish(problems);
        description.has_mistake = problems.len() > known;
        description
    }

    /// This description with `other`'s words over its own.
    pub(super) fn with(&self, other: Option<&Self>) -> Self {
        let own = self.clone();
        let Some(other) = other.cloned() else {
            return own;
        };
        Self {
            place: own.place.or(other.place),
            has_mistake: own.has_mistake || other.has_mistake,
            image: other.image.or(own.image),
            role: other.role.or(own.role),
            networks: other.networks.or(own.networks),
            volumes: other.volumes.or(own.volumes),
            secrets: other.secrets.or(own.secrets),
            needs: other.needs.or(own.needs),
            serves: other.serves.or(own.serves),
            metrics: other.metrics.or(own.metrics),
            limits: other.limits.or(own.limits),
            calls: other.calls.or(own.calls),
            allow: other.allow.or(own.allow),
        }
    }

    /// The service, if everything that a service must have is there.
    pub(super) fn complete(
        self,
        name: &Name,
        ports: Vec<Located<Published>>,
        problems: &mut Diagnostics,
    ) -> Option<Service> {
        let place = self.place?;
        let mut missing = Vec::new();
        if self.image.is_none() {
            missing.push("`image` (or `release`)");
        }
        if self.role.is_none() {
            missing.push("`role`");
        }
        if self.networks.as_ref().is_none_or(Vec::is_empty) {
            missing.push("`networks`");
        }
        if self.limits.is_none() {
            missing.push("`limits`");
        }
        // What could not be read is not missing as well.
        if !missing.is_empty() && !self.has_mistake {
            problems.push(
                Diagnostic::new(format!("service `{name}` is not complete"), place.clone())
                    .label(format!("expected {}", missing.join(", "))),
            );
        }
        Some(Service {
            name: name.clone(),
            place,
            image: self.image?,
            role: self.role?,
            networks: self.networks?,
            volumes: self.volumes.unwrap_or_default(),
            secrets: self.secrets.unwrap_or_default(),
            needs: self.needs.unwrap_or_default(),
            serves: self.serves,
            metrics: self.metrics,
            limits: self.limits?,
            calls: self.calls.unwrap_or_default(),
            allow: self.allow.unwrap_or_default(),
            ports,
        })
    }
}

fn relabel<T, U>(located: Located<T>, map: impl FnOnce(T) -> U) -> Located<U> {
    Located::new(map(located.value), located.place)
}

pub(super) fn port(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Located<u16>> {
    let number = cursor.whole(1, 65535, problems)?;
    located(cursor, u16::try_from(number).ok())
}

fn metrics(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Metrics> {
    let mut fields = cursor.fields(problems)?;
    let at = fields
        .required("port", problems)
        .and_then(|c| port(&c, problems));
    let path = fields
        .optional("path")
        .and_then(|c| located(&c, c.parse(problems)));
    fields.finish(problems);
    Some(Metrics { port: at?, path })
}

fn limits(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Limits> {
    let mut fields = cursor.fields(problems)?;
    let cpus = fields.required("cpus", problems).and_then(|c| {
        let number = c.value().as_f64().filter(|n| *n > 0.0 && *n <= 1024.0);
        if number.is_none() {
            c.mismatch("a number of processors above 0", problems);
        }
        located(&c, number)
    });
    let memory = fields
        .required("memory", problems)
        .and_then(|c| located(&c, c.parse(problems)));
    let pids = fields
        .required("pids", problems)
        .and_then(|c| located(&c, c.whole(1, 4_194_304, problems)));
    fields.finish(problems);
    Some(Limits {
        cpus: cpus?,
        memory: memory?,
        pids: pids?,
    })
}

/// Whether a rule of the name exists is for the rules to say.
fn allowances(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> BTreeMap<Key, Located<String>> {
    let mut allowed = BTreeMap::new();
    for (key, value) in keyed(cursor, problems) {
        if let Some(text) = value.text(problems) {
            allowed.insert(key, Located::new(text.to_owned(), value.place()));
        }
    }
    allowed
}
