//! The hosts of a project at a commit, rendered from its specs and templates there.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::targets::{EngineArgs, Files, TargetArgs};
use super::{Global, Terminal, project, targets};
use crate::diagnostic::Diagnostics;
use crate::fields::Value;
use crate::files::folders::ENVIRONMENTS;
use crate::files::{Root, Scratch};
use crate::git::{Commit, Git, GitError, Revision};
use crate::redact::Sensitive;
use crate::render::{self, Plan, Planned, Selection, Templates};
use crate::report::plan::{Base, FileChange};
use crate::source::Source;
use crate::spec::Host;
use crate::state::{MountKind, State};
use crate::target::{Hosts, Target};

/// The hosts of a project, now and at a commit.
pub(super) struct Revised {
    pub(super) base: Base,
    /// The hosts that there are now, with what each of their files was.
    pub(super) hosts: Vec<(Target, Before)>,
    /// The hosts that were there.
    pub(super) removed: Vec<(Target, Before)>,
}

/// What a host was at a commit.
pub(super) struct Before {
    /// What its file asked for; nothing where there was no such host.
    pub(super) expected: Option<State>,
    /// How its files differ since.
    pub(super) files: Vec<FileChange>,
}

/// A host at one time, and its Compose files.
struct Side {
    target: Target,
    files: Vec<Arc<Source>>,
}

/// The hosts that are named, now and at a commit.
pub(super) fn of(
    revision: &Revision,
    names: &TargetArgs,
    engine: &EngineArgs,
    env_files: &[PathBuf],
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Revised> {
    names.refuse_files(Files::Refused)?;
    let root = project::root(global)?;
    let (catalog, templates) = project::load(&root, engine.pr)?;
    let plan = names.existing(catalog, engine.pr)?;
    let hosts = Hosts {
        root: &root,
        catalog,
        pull_request: engine.pr,
        docker: engine.docker(),
        env_files,
    };
    targets::expect_one(&plan, &hosts)?;
    let (now, warnings) = sides(&plan, &hosts, templates)?;
    for warning in hosts.warnings().iter().chain(&warnings) {
        terminal.warn(warning);
    }
    let commit = resolve(&root, revision)?;
    let copy =
        copy(&root, &commit).with_context(|| format!("cannot read the project at `{revision}`"))?;
    let given = names.given();
    let old = before(&copy, &hosts, |planned| {
        let is_its = |host: &Host| host.name == planned.host.name;
        let environment = planned.environment.name.as_str();
        plan.hosts.iter().any(|one| is_its(one.host))
            || !catalog.hosts().any(|(_, host)| is_its(host))
                && (given.is_empty() || given.iter().any(|name| name == environment))
    });
    let old = old.inspect_err(|error| {
        if error.is::<Diagnostics>() {
            let commit = commit.short();
            terminal.complain(&format!(
                "the project at `{revision}` ({commit}) cannot be rendered:"
            ));
        }
    })?;
    let mut old: BTreeMap<_, _> = old
        .into_iter()
        .map(|side| (side.target.host.clone(), side))
        .collect();
    let now: Vec<_> = now
        .into_iter()
        .map(|side| {
            let was = old.remove(&side.target.host);
            let before = Before {
                files: FileChange::all(was.as_ref().map_or(&[], |was| &was.files), &side.files),
                expected: was.map(|was| was.target.expected),
            };
            (side.target, before)
        })
        .collect();
    let removed = old.into_values().map(|side| {
        let before = Before {
            files: FileChange::all(&side.files, &[]),
            expected: None,
        };
        (side.target, before)
    });
    Ok(Revised {
        base: Base::of(revision, &commit),
        hosts: now,
        removed: removed.collect(),
    })
}

fn resolve(root: &Root, revision: &Revision) -> anyhow::Result<Commit> {
    match Git::of(root).commit(revision) {
        Ok(Some(commit)) => Ok(commit),
        Ok(None) | Err(GitError::Refused(_)) => bail!(
            "git knows no commit `{revision}` here; in a shallow clone, fetch it first: git fetch --depth=1 origin {revision}"
        ),
        Err(error) => Err(error.into()),
    }
}

/// The project as it was. Its files are written to a folder of their own, as nothing of the user's is
/// checked out.
fn copy(root: &Root, commit: &Commit) -> anyhow::Result<Scratch> {
    let files = Git::of(root).files(commit)?;
    let copy = Scratch::of(&std::path::absolute(root.path())?)?;
    let files = files.iter();
    copy.write(files.map(|file| (file.path.as_str(), file.bytes.as_slice(), file.is_link)))?;
    Ok(copy)
}

/// The hosts as they were.
fn before(
    copy: &Scratch,
    hosts: &Hosts<'_>,
    is_selected: impl Fn(&Planned<'_>) -> bool,
) -> anyhow::Result<Vec<Side>> {
    if !copy.root().path().join(ENVIRONMENTS).is_dir() {
        // It was no project of ours.
        return Ok(Vec::new());
    }
    let (catalog, templates) = project::load(copy.root(), hosts.pull_request)?;
    let mut plan = Plan::of(catalog, &Selection::default(), hosts.pull_request)?;
    plan.hosts
        .retain(|planned| planned.is_written && is_selected(planned));
    plan.is_whole = false;
    let hosts = Hosts {
        root: copy.root(),
        catalog,
        docker: None,
        ..*hosts
    };
    let (mut sides, _) = sides(&plan, &hosts, templates)?;
    for side in &mut sides {
        with_project_paths(&mut side.target.expected, copy);
    }
    Ok(sides)
}

/// The targets of a plan, each with its Compose files, and what Compose would warn of.
fn sides(
    plan: &Plan<'_>,
    hosts: &Hosts<'_>,
    templates: &Templates,
) -> anyhow::Result<(Vec<Side>, Vec<String>)> {
    let rendered = render::render(hosts.catalog, templates, plan, hosts.pull_request)?;
    let (targets, warnings) = hosts.targets(plan, &rendered)?;
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

/// Makes the paths of a state that lie in the copy those of the project itself.
fn with_project_paths(state: &mut State, copy: &Scratch) {
    let mounts = state.services.values_mut();
    let mounts = mounts.flat_map(|service| &mut service.mounts);
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
