//! A Compose file as those see it who judge the file and not a host: with what it brings in, and with
//! the defaults of its variables for values.
//!
//! What a file asks of a host is its [`State`](crate::state::State). A rule needs the line that is
//! wrong, and to it a variable without a default is a hole, not a value. So there are two trees: the
//! text as it is written, and the same in canonical form.

mod model;
mod optional;
mod reached;
#[cfg(test)]
mod tests;
mod values;

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use self::model::{Known, model, project_name};
use super::Document;
use super::interpolate::Unset;
use super::loader::{LoadContext, Loader, Reading};
use super::notes::{Notes, Repeated, Sources, Stop, WholeDocument};
use super::request::{Request, load_meant};
use super::stack::{self, Unfit};
use super::tree::{Mark, Node};
use super::view::{self, At, Service};
use crate::diagnostic::Diagnostics;
use crate::orchestrator::Orchestrator;
use crate::parallel;
use crate::source::{Place, Source};
use crate::state::{MountKind, PORT_ADDRESS};
use crate::text::path::clean;
use crate::variables::Variables;

/// A Compose file with what it extends and includes.
#[derive(Debug, Clone)]
pub struct Written {
    text: Node,
    model: Node,
    sources: Sources,
    wholes: Vec<WholeDocument>,
    /// The file's own text.
    pub(crate) source: Arc<Source>,
    /// The project's name, as Compose makes it.
    pub(crate) project: String,
    /// Why Compose would not read the file, where it would not.
    pub(crate) refusal: Diagnostics,
    /// The folder that relative paths start from, where it is known.
    pub(crate) directory: Option<PathBuf>,
    /// The services whose profiles are not enabled.
    disabled: BTreeSet<String>,
    /// The variables that env files set, where there are such files.
    given: Option<BTreeSet<String>>,
    /// The variables that the process sets.
    around: BTreeSet<String>,
    /// Those of them that are empty.
    empty: BTreeSet<String>,
    /// The variables that its texts can do without, once somebody asks.
    optional: OnceLock<BTreeSet<String>>,
    /// The keys and values of `version`.
    versions: Vec<(Mark, Mark)>,
    /// The keys of `extends` and `include`.
    brought_in: Vec<(&'static str, Mark)>,
    /// What lists list twice.
    repeated: Vec<Repeated>,
    /// The documents that a stack does not have.
    left_out: Vec<Mark>,
    /// The variables of its host, where it is a host's own file, and what runs it.
    of_host: Option<(Variables, Orchestrator)>,
}

/// How the files of a request are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// On their own: a variable without a default has no value.
    Alone,
    /// As those of a host: its env files say what it has in common with others.
    OnHost,
}

/// A network or volume that services use.
#[derive(Debug, Clone)]
pub(crate) struct Resource<'a> {
    /// Its key in the file.
    pub(crate) key: String,
    /// Its name on the engine.
    pub(crate) name: String,
    /// Whether somebody else creates it.
    pub(crate) is_external: bool,
    /// Where its name comes from: where that is written, or it is declared, or it is used.
    pub(crate) place: Place,
    /// What is declared.
    pub(crate) at: At<'a>,
}

impl Written {
    /// Reads a text for itself: it may bring in nothing.
    pub(crate) fn read(source: &Arc<Source>) -> Result<Self, Diagnostics> {
        Self::read_as(source, None, Orchestrator::default())
    }

    /// Reads the file of a project whose name is not in it, for an engine.
    pub(crate) fn read_as(
        source: &Arc<Source>,
        project: Option<String>,
        orchestrator: Orchestrator,
    ) -> Result<Self, Diagnostics> {
        Self::of_document(Document::parse(source)?, project, orchestrator)
    }

