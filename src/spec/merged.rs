//! The services of a host, each merged from what the catalogue and the environment say of it.

use std::collections::BTreeMap;

use super::address::Published;
use super::description::Description;
use super::located::Located;
use super::names::Name;
use super::pull_request::PullRequest;
use super::read::dangling;
use super::service::{PROMISES, Part, Service};
use super::shared::Shared;
use crate::diagnostic::Diagnostics;
use crate::files::Root;
use crate::source::Place;
use crate::yaml::Tree;

/// What a host needs of its environment and of the catalogue.
pub(super) struct Around<'a> {
    pub(super) root: &'a Root,
    pub(super) number: PullRequest,
    pub(super) per_pull_request: bool,
    pub(super) values: Option<&'a Tree>,
    pub(super) services: Option<&'a BTreeMap<Name, Description>>,
    pub(super) shared: Option<&'a Shared>,
}

/// The ports that a host publishes, by service.
pub(super) type Ports = BTreeMap<Name, Located<Vec<Located<Published>>>>;

/// All services that the catalogue and the environment describe.
pub(super) fn every_service(shared: &Shared, around: &Around<'_>) -> Vec<Located<Name>> {
    let own = around.services.into_iter().flatten();
    let all: BTreeMap<&Name, Place> = own
        .chain(&shared.services)
        .map(|(name, description)| (name, description.place()))
        .collect();
    all.into_iter()
        .map(|(name, place)| Located::new(name.clone(), place))
        .collect()
}

/// A service of an environment: what the catalogue says of it and, over that, what the environment does.
fn service(
    name: &Name,
    shared: &Shared,
    own: &BTreeMap<Name, Description>,
    problems: &mut Diagnostics,
) -> Option<Service> {
    let (tree, has_mistake) = merged(name, shared, own)?;
    // Its mistakes are reported where it is described.
    let (part, mut quiet) = (Part::Description, Diagnostics::default());
    let cursor = tree.cursor();
    if has_mistake {
        return Service::read(name, &cursor, part, &shared.roles, &mut quiet);
    }
    Service::read(name, &cursor, Part::Whole, &shared.roles, problems)
}

/// What the catalogue and the environment promise of a service whose Compose file is written by hand.
pub(super) fn described(
    name: &Name,
    shared: &Shared,
    around: &Around<'_>,
    problems: &mut Diagnostics,
) -> Option<Service> {
    let none = BTreeMap::new();
    let (mut tree, has_mistake) = merged(name, shared, around.services.unwrap_or(&none))?;
    // What it is made of is in the file.
    tree.retain(|key| PROMISES.contains(&key));
    let mut quiet = Diagnostics::default();
    let problems = if has_mistake { &mut quiet } else { problems };
    Service::read(
        name,
        &tree.cursor(),
        Part::Description,
        &shared.roles,
        problems,
    )
}

/// The descriptions of a service in the catalogue and the environment, merged, and whether one of them has a mistake.
fn merged(name: &Name, shared: &Shared, own: &BTreeMap<Name, Description>) -> Option<(Tree, bool)> {
    let (common, own) = (shared.services.get(name), own.get(name));
    let levels: Vec<&Description> = common.into_iter().chain(own).collect();
    let mut tree = levels.first()?.tree.clone();
    for level in levels.iter().skip(1) {
        tree = tree.with(&level.tree);
    }
    if let Some(defaults) = &shared.defaults {
        tree = tree.over(defaults);
    }
    // `null` removes a field that another file sets.
    let has_mistake = levels.iter().any(|level| level.has_mistake);
    Some((tree.without_null(), has_mistake))
}

/// The services that a host lists, with the ports that it publishes for them.
pub(super) fn services(
    listed: &[Located<Name>],
    mut ports: Ports,
    around: &Around<'_>,
    shared: &Shared,
    problems: &mut Diagnostics,
) -> BTreeMap<Name, Service> {
    let none = BTreeMap::new();
    let own = around.services.unwrap_or(&none);
    let mut services = BTreeMap::new();
    for name in listed {
        let ports = ports.remove(&name.value).map(|ports| ports.value);
        if !shared.services.contains_key(&name.value) && !own.contains_key(&name.value) {
            let known = shared.services.keys().chain(own.keys());
            problems.push(dangling("service", name, known));
            continue;
        }
        if let Some(mut service) = service(&name.value, shared, own, problems) {
            service.listed = ports.unwrap_or_default();
            service.ports.extend(service.listed.clone());
            services.insert(name.value.clone(), service);
        }
    }
    for (name, ports) in ports {
        let name = Located::new(name, ports.place);
        let known = listed.iter().map(|name| &name.value);
        problems.push(dangling("service", &name, known));
    }
    services
}
