//! What `drift` and `snapshot` look at: which hosts or file, what is expected there, and which engine
//! is asked.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;

use super::compose_file::FileOptions;
use super::{Global, Terminal, project};
use crate::compose::{self, FileArgument, Request, Unset};
use crate::docker::{
    Connection, Endpoint, Failure, ProjectScope, Surroundings, Unresolved, observe,
};
use crate::drift::{Context, IgnoreRule};
use crate::files::{Root, limits};
use crate::finding::{Code, Finding, Severity};
use crate::render::{self, Plan, Planned, Rendered, Selection};
use crate::spec::{Catalog, PLACEHOLDER, PullRequest, Role};
use crate::state::State;
use crate::variables::Variables;

/// The variable that names a host's engine, before the host's own name.
const OVERRIDE: &str = "COMPOSEGEN_DOCKER_";

/// How an engine is asked.
#[derive(Debug, Args)]
pub(super) struct Asking {
    /// The engine to ask, in place of the one that the spec names
    #[arg(long, value_name = "URL|context:NAME")]
    pub(super) docker: Option<String>,
    /// The number of the pull request, for a host that exists once per pull request
    #[arg(long, value_name = "N")]
    pub(super) pr: Option<PullRequest>,
    /// Seconds within which a host must have answered everything
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(super) timeout: Duration,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "expected a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() && seconds <= 3600.0 => Ok(duration),
        _ => Err("expected more than 0 and at most 3600 seconds".into()),
    }
}

/// A project on an engine.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) host: Option<String>,
    pub(super) environment: Option<String>,
    pub(super) expected: State,
    pub(super) endpoint: Result<Endpoint, Unresolved>,
    pub(super) context: Context,
    pub(super) ignore: Vec<IgnoreRule>,
    /// That the committed file is not what the spec renders now.
    pub(super) stale: Option<Finding>,
}

impl Target {
    /// What people call it.
    pub(super) fn title(&self) -> &str {
        self.host.as_deref().unwrap_or(&self.expected.project)
    }

    /// The engine, as far as it could be told.
    pub(super) fn endpoint_text(&self) -> String {
        self.endpoint
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()
    }
}

/// Hosts and environments by their names; none means all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) hosts: &'a [String],
    pub(super) environments: &'a [String],
}

impl Names<'_> {
    /// The hosts that are named.
    fn plan<'b>(&self, catalog: &'b Catalog, pr: Option<PullRequest>) -> anyhow::Result<Plan<'b>> {
        let all = self
            .hosts
            .iter()
            .chain(self.environments)
            .cloned()
            .collect();
        let plan = Plan::of(catalog, &Selection(all), pr)?;
        let bears = |name: &String, is_host: bool| {
            plan.hosts.iter().any(|planned| {
                let (host, environment) = (&planned.host.name, &planned.environment.name);
                (if is_host { host } else { environment }).as_str() == name
            })
        };
        if let Some(name) = self.hosts.iter().find(|name| !bears(name, true)) {
            bail!("`{name}` is an environment; name all of its hosts with --env {name}");
        }
        if let Some(name) = self.environments.iter().find(|name| !bears(name, false)) {
            bail!("`{name}` is a host; name it with --host {name}");
        }
        Ok(plan)
    }
}

