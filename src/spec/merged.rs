//! The services of a host, each merged from the catalogue, the environment and the host.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_yaml::{Mapping, Value};

use super::address::Published;
use super::description::{Description, changes};
use super::located::Located;
use super::names::Name;
use super::pull_request::{self, PullRequest};
use super::read::dangling;
use super::service::{PROMISES, Part, Service};
use super::shared::Shared;
use super::words::Trait;
use crate::compose::{IN_TWO_FORMS, ListItems};
use crate::diagnostic::{Diagnostic, Diagnostics, closest};
use crate::files::Root;
use crate::source::Place;
use crate::state::STARTED;
use crate::yaml::{Tree, TreeContent};

/// What a host needs of its environment and of the catalogue.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) root: &'a Root,
    pub(super) number: PullRequest,
    pub(super) per_pull_request: bool,
    pub(super) values: Option<&'a Tree>,
    /// What every service has unless it sets something else. This wins over the catalogue.
    pub(super) defaults: Option<&'a Tree>,
    /// What the environment sets for services.
    pub(super) services: Option<&'a BTreeMap<Name, Description>>,
    /// What the host itself sets for them.
    pub(super) of_host: Option<&'a BTreeMap<Name, Description>>,
    pub(super) shared: Option<&'a Shared>,
}

impl<'a> Around<'a> {
    /// Fills in the number of the pull request in what the catalogue may have a part in, or notes that there is none. In the file
    /// of the environment, this was done already.
    pub(super) fn number_in(&self, tree: &mut Tree, problems: &mut Diagnostics) {
        if self.per_pull_request {
            pull_request::fill_in_part(tree, self.number, problems);
        } else {
            let help = "set it in the environments with `per: pull-request` instead";
            pull_request::refuse(tree, help, problems);
        }
    }

    /// The descriptions of services beside those of the catalogue, the more specific last.
    fn levels(&self) -> impl Iterator<Item = &'a BTreeMap<Name, Description>> {
        self.services.into_iter().chain(self.of_host)
    }

    /// The descriptions that a host has of its services, where `services` is a mapping; a list says which of them run there.
    pub(super) fn changes(
        &self,
        host: &mut Tree,
        problems: &mut Diagnostics,
    ) -> BTreeMap<Name, Description> {
        let field = host.get("services");
        let Some(field) = field.filter(|field| matches!(field.content(), TreeContent::Map(_)))
        else {
            return BTreeMap::new();
        };
        let known = self
            .shared
            .into_iter()
            .flat_map(|shared| shared.services.keys())
            .chain(self.names());
        let roles = self.shared.map(|shared| &shared.roles);
        let changes = changes(Some(field.cursor()), roles, &known, problems);
        host.retain(|key| key != "services");
        changes
    }

    /// The services that the environment or the host leaves out, and where.
    pub(super) fn left_out(&self) -> BTreeMap<Name, Place> {
        self.levels()
            .flatten()
            .filter(|(_, description)| description.leaves_out())
            .map(|(name, description)| (name.clone(), description.place()))
            .collect()
    }

    /// The services that are described beside the catalogue.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a Name> + Clone {
        [self.services, self.of_host]
            .into_iter()
            .flatten()
            .flat_map(BTreeMap::keys)
    }
}

/// The ports that a host publishes, by service.
pub(super) type Ports = BTreeMap<Name, Located<Vec<Located<Published>>>>;

/// All services that the catalogue, the environment and the host describe, without those that one of them leaves out.
pub(super) fn every_service(shared: &Shared, around: &Around<'_>) -> Vec<Located<Name>> {
    let mut all: BTreeMap<&Name, Place> = BTreeMap::new();
    for level in around.levels().chain([&shared.services]) {
        for (name, description) in level {
            all.insert(name, description.place());
        }
    }
    for level in around.levels() {
        all.retain(|name, _| !level.get(*name).is_some_and(Description::leaves_out));
    }
    all.into_iter()
        .map(|(name, place)| Located::new(name.clone(), place))
        .collect()
}

/// What the catalogue and the environment promise of a service whose Compose file is written by hand. Where neither
/// describes it, it has no more than its place in the file; `nothing` is an empty tree.
pub(super) fn described(
    name: &Name,
    nothing: &Tree,
    place: Place,
    shared: &Shared,
    around: &Around<'_>,
    problems: &mut Diagnostics,
) -> Option<Service> {
    let Some(mut merged) = Merged::of(name, shared, around, problems) else {
        let part = Part::Description;
        let service = Service::read(name, &nothing.cursor(), part, &shared.roles, problems)?;
        return Some(Service { place, ..service });
    };
    // What it is made of is in the file.
    merged.tree.retain(|key| PROMISES.contains(&key));
    merged.read(name, Part::Description, shared, problems)
}

/// The descriptions of a service in the catalogue, the environment and at the host, merged.
struct Merged {
    tree: Tree,
    /// Whether one of them has a mistake, which is reported where it is described.
    has_mistake: bool,
}

