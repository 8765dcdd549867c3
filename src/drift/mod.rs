//! Comparing what is expected with what is observed, both ways.
//!
//! The comparison is a pure function of two states and a little context: it asks nobody and prints
//! nothing, so every case is a plain test. Where an engine fills in what a file leaves open, the
//! difference is none; where a state cannot tell, that is said.

mod attachments;
mod blocked;
mod cause;
mod commands;
mod config;
mod foreign;
mod ignore;
mod index;
mod made;
mod mounts;
mod networks;
mod ports;
mod services;
mod unreadable;
mod view;
mod volumes;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

pub use commands::Commands;
pub use ignore::{IgnoreRule, Suppressed, suppress};
pub use view::diff;

use index::Index;

use crate::finding::Finding;
use crate::pattern;
use crate::redact::Sensitive;
use crate::state::{Live, State};
use crate::text::plural::{counted, noun};

/// What a comparison knows besides the two states.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// Whether nothing but the project may publish ports on the host.
    pub is_exclusive: bool,
    /// The projects that the spec declares for other hosts of the machine; `*` stands for any text.
    pub known_projects: BTreeSet<String>,
    /// The services whose volumes hold what must not be lost; where it is not known, all of them.
    pub stateful: Option<BTreeSet<String>>,
    /// When the newest of the files that the expected state was read from was changed, in RFC
    /// 3339; nothing where labels tell better, or nothing tells.
    pub modified: Option<String>,
    /// When the newest file of variables that the expected state was read from was changed, in RFC
    /// 3339. The digest of a definition knows nothing of what such a file holds.
    pub variables_modified: Option<String>,
    /// The paths in the Compose file whose values name variables (`services.web.image`). Nor does
    /// the digest know what the variables hold.
    pub from_variables: BTreeSet<String>,
    /// The folder here that relative paths of the expected state start from, where the host has
    /// another one; its containers say which.
    pub directory: Option<String>,
    /// The Compose files, where they are on this machine: a project that was started from other
    /// files is another one. Nothing where it is not known which files the host has.
    pub files: Option<BTreeSet<String>>,
    /// The commands that a help line can give.
    pub commands: Commands,
}

impl Context {
    /// Whether the spec declares a project, for another host of the machine.
    fn knows(&self, project: &str) -> bool {
        let mut patterns = self.known_projects.iter();
        patterns.any(|pattern| pattern::matches(pattern, project))
    }
}

/// What cannot be compared, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unchecked {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
}

/// What a comparison found.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// The differences, the worst first, and among equals the one that a person would act on.
    pub findings: Vec<Finding>,
    /// What could not be compared.
    pub unchecked: Vec<Unchecked>,
}

/// The two states, and what the comparison notes.
struct Comparer<'a> {
    expected: &'a State,
    observed: &'a State,
    live: &'a Live,
    context: &'a Context,
    index: Index<'a>,
    findings: Vec<Finding>,
    unchecked: BTreeSet<Unchecked>,
}

/// Compares an expected state with an observed one.
#[must_use]
pub fn compare(expected: &State, observed: &State, context: &Context) -> Comparison {
    let nothing = Live::default();
    let live = observed.live.as_ref().unwrap_or(&nothing);
    let mut comparer = Comparer {
        expected,
        observed,
        live,
        context,
        index: Index::of(expected, observed, live),
        findings: Vec::new(),
        unchecked: BTreeSet::new(),
    };
    comparer.networks();
    comparer.volumes();
    comparer.services();
    comparer.foreign();
    comparer.blocked();
    comparer.unset();
    comparer.unseen();
    comparer.unreadable();
    let mut findings = comparer.findings;
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (finding.severity, finding.code);
        key(a)
            .cmp(&key(b))
            .then_with(|| a.resource.cmp(&b.resource))
            .then_with(|| a.field.cmp(&b.field))
    });
    // The containers of one service often differ in the same way.
    findings.dedup();
    Comparison {
        findings,
        unchecked: comparer.unchecked.into_iter().collect(),
    }
}

