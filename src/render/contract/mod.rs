//! The spec is a contract: what a template gave is what the spec declares.
//!
//! Services, networks, volumes, attachments, mounts and ports are what the spec declares, no more and no fewer. Of
//! everything else a template may add what the spec does not mention, and must give what the spec does.

mod fields;
mod service;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::asked::Asked;
use super::places::declared;
use crate::compose::{Beside, COMPARED_SECTIONS, Document};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Path, Place, Source};
use crate::spec::{Host, Volume};
use crate::state::{self, State};

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
    /// What the file asks of a host, with all profiles.
    pub(super) state: &'a State,
    /// What is written in fields that no state has.
    pub(super) beside: &'a Beside,
}

/// The names that a file declares, whether or not a service uses them.
pub(super) struct Declared {
    project: Option<String>,
    sections: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Declared {
    pub(super) fn of(document: &Document) -> Self {
        Self {
            project: document.name().map(str::to_owned),
            sections: COMPARED_SECTIONS
                .into_iter()
                .map(|section| {
                    let names = document.names(section).into_iter().map(str::to_owned);
                    (section, names.collect())
                })
                .collect(),
        }
    }
}

impl Declared {
    /// What is wrong with a file, and what it leaves out of its spec, so that others refer to nothing.
    pub(super) fn explaining(
        &self,
        problems: Diagnostics,
        host: &Host,
        template: &Arc<Source>,
    ) -> Diagnostics {
        let mut all = Diagnostics::default();
        for what in ["service", "network", "volume"] {
            let declared = names(host, what);
            self.missing(what, &declared, template, &mut all);
            if !declared.is_empty() && self.names(what).is_empty() {
                // That the section is empty says no more.
                all.unreadable_field(format!("{what}s"));
            }
        }
        all.extend(problems);
        all
    }

    fn names(&self, what: &str) -> BTreeSet<&str> {
        let written = self.sections.get(format!("{what}s").as_str());
        written.into_iter().flatten().map(String::as_str).collect()
    }

    /// Notes what the spec declares of a kind and the file does not have.
    fn missing(
        &self,
        what: &str,
        declared: &BTreeMap<&str, &Place>,
        template: &Arc<Source>,
        problems: &mut Diagnostics,
    ) {
        let written = self.names(what);
        let missing: Vec<(&str, &Place)> = declared
            .iter()
            .filter(|(name, _)| !written.contains(*name))
            .map(|(name, place)| (*name, *place))
            .collect();
        for (name, _) in &missing {
            problems.unreadable(format!("{what} {name}"));
        }
        let left_out = |message: String, place: &Place| {
            let place = place.clone();
            let problem = Diagnostic::new(message, place)
                .label("declared here")
                .related(
                    Place::whole(template),
                    "expected it to be written by this template",
                );
            problem.help(match what {
                "service" => {
                    "write all services: `{% for name, service in services|items %}`, and in it `{{ name }}:` and `{{ service.compose }}`"
                }
                _ => "write `{{ sections }}` at the end of the template: all that the specs have beside the services",
            })
        };
        match missing.as_slice() {
            // Of which it writes none: that is one mistake.
            [(_, place), _, ..] if written.is_empty() => {
                let names: Vec<String> = missing
                    .iter()
                    .map(|(name, _)| format!("`{name}`"))
                    .collect();
                let names = names.join(", ");
                problems.push(left_out(
                    format!("the template leaves out all {what}s: {names}"),
                    place,
                ));
            }
            missing => problems.extend(missing.iter().map(|(name, place)| {
                left_out(format!("the template leaves out {what} `{name}`"), place)
            })),
        }
    }
}

/// The names of a kind that a host declares, and where.
fn names<'a>(host: &'a Host, what: &str) -> BTreeMap<&'a str, &'a Place> {
    match what {
        "service" => host
            .listed
            .iter()
            .map(|(name, place)| (name.as_str(), place))
            .collect(),
        "network" => host
            .networks
            .iter()
            .map(|(name, network)| (name.as_str(), &network.place))
            .collect(),
        _ => host
            .named_volumes()
            .map(|(name, volume)| (name.as_str(), &volume.place))
            .collect(),
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
            .map(|problem| match problem.helps() {
                [] => problem.help("fix the template or the spec"),
                _ => problem,
            })
            .collect()
    }

    fn compare(&self, problems: &mut Diagnostics) {
        self.project(problems);
        for what in ["service", "network", "volume"] {
            self.names(what, problems);
        }
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
        let asked = self.asked.with_profiles.as_ref();
        let asked = asked.unwrap_or(&self.asked.state);
        for (name, service) in &self.state.services {
            if let Some(asked) = asked.services.get(name) {
                self.service(name, asked, service, problems);
            }
        }
        for (name, fields) in self.beside {
            self.beside_state(name, fields, problems);
        }
    }

    fn project(&self, problems: &mut Diagnostics) {
        if self.host.is_stack() {
            return self.no_project(problems);
        }
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

    /// A stack is named where it is deployed, and its client refuses a file with a name.
    fn no_project(&self, problems: &mut Diagnostics) {
        if self.declared.project.is_none() {
            return;
        }
        problems.push(
            Diagnostic::new(
                "the file of a stack has a project name",
                self.at(&Path::root().key("name")),
            )
            .label("expected no `name`: `docker stack deploy` is given the name of the stack")
            .related(self.host.orchestrator.place.clone(), "this host is a swarm")
            .help("write it for other hosts alone: `{% if engine == \"docker\" %}`, the line, `{% endif %}`")
        );
    }

    /// Compares the keys of a section of the file with the names that the spec declares.
    fn names(&self, what: &str, problems: &mut Diagnostics) {
        let section = Path::root().key(format!("{what}s"));
        let declared = names(self.host, what);
        for name in self.declared.names(what) {
            if !declared.contains_key(name) {
                problems.push(
                    Diagnostic::new(
                        format!("the template adds {what} `{name}`"),
                        Place::key(self.source, section.key(name)),
                    )
                    .label("not declared in the spec")
                    .related(self.host.place.clone(), "this host does not declare it")
                    .did_you_mean(name, declared.keys().copied()),
                );
            }
        }
        self.declared
            .missing(what, &declared, self.template, problems);
    }

    fn owner<'b>(&self, what: &'static str, name: &'b str) -> Owner<'b> {
        let section = format!("{what}s");
        Owner {
            what,
            name,
            place: declared(self.host, &section, name),
            path: Path::root().key(section).key(name),
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
        // Another name of the project is one mistake, and reported as such.
        if !is_external && !written.0 && self.is_renamed_with_project(name, on_engine, written.1) {
            return true;
        }
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

    /// Whether a name on the engine differs only because the name of the project does.
    fn is_renamed_with_project(&self, name: &str, asked: &str, written: &str) -> bool {
        let named = |project: &str, full: &str| {
            let rest = full.strip_prefix(project);
            rest.and_then(|rest| rest.strip_prefix('_')) == Some(name)
        };
        let project = self.declared.project.as_deref();
        named(self.host.project.as_str(), asked)
            && project.is_some_and(|project| named(project, written))
    }

    /// The key at a path of the file, or the nearest one above it.
    fn at(&self, path: &Path) -> Place {
        Place::key(self.source, path.clone())
    }
}
