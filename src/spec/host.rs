//! One Compose project of an environment, and where it runs.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_yaml::Value;

use super::by_hand::{ByHand, Named};
use super::ignore::IgnoreRule;
use super::layout::{FIELDS, Layout, Network, Routes, Volume, VolumeKind};
use super::located::Located;
use super::merged::{Around, Ports, described, every_service, services};
use super::names::{Endpoint, FilePath, Key, Name, ProjectName};
use super::pull_request::PLACEHOLDER;
use super::read::{Readable, at_key, dangling, demand_one, read_map, record};
use super::service::{Need, Service};
use super::settings::OwnCheckSettings;
use super::shared::Shared;
use crate::compose::normal_name;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::files::folders::GENERATED;
use crate::orchestrator::Orchestrator;
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
    /// Its Docker Engine, where the spec names it; a manager if it is a swarm.
    pub(crate) docker: Option<Located<Endpoint>>,
    /// What runs its Compose file.
    pub(crate) orchestrator: Located<Orchestrator>,
    /// The Compose project's name.
    pub(crate) project: Located<ProjectName>,
    /// Where its Compose file comes from.
    pub(crate) origin: FileOrigin,
    /// The project's name as it is written, with `<pr>` where it is for a pull request.
    pub(crate) project_pattern: String,
    /// What runs on it.
    pub(crate) services: BTreeMap<Name, Service>,
    /// Where each of its services is listed.
    pub(crate) listed: BTreeMap<Name, Place>,
    /// The services that it or its environment leaves out, and where.
    pub(super) left_out: BTreeMap<Name, Place>,
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
    /// What `check` reports of it.
    pub(crate) check: Option<OwnCheckSettings>,
    /// The findings of `drift` that are accepted.
    pub(crate) ignore: Vec<Located<IgnoreRule>>,
}

record! {
    /// A host: a machine's Compose project.
    pub(super) HostFile, read(cursor, fields, problems, host: &Cursor<'_>):
    /// The stack of the catalogue that it runs.
    optional stack: Option<Located<Name>>,
    /// Its machine.
    optional machine: Option<Located<Name>>,
    /// Its Docker Engine; a manager, if it is a swarm.
    optional docker: Option<Located<Endpoint>>,
    /// What runs its Compose file: Docker Compose (`docker`, the default), or a swarm.
    optional engine: Option<Located<Orchestrator>>,
    /// The name of the Compose project.
    optional project: Option<Located<ProjectName>>,
    /// Its Compose file, below generated/.
    optional output: Option<Located<FilePath>>,
    /// Its Compose files, where they are written by hand.
    computed named: Option<Named> = {
        let orchestrator = engine
            .iter()
            .flatten()
            .next()
            .map_or(Orchestrator::default(), |orchestrator| orchestrator.value);
        Some(Named::read(host, &mut fields, orchestrator, problems))
    },
    /// What it has in common with a stack.
    computed layout: Layout = Some(Layout::read(&mut fields, problems)),
    /// The ports that its services publish.
    computed ports: Ports = Some(
        fields
            .optional("ports")
            .map(|ports| read_map(&ports, ports_of, problems))
            .unwrap_or_default()
    ),
    /// Whether nothing but the project may publish ports on the machine.
    optional exclusive: Option<Located<bool>>,
    optional check: Option<OwnCheckSettings>,
    /// The findings of `drift` that are accepted.
    optional ignore: Vec<Located<IgnoreRule>>,
    /// Free values for templates.
    computed values: Option<Tree> = Some(fields.optional("values").map(|values| values.tree().clone())),
}

/// Where the Compose file of a host comes from.
#[derive(Debug, Clone)]
pub(crate) enum FileOrigin {
    /// It is rendered.
    Rendered(OutputFile),
    /// It is written by hand.
    ByHand(ByHand),
}

/// The Compose file that a host is rendered to.
#[derive(Debug, Clone)]
pub(crate) struct OutputFile {
    /// Its template, below `templates/`; composegen's own where there is none.
    pub(crate) template: Option<Located<FilePath>>,
    /// Its path, below `generated/`.
    pub(crate) path: Located<FilePath>,
    /// The path as it is written in the spec, with the placeholder of a pull request's number.
    pub(crate) pattern: String,
}

impl OutputFile {
    /// The file, relative to the project's root.
    pub(crate) fn file(&self) -> String {
        format!("{GENERATED}/{}", self.path.value)
    }
}

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
        let mut tree = cursor.tree().clone();
        let changes = around.changes(&mut tree, problems);
        let around = &Around {
            of_host: Some(&changes),
            ..*around
        };
        // `null` removes what the stack has.
        let own = match cursor.get("stack") {
            Some(_) => tree.clone().without_null_in(&FIELDS),
            None => tree.clone(),
        };
        let file = HostFile::read(&own.cursor(), problems, cursor)?;
        let place = cursor.key_place();

