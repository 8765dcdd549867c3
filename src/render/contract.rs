//! The spec is a contract: what a template rendered is what the spec declares, no more and no less.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use super::context;
use crate::compose::Document;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Path, Place, Source};
use crate::spec::{Catalog, Host, Service, VolumeKind};
use crate::state::{self, MountKind, PortRange, Protocol, State};

/// What a rendered file is compared with, and the places of its parts.
pub(super) struct Contract<'a> {
    /// The catalogue, for what images are called.
    pub(super) catalog: &'a Catalog,
    /// What the spec declares.
    pub(super) host: &'a Host,
    /// The template that gave the file.
    pub(super) template: &'a Arc<Source>,
    /// The file.
    pub(super) source: &'a Arc<Source>,
    /// What the file declares, whether or not a service uses it.
    pub(super) declared: &'a Declared,
    /// What the file asks of a host.
    pub(super) state: &'a State,
}

/// The names that a file declares, whether or not a service uses them.
pub(super) struct Declared {
    project: Option<String>,
    sections: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Declared {
    pub(super) fn of(document: &Document) -> Self {
        let sections = ["services", "networks", "volumes"].into_iter();
        Self {
            project: document.name().map(str::to_owned),
            sections: sections
                .map(|section| {
                    let names = document.names(section).into_iter().map(str::to_owned);
                    (section, names.collect())
                })
                .collect(),
        }
    }
}

impl Contract<'_> {
    /// Notes everything in which the file departs from its spec.
    pub(super) fn check(&self) -> Diagnostics {
        let mut problems = Diagnostics::default();
        self.compare(&mut problems);
        let template = &self.template.name;
        let help = format!(
            "fix the template `{template}`, which rendered this text in memory, or the spec"
        );
        problems
            .into_iter()
            .map(|problem| problem.help(help.clone()))
            .collect()
    }

    fn compare(&self, problems: &mut Diagnostics) {
        self.project(problems);
        self.names("service", self.host.listed.iter(), problems);
        self.names(
            "network",
            self.host
                .networks
                .iter()
                .map(|(name, network)| (name, &network.place)),
            problems,
        );
        self.names(
            "volume",
            self.host
                .named_volumes()
                .map(|(name, volume)| (name, &volume.place)),
            problems,
        );
        for (name, network) in &self.state.networks {
            self.network(name, network, problems);
        }
        for (name, volume) in &self.state.volumes {
            let is_own = !volume.external && volume.name == self.on_engine(name);
            if !is_own {
                self.not_own("volume", name, &volume.name, problems);
            }
        }
        for (name, service) in &self.host.services {
            if let Some(rendered) = self.state.services.get(name.as_str()) {
                self.service(service, rendered, problems);
            }
        }
    }

    fn project(&self, problems: &mut Diagnostics) {
        let declared = &self.host.project;
        if self.declared.project.as_deref() == Some(declared.as_str()) {
            return;
        }
        let (message, at) = match self.declared.project {
            Some(_) => (
                "the project name differs from the spec",
                self.at(&Path::root().key("name")),
            ),
            None => (
                "the template sets no project name",
                Place::whole(self.template),
            ),
        };
        problems.push(
            Diagnostic::new(message, at)
                .label(format!("expected `name: {}`", declared.value))
                .related(&declared.place, "declared here"),
        );
    }

    /// Compares the keys of a section of the file with the names that the spec declares.
    fn names<'b, N: ToString + 'b>(
        &self,
        what: &str,
        declared: impl Iterator<Item = (&'b N, &'b Place)>,
        problems: &mut Diagnostics,
    ) {
        let section = Path::root().key(format!("{what}s"));
        let declared: BTreeMap<String, &Place> = declared
            .map(|(name, place)| (name.to_string(), place))
            .collect();
        let written = self.declared.sections.get(format!("{what}s").as_str());
        let written: BTreeSet<&str> = written.into_iter().flatten().map(String::as_str).collect();
        for name in &written {
            if !declared.contains_key(*name) {
                problems.push(
                    Diagnostic::new(
                        format!("the template adds {what} `{name}`"),
                        self.at(&section.key(*name)),
                    )
                    .label("not declared in the spec")
                    .related(&self.host.place, "this host does not declare it")
                    .did_you_mean(name, declared.keys().map(String::as_str)),
                );
            }
        }
        for (name, place) in declared {
            if !written.contains(name.as_str()) {
                problems.push(
                    Diagnostic::new(format!("the template leaves out {what} `{name}`"), place)
                        .label("declared here")
                        .related(
                            Place::whole(self.template),
                            "expected it to be written by this template",
                        ),
                );
            }
        }
    }

    fn network(&self, name: &str, network: &state::Network, problems: &mut Diagnostics) {
        let Some((_, declared)) = self
            .host
            .networks
            .iter()
            .find(|(key, _)| key.as_str() == name)
        else {
            return;
        };
        let at = Path::root().key("networks").key(name);
        if network.external || network.name != self.on_engine(name) {
            self.not_own("network", name, &network.name, problems);
            return;
        }
        if network.is_internal() != declared.is_internal() {
            let (is, should) = if network.is_internal() {
                ("is internal", "expected no `internal: true`")
            } else {
                ("is not internal", "expected `internal: true`")
            };
            problems.push(
                Diagnostic::new(format!("network `{name}` {is}"), self.at(&at))
                    .label(should)
                    .related(&declared.place, "declared here"),
            );
        }
        let subnets: Vec<String> = declared
            .subnet
            .iter()
            .map(|subnet| subnet.to_string())
            .collect();
        if network.fields.list("ipam.config.subnet") != subnets {
            problems.push(
                Diagnostic::new(
                    format!("the subnet of network `{name}` differs from its spec"),
                    self.at(&at),
                )
                .label(format!("expected {}", list_or(&subnets, "no subnet")))
                .related(&declared.place, "declared here"),
            );
        }
    }

