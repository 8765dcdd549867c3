//! A host whose Compose files are written by hand: which files it has, and what they declare.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::address::Subnet;
use super::layout::{Network, Volume, VolumeKind};
use super::located::Located;
use super::mounts::mounted;
use super::names::{FilePath, Image, Key, Name, ProjectName, Word};
use super::ports::PublishedPorts;
use super::read::{dangling, optional};
use super::service::{ImageSource, Need, Service};
use super::words::StartCondition;
use crate::compose::{self, At, FileArgument, Request, Unset, Written};
use crate::diagnostic::{Diagnostic, Diagnostics, misspelt};
use crate::files;
use crate::files::{Links, Root};
use crate::orchestrator::Orchestrator;
use crate::source::{Place, Source};
use crate::text::path::clean;
use crate::variables::Variables;
use crate::yaml::{Cursor, Fields, Tree};

/// The Compose files of a host that are written by hand.
#[derive(Debug, Clone)]
pub(crate) struct ByHand {
    named: Named,
    /// The files, merged as Compose merges them.
    pub(crate) written: Arc<Written>,
    /// The env files that are not there. They may hold secrets, and exist only on the host.
    pub(crate) missing: Vec<MissingFile>,
}

/// An env file that is not there.
#[derive(Debug, Clone)]
pub(crate) struct MissingFile {
    pub(crate) path: FilePath,
    /// A file of the same folder that may be meant.
    pub(crate) similar: Option<String>,
}

/// The file of the same folder whose name is most like that of one that is not there.
fn similar(root: &Root, path: &FilePath) -> Option<String> {
    let path = Path::new(path.as_str());
    let folder = path.parent()?;
    let name = path.file_name()?.to_str()?;
    let here = Path::new(".");
    let listed = if folder.as_os_str().is_empty() {
        here
    } else {
        folder
    };
    let entries = root.list(listed, Links::Inside).ok()?;
    let names: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry.name.to_str())
        .collect();
    let close = misspelt(name, names)?;
    Some(folder.join(close).display().to_string())
}

/// What a spec names of them, relative to the project's root.
#[derive(Debug, Clone)]
pub(super) struct Named {
    files: Vec<Located<FilePath>>,
    env_files: Vec<Located<FilePath>>,
    profiles: Vec<Located<Word>>,
    /// What runs them.
    orchestrator: Orchestrator,
}

/// What has no effect on a host that is not rendered.
const OF_RENDERED: [&str; 12] = [
    "template", "output", "stack", "services", "networks", "volumes", "ports", "secrets",
    "configs", "models", "include", "values",
];