        // Without the catalogue, everything in it would seem to be missing.
        let shared = around.shared?;
        let naming = Naming {
            host: &name,
            place: &place,
            shared,
            around,
            written,
        };
        let content = if let Some(named) = file.named {
            naming.by_hand(named, file.project, cursor, file.layout.routes, problems)?
        } else {
            let layout = match &file.stack {
                Some(name) => on_stack(&tree, name, around, shared, problems)?,
                None => file.layout,
            };
            let over_stack = file.stack.is_some().then_some(&tree);
            let (project, output) = (file.project, file.output);
            naming.rendered(layout, over_stack, file.ports, project, output, problems)?
        };
        let values = [shared.values.as_ref(), around.values, file.values.as_ref()];
        let values = values.into_iter().flatten().cloned();
        let mut values = values.reduce(|merged: Tree, own| merged.with(&own));
        if let Some(values) = &mut values {
            around.number_in(values, problems);
        }
        Some(Self {
            machine: file
                .machine
                .unwrap_or_else(|| Located::new(name.clone(), place.clone())),
            docker: file.docker,
            orchestrator: file
                .engine
                .unwrap_or_else(|| Located::new(Orchestrator::default(), place.clone())),
            project: content.project,
            origin: content.origin,
            project_pattern: content.project_pattern,
            name,
            place,
            stack: file.stack,
            services: content.services,
            listed: content.listed,
            left_out: around.left_out(),
            networks: content.networks,
            volumes: content.volumes,
            sections: content.sections,
            values,
            routes: content.routes,
            exclusive: file.exclusive,
            check: file.check,
            ignore: file.ignore,
        })
    }

    /// Whether its Compose file is a stack of a swarm.
    pub(crate) fn is_stack(&self) -> bool {
        self.orchestrator.value.is_swarm()
    }

    /// The file that it is rendered to; none where its Compose files are written by hand.
    pub(crate) fn output(&self) -> Option<&OutputFile> {
        match &self.origin {
            FileOrigin::Rendered(output) => Some(output),
            FileOrigin::ByHand(_) => None,
        }
    }

    /// Its Compose files, where they are written by hand.
    pub(crate) fn by_hand(&self) -> Option<&ByHand> {
        match &self.origin {
            FileOrigin::Rendered(_) => None,
            FileOrigin::ByHand(by_hand) => Some(by_hand),
        }
    }

    /// The volumes that Compose creates for this host; a directory of the host is not one.
    pub(crate) fn named_volumes(&self) -> impl Iterator<Item = (&Key, &Volume)> {
        self.volumes
            .iter()
            .filter(|(_, volume)| !matches!(volume.kind, VolumeKind::Bind(_)))
    }

    /// What a service starts after on this host; what it needs may run on another one of the environment.
    pub(crate) fn needs<'a>(&'a self, service: &'a Service) -> impl Iterator<Item = &'a Need> {
        service
            .needs
            .iter()
            .filter(|need| self.listed.contains_key(&need.service.value))
    }

    /// Whether a service of this host calls an upstream.
    pub(crate) fn calls(&self, upstream: &Name) -> bool {
        self.services
            .values()
            .flat_map(|service| &service.calls)
            .any(|made| made.value == *upstream)
    }
}

/// What a host's project is, and what is in it.
struct Content {
    project: Located<ProjectName>,
    project_pattern: String,
    origin: FileOrigin,
    services: BTreeMap<Name, Service>,
    listed: BTreeMap<Name, Place>,
    networks: BTreeMap<Key, Network>,
    volumes: BTreeMap<Key, Volume>,
    sections: BTreeMap<&'static str, Tree>,
    routes: BTreeMap<Key, Located<Routes>>,
}

/// What the names of a host are made of, where its spec has none.
struct Naming<'a> {
    host: &'a Name,
    place: &'a Place,
    shared: &'a Shared,
    around: &'a Around<'a>,
    written: Option<&'a Value>,
}

