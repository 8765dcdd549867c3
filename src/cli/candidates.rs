//! What a shell is offered for a value: the names that the specs, the Compose files and the rules have.
//!
//! Whatever is wrong with a project, a completion says nothing of it: there is nowhere to say it.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use clap::{ArgMatches, Command, CommandFactory as _};
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _,
};

use super::custom_rules::RulesArgs;
use super::{Cli, project};
use crate::compose::{self, FileArgument, Request, Unset};
use crate::files::Root;
use crate::files::folders::ENVIRONMENTS;
use crate::finding::Code;
use crate::rules::{self, CustomRules};
use crate::spec::{self, Catalog, PullRequest};
use crate::variables::Variables;

/// What is on the command line that is completed, as far as it decides what is offered.
#[derive(Debug, Default)]
struct Line {
    directory: Option<PathBuf>,
    files: Vec<PathBuf>,
    targets: Vec<String>,
}

static LINE: OnceLock<Line> = OnceLock::new();

/// A name, and what it is the name of.
type Offer = (String, Option<String>);

/// Takes the words that are completed.
pub(super) fn complete_for(mut words: Vec<OsString>) {
    let index: usize = std::env::var("_CLAP_COMPLETE_INDEX")
        .ok()
        .and_then(|index| index.parse().ok())
        .unwrap_or(words.len().saturating_sub(1));
    if index < words.len() {
        words.remove(index);
    }
    let parsed = Cli::command()
        .ignore_errors(true)
        .try_get_matches_from(words);
    let line = parsed
        .ok()
        .and_then(|all| Some(Line::of(all.subcommand()?.1)));
    let _ = LINE.set(line.unwrap_or_default());
}

impl Line {
    fn of(matches: &ArgMatches) -> Self {
        let texts = |id| matches.try_get_many::<String>(id).ok().flatten();
        let paths = |id| matches.try_get_many::<PathBuf>(id).ok().flatten();
        let targets = ["names", "host", "env"].into_iter().filter_map(texts);
        let files = ["files", "file"].into_iter().filter_map(paths);
        Self {
            directory: paths("directory").and_then(|mut all| all.next().cloned()),
            files: files.flatten().cloned().collect(),
            targets: targets.flatten().cloned().collect(),
        }
    }

    fn root(&self) -> Option<Root> {
        project::root_at(self.directory.as_deref()).ok()
    }

    fn catalog(&self) -> Option<(Root, Catalog)> {
        let root = self.root()?;
        let catalog = spec::load(&root, PullRequest::SAMPLE).ok()?;
        Some((root, catalog))
    }
}

/// Offers of this command line that begin with what is typed.
fn offering(offers: fn(&Line) -> Vec<Offer>) -> ArgValueCompleter {
    ArgValueCompleter::new(move |typed: &OsStr| {
        let line = LINE.get_or_init(Line::default);
        let typed = typed.to_string_lossy();
        let fitting = offers(line)
            .into_iter()
            .filter(|(name, _)| name.starts_with(&*typed));
        fitting
            .map(|(name, what)| CompletionCandidate::new(name).help(what.map(Into::into)))
            .collect()
    })
}

/// Hosts and environments.
pub(super) fn targets() -> ArgValueCompleter {
    offering(|line| [hosts_of(line), environments_of(line)].concat())
}

/// Hosts, environments and files.
pub(super) fn targets_and_files() -> ArgValueCompleter {
    let (targets, files) = (targets(), PathCompleter::file());
    ArgValueCompleter::new(move |typed: &OsStr| {
        let mut all = targets.complete(typed);
        all.extend(files.complete(typed));
        all
    })
}

/// Hosts.
pub(super) fn hosts() -> ArgValueCompleter {
    offering(hosts_of)
}

/// Environments.
pub(super) fn environments() -> ArgValueCompleter {
    offering(environments_of)
}

/// Services of the hosts or files that the line names.
pub(super) fn services() -> ArgValueCompleter {
    offering(|line| {
        services_of(line)
            .into_iter()
            .map(|name| (name, None))
            .collect()
    })
}

/// Commands.
pub(super) fn commands() -> ArgValueCompleter {
    offering(|_| {
        let all = Cli::command();
        let offer = |one: &Command| {
            let about = one.get_about().map(ToString::to_string);
            (one.get_name().to_owned(), about)
        };
        all.get_subcommands().map(offer).collect()
    })
}

/// Codes of rules.
pub(super) fn rules() -> ArgValueCompleter {
    offering(rules_of)
}

/// Codes of rules, and of the findings of `drift`.
pub(super) fn codes() -> ArgValueCompleter {
    offering(|line| {
        let of_drift = Code::ALL.iter().map(|code| {
            (
                code.as_str().to_owned(),
                Some("finding of drift".to_owned()),
            )
        });
        rules_of(line).into_iter().chain(of_drift).collect()
    })
}

fn hosts_of(line: &Line) -> Vec<Offer> {
    let Some((_, catalog)) = line.catalog() else {
        return Vec::new();
    };
    let hosts = catalog.hosts();
    hosts
        .map(|(environment, host)| {
            (
                host.name.to_string(),
                Some(format!("host of {}", environment.name)),
            )
        })
        .collect()
}

/// The environments; where the specs have mistakes, the names of their files.
fn environments_of(line: &Line) -> Vec<Offer> {
    let names = match line.catalog() {
        Some((_, catalog)) => catalog
            .environments
            .iter()
            .map(|one| one.name.to_string())
            .collect(),
        None => line
            .root()
            .map(|root| file_names(&root))
            .unwrap_or_default(),
    };
    let what = || Some("environment".to_owned());
    names.into_iter().map(|name| (name, what())).collect()
}

fn file_names(root: &Root) -> Vec<String> {
    let files = root.names(Path::new(ENVIRONMENTS)).unwrap_or_default();
    let specs = files
        .iter()
        .map(|(name, _)| Path::new(name))
        .filter(|path| {
            path.extension()
                .is_some_and(|end| end == "yaml" || end == "yml")
        });
    let stems = specs.filter_map(|path| path.file_stem()?.to_str());
    stems
        .filter(|stem| *stem != "catalog")
        .map(str::to_owned)
        .collect()
}

fn services_of(line: &Line) -> BTreeSet<String> {
    if line.files.is_empty()
        && let Some((_, catalog)) = line.catalog()
    {
        let is_meant =
            |name: &str| line.targets.is_empty() || line.targets.iter().any(|one| one == name);
        let hosts = catalog.hosts().filter(|(environment, host)| {
            is_meant(environment.name.as_str()) || is_meant(host.name.as_str())
        });
        return hosts
            .flat_map(|(_, host)| host.services.keys().map(ToString::to_string))
            .collect();
    }
    // Standard input belongs to the command, not to its completion.
    if line.files.iter().any(|file| file.as_os_str() == "-") {
        return BTreeSet::new();
    }
    let request = Request {
        files: line.files.iter().cloned().map(FileArgument::Path).collect(),
        profiles: vec!["*".to_owned()],
        ..Request::new(Variables::from_process(), Unset::Keep)
    };
    let loaded = compose::load(&request);
    loaded
        .map(|loaded| loaded.state.services.into_keys().collect())
        .unwrap_or_default()
}

fn rules_of(line: &Line) -> Vec<Offer> {
    let project = line.catalog();
    let custom =
        project.and_then(|(root, catalog)| RulesArgs::default().with_catalog(&root, &catalog).ok());
    let custom = custom.iter().flat_map(CustomRules::rules);
    rules::all()
        .chain(custom)
        .map(|rule| (rule.code.to_owned(), Some(rule.title.to_owned())))
        .collect()
}