impl Named {
    /// Reads the fields that name Compose files; nothing where the host is rendered.
    pub(super) fn read(
        host: &Cursor<'_>,
        fields: &mut Fields<'_>,
        orchestrator: Orchestrator,
        problems: &mut Diagnostics,
    ) -> Option<Self> {
        let files: Option<Vec<Located<FilePath>>> = optional(fields, "files", problems);
        let env_files = optional(fields, "env_files", problems);
        let profiles = optional(fields, "profiles", problems);
        let Some(files) = files else {
            for key in ["env_files", "profiles"] {
                if let Some(cursor) = host.get(key) {
                    let message = format!("`{key}` has no effect without `files`");
                    problems.push(
                        Diagnostic::new(message, cursor.key_place())
                            .label("expected `files` beside it, the Compose files of the host"),
                    );
                }
            }
            return None;
        };
        let place = host.get("files")?.key_place();
        let without_effect: Vec<(&str, Cursor<'_>)> = OF_RENDERED
            .into_iter()
            .filter_map(|key| Some((key, host.get(key)?)))
            .collect();
        if let Some((_, first)) = without_effect.first() {
            let names = without_effect.iter().map(|(key, _)| format!("`{key}`"));
            let names: Vec<String> = names.collect();
            let message = format!("{} cannot be used beside `files`", names.join(", "));
            problems.push(
                Diagnostic::new(message, first.key_place())
                    .label("this has an effect on rendered hosts only")
                    .related(place.clone(), "the Compose files of the host")
                    .help("a host with `files` is not rendered: its Compose files say what runs there"),
            );
        }
        if files.is_empty() {
            problems.push(
                Diagnostic::new("`files` names no Compose file", place)
                    .label("expected at least one, such as `[compose.yml]`"),
            );
        }
        Some(Self {
            files,
            env_files,
            profiles,
            orchestrator,
        })
    }

    /// Reads the files; what keeps them from being read is noted.
    pub(super) fn load(
        mut self,
        root: &Root,
        project: Option<&Located<ProjectName>>,
        problems: &mut Diagnostics,
    ) -> Option<ByHand> {
        let known = problems.len();
        for file in &self.files {
            let found = root.metadata(Path::new(file.as_str()), Links::Inside);
            if let Err(error) = found {
                let message = format!("cannot read `{}`: {error}", file.value);
                let close = similar(root, &file.value);
                problems.push(
                    Diagnostic::new(message, file.place.clone())
                        .label("expected a Compose file of the project")
                        .did_you_mean(file.as_str(), close.as_deref()),
                );
            }
        }
        let mut missing: Vec<Located<FilePath>> = Vec::new();
        self.env_files.retain(|file| {
            match root.metadata(Path::new(file.as_str()), Links::Inside) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    missing.push(file.clone());
                    false
                }
                Err(error) => {
                    let message = format!("cannot read `{}`: {error}", file.value);
                    problems.push(
                        Diagnostic::new(message, file.place.clone())
                            .label("expected an env file of the project"),
                    );
                    false
                }
                Ok(_) => true,
            }
        });
        if problems.len() > known || self.files.is_empty() {
            return None;
        }
        // What the files say must not depend on who looks at them.
        let environment = Variables::from_process().only(|name| name == "HOME");
        let (here, request) = self.request(root, project.map(|name| name.as_str()), &environment);
        match Written::of_host(&here, &request) {
            Ok(written) => {
                problems.extend(self.unknown_profiles(&written));
                self.env_files.extend(missing.iter().cloned());
                let missing = missing.into_iter().map(|file| MissingFile {
                    similar: similar(root, &file.value),
                    path: file.value,
                });
                Some(ByHand {
                    named: self,
                    written: Arc::new(written),
                    missing: missing.collect(),
                })
            }
            Err(mistakes) => {
                problems.extend(mistakes);
                None
            }
        }
    }

    /// The profiles that no service has. Compose enables them without a word, and the services do not run.
    fn unknown_profiles(&self, written: &Written) -> Diagnostics {
        let services = written.every_service();
        let known: BTreeSet<String> = services
            .flat_map(|service| service.texts("profiles"))
            .map(|(profile, _)| profile)
            .collect();
        let is_variable = known.iter().any(|profile| profile.contains('$'));
        let is_known = |profile: &str| is_variable || known.contains(profile);
        self.profiles
            .iter()
            .filter(|profile| !is_known(profile.as_str()))
            .map(|profile| dangling("profile", profile, &known))
            .collect()
    }

    /// The root of the project, and the request to read the files there.
    fn request(
        &self,
        root: &Root,
        project: Option<&str>,
        environment: &Variables,
    ) -> (PathBuf, Request) {
        let here = files::absolute(root.path());
        let here = PathBuf::from(clean(&here.display().to_string()));
        let at = |file: &Located<FilePath>| here.join(file.as_str());
        let request = Request {
            files: self.files.iter().map(at).map(FileArgument::Path).collect(),
            project_name: project.map(str::to_owned),
            env_files: self.env_files.iter().map(at).collect(),
            profiles: self.profiles.iter().map(|name| name.to_string()).collect(),
            orchestrator: self.orchestrator,
            // The variables that are for `docker compose` alone would name other files.
            ..Request::new(
                environment.only(|name| !name.starts_with("COMPOSE_")),
                Unset::Keep,
            )
        };
        (here, request)
    }
}

/// What the Compose files of a host declare, for rules that look at specs.
pub(super) struct Content {
    pub(super) services: BTreeMap<Name, Service>,
    pub(super) listed: BTreeMap<Name, Place>,
    pub(super) networks: BTreeMap<Key, Network>,
    pub(super) volumes: BTreeMap<Key, Volume>,
}

impl ByHand {
    /// The root of the project, and the request to read the files there as `docker compose` would.
    pub(crate) fn request(
        &self,
        root: &Root,
        project: &ProjectName,
        environment: &Variables,
    ) -> (PathBuf, Request) {
        self.named
            .request(root, Some(project.as_str()), environment)
    }

    /// The env files of `env_files`, relative to the project's root.
    pub(crate) fn env_files(&self) -> impl Iterator<Item = &FilePath> {
        self.named.env_files.iter().map(|file| &file.value)
    }

