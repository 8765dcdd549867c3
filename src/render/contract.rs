//! The spec is a contract: what a template gave is what the spec declares.
//!
//! Services, networks, volumes, attachments, mounts and ports are what the spec declares, no more and no fewer. Of
//! everything else a template may add what the spec does not mention, and must give what the spec does.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;

use super::asked::Asked;
use crate::compose::Document;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::fields::{Value, Values, paths};
use crate::source::{Path, Place, Source};
use crate::spec::{Host, Volume};
use crate::state::{self, DEFINITION, MountKind, Port, State};

const AS_IN_SPEC: &str = "expected the value of the spec";

/// What a rendered file is compared with, and the places of its parts.
pub(super) struct Contract<'a> {
    /// What the spec declares.
    pub(super) host: &'a Host,
    /// The template that gave the file.
    pub(super) template: &'a Arc<Source>,
    /// The file.
    pub(super) source: &'a Arc<Source>,
    /// What the file declares, whether or not a service uses it.
    pub(super) declared: &'a Declared,
    /// What the specs ask for.
    pub(super) asked: &'a Asked,
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

/// A service, network or volume, and where it is in the file and in the spec.
struct Owner<'a> {
    what: &'static str,
    name: &'a str,
    path: Path,
    place: Place,
}

impl Contract<'_> {
    /// Notes everything in which the file departs from its spec.
    pub(super) fn check(&self) -> Diagnostics {
        let mut problems = Diagnostics::default();
        self.compare(&mut problems);
        problems
            .into_iter()
            .map(|problem| problem.help("fix the template or the spec"))
            .collect()
    }

    fn compare(&self, problems: &mut Diagnostics) {
        self.project(problems);
        let host = self.host;
        let networks = host.networks.iter();
        self.names("service", host.listed.iter(), problems);
        self.names(
            "network",
            networks.map(|(name, network)| (name, &network.place)),
            problems,
        );
        self.names(
            "volume",
            host.named_volumes()
                .map(|(name, volume)| (name, &volume.place)),
            problems,
        );
        for (name, network) in &self.state.networks {
            if let Some(asked) = self.asked.state.networks.get(name) {
                self.network(name, asked, network, problems);
            }
        }
        for (name, volume) in &self.state.volumes {
            if let Some(asked) = self.asked.state.volumes.get(name) {
                let owner = self.owner("volume", name);
                let own = (asked.external, asked.name.as_str());
                if self.identity(&owner, own, (volume.external, &volume.name), problems) {
                    let mut fields = asked.fields.clone();
                    // How a volume in memory is written is the template's own.
                    let declared = self.host.volumes.get(name.as_str());
                    if declared.is_some_and(Volume::is_in_memory) {
                        fields.take("driver_opts");
                    }
                    self.fields(&owner, "", &fields, &volume.fields, problems);
                }
            }
        }
        for (name, service) in &self.state.services {
            if let Some(asked) = self.asked.state.services.get(name) {
                self.service(name, asked, service, problems);
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
                .related(declared.place.clone(), "declared here"),
        );
    }

    /// Compares the keys of a section of the file with the names that the spec declares.
    fn names<'b, N: Display + 'b>(
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
                        Place::key(self.source, section.key(*name)),
                    )
                    .label("not declared in the spec")
                    .related(self.host.place.clone(), "this host does not declare it")
                    .did_you_mean(name, declared.keys().map(String::as_str)),
                );
            }
        }
        for (name, place) in declared {
            if !written.contains(name.as_str()) {
                problems.push(
                    Diagnostic::new(
                        format!("the template leaves out {what} `{name}`"),
                        place.clone(),
                    )
                    .label("declared here")
                    .related(
                        Place::whole(self.template),
                        "expected it to be written by this template",
                    ),
                );
            }
        }
    }

    fn owner<'b>(&self, what: &'static str, name: &'b str) -> Owner<'b> {
        let path = Path::root().key(format!("{what}s")).key(name);
        let host = self.host;
        let declared = match what {
            "network" => host.networks.get(name).map(|network| &network.place),
            "volume" => host.volumes.get(name).map(|volume| &volume.place),
            _ => host.services.get(name).map(|service| &service.place),
        };
        Owner {
            what,
            name,
            path,
            place: declared.unwrap_or(&host.place).clone(),
        }
    }

    fn network(
        &self,
        name: &str,
        asked: &state::Network,
        network: &state::Network,
        problems: &mut Diagnostics,
    ) {
        let owner = self.owner("network", name);
        let own = (asked.external, asked.name.as_str());
        if !self.identity(&owner, own, (network.external, &network.name), problems) {
            return;
        }
        if network.is_internal() != asked.is_internal() {
            let (is, should) = if network.is_internal() {
                ("is internal", "expected no `internal: true`")
            } else {
                ("is not internal", "expected `internal: true`")
            };
            problems.push(
                Diagnostic::new(format!("network `{name}` {is}"), self.at(&owner.path))
                    .label(should)
                    .related(owner.place.clone(), "declared here"),
            );
        }
        let subnets = asked.fields.list("ipam.config.subnet");
        if network.fields.list("ipam.config.subnet") != subnets {
            let expected = if subnets.is_empty() {
                "no subnet".to_owned()
            } else {
                subnets.join(", ")
            };
            problems.push(
                Diagnostic::new(
                    format!("the subnet of network `{name}` differs from its spec"),
                    self.at(&owner.path),
                )
                .label(format!("expected {expected}"))
                .related(owner.place.clone(), "declared here"),
            );
        }
        let mut others = asked.fields.clone();
        others.retain(|path| !matches!(path, "internal" | "ipam.config.subnet"));
        self.fields(&owner, "", &others, &network.fields, problems);
    }

    /// Whether a network or volume is the one on the engine that the spec means: a `name:` or `external:` would let two
    /// environments share what each declares as its own.
    fn identity(
        &self,
        owner: &Owner<'_>,
        asked: (bool, &str),
        written: (bool, &str),
        problems: &mut Diagnostics,
    ) -> bool {
        if asked == written {
            return true;
        }
        let (what, name) = (owner.what, owner.name);
        let (is_external, on_engine) = asked;
        let (message, label) = if is_external {
            (
                format!("{what} `{name}` is not the external `{on_engine}`"),
                "expected `external: true`, as in the spec".to_owned(),
            )
        } else {
            (
                format!(
                    "{what} `{name}` is not the one that the spec declares: it is `{}`",
                    written.1
                ),
                format!("expected no other `name` and no `external`, so that it is `{on_engine}`"),
            )
        };
        problems.push(
            Diagnostic::new(message, self.at(&owner.path))
                .label(label)
                .related(owner.place.clone(), "declared here"),
        );
        false
    }

    fn service(
        &self,
        name: &str,
        asked: &state::Service,
        rendered: &state::Service,
        problems: &mut Diagnostics,
    ) {
        let owner = self.owner("service", name);
        if asked.image.is_some() && rendered.image != asked.image {
            let image = asked.image.as_deref().unwrap_or_default();
            self.differs(&owner, "image", &format!("expected `{image}`"), problems);
        }
        if let Some(mode) = &rendered.network_mode
            && rendered.network_mode != asked.network_mode
        {
            problems.push(
                Diagnostic::new(
                    format!("service `{name}` has `network_mode: {mode}` instead of its networks"),
                    self.at(&owner.path.key("network_mode")),
                )
                .label("expected `networks`")
                .related(owner.place.clone(), "the service"),
            );
            return;
        }
        if asked.network_mode != rendered.network_mode {
            let mode = asked.network_mode.as_deref().unwrap_or_default();
            let expected = format!("expected `network_mode: {mode}`");
            self.differs(&owner, "network_mode", &expected, problems);
            return;
        }
        let networks = |service: &state::Service| -> Vec<String> {
            service.networks.keys().cloned().collect()
        };
        self.sets(
            &owner,
            "network",
            "networks",
            networks(asked),
            networks(rendered),
            problems,
        );
        let (ours, theirs) = (mounts(asked), mounts(rendered));
        self.sets(&owner, "mount", "volumes", ours, theirs, problems);
        let (ours, theirs) = (ports(asked), ports(rendered));
        self.sets(&owner, "port", "ports", ours, theirs, problems);
        self.rest(&owner, asked, rendered, problems);
    }

    /// Compares what a template may add to.
    fn rest(
        &self,
        owner: &Owner<'_>,
        asked: &state::Service,
        rendered: &state::Service,
        problems: &mut Diagnostics,
    ) {
        for (network, attachment) in &asked.networks {
            if let Some(written) = rendered.networks.get(network) {
                let prefix = format!("networks.{network}.");
                self.fields(
                    owner, &prefix, &attachment.fields, &written.fields, problems,
                );
            }
        }
        for mount in &asked.mounts {
            // Where a secret may come from is for a rule to say.
            let same = |other: &&state::Mount| {
                other.target == mount.target
                    && (other.source == mount.source || is_own_section(mount))
            };
            let is_copied = || {
                let mut copies = rendered.copies.iter();
                is_own_section(mount) && copies.any(|copy| copy.target == mount.target)
            };
            match rendered.mounts.iter().find(same) {
                Some(written) => {
                    self.fields(owner, "volumes.", &mount.fields, &written.fields, problems);
                    if written.is_read_only() && !mount.is_read_only() {
                        let expected = format!("expected `{}` to be writable", mount.target);
                        self.differs(owner, "volumes", &expected, problems);
                    }
                }
                // A missing mount of the others is reported as one.
                None if is_copied() => {}
                None if is_own_section(mount) => {
                    self.left_out(
                        owner,
                        &format!("secret at `{}`", mount.target),
                        "secrets",
                        problems,
                    );
                }
                None => {}
            }
        }
        let needs = self.host.services.get(owner.name);
        let needs = needs.map(|service| service.needs.as_slice());
        for (need, condition) in &asked.depends_on {
            let written = rendered.depends_on.get(need);
            // Where the spec does not say when, the template may.
            let may_be_any = needs.unwrap_or_default().iter().any(|own| {
                own.service.as_str() == need && own.until.is_none() && written.is_some()
            });
            if written != Some(condition) && !may_be_any {
                let expected = format!("expected `{need}` with `condition: {condition}`");
                self.differs(owner, "depends_on", &expected, problems);
            }
        }
        if asked.replicas != rendered.replicas && asked.replicas != 1 {
            let expected = format!("expected {} replicas", asked.replicas);
            self.differs(owner, "deploy.replicas", &expected, problems);
        }
        let (ours, theirs) = (
            &asked.config.container_name,
            &rendered.config.container_name,
        );
        if ours.is_some() && ours != theirs {
            let name = ours.as_deref().unwrap_or_default();
            self.differs(
                owner,
                "container_name",
                &format!("expected `{name}`"),
                problems,
            );
        }
        self.fields(
            owner,
            "",
            &asked.config.fields,
            &rendered.config.fields,
            problems,
        );
    }

    /// Every field that the spec sets is so in the file; the entries of a list or mapping may be more.
    fn fields(
        &self,
        owner: &Owner<'_>,
        prefix: &str,
        asked: &Values,
        written: &Values,
        problems: &mut Diagnostics,
    ) {
        for (path, value) in asked.iter() {
            let there = written.get(path);
            let field = format!("{prefix}{path}");
            match (value, there) {
                (_, Some(there)) if there == value => {}
                (Value::Map(ours), _) => {
                    let theirs = written.map(path);
                    // The digest is of the definition as the template writes it.
                    for (name, ours) in ours.iter().filter(|(name, _)| *name != DEFINITION) {
                        let field = format!("{field}.{name}");
                        match theirs.get(name) {
                            Some(theirs) if theirs == ours => {}
                            Some(_) => self.differs(owner, &field, AS_IN_SPEC, problems),
                            None => {
                                self.left_out(owner, &format!("`{field}`"), &field, problems);
                            }
                        }
                    }
                }
                (Value::List(ours), Some(Value::List(theirs)))
                    if ours.iter().all(|item| theirs.contains(item)) => {}
                (_, None) => self.left_out(owner, &format!("`{field}`"), &field, problems),
                (_, Some(_)) => self.differs(owner, &field, AS_IN_SPEC, problems),
            }
        }
    }

    fn left_out(&self, owner: &Owner<'_>, what: &str, field: &str, problems: &mut Diagnostics) {
        let (place, path) = (self.spec_place(owner, field), self.at(&owner.path));
        problems.push(
            Diagnostic::new(
                format!(
                    "the template leaves out {what} of {} `{}`",
                    owner.what, owner.name
                ),
                place,
            )
            .label("declared here")
            .related(path, "expected it here"),
        );
    }

    fn differs(&self, owner: &Owner<'_>, field: &str, expected: &str, problems: &mut Diagnostics) {
        let path = below(&owner.path, field);
        problems.push(
            Diagnostic::new(
                format!(
                    "`{field}` of {} `{}` differs from its spec",
                    owner.what, owner.name
                ),
                self.at(&path),
            )
            .label(expected.to_owned())
            .related(self.spec_place(owner, field), "declared here"),
        );
    }

    /// Where the spec says what a field is.
    fn spec_place(&self, owner: &Owner<'_>, field: &str) -> Place {
        let found = paths(field)
            .into_iter()
            .map(|path| below(&owner.path, &path));
        let length = owner.path.segments().len();
        // Of two ways to write a field, the one of which most is written.
        let nearest = found
            .map(|path| (path.segments().len(), self.asked.find(&path)))
            .filter(|(_, (_, depth))| *depth > length)
            .min_by_key(|(steps, (_, depth))| steps - depth);
        nearest.map_or_else(|| owner.place.clone(), |(_, (place, _))| place)
    }

    /// Compares what a service has of a kind with what the spec declares for it.
    fn sets(
        &self,
        owner: &Owner<'_>,
        what: &str,
        section: &str,
        declared: Vec<String>,
        written: Vec<String>,
        problems: &mut Diagnostics,
    ) {
        let (declared, written): (BTreeSet<String>, BTreeSet<String>) = (
            declared.into_iter().collect(),
            written.into_iter().collect(),
        );
        let name = owner.name;
        let at = self.at(&owner.path.key(section));
        for thing in written.difference(&declared) {
            problems.push(
                Diagnostic::new(
                    format!("the template adds the {what} `{thing}` to service `{name}`"),
                    at.clone(),
                )
                .label("not declared in the spec")
                .related(owner.place.clone(), "the service"),
            );
        }
        for thing in declared.difference(&written) {
            problems.push(
                Diagnostic::new(
                    format!("the template leaves out the {what} `{thing}` of service `{name}`"),
                    self.spec_place(owner, section),
                )
                .label("declared here")
                .related(at.clone(), "expected it here"),
            );
        }
    }

    /// The key at a path of the file, or the nearest one above it.
    fn at(&self, path: &Path) -> Place {
        Place::key(self.source, path.clone())
    }
}

/// The path of a field of a service, network or volume.
fn below(owner: &Path, field: &str) -> Path {
    field
        .split('.')
        .fold(owner.clone(), |path, key| path.key(key))
}

/// Whether a mount is a secret or config, which have sections of their own.
fn is_own_section(mount: &state::Mount) -> bool {
    mount.kind == MountKind::Bind && mount.target.starts_with("/run/secrets/")
}

/// What a service mounts of its own accord: a tmpfs belongs to the service alone.
fn mounts(service: &state::Service) -> Vec<String> {
    let mounts = service.mounts.iter();
    mounts
        .filter(|mount| mount.kind != MountKind::Tmpfs && !is_own_section(mount))
        .map(|mount| format!("{}:{}", mount.source.as_deref().unwrap_or(""), mount.target))
        .collect()
}

fn ports(service: &state::Service) -> Vec<String> {
    service.ports.iter().map(port).collect()
}

fn port(port: &Port) -> String {
    let address = port
        .host_ip
        .map_or_else(|| "*".to_owned(), |address| address.to_string());
    let published = port
        .published
        .map_or_else(String::new, |range| range.to_string());
    let protocol = port.protocol.as_str();
    format!("{address}:{published}:{}/{protocol}", port.target)
}