    /// Reads a text that was parsed.
    pub(crate) fn of_document(
        document: Document,
        project: Option<String>,
        orchestrator: Orchestrator,
    ) -> Result<Self, Diagnostics> {
        let mut loader = Loader {
            notes: document.notes,
            orchestrator,
            ..Loader::new(Reading::Written, Unset::Keep, Path::new("/"))
        };
        let text = loader
            .model(vec![document.file], &LoadContext::default(), &[])
            .map_err(|Stop| std::mem::take(&mut loader.notes.problems))?;
        let notes = loader.notes;
        let known = Known {
            variables: &Variables::default(),
            has_all: false,
            orchestrator,
        };
        Ok(Self::of(text, notes, known, project))
    }

    /// Reads files that are merged, with what they extend and include, as Compose finds them.
    pub(crate) fn load(here: &Path, request: &Request) -> Result<Self, Diagnostics> {
        Self::seen(here, request, Seen::Alone)
    }

    /// Reads the files of a host. The variables of the request say on which ports, networks and volumes it runs, and
    /// its profiles which services.
    pub(crate) fn of_host(here: &Path, request: &Request) -> Result<Self, Diagnostics> {
        Self::seen(here, request, Seen::OnHost)
    }

    /// Reads the files of a project with all variables of the request, as Compose or a stack does.
    pub(super) fn filled(here: &Path, request: &Request, project: &str) -> Option<Self> {
        let mut loader = Loader {
            reads_files: true,
            orchestrator: request.orchestrator,
            ..Loader::new(Reading::Written, request.unset, here)
        };
        let (text, variables, directory) = loader.load_written(request).ok()?;
        let known = Known {
            variables: &variables,
            has_all: true,
            orchestrator: request.orchestrator,
        };
        Some(Self {
            directory: Some(directory),
            ..Self::of(text, loader.notes, known, Some(project.to_owned()))
        })
    }

    fn seen(here: &Path, request: &Request, seen: Seen) -> Result<Self, Diagnostics> {
        let request = Request {
            unset: Unset::Keep,
            ..request.clone()
        };
        let mut loader = Loader {
            reads_files: true,
            orchestrator: request.orchestrator,
            ..Loader::new(Reading::Written, request.unset, here)
        };
        // The files are read as they are written, and for what they mean. Neither reading needs the other.
        let (meant, read) = parallel::both(
            || load_meant(here, &request),
            || loader.load_written(&request),
        );
        let (text, variables, directory) =
            read.map_err(|Stop| std::mem::take(&mut loader.notes.problems))?;
        let variables = match seen {
            Seen::Alone => Variables::default(),
            Seen::OnHost => variables,
        };
        let (state, refusal) = match meant {
            Ok(found) => (Some(found.state), Diagnostics::default()),
            Err(problems) => (None, problems),
        };
        let project = state
            .as_ref()
            .map(|state| state.project.clone())
            .or(request.project_name);
        let around = &request.environment;
        let empty = around.names().filter(|name| around.get(name) == Some(""));
        Ok(Self {
            refusal,
            directory: Some(directory),
            disabled: state
                .filter(|_| seen == Seen::OnHost)
                .map(|state| state.unused.services)
                .unwrap_or_default(),
            around: request.environment.names().map(str::to_owned).collect(),
            empty: empty.map(str::to_owned).collect(),
            of_host: (seen == Seen::OnHost).then(|| (variables.clone(), request.orchestrator)),
            ..Self::of(
                text,
                loader.notes,
                Known {
                    variables: &variables,
                    has_all: false,
                    orchestrator: request.orchestrator,
                },
                project,
            )
        })
    }

    fn of(text: Node, mut notes: Notes, known: Known<'_>, project: Option<String>) -> Self {
        let project = project.unwrap_or_else(|| project_name(&text, &notes.sources));
        let model = model(&text, &project, known, &mut notes);
        let source = notes.sources.all().first().map(Arc::clone);
        let name = source.as_ref().map_or("", |source| &source.name).to_owned();
        Self {
            text,
            model,
            sources: notes.sources,
            wholes: notes.wholes,
            source: source.unwrap_or_else(|| Source::new("", "")),
            project,
            refusal: Diagnostics::default(),
            directory: std::path::absolute(&name)
                .ok()
                .and_then(|path| path.parent().map(Path::to_owned)),
            disabled: BTreeSet::new(),
            given: notes.given,
            around: BTreeSet::new(),
            empty: BTreeSet::new(),
            optional: OnceLock::new(),
            versions: notes.versions,
            brought_in: notes.brought_in,
            repeated: notes.repeated,
            left_out: notes.left_out,
            of_host: None,
        }
    }

