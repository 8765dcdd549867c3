//! A target that is named by its host in the specs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Target, Texts, absolute, commands, files, modified};
use crate::compose::{self, Request, Written};
use crate::diagnostic::Diagnostics;
use crate::docker::{Endpoint, Surroundings, Unresolved};
use crate::drift::{Context, IgnoreRule};
use crate::files::{Root, limits};
use crate::finding::{Code, Finding, Severity};
use crate::host_id::HostId;
use crate::render::{Planned, RenderPlan, Rendered};
use crate::source::Source;
use crate::spec::{ByHand, Catalog, Host, PLACEHOLDER, PullRequest, Trait};
use crate::state::State;
use crate::variables::Variables;

/// The variable that names a host's engine, before the host's own name.
pub(super) const OVERRIDE: &str = "COMPOSEGEN_DOCKER_";

/// What the hosts of a project have in common.
#[derive(Debug)]
pub(crate) struct Hosts<'a> {
    /// The project.
    pub(crate) root: &'a Root,
    /// Its specs.
    pub(crate) catalog: &'a Catalog,
    /// The pull request of its previews.
    pub(crate) pull_request: Option<PullRequest>,
    /// The engine to ask instead of the host's own.
    pub(crate) docker: Option<&'a str>,
    /// Env files.
    pub(crate) env_files: &'a [PathBuf],
}

impl Hosts<'_> {
    /// The targets of the hosts of a plan, with what was rendered for it, and what Compose would warn of.
    pub(crate) fn targets(
        &self,
        plan: &RenderPlan<'_>,
        rendered: &[Rendered<'_>],
    ) -> Result<(Vec<Target>, Vec<String>), Diagnostics> {
        let variables = compose::with_files(Variables::from_process(), self.env_files)?;
        let surroundings = Surroundings::of_process();
        let (mut targets, mut warnings): (Vec<Target>, Vec<String>) = Default::default();
        let mut rendered = rendered.iter();
        for planned in &plan.hosts {
            if let Some(by_hand) = planned.host.by_hand() {
                let (target, more) = self.by_hand(planned, by_hand, &surroundings)?;
                targets.push(target);
                warnings.extend(more);
            } else if let Some(one) = rendered.next() {
                targets.push(self.target(one, &variables, &surroundings)?);
            }
        }
        // Otherwise, who deploys may have an env file that is not here.
        if !self.env_files.is_empty() {
            warnings.extend(targets.iter_mut().flat_map(Target::knows_variables));
        }
        Ok((targets, warnings))
    }

    /// The target of a host whose Compose files are written by hand.
    fn by_hand(
        &self,
        planned: &Planned<'_>,
        by_hand: &ByHand,
        surroundings: &Surroundings,
    ) -> Result<(Target, Vec<String>), Diagnostics> {
        let host = planned.host;
        let (here, request) = request(self.root, host, by_hand, self.env_files);
        let engine = self.engine_of(planned, surroundings);
        let endpoint = endpoint(host, engine.as_deref(), surroundings);
        let engine = engine.as_deref().unwrap_or("default");
        let (target, warnings) = files::on_engine(&here, &request, engine, endpoint)?;
        let directory = target.folder.display().to_string();
        let is_elsewhere = super::is_elsewhere(&target.endpoint);
        let target = Target {
            id: id(planned, &target.expected),
            file: Some(by_hand.written.source.name.clone()),
            context: Context {
                is_exclusive: host.exclusive.as_ref().is_some_and(|it| it.value),
                known_projects: self.known_projects(planned),
                // Of a service without a role it is not known what it keeps.
                stateful: Some(stateful(planned))
                    .filter(|_| host.services.values().all(|service| service.role.is_some())),
                variables_modified: modified(&request.env_files),
                commands: commands::of_files(
                    &commands::named_from_here(request),
                    engine,
                    &target.expected,
                    &directory,
                    is_elsewhere,
                ),
                // The host may have the project in another folder.
                directory: Some(directory),
                files: None,
                ..target.context
            },
            ignore: target
                .ignore
                .into_iter()
                .chain(ignore_rules(planned))
                .collect(),
            ..target
        };
        Ok((target, warnings))
    }

    fn target(
        &self,
        rendered: &Rendered<'_>,
        variables: &Variables,
        surroundings: &Surroundings,
    ) -> Result<Target, Diagnostics> {
        let planned = &rendered.planned;
        let (expected, directory) = expected(self.root, rendered, variables)?;
        let engine = self.engine_of(planned, surroundings);
        let endpoint = endpoint(planned.host, engine.as_deref(), surroundings);
        let committed = self
            .root
            .bytes(Path::new(&rendered.source.name), limits::GENERATED)
            .ok();
        let is_current = committed
            .as_deref()
            .map(|committed| committed == rendered.source.text.as_bytes());
        let render = commands::render(self.root, planned, self.pull_request);
        Ok(Target {
            id: id(planned, &expected),
            file: Some(rendered.source.name.clone()),
            folder: absolute(self.root.path()),
            context: Context {
                is_exclusive: planned.host.exclusive.as_ref().is_some_and(|it| it.value),
                known_projects: self.known_projects(planned),
                stateful: Some(stateful(planned)),
                variables_modified: modified(self.env_files),
                // Read without any variable, the file's own state says which fields name some.
                from_variables: rendered.state.unset.keys().cloned().collect(),
                commands: commands::of_host(
                    &self.root.path().join(&rendered.source.name),
                    self.env_files,
                    engine.as_deref().unwrap_or("default"),
                    Some(&render).filter(|_| is_current != Some(true)),
                    &expected,
                    &directory,
                    super::is_elsewhere(&endpoint),
                ),
                directory: Some(directory),
                ..Context::default()
            },
            expected,
            orchestrator: planned.host.orchestrator.value,
            endpoint,
            texts: Texts::Rendered {
                source: Arc::clone(&rendered.source),
                options: options(self.root, &rendered.source, planned, variables),
            },
            ignore: ignore_rules(planned),
            // Where no file is committed, none can be stale.
            stale: (is_current == Some(false)).then(|| stale(&rendered.source.name, render)),
        })
    }

    /// `--docker`, else the variable for the host, else the spec's word; a host without any has no engine, and never
    /// the local one.
    pub(super) fn engine_of(
        &self,
        planned: &Planned<'_>,
        surroundings: &Surroundings,
    ) -> Option<String> {
        if let Some(docker) = self.docker {
            return Some(docker.to_owned());
        }
        match surroundings.variables.get(&override_of(planned.host)) {
            Some(value) if !value.is_empty() => Some(value.to_owned()),
            _ => planned
                .host
                .docker
                .as_ref()
                .map(|docker| docker.to_string()),
        }
    }

    /// The projects of the machine's other hosts. Those of other pull requests are known by the
    /// pattern that all of them fit.
    fn known_projects(&self, planned: &Planned<'_>) -> BTreeSet<String> {
        let host = planned.host;
        self.catalog
            .hosts()
            .filter(|(_, other)| other.machine.value == host.machine.value)
            .filter(|(environment, other)| other.name != host.name || environment.per_pull_request)
            .map(|(_, other)| other.project_pattern.replace(PLACEHOLDER, "*"))
            .collect()
    }
}

