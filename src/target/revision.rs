//! The hosts of a project at a commit, rendered from its specs and templates there.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{FileChange, Hosts, Target};
use crate::diagnostic::Diagnostics;
use crate::fields::Value;
use crate::files::folders::{ENVIRONMENTS, RELEASES, TEMPLATES};
use crate::files::{Root, Scratch, Total, limits};
use crate::finding::{Code, Finding, Severity};
use crate::git::{Commit, CommittedFile, Git, GitError, Revision};
use crate::redact::Sensitive;
use crate::render::{self, Planned, RenderPlan, Templates};
use crate::source::Source;
use crate::spec::Host;
use crate::state::{MountKind, State};

/// A project at a commit.
#[derive(Debug)]
pub(crate) struct Past {
    pub(crate) commit: Commit,
    /// A folder with its files, as nothing of the user's is checked out.
    copy: Scratch,
}

/// Hosts, now and at a commit.
#[derive(Debug)]
pub(crate) struct Revised {
    /// The hosts that there are now, with what each of them was.
    pub(crate) hosts: Vec<(Target, Before)>,
    /// The hosts that were there.
    pub(crate) removed: Vec<Removed>,
}

/// A host that is no longer in the specs.
#[derive(Debug)]
pub(crate) struct Removed {
    /// What it was.
    pub(crate) target: Target,
    /// How its files differ since.
    pub(crate) files: Vec<FileChange>,
    /// That its containers keep running, as `up` is no longer run for it.
    pub(crate) left: Finding,
}

/// What a host was at a commit.
#[derive(Debug)]
pub(crate) struct Before {
    /// What its file asked for; nothing where there was no such host.
    pub(crate) expected: Option<State>,
    /// How its files differ since.
    pub(crate) files: Vec<FileChange>,
}

/// A host at one time, and its Compose files.
#[derive(Debug)]
pub(crate) struct Side {
    target: Target,
    files: Vec<Arc<Source>>,
}

/// Why a project cannot be read as it was.
#[derive(Debug)]
pub(crate) enum PastError {
    /// git has no such commit here.
    Unknown(Revision),
    /// git does not answer.
    Git(GitError),
    /// git does not give the files.
    Files(Revision, GitError),
    /// The files cannot be written to a folder.
    Copy(Revision, io::Error),
}

impl fmt::Display for PastError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(revision) => write!(
                f,
                "git knows no commit `{revision}` here; in a shallow clone, fetch it first: git fetch --depth=1 origin {revision}"
            ),
            Self::Git(error) => error.fmt(f),
            Self::Files(revision, _) | Self::Copy(revision, _) => {
                write!(f, "cannot read the project at `{revision}`")
            }
        }
    }
}

impl Error for PastError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unknown(_) => None,
            Self::Git(error) => error.source(),
            Self::Files(_, error) => Some(error),
            Self::Copy(_, error) => Some(error),
        }
    }
}

impl Past {
    /// The project at a commit.
    pub(crate) fn of(root: &Root, revision: &Revision) -> Result<Self, PastError> {
        let git = Git::of(root);
        let commit = match git.commit(revision) {
            Ok(Some(commit)) => commit,
            Ok(None) | Err(GitError::Refused(_)) => {
                return Err(PastError::Unknown(revision.clone()));
            }
            Err(error) => return Err(PastError::Git(error)),
        };
        let files = git.files(&commit);
        let files = files.map_err(|error| PastError::Files(revision.clone(), error))?;
        let copy = copy(root, &files);
        let copy = copy.map_err(|error| PastError::Copy(revision.clone(), error))?;
        let untracked = git.untracked(&[ENVIRONMENTS, TEMPLATES, RELEASES]);
        let untracked = match untracked {
            // Too many are none: it is what there is without git's list.
            Err(GitError::TooLong(_)) => Vec::new(),
            other => other.map_err(|error| PastError::Files(revision.clone(), error))?,
        };
        copy_untracked(root, &copy, untracked, &files);
        Ok(Self { commit, copy })
    }

    /// What each host of a plan was, and the hosts that are gone. A host that is gone counts if no host or
    /// environment is named, or its environment is.
    pub(crate) fn revise(
        &self,
        now: Vec<Side>,
        plan: &RenderPlan<'_>,
        hosts: &Hosts<'_>,
        names: &[String],
    ) -> Result<Revised, Diagnostics> {
        let old = self.sides(hosts, |planned| {
            let is_its = |host: &Host| host.name == planned.host.name;
            let environment = planned.environment.name.as_str();
            plan.hosts.iter().any(|one| is_its(one.host))
                || !hosts.catalog.hosts().any(|(_, host)| is_its(host))
                    && (names.is_empty() || names.iter().any(|name| name == environment))
        })?;
        let mut old: BTreeMap<_, _> = old
            .into_iter()
            .map(|side| (side.target.id.host.clone(), side))
            .collect();
        let revised = now
            .into_iter()
            .map(|side| {
                let was = old.remove(&side.target.id.host);
                let before = Before {
                    files: FileChange::all(was.as_ref().map_or(&[], |was| &was.files), &side.files),
                    expected: was.map(|was| was.target.expected),
                };
                (side.target, before)
            })
            .collect();
        let removed = old.into_values().map(|side| Removed {
            files: FileChange::all(&side.files, &[]),
            left: left_running(&side.target),
            target: side.target,
        });
        Ok(Revised {
            hosts: revised,
            removed: removed.collect(),
        })
    }

