//! What a service is: what Compose is to run, and what the product promises about it.
//!
//! A service is described in the catalogue and in environments. The descriptions are merged key by key, and only the
//! result is a service. It holds fields of composegen (`role`, `needs`, `calls` …) and any field that a service has in
//! Compose, in Compose's own syntax.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use super::address::Published;
use super::in_compose::labels_once;
use super::located::Located;
use super::mounts::{Mounted, mounts};
use super::names::{
    AbsolutePath, Image, Key, Memory, Name, Processes, Processors, Release, Variable,
};
use super::ports::ports;
use super::read::{Readable, keyed, located, optional, readable, record};
use super::roles::{Role, Roles};
use super::words::{StartCondition, Trait};
use crate::compose::{field_names, fields_of_service};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Place;
use crate::state::{HostIp, PortRange, UnsetPort};
use crate::text::expected;
use crate::yaml::{Cursor, Fields, Tree, TreeContent};

/// A service of a host.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its name in the Compose file.
    pub(crate) name: Name,
    /// Where it is described.
    pub(crate) place: Place,
    /// The image it runs; only a service that is built has none.
    pub(crate) image: Option<Located<ImageSource>>,
    /// What it is for.
    pub(crate) role: Option<Located<Role>>,
    /// The networks it is attached to; Compose's default one where there are none.
    pub(crate) networks: Vec<Located<Key>>,
    /// What it mounts of the host's volumes and directories.
    pub(crate) mounts: Vec<Mounted>,
    /// The secrets it is given, by name.
    pub(crate) secrets: Vec<Located<Key>>,
    /// The services that it starts after, and when.
    pub(crate) needs: Vec<Need>,
    /// The port that it answers on.
    pub(crate) serves: Option<Located<u16>>,
    /// Where it shows its metrics.
    pub(crate) metrics: Option<Metrics>,
    /// What it may use of the machine.
    pub(crate) limits: Limits,
    /// The upstreams that it calls.
    pub(crate) calls: Vec<Located<Name>>,
    /// The ports that it publishes: those that its host lists, and those that it has in Compose's own syntax.
    pub(crate) ports: Vec<Located<Published>>,
    /// The ports that it publishes and that depend on a variable without a value.
    pub(crate) unset_ports: Vec<Located<UnsetPort>>,
    /// The ports that its host lists for it.
    pub(crate) listed: Vec<Located<Published>>,
    /// What is allowed to it against a rule, by the rule's name, and why. Whether there is such a rule
    /// is for the rules to say.
    pub(crate) allow: BTreeMap<Key, Located<String>>,
    /// Free values for templates.
    pub(crate) values: Option<Tree>,
    /// Its fields that Compose has, as they are written.
    pub(crate) compose: Tree,
}

/// A port that a service publishes, as far as it is known.
#[derive(Clone, Copy)]
pub(crate) struct OpenPort<'a> {
    /// The port as Compose writes it.
    pub(crate) what: &'a dyn fmt::Display,
    /// Where it is written.
    pub(crate) place: &'a Place,
    /// The address on the host; `None` where a variable without a value decides it.
    pub(crate) address: Option<IpAddr>,
    /// The port on the host; `None` where the engine or such a variable decides it.
    port: Option<PortRange>,
}

impl OpenPort<'_> {
    /// Whether it is on every address of the host; `None` where that is not known.
    pub(crate) fn is_public(&self) -> Option<bool> {
        self.address.map(|address| address.is_unspecified())
    }

    /// The port on the host, where the engine has no choice.
    pub(crate) fn fixed_port(&self) -> Option<u16> {
        self.port?.fixed()
    }

    /// Whether it can only be on ports of the host that a list has.
    pub(crate) fn is_within(&self, listed: &[Located<PortRange>]) -> bool {
        let mut listed = listed.iter();
        self.port
            .is_some_and(|own| listed.any(|ports| ports.contains(own)))
    }
}

/// A service that another one starts after.
#[derive(Debug, Clone)]
pub(crate) struct Need {
    /// Its name.
    pub(crate) service: Located<Name>,
    /// What the other one waits for; where nothing is written, its end if it is a job, else its health.
    pub(crate) until: Option<StartCondition>,
}