impl Comparer<'_> {
    fn note(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn cannot_check(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.unchecked.insert(Unchecked {
            what: what.into(),
            why: why.into(),
        });
    }

    /// Whether the field at a path of the Compose file, or one below it, names a variable without
    /// a value.
    fn is_unset(&self, path: &str) -> bool {
        index::holds_below(|text| index::first_from(&self.expected.unset, text), path)
    }

    /// Whether a field of a service, network or volume, in the words of a state, cannot be told.
    fn cannot_tell(&self, section: &str, key: &str, field: &str) -> bool {
        let at = |name: &String| self.is_unset(&format!("{section}.{key}.{name}"));
        written_as(field).iter().any(at)
    }

    /// Says what is not compared because a variable has no value.
    fn unset(&mut self) {
        for (path, variables) in &self.expected.unset {
            let why = if variables.is_empty() {
                "the file that it names cannot be read here".to_owned()
            } else {
                format!(
                    "the {} {} {} no value here; set it, or give --env-file",
                    noun(variables.len(), "variable", "variables"),
                    variables.join(", "),
                    noun(variables.len(), "has", "have")
                )
            };
            self.unchecked.insert(Unchecked {
                what: path.clone(),
                why,
            });
        }
    }

    /// Says what no answer of an engine shows.
    fn unseen(&mut self) {
        use crate::state::MountKind;
        let mounts = self
            .expected
            .services
            .values()
            .flat_map(|service| &service.mounts);
        let (mut binds, mut volumes) = (BTreeSet::new(), BTreeSet::new());
        for mount in mounts {
            match (mount.kind, &mount.source) {
                (MountKind::Bind, Some(source)) => drop(binds.insert(source)),
                (MountKind::Volume, Some(source)) => drop(volumes.insert(source)),
                _ => {}
            }
        }
        let services = self.expected.services.values();
        let copies: usize = services.map(|service| service.copies.len()).sum();
        let (binds, volumes) = (binds.len(), volumes.len());
        if copies > 0 {
            let what = format!(
                "the content of {}",
                counted(
                    copies,
                    "inline config or secret that is copied into a container",
                    "inline configs and secrets that are copied into containers"
                )
            );
            self.cannot_check(what, "an engine does not show what files hold");
        }
        if binds > 0 {
            let what = format!(
                "the content of {}",
                counted(binds, "bound file or folder", "bound files and folders")
            );
            self.cannot_check(what, "an engine does not show what files hold");
        }
        if volumes > 0 {
            let what = format!("the data in {}", counted(volumes, "volume", "volumes"));
            self.cannot_check(what, "an engine does not show what volumes hold");
        }
        let mut beyond: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, service) in &self.expected.services {
            for field in &service.beyond {
                beyond.entry(field).or_default().push(name);
            }
        }
        for (field, services) in beyond {
            let whose = match services.as_slice() {
                [one] => format!("service `{one}`"),
                more => counted(more.len(), "service", "services"),
            };
            let why =
                "it is handed to the engine when a container is made, and not looked at since";
            self.cannot_check(format!("`{field}` of {whose}"), why);
        }
    }
}

/// The fields of a Compose file that a field of a state comes from.
fn written_as(field: &str) -> Vec<String> {
    let (first, rest) = match field.split_once('.') {
        Some((first, rest)) => (first, format!(".{rest}")),
        None => (field, String::new()),
    };
    let names: &[&str] = match first {
        "memory" => &["mem_limit", "deploy.resources.limits.memory"],
        "nano_cpus" => &["cpus", "deploy.resources.limits.cpus"],
        "pids" => &["pids_limit", "deploy.resources.limits.pids"],
        "restart" => &["restart", "deploy.restart_policy"],
        "replicas" => &["scale", "deploy.replicas"],
        "ipv6" => &["enable_ipv6"],
        "subnets" => &["ipam"],
        "options" => &["driver_opts"],
        "mounts" => &["volumes", "secrets", "configs"],
        other => &[other],
    };
    names.iter().map(|name| format!("{name}{rest}")).collect()
}

/// A field whose values are compared and never shown, where they differ.
fn difference(
    field: String,
    expected: Option<&Sensitive>,
    observed: Option<&Sensitive>,
) -> Option<(String, Value, Value)> {
    (expected != observed).then(|| (field, json!(expected), json!(observed)))
}

/// Whether both values of a field are hidden, so that only that they differ can be told.
fn is_hidden(expected: &Value, observed: &Value) -> bool {
    expected == observed && !expected.is_null()
}

/// The labels that matter, without the one that only explains.
fn compared_labels(
    labels: &BTreeMap<String, Sensitive>,
) -> impl Iterator<Item = (&String, &Sensitive)> {
    labels
        .iter()
        .filter(|(name, _)| *name != crate::state::DEFINITION)
}