    /// The texts that it was read from: the file's own, then those that it brings in.
    pub(crate) fn sources(&self) -> &[Arc<Source>] {
        self.sources.all()
    }

    /// Whether an env file sets a variable: `.env` beside the file, or those of its host.
    pub(crate) fn gives(&self, variable: &str) -> bool {
        let given = self.given.as_ref();
        given.is_some_and(|given| given.contains(variable))
    }

    /// Whether there are env files, and neither they nor the process set a variable.
    pub(crate) fn lacks(&self, variable: &str) -> bool {
        self.given.is_some() && !self.gives(variable) && !self.around.contains(variable)
    }

    /// Whether the process sets a variable, and it is empty.
    pub(crate) fn is_empty(&self, variable: &str) -> bool {
        self.empty.contains(variable)
    }

    /// The places of the key and of the value of each `version`.
    pub(crate) fn versions(&self) -> impl Iterator<Item = (Place, Place)> {
        self.versions
            .iter()
            .map(|(key, value)| (self.sources.place(*key), self.sources.place(*value)))
    }

    /// What `docker stack deploy` ignores of it, and the fields that its client refuses.
    pub(crate) fn unfit_for_stacks(&self) -> Vec<Unfit<'_>> {
        stack::unfit(self.text())
    }

    /// What its lists list twice.
    pub(super) fn repeated(&self) -> &[Repeated] {
        &self.repeated
    }

    /// Where something was written.
    pub(super) fn place(&self, at: Mark) -> Place {
        self.sources.place(at)
    }

    /// The names and places of the keys that bring in other files or services: `extends` and `include`.
    pub(crate) fn brought_in(&self) -> impl Iterator<Item = (&'static str, Place)> {
        self.brought_in
            .iter()
            .map(|(name, key)| (*name, self.sources.place(*key)))
    }

    /// The YAML documents that `docker stack deploy` ignores.
    pub(crate) fn left_out(&self) -> impl Iterator<Item = Place> {
        self.left_out.iter().map(|at| self.sources.place(*at))
    }

    /// Whether it only overrides other files, as its name says, so that on its own it is incomplete
    /// (Compose's own `compose.override.yaml`).
    pub(crate) fn is_override(&self) -> bool {
        let name = Path::new(&self.source.name).file_stem();
        name.is_some_and(|name| name.to_string_lossy().ends_with(".override"))
    }

    /// The texts that are part of the project as wholes: its files and those that they include.
    pub(crate) fn wholes(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.wholes
            .iter()
            .filter_map(|whole| self.sources.all().get(whole.source as usize))
    }

    /// The `x-composegen` of each of these, and whether it is one of the project's own files.
    pub(crate) fn extensions(&self) -> impl Iterator<Item = (At<'_>, bool)> {
        self.wholes.iter().filter_map(|whole| {
            let at = At::root(whole.extension.as_ref()?, &self.sources);
            Some((at, whole.is_own))
        })
    }

    /// The file as it is written.
    pub(crate) fn text(&self) -> At<'_> {
        At::root(&self.text, &self.sources)
    }

    /// All services as they are written, by their names.
    pub(crate) fn written_services(&self) -> impl Iterator<Item = (&str, At<'_>)> {
        self.text()
            .get("services")
            .into_iter()
            .flat_map(At::entries)
    }

    /// The file in canonical form.
    pub(crate) fn model(&self) -> At<'_> {
        At::root(&self.model, &self.sources)
    }

    /// The place of what gives the project its name: the field, or the file.
    pub(crate) fn project_place(&self) -> Place {
        let name = self.text().field("name");
        name.map_or_else(|| Place::whole(&self.source), |name| name.place())
    }

    /// The services that run, by their names.
    pub(crate) fn services(&self) -> impl Iterator<Item = Service<'_>> {
        let services = self.every_service();
        services.filter(|service| !self.disabled.contains(service.name))
    }

    /// All services, also those whose profiles are not enabled.
    pub(crate) fn every_service(&self) -> impl Iterator<Item = Service<'_>> {
        view::services(&self.model, &self.sources)
    }

    /// The service of a name.
    pub(crate) fn service(&self, name: &str) -> Option<Service<'_>> {
        let at = self.declared("services", name)?;
        let name = at.name().filter(|name| !self.disabled.contains(*name))?;
        Some(Service { name, at })
    }

    /// The entries of a top-level section.
    pub(crate) fn entries(&self, section: &str) -> impl Iterator<Item = (&str, At<'_>)> {
        self.model().get(section).into_iter().flat_map(At::entries)
    }

    /// The entry of a top-level section with a key.
    pub(crate) fn declared(&self, section: &str, key: &str) -> Option<At<'_>> {
        self.model().get(section)?.get(key)
    }

    /// The env files of its services, relative to the folder `here`, as far as they are in it.
    pub(crate) fn env_files(&self, here: &Path) -> Vec<String> {
        let Some(folder) = &self.directory else {
            return Vec::new();
        };
        let named = self.services().flat_map(|service| {
            service
                .get("env_file")
                .into_iter()
                .flat_map(At::items)
                .filter_map(|file| file.get("path").unwrap_or(file).text())
        });
        let files = named.filter_map(|file| {
            let path = clean(&folder.join(file).to_string_lossy());
            let path = Path::new(&path).strip_prefix(here).ok()?;
            Some(path.to_string_lossy().into_owned())
        });
        files.collect()
    }

    /// The address on which the ports of the services of a network are published, if it sets one.
    pub(crate) fn port_address(&self, network: &str) -> Option<IpAddr> {
        let network = self.declared("networks", network)?;
        let option = network.driver_option(PORT_ADDRESS)?;
        option.text()?.parse().ok()
    }

    /// The networks that services join.
    pub(crate) fn networks(&self) -> Vec<Resource<'_>> {
        let joined = self
            .services()
            .flat_map(|service| service.networks().collect::<Vec<_>>());
        self.resources(
            "networks",
            joined.map(|(key, at)| (key.to_owned(), at.key_place())),
        )
    }

    /// The named volumes that services mount.
    pub(crate) fn volumes(&self) -> Vec<Resource<'_>> {
        let mounts = self
            .services()
            .flat_map(|service| service.mounts().collect::<Vec<_>>());
        let volumes = mounts.filter(|mount| mount.kind == MountKind::Volume);
        let used = volumes.filter_map(|mount| Some((mount.source.clone()?, mount.place())));
        self.resources("volumes", used)
    }

    fn resources(
        &self,
        section: &str,
        used: impl Iterator<Item = (String, Place)>,
    ) -> Vec<Resource<'_>> {
        let mut known = HashSet::new();
        let used = used.filter(|(key, _)| known.insert(key.clone()));
        let found = used.filter_map(|(key, used_at)| {
            let at = self.declared(section, &key)?;
            let name = at.get("name")?;
            let place = if name.node.at != at.node.at {
                name.place()
            } else if at.is_declared() {
                at.key_place()
            } else {
                used_at
            };
            Some(Resource {
                key,
                name: name.text()?,
                is_external: at.is_on("external"),
                place,
                at,
            })
        });
        found.collect()
    }
}

impl Loader {
    /// The text that the files give together, the variables around them, and the folder.
    fn load_written(&mut self, request: &Request) -> Result<(Node, Variables, PathBuf), Stop> {
        let surroundings = self.surroundings(request)?;
        let files = self.files(&surroundings.files)?;
        let (variables, directory) = (
            surroundings.variables.clone(),
            surroundings.directory.clone(),
        );
        let context = LoadContext {
            directory: surroundings.directory,
            variables: Arc::new(surroundings.variables),
        };
        Ok((self.model(files, &context, &[])?, variables, directory))
    }
}