/// The fields of a service that Compose does not have.
pub(crate) const OWN_FIELDS: [&str; 9] = [
    "role", "release", "needs", "serves", "metrics", "limits", "calls", "allow", "values",
];

/// Those of them that are mappings, in which `null` has no meaning but that an entry is removed.
pub(super) const MAPPINGS: [&str; 4] = ["allow", "limits", "metrics", "needs"];

/// Those of them that do not affect what Compose runs.
pub(super) const PROMISES: [&str; 5] = ["role", "serves", "metrics", "calls", "allow"];

/// How much of a service is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// One description, which others complete.
    Description,
    /// All of it, and the service that may have been meant, where its name is like that of another one.
    Whole(Option<&'a str>),
}

impl Service {
    /// The ports that it publishes, also those that depend on a variable without a value.
    pub(crate) fn open_ports(&self) -> impl Iterator<Item = OpenPort<'_>> {
        let known = self.ports.iter().map(|port| OpenPort {
            what: &port.value,
            place: &port.place,
            address: Some(port.address),
            port: port.port,
        });
        let unset = self.unset_ports.iter().map(|port| OpenPort {
            what: &port.value,
            place: &port.place,
            address: match port.host_ip {
                HostIp::Known(address) => Some(address.unwrap_or(Ipv4Addr::UNSPECIFIED.into())),
                HostIp::Unset(_) => None,
            },
            port: port.published.parse().ok(),
        });
        known.chain(unset)
    }

    /// Reads a service from its merged descriptions.
    pub(super) fn read(
        name: &Name,
        cursor: &Cursor<'_>,
        part: Part<'_>,
        roles: &Roles,
        problems: &mut Diagnostics,
    ) -> Option<Self> {
        let known = problems.len();
        let mut fields = cursor.fields(problems)?;
        let image = image(&mut fields, problems);
        let role: Option<Located<Name>> = optional(&mut fields, "role", problems);
        let networks = names_of(fields.optional("networks"), problems);
        let mounts = fields
            .optional("volumes")
            .map(|c| mounts(&c, problems))
            .unwrap_or_default();
        let secrets = names_of(fields.optional("secrets"), problems);
        let needs = fields
            .optional("needs")
            .map(|c| needs(&c, problems))
            .unwrap_or_default();
        let serves = optional(&mut fields, "serves", problems);
        let metrics = optional(&mut fields, "metrics", problems);
        let limits: Option<Limits> = optional(&mut fields, "limits", problems);
        let calls = optional(&mut fields, "calls", problems);
        let allow = optional(&mut fields, "allow", problems);
        let values = fields.optional("values").map(|c| c.tree().clone());
        let ports = fields
            .optional("ports")
            .map(|c| ports(&c, problems))
            .unwrap_or_default();
        fields.finish_beside(&field_names("services"), holder, problems);
        labels_once(cursor, problems);
        let role = role.and_then(|role| roles.find(role, problems));
        // A provider runs something else than a container.
        let is_built = ["build", "provider"]
            .iter()
            .any(|key| cursor.get(key).is_some());
        if let Part::Whole(meant) = part
            && image.is_none()
            && !is_built
            && problems.len() == known
        {
            problems.push(
                Diagnostic::new(format!("service `{name}` has no image"), cursor.key_place())
                    .label("expected a field `image`, `release` or `build`")
                    .did_you_mean(name.as_str(), meant)
                    .follows_from_field("services"),
            );
        }
        let mut compose = cursor.tree().clone();
        compose.retain(|key| !OWN_FIELDS.contains(&key));
        Some(Self {
            name: name.clone(),
            place: cursor.key_place(),
            image,
            role,
            networks,
            mounts,
            secrets,
            needs,
            serves,
            metrics,
            limits: limits.unwrap_or_default(),
            calls,
            ports: ports.known,
            unset_ports: ports.unset,
            listed: Vec::new(),
            allow,
            values,
            compose,
        })
    }

    /// Whether something is true of services with its role.
    pub(crate) fn has(&self, one: Trait) -> bool {
        self.role.as_ref().is_some_and(|role| role.has(one))
    }
}

