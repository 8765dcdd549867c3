//! The specs of environments: what they share in the catalogue, what is different in each of them in its own file.

use std::collections::BTreeSet;

use serde_yaml::{Mapping, Value};

use super::factor::{own, shared};
use crate::compose::SECTIONS;
use crate::files::NewFile;
use crate::files::folders::ENVIRONMENTS;
use crate::render;
use crate::spec::{CATALOG_FILE, schema_url};

/// An environment, as its Compose files have it.
#[derive(Debug)]
pub(super) struct Environment {
    pub(super) name: String,
    /// The name of its Compose project.
    pub(super) project: String,
    /// The sections of its file.
    pub(super) file: Mapping,
}

/// The files of the specs.
pub(super) fn specs(product: &str, environments: &[Environment]) -> Vec<NewFile> {
    let is_alone = environments.len() == 1;
    let mut catalog = Mapping::new();
    catalog.insert(text("product"), text(product));
    let services = common_services(environments);
    insert(&mut catalog, "services", services.clone());
    let mut stack = Mapping::new();
    if !is_alone {
        for section in resources() {
            let entries: Vec<&Value> = environments
                .iter()
                .filter_map(|environment| environment.file.get(section))
                .collect();
            if entries.len() == environments.len()
                && let Some(Value::Mapping(common)) = shared(&entries)
            {
                insert(&mut stack, section, common);
            }
        }
    }
    if !stack.is_empty() {
        let mut stacks = Mapping::new();
        insert(&mut stacks, product, stack.clone());
        insert(&mut catalog, "stacks", stacks);
    }
    let mut files = vec![NewFile {
        path: format!("{ENVIRONMENTS}/{CATALOG_FILE}"),
        text: written("catalog", "What all environments have in common.", catalog),
    }];
    for environment in environments {
        let spec = of_environment(product, environment, &services, &stack);
        let comment = if lists_services(environment, &services) {
            "What is different in this environment. It runs only the services that its host lists: add new ones there."
        } else {
            "What is different in this environment."
        };
        files.push(NewFile {
            path: format!("{ENVIRONMENTS}/{}.yaml", environment.name),
            text: written("environment", comment, spec),
        });
    }
    files
}

/// The sections that hosts and stacks have.
fn resources() -> impl Iterator<Item = &'static str> {
    SECTIONS
        .into_iter()
        .filter(|section| *section != "services")
}

/// What the environments share of the services that several of them have, or all where there is one environment.
fn common_services(environments: &[Environment]) -> Mapping {
    let mut names = BTreeSet::new();
    for environment in environments {
        names.extend(services(environment).keys().filter_map(Value::as_str));
    }
    let mut common = Mapping::new();
    for name in names {
        let all: Vec<&Value> = environments
            .iter()
            .filter_map(|environment| services(environment).get(name))
            .collect();
        if (all.len() > 1 || environments.len() == 1)
            && let Some(service) = shared(&all)
        {
            common.insert(text(name), service);
        }
    }
    common
}

fn services(environment: &Environment) -> &Mapping {
    static NONE: std::sync::LazyLock<Mapping> = std::sync::LazyLock::new(Mapping::new);
    let services = environment.file.get("services");
    services.and_then(Value::as_mapping).unwrap_or(&NONE)
}

fn of_environment(
    product: &str,
    environment: &Environment,
    common: &Mapping,
    stack: &Mapping,
) -> Mapping {
    let mut spec = Mapping::new();
    spec.insert(text("environment"), text(&environment.name));
    let all = services(environment);
    let own_services = all
        .iter()
        .filter_map(|(name, service)| Some((name.clone(), own(service, common.get(name))?)));
    insert(&mut spec, "services", own_services.collect());

    let mut host = Mapping::new();
    host.insert(text("project"), text(&environment.project));
    if !stack.is_empty() {
        host.insert(text("stack"), text(product));
    }
    if lists_services(environment, common) {
        let names = all.keys().cloned().collect();
        host.insert(text("services"), Value::Sequence(names));
    }
    for section in resources() {
        if let Some(entries) = environment.file.get(section)
            && let Some(Value::Mapping(own)) = own(entries, stack.get(section))
        {
            insert(&mut host, section, own);
        }
    }
    let mut hosts = Mapping::new();
    insert(&mut hosts, &environment.name, host);
    insert(&mut spec, "hosts", hosts);
    spec
}

/// Whether a host says what it runs: it runs everything in the catalogue otherwise.
fn lists_services(environment: &Environment, common: &Mapping) -> bool {
    let all = services(environment);
    common.keys().any(|name| !all.contains_key(name))
}

/// Sets an entry, unless it is empty.
fn insert(map: &mut Mapping, key: &str, value: Mapping) {
    if !value.is_empty() {
        map.insert(text(key), Value::Mapping(value));
    }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// A spec as text: a comment, and the value.
fn written(schema: &str, comment: &str, spec: Mapping) -> String {
    let url = schema_url(schema);
    let yaml = render::yaml(&Value::Mapping(spec));
    format!("# yaml-language-server: $schema={url}\n# {comment}\n{yaml}")
}