fn id(planned: &Planned<'_>, expected: &State) -> HostId {
    HostId {
        host: Some(planned.host.name.to_string()),
        environment: Some(planned.environment.name.to_string()),
        project: expected.project.clone(),
    }
}

/// Where the engine of a host listens.
fn endpoint(
    host: &Host,
    engine: Option<&str>,
    surroundings: &Surroundings,
) -> Result<Endpoint, Unresolved> {
    match engine {
        Some(engine) => Endpoint::resolve(engine, surroundings),
        None => Err(Unresolved::NoEngine {
            host: host.name.to_string(),
        }),
    }
}

/// The folder that names start from, and the request to read the hand-written files of a host there, with further files
/// of variables.
pub(crate) fn request(
    root: &Root,
    host: &Host,
    by_hand: &ByHand,
    env_files: &[PathBuf],
) -> (PathBuf, Request) {
    let environment = Variables::from_process();
    let (here, mut request) = by_hand.request(root, &host.project, &environment);
    request
        .env_files
        .extend(env_files.iter().map(|file| absolute(file)));
    (here, request)
}

/// The variable that names the engine of a host.
pub(super) fn override_of(host: &Host) -> String {
    let name = host.name.as_str().to_ascii_uppercase();
    format!("{OVERRIDE}{}", name.replace('-', "_"))
}

/// What the file of a host asks for, and the folder that its relative paths start from. A variable
/// without a value stays as it is written.
pub(crate) fn expected(
    root: &Root,
    rendered: &Rendered<'_>,
    variables: &Variables,
) -> Result<(State, String), Diagnostics> {
    let options = options(root, &rendered.source, &rendered.planned, variables);
    let mut state = compose::read(&rendered.source, &options)?;
    if state.stack.is_some() {
        let name = options.name.clone();
        let mut file = Written::read_as(&rendered.source, name, options.orchestrator)?;
        file.directory = Some(options.directory.clone());
        compose::note_refused(&mut state, &file);
    }
    Ok((state, options.directory.display().to_string()))
}

/// How the file of a host is read.
fn options(
    root: &Root,
    file: &Source,
    planned: &Planned<'_>,
    variables: &Variables,
) -> compose::Options {
    let path = absolute(&root.path().join(&file.name));
    compose::Options {
        directory: path.parent().unwrap_or(&path).to_owned(),
        project: absolute(root.path()),
        variables: variables.clone(),
        reads_files: true,
        ..planned.options()
    }
}

/// The services whose volumes hold what must not be lost.
fn stateful(planned: &Planned<'_>) -> BTreeSet<String> {
    planned
        .host
        .services
        .values()
        .filter(|service| service.has(Trait::KeepsData))
        .map(|service| service.name.to_string())
        .collect()
}

fn ignore_rules(planned: &Planned<'_>) -> Vec<IgnoreRule> {
    planned
        .host
        .ignore
        .iter()
        .map(|rule| IgnoreRule {
            code: rule.code,
            resource: rule.resource.clone(),
            field: rule.field.clone(),
            reason: rule.reason.clone(),
            until: rule.until.0,
        })
        .collect()
}

/// The host may run what the committed file says instead of what the spec says now.
fn stale(name: &str, render: String) -> Finding {
    let message = format!("`{name}` is not what the spec renders now");
    Finding::new(Code::FileStale, Severity::Notice, name, message).help(render)
}