/// The names in a field that is a list of names or of mappings with a `source`, or a mapping by name.
fn names_of(field: Option<Cursor<'_>>, problems: &mut Diagnostics) -> Vec<Located<Key>> {
    let Some(cursor) = field else {
        return Vec::new();
    };
    if let TreeContent::Map(_) = cursor.tree().content() {
        return keyed::<Key>(&cursor, problems)
            .into_iter()
            .map(|(name, entry)| Located::new(name, entry.key_place()))
            .collect();
    }
    if cursor
        .tree()
        .items()
        .iter()
        .any(|item| item.get("source").is_some())
    {
        return cursor
            .list(problems)
            .into_iter()
            .filter_map(|item| Readable::read(&item.get("source").unwrap_or(item), problems))
            .collect();
    }
    Readable::read(&cursor, problems).unwrap_or_default()
}

/// The services that a service needs: a list of them, or a mapping to when it starts.
fn needs(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Vec<Need> {
    if let TreeContent::Map(_) = cursor.tree().content() {
        return keyed::<Name>(cursor, problems)
            .into_iter()
            .map(|(name, entry)| Need {
                service: Located::new(name, entry.key_place()),
                // A list of names says no more of them.
                until: match entry.tree().content() {
                    TreeContent::Map(none) if none.is_empty() => None,
                    _ => Readable::read(&entry, problems),
                },
            })
            .collect();
    }
    let names: Vec<Located<Name>> = Readable::read(cursor, problems).unwrap_or_default();
    names
        .into_iter()
        .map(|service| Need {
            service,
            until: None,
        })
        .collect()
}

/// Where an image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ImageSource {
    /// Any image, as Compose writes it.
    Named(Image),
    /// One of the product's own, at the tag that is being deployed.
    Released(Released),
}

/// An image of the product's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Released {
    /// Its name in the product's registry.
    pub(crate) image: Release,
    /// The variable that holds its tag, where it is another one than the product's.
    pub(crate) tag: Option<Variable>,
}

record! {
    /// A release as a mapping.
    pub(super) LongRelease, read(cursor, fields, problems):
    required image: Release,
    optional tag: Option<Variable>,
}

fn release(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Located<ImageSource>> {
    let released = if let TreeContent::Map(_) = cursor.tree().content() {
        LongRelease::read(cursor, problems).map(|long| Released {
            image: long.image,
            tag: long.tag,
        })
    } else {
        cursor
            .parse(problems)
            .map(|image| Released { image, tag: None })
    };
    located(cursor, released.map(ImageSource::Released))
}

/// Reads the one of the two fields that name an image.
fn image(fields: &mut Fields<'_>, problems: &mut Diagnostics) -> Option<Located<ImageSource>> {
    let named: Option<Located<Image>> = optional(fields, "image", problems);
    let released = fields.optional("release");
    if let (Some(named), Some(released)) = (&named, &released) {
        problems.push(
            Diagnostic::new(
                format!("`{}` has an `image` and a `release`", fields.owner().path()),
                released.key_place(),
            )
            .label(expected::ONE_OF_TWO)
            .related(named.place.to_key(), "the other one")
            .help("`image` is any image, `release` one of the product's own"),
        );
    }
    named
        .map(|named| named.map(ImageSource::Named))
        .or_else(|| release(&released?, problems))
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
    /// What a service may use of the machine; what is not set has no limit.
    #[derive(Default)]
    pub(crate) Limits, read(cursor, fields, problems):
    /// Processors, in whole ones.
    optional pub(crate) cpus: Option<Located<Processors>>,
    /// Memory.
    optional pub(crate) memory: Option<Located<Memory>>,
    /// Processes and threads.
    optional pub(crate) pids: Option<Located<Processes>>,
}

readable!(Metrics, Limits);

/// The field of a service in Compose that has a field of this name.
fn holder(name: &str) -> Option<&'static str> {
    let holders = ["deploy", "healthcheck", "logging", "build"].into_iter();
    let mut holders = holders.filter(|holder| {
        let fields = fields_of_service(&[*holder]);
        fields.is_some_and(|fields| fields.contains(&name))
    });
    // One that several have is not known to be any of them.
    let first = holders.next();
    first.filter(|_| holders.next().is_none())
}