impl Merged {
    /// `None` where none describes the service, or one leaves it out.
    fn of(
        name: &Name,
        shared: &Shared,
        around: &Around<'_>,
        problems: &mut Diagnostics,
    ) -> Option<Self> {
        let own = around.levels().filter_map(|level| level.get(name));
        let levels: Vec<&Description> = shared.services.get(name).into_iter().chain(own).collect();
        if levels.iter().any(|level| level.leaves_out()) {
            return None;
        }
        let (first, others) = levels.split_first()?;
        let tree = others.iter().fold(first.tree.clone(), |tree, level| {
            let (tree, level) = in_one_form(tree, &level.tree);
            tree.with(&level)
        });
        let defaults = match (&shared.defaults, around.defaults) {
            (Some(shared), Some(own)) => {
                let (shared, own) = in_one_form(shared.clone(), own);
                Some(shared.with(&own))
            }
            (shared, own) => shared.as_ref().or(own).cloned(),
        };
        let tree = match defaults {
            Some(mut defaults) => {
                let role = tree.get("role").and_then(Tree::as_str);
                // It would run again whenever it ends.
                if role.is_some_and(|role| shared.roles.has(role, Trait::Job)) {
                    defaults.retain(|key| key != "restart");
                }
                let (defaults, tree) = in_one_form(defaults, &tree);
                tree.into_owned().over(&defaults)
            }
            None => tree,
        };
        // `null` removes a field that another file sets.
        let mut tree = tree.without_null();
        around.number_in(&mut tree, problems);
        Some(Self {
            tree,
            has_mistake: levels.iter().any(|level| level.has_mistake),
        })
    }

    fn read(
        &self,
        name: &Name,
        part: Part<'_>,
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

/// That of a spec which is a list or a mapping as well.
const NEEDS: &[&str] = &["needs"];

/// An item of a list as an entry of a mapping.
fn entry(items: ListItems, item: &str) -> (String, Value) {
    let pair = |separators: &[char]| match item.split_once(separators) {
        Some((key, value)) => (key.to_owned(), Value::from(value)),
        None => (item.to_owned(), Value::Null),
    };
    match items {
        ListItems::Pairs => pair(&['=']),
        ListItems::Hosts => pair(&['=', ':']),
        ListItems::Names => (item.to_owned(), Value::Mapping(Mapping::new())),
        ListItems::Dependencies => {
            let started = [("condition".into(), STARTED.into())];
            (
                item.to_owned(),
                Value::Mapping(started.into_iter().collect()),
            )
        }
    }
}

/// Two descriptions in which a field has one form. Where it is a list in one and a mapping in the other, both become mappings, which
/// are merged key by key, as Compose merges them.
fn in_one_form(mut base: Tree, over: &Tree) -> (Tree, Cow<'_, Tree>) {
    let mut over = Cow::Borrowed(over);
    let fields = IN_TWO_FORMS.iter();
    let fields = fields.map(|(route, items)| (route.as_slice(), *items));
    for (route, items) in fields.chain([(NEEDS, ListItems::Names)]) {
        let of_over = route.iter().try_fold(&*over, |tree, key| tree.get(key));
        let (Some(own), Some(other)) = (base.at_mut(route), of_over) else {
            continue;
        };
        let keyed = |tree: &Tree| tree.keyed(|item| entry(items, item));
        match (own.content(), other.content()) {
            (TreeContent::List(_), TreeContent::Map(_)) => {
                if let Some(keyed) = keyed(own) {
                    *own = keyed;
                }
            }
            (TreeContent::Map(_), TreeContent::List(_)) => {
                let Some(mut keyed) = keyed(other) else {
                    continue;
                };
                match items {
                    // A bare name adds nothing to an entry that is there.
                    ListItems::Names | ListItems::Dependencies => {
                        keyed.retain(|name| own.get(name).is_none());
                    }
                    // It is the variable of the shell; only in a mapping, `null` removes.
                    ListItems::Pairs | ListItems::Hosts => {
                        own.take_null(&keyed);
                        keyed.retain_values(|value| !value.is_null());
                    }
                }
                if let Some(other) = over.to_mut().at_mut(route) {
                    *other = keyed;
                }
            }
            _ => {}
        }
    }
    (base, over)
}

/// A host lists a service that is described nowhere, or that its environment leaves out.
fn missing(name: &Located<Name>, shared: &Shared, around: &Around<'_>) -> Diagnostic {
    let mut own = around.levels().filter_map(|level| level.get(&name.value));
    if let Some(left_out) = own.find(|own| own.leaves_out()) {
        return Diagnostic::new(
            format!("the service `{}` is listed and left out", name.value),
            name.place.clone(),
        )
        .label("listed here")
        .related(left_out.place(), "left out here");
    }
    dangling(
        "service",
        name,
        shared.services.keys().chain(around.names()),
    )
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
        let Some(merged) = Merged::of(&name.value, shared, around, problems) else {
            problems.push(missing(name, shared, around));
            continue;
        };
        // The catalogue describes most services, and a slip elsewhere makes another one.
        let meant = (!shared.services.contains_key(&name.value))
            .then(|| closest(name.as_str(), shared.services.keys().map(Name::as_str)))
            .flatten();
        if let Some(mut service) = merged.read(&name.value, Part::Whole(meant), shared, problems) {
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
