//! One Compose project of an environment, and where it runs.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_yaml::Value;

use super::address::Published;
use super::description::Description;
use super::ignore::IgnoreRule;
use super::layout::{FIELDS, Layout, Network, Routes, Volume, VolumeKind};
use super::located::Located;
use super::names::{Endpoint, FilePath, Key, Name, ProjectName};
use super::pull_request::{PLACEHOLDER, PullRequest};
use super::read::{at_key, dangling, optional, read_map};
use super::service::{Part, Service};
use super::shared::Shared;
use crate::compose::normal_name;
use crate::diagnostic::Diagnostics;
use crate::source::Place;
use crate::yaml::{Cursor, Tree};

/// Where one Compose project of an environment runs.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its name.
    pub(crate) name: Name,
    /// Where it is described.
    pub(crate) place: Place,
    /// The stack of the catalogue that it runs, if it runs one.
    pub(super) stack: Option<Located<Name>>,
    /// Its machine.
    pub(crate) machine: Located<Name>,
    /// Its Docker Engine, where the spec names it.
    pub(crate) docker: Option<Located<Endpoint>>,
    /// The Compose project's name.
    pub(crate) project: Located<ProjectName>,
    /// The template of its Compose file, below `templates/`; composegen's own where there is none.
    pub(crate) template: Option<Located<FilePath>>,
    /// Its Compose file, below `generated/`.
    pub(crate) output: Located<FilePath>,
    /// The same as it is written in the spec, with the placeholder of a pull request's number.
    pub(crate) output_pattern: String,
    /// The project's name as it is written, with `<pr>` where it is for a pull request.
    pub(crate) project_pattern: String,
    /// What runs on it.
    pub(crate) services: BTreeMap<Name, Service>,
    /// Where each of its services is listed.
    pub(crate) listed: BTreeMap<Name, Place>,
    /// The networks it declares.
    pub(crate) networks: BTreeMap<Key, Network>,
    /// The volumes it declares.
    pub(crate) volumes: BTreeMap<Key, Volume>,
    /// The sections of its Compose file that are in the spec as they are written, by name.
    pub(crate) sections: BTreeMap<&'static str, Tree>,
    /// Free values for templates: those of the catalogue, of the environment and its own, the more specific over the
    /// others.
    pub(crate) values: Option<Tree>,
    /// Who answers on which domain and path.
    pub(crate) routes: BTreeMap<Key, Located<Routes>>,
    /// Whether nothing but the project may publish ports on the machine.
    pub(crate) exclusive: Option<Located<bool>>,
    /// The findings of `drift` that are accepted.
    pub(crate) ignore: Vec<Located<IgnoreRule>>,
}

/// What a host needs of its environment and of the catalogue.
pub(super) struct Around<'a> {
    pub(super) number: PullRequest,
    pub(super) per_pull_request: bool,
    pub(super) values: Option<&'a Tree>,
    pub(super) services: Option<&'a BTreeMap<Name, Description>>,
    pub(super) shared: Option<&'a Shared>,
}

/// The ports that a host publishes, by service.
type Ports = BTreeMap<Name, Located<Vec<Located<Published>>>>;

