//! What a service is: its image, its role, what it is attached to and what it may use.

use std::collections::BTreeMap;

use super::address::Published;
use super::located::Located;
use super::names::{AbsolutePath, Image, Key, Memory, Name, Release};
use super::read::{Readable, located, optional, readable, record};
use super::words::{Call, Role};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Place;
use crate::yaml::{Cursor, Fields};

/// Declares a service, and its description in one file. Each line is a field that a description may
/// leave out; a `required` one must be set by the catalogue or by the environment.
macro_rules! service {
    (@complete required $value:expr) => { $value? };
    (@complete optional $value:expr) => { $value.unwrap_or_default() };
    (@missing required $value:expr) => { $value.is_none() };
    (@missing optional $value:expr) => { false };
    (@read $field:ident $type:ty, $fields:ident, $problems:ident) => {
        optional::<Option<$type>>(&mut $fields, stringify!($field), $problems)
    };
    (@read $field:ident $type:ty, $fields:ident, $problems:ident, $value:expr) => { $value };
    (
        $fields:ident, $problems:ident:
        $($(#[$doc:meta])* $kind:ident $field:ident: $type:ty $(= $value:expr)?,)+
    ) => {
        /// A service of a host, complete.
        #[derive(Debug, Clone)]
        pub struct Service {
            /// Its name in the Compose file.
            pub(crate) name: Name,
            /// Where it is described.
            pub(crate) place: Place,
            /// The ports that its host publishes for it.
            pub(crate) ports: Vec<Located<Published>>,
            $($(#[$doc])* pub(crate) $field: $type,)+
        }

        /// What one file says of a service; an environment overrides the catalogue, field by field.
        #[derive(Debug, Clone, Default)]
        pub(super) struct Description {
            place: Option<Place>,
            /// Whether something was written that could not be read.
            has_mistake: bool,
            $($field: Option<$type>,)+
        }

        impl Description {
            fn of_fields(mut $fields: Fields<'_>, $problems: &mut Diagnostics) -> Self {
                let read = Self {
                    place: None,
                    has_mistake: false,
                    $($field: service!(@read $field $type, $fields, $problems $(, $value)?),)+
                };
                $fields.finish($problems);
                read
            }

            /// This description, overridden by another one.
            pub(super) fn with(&self, other: Option<&Self>) -> Self {
                let own = self.clone();
                let Some(other) = other.cloned() else {
                    return own;
                };
                Self {
                    place: own.place.or(other.place),
                    has_mistake: own.has_mistake || other.has_mistake,
                    $($field: other.$field.or(own.$field),)+
                }
            }

            fn missing(&self) -> Vec<&'static str> {
                [$((stringify!($field), service!(@missing $kind self.$field)),)+]
                    .into_iter()
                    .filter_map(|(field, is_missing)| is_missing.then_some(field))
                    .collect()
            }

            fn build(self, name: Name, ports: Vec<Located<Published>>) -> Option<Service> {
                Some(Service {
                    name,
                    place: self.place?,
                    ports,
                    $($field: service!(@complete $kind self.$field),)+
                })
            }
        }
    };
}

service! {
    fields, problems:
    /// The image it runs.
    required image: Located<ImageSource> = image(&mut fields, problems),
    /// What it is for.
    required role: Located<Role>,
    /// The networks it is attached to.
    required networks: Vec<Located<Key>>,
    /// The volumes it mounts, and where in the container.
    optional volumes: BTreeMap<Key, Located<AbsolutePath>>,
    /// The secrets it is given, by name.
    optional secrets: Vec<Located<Key>>,
    /// The services that must be healthy before it starts.
    optional needs: Vec<Located<Name>>,
    /// The port that it answers on.
    optional serves: Option<Located<u16>>,
    /// Where it shows its metrics.
    optional metrics: Option<Metrics>,
    /// What it may use of the machine.
    required limits: Limits,
    /// What it calls outside its own project.
    optional calls: Vec<Located<Call>>,
    /// What is allowed to it against a rule, by the rule's name, and why. Whether there is such a rule
    /// is for the rules to say.
    optional allow: BTreeMap<Key, Located<String>>,
}

impl Readable for Description {
    fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let known = problems.len();
        let read = cursor
            .fields(problems)
            .map(|fields| Self::of_fields(fields, problems));
        Some(Self {
            place: Some(cursor.key_place()),
            has_mistake: problems.len() > known,
            ..read.unwrap_or_default()
        })
    }
}

impl Description {
    /// Where the service is described.
    pub(super) fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// The service, if everything that a service must have is there.
    pub(super) fn complete(
        mut self,
        name: &Name,
        ports: Vec<Located<Published>>,
        problems: &mut Diagnostics,
    ) -> Option<Service> {
        self.networks = self.networks.filter(|networks| !networks.is_empty());
        let missing = self.missing();
        // What could not be read is not missing as well.
        if let (false, false, Some(place)) = (missing.is_empty(), self.has_mistake, &self.place) {
            let fields = missing.iter().map(|field| format!("`{field}`"));
            let label = fields.collect::<Vec<_>>().join(", ");
            let label = label.replace("`image`", "`image` (or `release`)");
            problems.push(
                Diagnostic::new(format!("service `{name}` is not complete"), place)
                    .label(format!("expected {label}")),
            );
        }
        self.build(name.clone(), ports)
    }
}

/// Where an image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ImageSource {
    /// A third-party image, at a fixed tag.
    Pinned(Image),
    /// The product's own, at the tag that is being deployed.
    Released(Release),
}

/// Reads the one of the two fields that name an image.
fn image(fields: &mut Fields<'_>, problems: &mut Diagnostics) -> Option<Located<ImageSource>> {
    let pinned: Option<Located<Image>> = optional(fields, "image", problems);
    let release: Option<Located<Release>> = optional(fields, "release", problems);
    match (pinned, release) {
        (Some(pinned), Some(release)) => {
            problems.push(
                Diagnostic::new(
                    format!("`{}` has an `image` and a `release`", fields.owner().path()),
                    release.place.to_key(),
                )
                .label("expected one of the two")
                .related(pinned.place.to_key(), "the other one")
                .help("`image` is a third-party image at a fixed tag, `release` one of the product's own"),
            );
            Some(pinned.map(ImageSource::Pinned))
        }
        (Some(pinned), None) => Some(pinned.map(ImageSource::Pinned)),
        (None, release) => release.map(|release| release.map(ImageSource::Released)),
    }
}

record! {
    /// Where a service shows its metrics, for Prometheus to scrape.
    pub(crate) Metrics, read(cursor, fields, problems):
    /// The port in the container.
    required pub(crate) port: Located<u16>,
    /// The path, `/metrics` where nothing is written.
    optional pub(crate) path: Option<Located<AbsolutePath>>,
}

record! {
    /// What a service may use of the machine.
    pub(crate) Limits, read(cursor, fields, problems):
    /// Processors, in whole ones.
    computed pub(crate) cpus: Located<f64> = fields.required("cpus", problems).and_then(|c| {
        let number = c.value().as_f64().filter(|n| *n > 0.0 && *n <= 1024.0);
        if number.is_none() {
            c.mismatch("a number of processors above 0", problems);
        }
        located(&c, number)
    }),
    /// Memory.
    required pub(crate) memory: Located<Memory>,
    /// Processes and threads.
    computed pub(crate) pids: Located<u64> = fields
        .required("pids", problems)
        .and_then(|c| located(&c, c.whole(1, 4_194_304, problems))),
}

readable!(Metrics, Limits);
