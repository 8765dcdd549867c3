//! Compares what the Compose files of an environment ask for with what the file rendered from specs does, field
//! by field.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use super::tidy::with_braces;
use crate::fields::{Value, Values};
use crate::redact::Sensitive;
use crate::state::{Content, Copied, DEFINITION, Mount, Service, State};

/// A field that is not the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Different {
    /// What it is of: `services.web`.
    pub(crate) of: String,
    /// The field.
    pub(crate) field: String,
    /// Why it is not the same.
    pub(crate) why: &'static str,
}

/// The fields of an environment, compared.
#[derive(Debug, Default)]
pub(crate) struct Proof {
    /// How many fields there are.
    pub(crate) fields: usize,
    /// Those that are not the same.
    pub(crate) different: Vec<Different>,
}

/// Before the path of a field whose variables have no value.
const UNSET: &str = "variables of ";

/// The fields of one thing.
type Facts<'a> = BTreeMap<String, Fact<'a>>;

/// What a field holds.
#[derive(PartialEq)]
enum Fact<'a> {
    Text(String),
    Secret(Option<&'a Sensitive>),
    Value(&'a Value),
    Mount(&'a Mount),
    Copied(&'a Copied),
    Content(&'a Content),
}

/// Compares two states.
pub(super) fn compare(before: &State, after: &State) -> Proof {
    let (before, after) = (facts(before), facts(after));
    let mut proof = Proof::default();
    let things: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let none = Facts::new();
    for of in things {
        let (old, new) = (before.get(of), after.get(of));
        let (old, new) = (old.unwrap_or(&none), new.unwrap_or(&none));
        let fields: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for field in fields {
            proof.fields += 1;
            let why = match (old.get(field), new.get(field)) {
                (Some(old), Some(new)) if old == new => continue,
                (Some(_), Some(_)) => "has a different value in the rendered file",
                (Some(_), None) => "is missing from the rendered file",
                (None, _) if field.starts_with(UNSET) => {
                    "have no value in the rendered file: it is in the `env_file` or `.env` of an `include`; write it in \
                     the `.env` of the project"
                }
                (None, _) => "is only in the rendered file",
            };
            proof.different.push(Different {
                of: of.clone(),
                field: field.clone(),
                why,
            });
        }
    }
    proof
}

fn facts(state: &State) -> BTreeMap<String, Facts<'_>> {
    let mut all = BTreeMap::new();
    let mut project = Facts::new();
    set(&mut project, "name", &state.project);
    for (path, names) in &state.unset {
        set(&mut project, &format!("{UNSET}{path}"), names);
    }
    all.insert("project".to_owned(), project);
    for (key, network) in &state.networks {
        let facts = resource(&network.name, network.external, &network.fields);
        all.insert(format!("networks.{key}"), facts);
    }
    for (key, volume) in &state.volumes {
        let facts = resource(&volume.name, volume.external, &volume.fields);
        all.insert(format!("volumes.{key}"), facts);
    }
    for (name, service) in &state.services {
        all.insert(format!("services.{name}"), of_service(service));
    }
    all
}

fn resource<'a>(name: &str, external: bool, values: &'a Values) -> Facts<'a> {
    let mut facts = Facts::new();
    set(&mut facts, "name", name);
    set(&mut facts, "external", external);
    fields(&mut facts, "", values);
    facts
}

fn of_service(service: &Service) -> Facts<'_> {
    let mut facts = Facts::new();
    set(&mut facts, "replicas", service.replicas);
    // It is written with braces.
    let image = service.image.as_deref().map(with_braces);
    for (field, value) in [
        ("image", &image),
        ("network_mode", &service.network_mode),
        ("container_name", &service.config.container_name),
    ] {
        if let Some(value) = value {
            set(&mut facts, field, value);
        }
    }
    set(&mut facts, "build", service.build);
    for (name, attachment) in &service.networks {
        set(&mut facts, &format!("networks.{name}"), "");
        fields(&mut facts, &format!("networks.{name}."), &attachment.fields);
    }
    for mount in &service.mounts {
        facts.insert(format!("volumes {}", mount.target), Fact::Mount(mount));
    }
    for copy in &service.copies {
        facts.insert(copy.path.clone(), Fact::Copied(copy));
    }
    for (target, content) in &service.bound {
        facts.insert(format!("content of {target}"), Fact::Content(content));
    }
    for port in &service.ports {
        set(&mut facts, &format!("ports {port}"), "");
    }
    for (name, condition) in &service.depends_on {
        set(&mut facts, &format!("depends_on.{name}"), condition);
    }
    for other in &service.mounts_of {
        set(&mut facts, &format!("volumes_from {other}"), "");
    }
    for key in &service.not_shown {
        set(&mut facts, key, "");
    }
    fields(&mut facts, "", &service.config.fields);
    facts
}

/// Adds the fields of a table; each entry of a mapping is one.
fn fields<'a>(facts: &mut Facts<'a>, before: &str, values: &'a Values) {
    for (path, value) in values.iter() {
        let Value::Map(entries) = value else {
            facts.insert(format!("{before}{path}"), Fact::Value(value));
            continue;
        };
        for (key, value) in entries {
            // Every rendered file has this label.
            if key != DEFINITION {
                facts.insert(
                    format!("{before}{path}.{key}"),
                    Fact::Secret(value.as_ref()),
                );
            }
        }
    }
}

fn set(facts: &mut Facts<'_>, field: &str, value: impl Debug) {
    facts.insert(field.to_owned(), Fact::Text(format!("{value:?}")));
}