    /// A `name:` or `external:` would let two environments share what each declares as its own.
    fn not_own(&self, what: &str, name: &str, on_engine: &str, problems: &mut Diagnostics) {
        let at = Path::root().key(format!("{what}s")).key(name);
        problems.push(
            Diagnostic::new(
                format!("{what} `{name}` is not the project's own: it is `{on_engine}`"),
                self.at(&at),
            )
            .label(format!(
                "expected no `name` and no `external`, so that it is `{}`",
                self.on_engine(name)
            ))
            .related(&self.host.place, "this host's project"),
        );
    }

    fn service(&self, declared: &Service, rendered: &state::Service, problems: &mut Diagnostics) {
        let at = Path::root().key("services").key(declared.name.as_str());
        let name = &declared.name;
        let image = context::image_as_written(self.catalog, declared);
        if rendered.image.as_deref() != Some(image.as_str()) {
            problems.push(
                Diagnostic::new(
                    format!("the image of service `{name}` differs from its spec"),
                    self.at(&at.key("image")),
                )
                .label(format!("expected `{image}`"))
                .related(&declared.image.place, "declared here"),
            );
        }
        if let Some(mode) = &rendered.network_mode {
            problems.push(
                Diagnostic::new(
                    format!("service `{name}` has `network_mode: {mode}` instead of its networks"),
                    self.at(&at.key("network_mode")),
                )
                .label("expected `networks`")
                .related(&declared.place, "the service"),
            );
            return;
        }
        let networks = declared
            .networks
            .iter()
            .map(|network| (network.to_string(), &network.place));
        let written = rendered.networks.keys().cloned();
        self.sets(
            declared,
            "network",
            &at.key("networks"),
            networks,
            written,
            problems,
        );
        let mounts = declared.volumes.iter().map(|(volume, target)| {
            let kind = self.host.volumes.get(volume).map(|volume| &volume.kind);
            let source = match kind {
                Some(VolumeKind::Bind(path)) => path.to_string(),
                _ => volume.to_string(),
            };
            (format!("{source}:{}", target.value), &target.place)
        });
        self.sets(
            declared,
            "mount",
            &at.key("volumes"),
            mounts,
            written_mounts(rendered),
            problems,
        );
        let ports = declared.ports.iter().map(|port| {
            let text = port_text(Some(port.address), port.port, port.target, port.protocol);
            (text, &port.place)
        });
        self.sets(
            declared,
            "port",
            &at.key("ports"),
            ports,
            written_ports(rendered),
            problems,
        );
    }

    /// Compares what a service has of a kind with what the spec declares for it.
    fn sets<'b>(
        &self,
        service: &Service,
        what: &str,
        at: &Path,
        declared: impl Iterator<Item = (String, &'b Place)>,
        written: impl Iterator<Item = String>,
        problems: &mut Diagnostics,
    ) {
        let declared: BTreeMap<String, &Place> = declared.collect();
        let written: BTreeSet<String> = written.collect();
        let name = &service.name;
        for thing in written
            .iter()
            .filter(|thing| !declared.contains_key(*thing))
        {
            problems.push(
                Diagnostic::new(
                    format!("the template adds the {what} `{thing}` to service `{name}`"),
                    self.at(at),
                )
                .label("not declared in the spec")
                .related(&service.place, "the service"),
            );
        }
        for (thing, place) in declared
            .iter()
            .filter(|(thing, _)| !written.contains(*thing))
        {
            problems.push(
                Diagnostic::new(
                    format!("the template leaves out the {what} `{thing}` of service `{name}`"),
                    *place,
                )
                .label("declared here")
                .related(self.at(at), "expected it here"),
            );
        }
    }

    /// The key at a path of the file, or the nearest one above it.
    fn at(&self, path: &Path) -> Place {
        Place::key(self.source, path.clone())
    }

    /// The name on the engine of a network or volume of the project (Compose's own rule).
    fn on_engine(&self, name: &str) -> String {
        format!("{}_{name}", self.state.project)
    }
}

fn list_or(items: &[String], none: &str) -> String {
    if items.is_empty() {
        none.to_owned()
    } else {
        items.join(", ")
    }
}

/// What a service mounts itself: secrets and configs have sections of their own, and
/// a tmpfs belongs to the service alone.
fn written_mounts(rendered: &state::Service) -> impl Iterator<Item = String> {
    let mounts = rendered.mounts.iter();
    let mounts = mounts.filter(|mount| {
        let is_secret = mount.kind == MountKind::Bind && mount.target.starts_with("/run/secrets/");
        mount.kind != MountKind::Tmpfs && !is_secret
    });
    mounts.map(|mount| format!("{}:{}", mount.source.as_deref().unwrap_or(""), mount.target))
}

fn written_ports(rendered: &state::Service) -> impl Iterator<Item = String> {
    let ports = rendered.ports.iter();
    ports.map(|port| port_text(port.host_ip, port.published, port.target, port.protocol))
}

fn port_text(
    address: Option<IpAddr>,
    published: Option<PortRange>,
    target: u16,
    protocol: Protocol,
) -> String {
    let address = address.map_or_else(|| "*".to_owned(), |address| address.to_string());
    let published = published.map_or_else(String::new, |range| range.to_string());
    format!("{address}:{published}:{target}/{}", protocol.as_str())
}
