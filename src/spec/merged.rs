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

impl Around<'_> {
    /// What the environment says of a service.
    fn own(&self, name: &Name) -> Option<&Description> {
        self.services?.get(name)
    }
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

/// What the catalogue and the environment promise of a service whose Compose file is written by hand. Where neither
/// describes it, it has no more than its place in the file; `nothing` is an empty tree.
pub(super) fn described(
    name: &Name,
    (nothing, place): (&Tree, Place),
    shared: &Shared,
    around: &Around<'_>,
    problems: &mut Diagnostics,
) -> Option<Service> {
    let Some(mut merged) = Merged::of(name, shared, around) else {
        let part = Part::Description;
        let service = Service::read(name, &nothing.cursor(), part, &shared.roles, problems)?;
        return Some(Service { place, ..service });
    };
    // What it is made of is in the file.
    merged.tree.retain(|key| PROMISES.contains(&key));
    merged.read(name, Part::Description, shared, problems)
}

/// The descriptions of a service in the catalogue and the environment, merged.
struct Merged {
    tree: Tree,
    /// Whether one of them has a mistake, which is reported where it is described.
    has_mistake: bool,
}

impl Merged {
    /// `None` where neither describes the service.
    fn of(name: &Name, shared: &Shared, around: &Around<'_>) -> Option<Self> {
        let (common, own) = (shared.services.get(name), around.own(name));
        let levels: Vec<&Description> = common.into_iter().chain(own).collect();
        let (first, others) = levels.split_first()?;
        let tree = others
            .iter()
            .fold(first.tree.clone(), |tree, level| tree.with(&level.tree));
        let tree = match &shared.defaults {
            Some(defaults) => tree.over(defaults),
            None => tree,
        };
        Some(Self {
            // `null` removes a field that another file sets.
            tree: tree.without_null(),
            has_mistake: levels.iter().any(|level| level.has_mistake),
        })
    }

    fn read(
        &self,
        name: &Name,
        part: Part,
        shared: &Shared,
        problems: &mut Diagnostics,
    ) -> Option<Service> {
        let mut quiet = Diagnostics::default();
        let (part, problems) = if self.has_mistake {
            (Part::Description, &mut quiet)
        } else {
            (part, problems)
        };
        Service::read(name, &self.tree.cursor(), part, &shared.roles, problems)
    }
}

/// The services that a host lists, with the ports that it publishes for them.
pub(super) fn services(
    listed: &[Located<Name>],
    mut ports: Ports,
    around: &Around<'_>,
    shared: &Shared,
    problems: &mut Diagnostics,
) -> BTreeMap<Name, Service> {
    let mut services = BTreeMap::new();
    for name in listed {
        let ports = ports.remove(&name.value).map(|ports| ports.value);
        let Some(merged) = Merged::of(&name.value, shared, around) else {
            let own = around.services.into_iter().flatten().map(|(name, _)| name);
            problems.push(dangling("service", name, shared.services.keys().chain(own)));
            continue;
        };
        if let Some(mut service) = merged.read(&name.value, Part::Whole, shared, problems) {
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