/// What a command line names: Compose files, or hosts of a spec (none means all).
pub(super) fn of(
    names: Names<'_>,
    files: &FileOptions,
    asking: &Asking,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Vec<Target>> {
    if files.files.is_empty() {
        if files.has_settings() {
            bail!("--profile, --project-name and --project-directory go with --file");
        }
        return of_hosts(names, &files.env_files, asking, global);
    }
    if asking.pr.is_some() {
        bail!("--pr goes with --host");
    }
    if global.directory.is_some() {
        bail!("-C has no use with --file; --project-directory says where paths start from");
    }
    Ok(vec![of_files(files, asking, terminal)?])
}

/// The hosts of a spec that are selected; none means all.
fn of_hosts(
    names: Names<'_>,
    env_files: &[PathBuf],
    asking: &Asking,
    global: &Global,
) -> anyhow::Result<Vec<Target>> {
    let root = project::root(global)?;
    let (catalog, templates) = project::load(&root, asking.pr)?;
    let mut plan = names.plan(catalog, asking.pr)?;
    // A preview is looked at where its number is given; among all hosts it is left out without.
    if plan.is_whole {
        plan.hosts.retain(|planned| planned.is_written);
    } else if let Some(planned) = plan.hosts.iter().find(|planned| !planned.is_written) {
        bail!(
            "`{}` exists once per pull request; say which with --pr 123",
            planned.host.name
        );
    }
    plan.is_whole = false;
    if asking.docker.is_some() && plan.hosts.len() != 1 {
        bail!(
            "--docker names one engine, and these are {} hosts; name one with --host",
            plan.hosts.len()
        );
    }
    let variables = compose::with_files(Variables::from_process(), env_files)?;
    let surroundings = Surroundings::of_process();
    let rendered = render::render(catalog, templates, &plan, asking.pr)?;
    let mut targets = Vec::new();
    for one in &rendered {
        let (expected, directory) = project::expected(&root, one, &variables)?;
        let planned = &one.planned;
        targets.push(Target {
            host: Some(planned.host.name.to_string()),
            environment: Some(planned.environment.name.to_string()),
            expected,
            endpoint: Endpoint::resolve(&engine_of(planned, asking, &surroundings), &surroundings),
            context: Context {
                variables_modified: modified(env_files),
                directory: Some(directory.display().to_string()),
                // Read without any variable, the file's own state says which fields name some.
                from_variables: one.state.unset.keys().cloned().collect(),
                ..context(catalog, planned)
            },
            ignore: ignore_rules(planned),
            stale: stale(&root, one, asking.pr),
        });
    }
    Ok(targets)
}

/// `--docker`, else the variable for the host, else the spec's word.
fn engine_of(planned: &Planned<'_>, asking: &Asking, surroundings: &Surroundings) -> String {
    let name = planned
        .host
        .name
        .as_str()
        .to_ascii_uppercase()
        .replace('-', "_");
    let variable = surroundings.variables.get(&format!("{OVERRIDE}{name}"));
    asking
        .docker
        .clone()
        .or_else(|| {
            variable
                .filter(|value| !value.is_empty())
                .map(str::to_owned)
        })
        .unwrap_or_else(|| planned.host.docker.to_string())
}

fn context(catalog: &Catalog, planned: &Planned<'_>) -> Context {
    let host = planned.host;
    // Those of other pull requests are known by the pattern that all of them fit.
    let known_projects: BTreeSet<String> = catalog
        .hosts()
        .filter(|(_, other)| other.machine.value == host.machine.value)
        .filter(|(environment, other)| other.name != host.name || environment.per_pull_request)
        .map(|(_, other)| other.project_pattern.replace(PLACEHOLDER, "*"))
        .collect();
    let stateful = host
        .services
        .values()
        .filter(|service| service.role.value == Role::State);
    Context {
        is_exclusive: host
            .exclusive
            .as_ref()
            .is_some_and(|exclusive| exclusive.value),
        known_projects,
        stateful: Some(stateful.map(|service| service.name.to_string()).collect()),
        ..Context::default()
    }
}

fn ignore_rules(planned: &Planned<'_>) -> Vec<IgnoreRule> {
    let rules = planned.host.ignore.iter();
    rules
        .map(|rule| IgnoreRule {
            code: rule.code,
            resource: rule.resource.clone(),
            reason: rule.reason.clone(),
            until: rule.until.0,
        })
        .collect()
}

/// The host may run what the committed file says, and not what the spec says by now.
fn stale(
    root: &Root,
    rendered: &Rendered<'_>,
    pull_request: Option<PullRequest>,
) -> Option<Finding> {
    let name = &rendered.source.name;
    let is = match root.bytes(Path::new(name), limits::GENERATED) {
        Ok(committed) if committed == rendered.source.text.as_bytes() => return None,
        Ok(_) => "is not what the spec renders now",
        // Where no file is committed, none can be stale.
        Err(_) => return None,
    };
    let message = format!("`{name}` {is}");
    let finding = Finding::new(Code::FileStale, Severity::Notice, name, message);
    Some(finding.help(format!(
        "render it: {}",
        rendered.planned.command(pull_request)
    )))
}

/// Compose files that no spec is needed for.
fn of_files(files: &FileOptions, asking: &Asking, terminal: &Terminal) -> anyhow::Result<Target> {
    let mut request = files.request()?;
    // Whether a host runs what a variable without a value would give cannot be told.
    request.unset = Unset::Keep;
    let loaded = compose::load(&request)?;
    for warning in &loaded.warnings {
        terminal.warn(warning);
    }
    // Read once more without any variable, the files say which fields name some.
    let bare = Request {
        environment: bare(&request.environment),
        ..request.clone()
    };
    let from_variables = compose::load(&bare).map(|loaded| loaded.state.unset);
    let surroundings = Surroundings::of_process();
    let engine = asking.docker.as_deref().unwrap_or("default");
    let endpoint = Endpoint::resolve(engine, &surroundings);
    // An engine on another machine has its own copy of the project's folder.
    let is_elsewhere = matches!(endpoint, Ok(Endpoint::Ssh(_) | Endpoint::Tcp { .. }));
    let is_text = request
        .files
        .iter()
        .any(|file| matches!(file, FileArgument::Text(_)));
    Ok(Target {
        host: None,
        environment: None,
        expected: loaded.state,
        endpoint,
        context: Context {
            directory: Some(loaded.directory.display().to_string()).filter(|_| is_elsewhere),
            // What came over standard input has no age.
            modified: modified(&loaded.read).filter(|_| !is_text),
            from_variables: from_variables.unwrap_or_default().into_keys().collect(),
            files: Some(absolute(&request.files)).filter(|_| !is_text && !is_elsewhere),
            ..Context::default()
        },
        ignore: Vec::new(),
        stale: None,
    })
}

/// The paths of Compose files, as Compose writes them on the label of a container.
fn absolute(files: &[FileArgument]) -> BTreeSet<String> {
    let paths = files.iter().filter_map(|file| match file {
        FileArgument::Path(path) => std::path::absolute(path).ok(),
        FileArgument::Text(_) => None,
    });
    paths.map(|path| path.display().to_string()).collect()
}

/// The variables that say where a project is, without those that its files could name.
fn bare(variables: &Variables) -> Variables {
    let keeps = |name: &str| name == "HOME" || name.starts_with("COMPOSE_");
    variables.only(keeps)
}

/// When the newest of these files was changed.
fn modified(files: &[PathBuf]) -> Option<String> {
    let times = files
        .iter()
        .map(|file| std::fs::metadata(file).and_then(|metadata| metadata.modified()));
    let times: Option<Vec<_>> = times.map(Result::ok).collect();
    let newest = times?.into_iter().max()?;
    jiff::Timestamp::try_from(newest)
        .ok()
        .map(|time| time.to_string())
}

/// Runs what asks engines. What is left of it when it ends, such as a name that is still being
/// looked up, is not waited for: every host had its time.
pub(super) fn block_on<T>(asking: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    let answer = runtime.block_on(asking);
    runtime.shutdown_background();
    Ok(answer)
}

/// What an engine runs that has to do with the expected project.
pub(super) async fn ask(
    endpoint: &Endpoint,
    expected: &State,
    timeout: Duration,
) -> Result<State, Failure> {
    let connection = Connection::open(endpoint, timeout).await?;
    observe(&connection, &ProjectScope::of(expected)).await
}
