//! One Compose project of an environment, and where it runs.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::address::Published;
use super::ignore::IgnoreRule;
use super::layout::{Layout, Network, Routes, Volume, VolumeKind};
use super::located::Located;
use super::names::{Endpoint, FilePath, Key, Name, ProjectName};
use super::read::{at_key, dangling, optional, read_map, required};
use super::service::{Description, Service};
use super::shared::Shared;
use super::words::Call;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Place;
use crate::yaml::Cursor;

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
    /// Its Docker Engine.
    pub(crate) docker: Located<Endpoint>,
    /// The Compose project's name.
    pub(crate) project: Located<ProjectName>,
    /// The template of its Compose file, below `templates/`.
    pub(crate) template: Located<FilePath>,
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
    /// Who answers on which domain and path.
    pub(crate) routes: BTreeMap<Key, Located<Routes>>,
    /// Whether nothing but the project may publish ports on the machine.
    pub(crate) exclusive: Option<Located<bool>>,
    /// The findings of `drift` that are accepted.
    pub(crate) ignore: Vec<Located<IgnoreRule>>,
}

/// The ports that a host publishes, by service.
type Ports = BTreeMap<Name, Located<Vec<Located<Published>>>>;

impl Host {
    /// Reads a host, and puts its stack and the descriptions of its services under it: those of the
    /// catalogue and, over them, those of its environment (`own`). `written` is its spec before the
    /// number of a pull request was filled in.
    pub(super) fn read(
        name: Name,
        cursor: &Cursor<'_>,
        own: &BTreeMap<Name, Description>,
        shared: Option<&Shared>,
        written: Option<&Value>,
        problems: &mut Diagnostics,
    ) -> Option<Self> {
        let mut fields = cursor.fields(problems)?;
        let place = cursor.key_place();
        let stack: Option<Located<Name>> = optional(&mut fields, "stack", problems);
        let machine = required(&mut fields, "machine", problems);
        let docker = required(&mut fields, "docker", problems);
        let project = required(&mut fields, "project", problems);
        let output = required(&mut fields, "output", problems);
        let layout = Layout::read(&mut fields, problems);
        let ports = fields
            .optional("ports")
            .map(|c| read_map(&c, at_key, problems))
            .unwrap_or_default();
        let exclusive = optional(&mut fields, "exclusive", problems);
        let ignore = optional(&mut fields, "ignore", problems);
        fields.finish(problems);

        // Without the catalogue, everything in it would seem to be missing.
        let shared = shared?;
        let layout = match &stack {
            Some(name) => over_stack(layout, name, shared, problems)?,
            None => layout,
        };
        for (what, is_missing) in [
            ("template", layout.template.is_none()),
            ("services", layout.services.is_none()),
        ] {
            if is_missing {
                let message = format!("host `{name}` has no `{what}`");
                let label = format!("expected a field `{what}`, or a `stack` that has it");
                problems.push(Diagnostic::new(message, &place).label(label));
            }
        }
        let listed = layout.services.unwrap_or_default();
        let services = services(&listed, ports, own, shared, problems);
        let as_written = |key| {
            let text = written.and_then(|host| host.get(key)?.as_str());
            text.unwrap_or_default().to_owned()
        };
        Some(Self {
            name,
            place,
            stack,
            machine: machine?,
            docker: docker?,
            project: project?,
            template: layout.template?,
            output: output?,
            output_pattern: as_written("output"),
            project_pattern: as_written("project"),
            services,
            listed: listed
                .into_iter()
                .map(|name| (name.value, name.place))
                .collect(),
            networks: layout.networks,
            volumes: layout.volumes,
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

    /// Whether a service of this host calls something outside its project.
    pub(crate) fn calls(&self, call: Call) -> bool {
        self.services
            .values()
            .flat_map(|service| &service.calls)
            .any(|made| made.value == call)
    }
}

/// The layout of a host, over that of its stack.
fn over_stack(
    layout: Layout,
    name: &Located<Name>,
    shared: &Shared,
    problems: &mut Diagnostics,
) -> Option<Layout> {
    let stack = shared.stacks.get(&name.value);
    if stack.is_none() {
        problems.push(dangling("stack", name, shared.stacks.keys()));
    }
    Some(stack?.value.clone().with(layout))
}

/// The services that a host lists, with the ports that it publishes for them.
fn services(
    listed: &[Located<Name>],
    mut ports: Ports,
    own: &BTreeMap<Name, Description>,
    shared: &Shared,
    problems: &mut Diagnostics,
) -> BTreeMap<Name, Service> {
    let mut services = BTreeMap::new();
    for name in listed {
        let ports = ports.remove(&name.value).map(|ports| ports.value);
        let description = match (shared.services.get(&name.value), own.get(&name.value)) {
            (Some(shared), own) => shared.with(own),
            (None, Some(own)) => own.clone(),
            (None, None) => {
                let known = shared.services.keys().chain(own.keys());
                problems.push(dangling("service", name, known));
                continue;
            }
        };
        let service = description.complete(name, ports.unwrap_or_default(), problems);
        services.extend(service.map(|service| (name.value.clone(), service)));
    }
    for (name, ports) in ports {
        let name = Located::new(name, ports.place);
        let known = listed.iter().map(|name| &name.value);
        problems.push(dangling("service", &name, known));
    }
    services
}