    /// The texts of the Compose files, with those of the project that they extend and include.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.written
            .sources()
            .iter()
            .filter(|source| !source.is_outside && source.name.parse::<FilePath>().is_ok())
    }

    /// The Compose files, relative to the project's root.
    pub(crate) fn files(&self) -> impl Iterator<Item = &FilePath> {
        self.named.files.iter().map(|file| &file.value)
    }

    /// The name that the files give to the project.
    pub(super) fn project(&self) -> Located<String> {
        Located::new(self.written.project.clone(), self.written.project_place())
    }

    /// What the files say, with what is described of their services. `nothing` is a tree at the host's place.
    pub(super) fn content(
        &self,
        nothing: &Tree,
        described: impl Fn(&Name, (&Tree, Place), &mut Diagnostics) -> Option<Service>,
        problems: &mut Diagnostics,
    ) -> Content {
        let file = &self.written;
        let mut nothing = nothing.clone();
        nothing.retain(|_| false);
        let services = file.services().filter_map(|written| {
            // A service that no spec can name is only judged by the rules for files.
            let name: Name = written.name.parse().ok()?;
            let mut service = described(&name, (&nothing, written.place()), problems)?;
            fill(&mut service, written, file, self.named.orchestrator);
            Some((name, service))
        });
        Content {
            services: services.collect(),
            listed: file
                .services()
                .filter_map(|written| Some((written.name.parse().ok()?, written.place())))
                .collect(),
            networks: file
                .networks()
                .iter()
                .filter_map(|one| network(one, file, &nothing))
                .collect(),
            volumes: file
                .volumes()
                .into_iter()
                .filter_map(|one| {
                    let volume = Volume {
                        place: one.place,
                        kind: VolumeKind::Named,
                        is_external: one.is_external,
                        compose: nothing.clone(),
                    };
                    Some((one.key.parse().ok()?, volume))
                })
                .collect(),
        }
    }
}

fn network(one: &compose::Resource<'_>, file: &Written, nothing: &Tree) -> Option<(Key, Network)> {
    // Every project has the default one, whether or not it is declared.
    let is_declared = || file.text().dig(&["networks", &one.key]).is_some();
    if one.key == "default" && !is_declared() {
        return None;
    }
    let mut subnets = one
        .at
        .dig(&["ipam", "config"])
        .into_iter()
        .flat_map(At::items)
        .filter_map(|at| at.get("subnet"));
    let network = Network {
        place: one.place.clone(),
        internal: one
            .at
            .get("internal")
            .and_then(|at| Some(Located::new(at.flag()?, at.place()))),
        subnet: subnets.find_map(|at| located::<Subnet>(at)),
        is_external: one.is_external,
        compose: nothing.clone(),
    };
    Some((one.key.parse().ok()?, network))
}

/// A value of a Compose file, where it is one that a spec can hold.
fn located<T: std::str::FromStr>(at: At<'_>) -> Option<Located<T>> {
    Some(Located::new(at.text()?.parse().ok()?, at.place()))
}

/// Fills in what a spec would also set for a service, such as its image.
fn fill(
    service: &mut Service,
    written: compose::Service<'_>,
    file: &Written,
    orchestrator: Orchestrator,
) {
    let image = written.get("image").and_then(located::<Image>);
    service.image = image.map(|image| image.map(ImageSource::Named));
    let joined: Vec<_> = written.networks().collect();
    let default = joined.iter().find_map(|(key, _)| file.port_address(key));
    service.networks = joined
        .iter()
        .filter(|(key, _)| joined.len() > 1 || *key != "default")
        .filter_map(|(key, at)| Some(Located::new(key.parse().ok()?, at.key_place())))
        .collect();
    service.mounts = written
        .mounts()
        .map(|mount| mounted(&mount, &mount.place()))
        .collect();
    service.secrets = written
        .items("secrets")
        .filter_map(|at| located(at.field("source").unwrap_or(at)))
        .collect();
    service.needs = written
        .needs()
        .filter_map(|need| {
            Some(Need {
                service: Located::new(need.name.parse().ok()?, need.at.key_place()),
                until: StartCondition::of_compose(&need.condition),
            })
        })
        .collect();
    // A swarm publishes ports by a network of its own.
    let is_shut = || !orchestrator.is_swarm() && file.unpublished(written, orchestrator).is_some();
    let mut ports = PublishedPorts::default();
    if written.get("ports").is_some() && !is_shut() {
        for port in written.ports() {
            ports.add(&port, port.place(), default);
        }
    }
    (service.ports, service.unset_ports) = (ports.known, ports.unset);
}