    /// The hosts as they were; none where there was no project.
    fn sides(
        &self,
        hosts: &Hosts<'_>,
        is_selected: impl Fn(&Planned<'_>) -> bool,
    ) -> Result<Vec<Side>, Diagnostics> {
        let root = self.copy.root();
        if !root.path().join(ENVIRONMENTS).is_dir() {
            return Ok(Vec::new());
        }
        let (catalog, templates) = render::load(root, hosts.pull_request)?;
        let mut plan = RenderPlan::whole(catalog, hosts.pull_request);
        plan.hosts
            .retain(|planned| planned.is_written && is_selected(planned));
        plan.is_whole = false;
        let hosts = Hosts {
            root,
            catalog,
            docker: None,
            ..*hosts
        };
        let (mut sides, _) = hosts.sides(&plan, templates)?;
        for side in &mut sides {
            with_project_paths(&mut side.target.expected, &self.copy);
        }
        Ok(sides)
    }
}

impl Hosts<'_> {
    /// The targets of a plan, each with its Compose files, and what Compose would warn of.
    pub(crate) fn sides(
        &self,
        plan: &RenderPlan<'_>,
        templates: &Templates,
    ) -> Result<(Vec<Side>, Vec<String>), Diagnostics> {
        let rendered = render::render(self.catalog, templates, plan, self.pull_request)?;
        let (targets, warnings) = self.targets(plan, &rendered)?;
        let mut rendered = rendered.iter();
        let sides = targets
            .into_iter()
            .zip(&plan.hosts)
            .map(|(target, planned)| Side {
                files: match planned.host.by_hand() {
                    Some(by_hand) => by_hand.texts().cloned().collect(),
                    None => rendered
                        .next()
                        .map(|one| Arc::clone(&one.source))
                        .into_iter()
                        .collect(),
                },
                target,
            });
        Ok((sides.collect(), warnings))
    }
}

/// What is found of a host that is no longer in the specs.
fn left_running(target: &Target) -> Finding {
    let project = &target.expected.project;
    let down = target.context.commands.down(target.orchestrator, project);
    let until = down.map(|command| format!(" until you run `{command}`"));
    let message = format!(
        "the host is no longer in the specs; its containers keep running{}",
        until.unwrap_or_default()
    );
    Finding {
        orchestrator: target.orchestrator,
        ..Finding::new(Code::ProjectMissing, Severity::Drift, project, message)
    }
}

fn copy(root: &Root, files: &[CommittedFile]) -> io::Result<Scratch> {
    let copy = Scratch::of(&std::path::absolute(root.path())?)?;
    let files = files.iter();
    copy.write(files.map(|file| (file.path.as_str(), file.bytes.as_slice(), file.is_link)))?;
    Ok(copy)
}

/// Copies what git does not track, such as an env file that it ignores: no commit has it, so it was what it is now. Those that are
/// nearest to the root come first, as there may be very many, such as installed packages.
fn copy_untracked(root: &Root, copy: &Scratch, mut paths: Vec<String>, files: &[CommittedFile]) {
    let committed: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    paths.retain(|path| !committed.contains(path.as_str()));
    paths.sort_by_cached_key(|path| (path.matches('/').count(), path.clone()));
    let mut total = Total::new(limits::UNTRACKED);
    for path in paths.iter().take(limits::UNTRACKED_FILES) {
        // What cannot be read now is missing on both sides.
        let Ok(bytes) = root.bytes(Path::new(path), limits::ENV_FILE) else {
            continue;
        };
        if total.add(bytes.len()).is_err() {
            continue;
        }
        // The commit may have a file where there is a folder now.
        let _ = copy.write(std::iter::once((path.as_str(), bytes.as_slice(), false)));
    }
}

/// Makes the paths of a state that lie in the copy those of the project itself.
fn with_project_paths(state: &mut State, copy: &Scratch) {
    let mounts = state
        .services
        .values_mut()
        .flat_map(|service| &mut service.mounts);
    for mount in mounts.filter(|mount| mount.kind == MountKind::Bind) {
        if let Some(home) = mount
            .source
            .as_deref()
            .and_then(|path| copy.original_path(path))
        {
            mount.source = Some(home.to_owned());
        }
    }
    let services = state
        .stack
        .iter_mut()
        .flat_map(|stack| stack.services.values_mut());
    for service in services {
        if let Some(Value::Map(mounts)) = service.fields.get_mut("volumes") {
            for source in mounts.values_mut().flatten() {
                let home = source.revealed().strip_prefix("bind ");
                if let Some(home) = home.and_then(|path| copy.original_path(path)) {
                    *source = Sensitive::public(format!("bind {home}"));
                }
            }
        }
    }
    for volume in state.volumes.values_mut() {
        if let Some(Value::Map(options)) = volume.fields.get_mut("driver_opts")
            && let Some(device) = options.get_mut("device").and_then(Option::as_mut)
            && let Some(home) = copy.original_path(device.revealed())
        {
            *device = Sensitive::of_option("device", home);
        }
    }
}
