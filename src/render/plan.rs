//! Which hosts a run is about.

use std::fmt;
use std::sync::Arc;

use crate::compose;
use crate::diagnostic::closest;
use crate::files::folders::{ENVIRONMENTS, TEMPLATES};
use crate::source::Source;
use crate::spec::{Catalog, Environment, Host, Output, PullRequest};
use crate::state::State;

/// Names of hosts and environments, as given on the command line; none means all.
#[derive(Debug, Clone, Default)]
pub struct Selection(pub Vec<String>);

/// A host of a run.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    /// The environment.
    pub(crate) environment: &'a Environment,
    /// Its host.
    pub(crate) host: &'a Host,
    /// Whether the file is made (and compared); otherwise it is only verified, because the number of
    /// its pull request was not given.
    pub(crate) is_written: bool,
}

/// What a run is about. Only hosts whose Compose files are not written by hand are rendered.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The hosts, in the order of environments and hosts.
    pub hosts: Vec<Planned<'a>>,
    /// Whether it is every host of the project.
    pub is_whole: bool,
}

/// A name that is neither a host nor an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    name: String,
    known: Vec<String>,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no host or environment `{}`", self.name)?;
        if let Some(close) = closest(&self.name, self.known.iter().map(String::as_str)) {
            write!(f, "; did you mean `{close}`?")?;
        }
        write!(f, " (there are {})", self.known.join(", "))
    }
}

impl std::error::Error for Unknown {}

impl<'a> Plan<'a> {
    /// The plan for a selection. Environments that exist once per pull request are only verified
    /// while the number is not given.
    pub fn of(
        catalog: &'a Catalog,
        selection: &Selection,
        pull_request: Option<PullRequest>,
    ) -> Result<Self, Unknown> {
        for name in &selection.0 {
            let is_named = |(environment, host): (&Environment, &Host)| {
                environment.name.as_str() == name || host.name.as_str() == name
            };
            if !catalog.hosts().any(is_named) {
                let mut known: Vec<String> = catalog
                    .hosts()
                    .flat_map(|(environment, host)| {
                        [environment.name.to_string(), host.name.to_string()]
                    })
                    .collect();
                known.sort();
                known.dedup();
                let name = name.clone();
                return Err(Unknown { name, known });
            }
        }
        let mut plan = Self::whole(catalog, pull_request);
        plan.is_whole = selection.0.is_empty();
        if !plan.is_whole {
            plan.hosts.retain(|planned| {
                let (environment, host) = (&planned.environment.name, &planned.host.name);
                selection
                    .0
                    .iter()
                    .any(|name| name == environment.as_str() || name == host.as_str())
            });
        }
        Ok(plan)
    }

    /// The plan for every host.
    pub fn whole(catalog: &'a Catalog, pull_request: Option<PullRequest>) -> Self {
        let hosts = catalog.hosts().map(|(environment, host)| Planned {
            environment,
            host,
            is_written: !environment.per_pull_request || pull_request.is_some(),
        });
        Self {
            hosts: hosts.collect(),
            is_whole: true,
        }
    }
}

impl Planned<'_> {
    /// The file that it is rendered to, relative to the project's root; none where its files are written by hand.
    pub fn output_path(&self) -> Option<String> {
        self.host.output().map(Output::file)
    }

    /// How its file is read for itself. That of a stack does not say which one it is.
    pub(crate) fn options(&self) -> compose::Options {
        let engine = self.host.engine.value;
        compose::Options {
            engine,
            name: engine
                .is_swarm()
                .then(|| self.host.project.value.to_string()),
            ..compose::Options::verbatim()
        }
    }

    /// What a file asks for with all profiles, where it has services whose profiles are not enabled.
    pub(super) fn with_profiles(&self, source: &Arc<Source>, state: &State) -> Option<State> {
        if state.unused.services.is_empty() {
            return None;
        }
        let options = compose::Options {
            profiles: vec!["*".to_owned()],
            ..self.options()
        };
        // Services of several profiles may be ones that exclude each other.
        compose::read(source, &options).ok()
    }

    /// The command that makes the file again.
    pub(crate) fn command(&self, pull_request: Option<PullRequest>) -> String {
        let command = format!("composegen render {}", self.host.name);
        match pull_request.filter(|_| self.environment.per_pull_request) {
            Some(number) => format!("{command} --pr {number}"),
            None => command,
        }
    }

    /// The first line of the file: what made it, and how to render it again.
    pub(super) fn header(&self, output: &Output, pull_request: Option<PullRequest>) -> String {
        let template = output.template.as_ref();
        let template = template.map_or_else(String::new, |name| {
            format!(" and {TEMPLATES}/{}", name.value)
        });
        format!(
            "{}{ENVIRONMENTS}/{template}; do not edit. To render it again: {}\n",
            super::write::HEADER,
            self.command(pull_request)
        )
    }
}