impl Host {
    /// Reads a host, merged with its stack, and its services, merged from what the catalogue and the environment say.
    /// `written` is its spec before the number of a pull request was filled in.
    pub(super) fn read(
        name: Name,
        cursor: &Cursor<'_>,
        around: &Around<'_>,
        written: Option<&Value>,
        problems: &mut Diagnostics,
    ) -> Option<Self> {
        let mut fields = cursor.fields(problems)?;
        let place = cursor.key_place();
        let stack: Option<Located<Name>> = optional(&mut fields, "stack", problems);
        let machine: Option<Located<Name>> = optional(&mut fields, "machine", problems);
        let docker = optional(&mut fields, "docker", problems);
        let project: Option<Located<ProjectName>> = optional(&mut fields, "project", problems);
        let output: Option<Located<FilePath>> = optional(&mut fields, "output", problems);
        let own = Layout::read(&mut fields, problems);
        let ports = fields
            .optional("ports")
            .map(|c| read_map(&c, at_key, problems))
            .unwrap_or_default();
        let exclusive = optional(&mut fields, "exclusive", problems);
        let ignore = optional(&mut fields, "ignore", problems);
        let values = fields.optional("values").map(|c| c.tree().clone());
        fields.finish(problems);

        // Without the catalogue, everything in it would seem to be missing.
        let shared = around.shared?;
        let mut layout = match &stack {
            Some(name) => on_stack(cursor, name, shared, problems)?,
            None => own,
        };
        let listed = layout
            .services
            .take()
            .unwrap_or_else(|| every_service(shared, around));
        let services = services(&listed, ports, around, shared, problems);
        if stack.is_some() {
            layout.keep_used(&services, cursor.tree());
        }
        let base = &name;
        let project_base = normal_name(&format!("{}-{base}", shared.product.value));
        let (project_pattern, output_pattern) = if around.per_pull_request {
            (
                format!("{project_base}-{PLACEHOLDER}"),
                format!("{base}.pr-{PLACEHOLDER}.yml"),
            )
        } else {
            (project_base, format!("{base}.yml"))
        };
        let as_written = |key: &str, default: String| {
            let text = written.and_then(|host| host.get(key)?.as_str());
            text.map_or(default, str::to_owned)
        };
        let filled = |pattern: &str| pattern.replace(PLACEHOLDER, &around.number.to_string());
        let default_at = |text: &str| Located::new(filled(text), place.clone());
        Some(Self {
            machine: machine.unwrap_or_else(|| Located::new(name.clone(), place.clone())),
            docker,
            project: project.or_else(|| parsed(&default_at(&project_pattern)))?,
            output: output.or_else(|| parsed(&default_at(&output_pattern)))?,
            output_pattern: as_written("output", output_pattern),
            project_pattern: as_written("project", project_pattern),
            name,
            place,
            stack,
            template: layout.template,
            services,
            listed: listed
                .into_iter()
                .map(|name| (name.value, name.place))
                .collect(),
            networks: layout.networks,
            volumes: layout.volumes,
            sections: layout.sections,
            values: [shared.values.as_ref(), around.values, values.as_ref()]
                .into_iter()
                .flatten()
                .fold(None, |merged: Option<Tree>, values| {
                    Some(merged.map_or_else(|| values.clone(), |merged| merged.with(values)))
                }),
            routes: layout.routes,
            exclusive,
            ignore,
        })
    }

    /// The volumes that Compose creates for this host; a directory of the host is none.
    pub(crate) fn named_volumes(&self) -> impl Iterator<Item = (&Key, &Volume)> {
        self.volumes
            .iter()
            .filter(|(_, volume)| !matches!(volume.kind, VolumeKind::Bind(_)))
    }

    /// Whether a service of this host calls an upstream.
    pub(crate) fn calls(&self, upstream: &Name) -> bool {
        self.services
            .values()
            .flat_map(|service| &service.calls)
            .any(|made| made.value == *upstream)
    }
}

/// A text that composegen made itself, as a value of a spec.
fn parsed<T: FromStr>(text: &Located<String>) -> Option<Located<T>> {
    let value = text.value.parse().ok()?;
    Some(Located::new(value, text.place.clone()))
}

/// The layout of a host, over that of its stack, key by key.
fn on_stack(
    cursor: &Cursor<'_>,
    name: &Located<Name>,
    shared: &Shared,
    problems: &mut Diagnostics,
) -> Option<Layout> {
    let Some(stack) = shared.stacks.get(&name.value) else {
        problems.push(dangling("stack", name, shared.stacks.keys()));
        return None;
    };
    let mut own = cursor.tree().clone();
    own.retain(|key| FIELDS.contains(&key));
    let merged = stack.clone().with(&own);
    // What is wrong with either was noted where it is written.
    let mut quiet = Diagnostics::default();
    let mut fields = merged.cursor().fields(&mut quiet)?;
    Some(Layout::read(&mut fields, &mut quiet))
}

/// All services that the catalogue and the environment describe.
fn every_service(shared: &Shared, around: &Around<'_>) -> Vec<Located<Name>> {
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
    let tree = tree.without_null();
    // Its mistakes are reported where it is described.
    if levels.iter().any(|level| level.has_mistake) {
        let mut quiet = Diagnostics::default();
        return Service::read(
            name,
            &tree.cursor(),
            Part::Description,
            &shared.roles,
            &mut quiet,
        );
    }
    Service::read(name, &tree.cursor(), Part::Whole, &shared.roles, problems)
}

/// The services that a host lists, with the ports that it publishes for them.
fn services(
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