impl Naming<'_> {
    /// A field as it is written, with `<pr>` for the number of a pull request.
    fn pattern(&self, field: &str, default: String) -> String {
        let text = self.written.and_then(|host| host.get(field)?.as_str());
        text.map_or(default, str::to_owned)
    }

    fn project(&self) -> String {
        let base = normal_name(&format!("{}-{}", self.shared.product.value, self.host));
        if self.around.per_pull_request {
            format!("{base}-{PLACEHOLDER}")
        } else {
            base
        }
    }

    fn output(&self) -> String {
        if self.around.per_pull_request {
            format!("{}.pr-{PLACEHOLDER}.yml", self.host)
        } else {
            format!("{}.yml", self.host)
        }
    }

    /// A name with the number of the pull request, as if the host's spec had it.
    fn filled<T: FromStr>(&self, pattern: &str) -> Option<Located<T>> {
        let text = pattern.replace(PLACEHOLDER, &self.around.number.to_string());
        parsed(&Located::new(text, self.place.clone()))
    }

    /// A host of which all services are left out.
    fn nothing_runs(&self) -> Diagnostic {
        let message = format!(
            "host `{}` runs no service: all of them are left out",
            self.host
        );
        let problem = Diagnostic::new(message, self.place.clone())
            .label("expected at least one service")
            .help("remove the host, or keep one of its services");
        let left_out = self.around.left_out();
        left_out.iter().fold(problem, |problem, (name, place)| {
            problem.related(place.clone(), format!("`{name}` is left out here"))
        })
    }

    fn rendered(
        &self,
        mut layout: Layout,
        over_stack: Option<&Tree>,
        ports: Ports,
        project: Option<Located<ProjectName>>,
        output: Option<Located<FilePath>>,
        problems: &mut Diagnostics,
    ) -> Option<Content> {
        let is_listed = layout.services.is_some();
        let listed = layout
            .services
            .take()
            .unwrap_or_else(|| every_service(self.shared, self.around));
        if listed.is_empty() && !self.shared.services.is_empty() {
            // That a list is empty is said where it is written.
            if !is_listed {
                problems.push(self.nothing_runs());
            }
            return None;
        }
        let services = services(&listed, ports, self.around, self.shared, problems);
        if let Some(own) = over_stack {
            layout.keep_used(&services, own);
        }
        Some(Content {
            project: project.or_else(|| self.filled(&self.project()))?,
            project_pattern: self.pattern("project", self.project()),
            origin: FileOrigin::Rendered(OutputFile {
                template: layout.template,
                path: output.or_else(|| self.filled(&self.output()))?,
                pattern: self.pattern("output", self.output()),
            }),
            services,
            listed: listed
                .into_iter()
                .map(|name| (name.value, name.place))
                .collect(),
            networks: layout.networks,
            volumes: layout.volumes,
            sections: layout.sections,
            routes: layout.routes,
        })
    }

    fn by_hand(
        &self,
        named: Named,
        project: Option<Located<ProjectName>>,
        cursor: &Cursor<'_>,
        routes: BTreeMap<Key, Located<Routes>>,
        problems: &mut Diagnostics,
    ) -> Option<Content> {
        // One project per pull request needs a name with its number, which no file has.
        let project = match project {
            None if self.around.per_pull_request => self.filled(&self.project()),
            project => project,
        };
        let files = named.load(self.around.root, project.as_ref(), problems)?;
        let project = project.or_else(|| parsed(&files.project()))?;
        let described =
            |name: &Name, (nothing, place): (&Tree, Place), problems: &mut Diagnostics| {
                described(name, nothing, place, self.shared, self.around, problems)
            };
        let found = files.content(cursor.tree(), described, problems);
        Some(Content {
            project_pattern: if self.around.per_pull_request {
                self.pattern("project", self.project())
            } else {
                project.to_string()
            },
            project,
            origin: FileOrigin::ByHand(files),
            services: found.services,
            listed: found.listed,
            networks: found.networks,
            volumes: found.volumes,
            sections: BTreeMap::new(),
            routes,
        })
    }
}

/// A text that composegen made itself, as a value of a spec.
fn parsed<T: FromStr>(text: &Located<String>) -> Option<Located<T>> {
    let value = text.value.parse().ok()?;
    Some(Located::new(value, text.place.clone()))
}

/// The ports of a service.
fn ports_of<T: Readable>(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Located<T>> {
    demand_one(cursor, "port", "leave it out to publish no port", problems);
    at_key(cursor, problems)
}

/// The layout of a host, over that of its stack, key by key.
fn on_stack(
    own: &Tree,
    name: &Located<Name>,
    around: &Around<'_>,
    shared: &Shared,
    problems: &mut Diagnostics,
) -> Option<Layout> {
    let Some(stack) = shared.stacks.get(&name.value) else {
        problems.push(dangling("stack", name, shared.stacks.keys()));
        return None;
    };
    let mut own = own.clone();
    own.retain(|key| FIELDS.contains(&key));
    let mut merged = stack.clone().with(&own);
    around.number_in(&mut merged, problems);
    // What is wrong with either is noted where it is written, and once.
    let mut fields = merged.cursor().fields(problems)?;
    Some(Layout::read(&mut fields, problems))
}
