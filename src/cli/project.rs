//! Finding the project that a command works on.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::{Global, Terminal};
use crate::compose::FILE_NAMES;
use crate::diagnostic::no_such;
use crate::files::folders::{ENVIRONMENTS, FIXTURES, GENERATED, RELEASES, TEMPLATES};
use crate::files::{self, Lock, Root};
use crate::spec::{Catalog, Environment};

/// The root of the project that a command works on.
pub(super) fn root(global: &Global) -> anyhow::Result<Root> {
    root_at(global.directory.as_deref())
}

/// The root of the project in the directory of `-C`, or of the current directory.
pub(super) fn root_at(directory: Option<&Path>) -> anyhow::Result<Root> {
    if let Some(directory) = directory {
        if !directory.join(ENVIRONMENTS).is_dir() {
            bail!(
                "`{}` is not a composegen project: it has no directory `{}/`",
                directory.display(),
                ENVIRONMENTS
            );
        }
        return open(directory);
    }
    let here = here()?;
    match nearest(&here) {
        Some(folder) => open(folder),
        None => bail!(
            "neither `{}` nor a parent directory has a directory `{}/`; {}",
            here.display(),
            ENVIRONMENTS,
            instead(&here)
        ),
    }
}

/// The current directory.
pub(super) fn here() -> anyhow::Result<PathBuf> {
    std::env::current_dir().context("cannot determine the current directory")
}

/// What to do where there is no project: a folder may have Compose files all the same.
fn instead(here: &Path) -> String {
    let compose = FILE_NAMES.iter().find(|name| here.join(name).is_file());
    match compose {
        Some(name) => format!(
            "check the Compose file with `composegen check -f {name}`, make a project of it with `composegen init --from \
             {name}`, or select a project with -C DIR"
        ),
        None => "select the project with -C DIR, or create one with `composegen init`".to_owned(),
    }
}

/// The nearest directory upwards that is a project, whether it can be used or not.
fn nearest(here: &Path) -> Option<&Path> {
    here.ancestors()
        .find(|folder| folder.join(ENVIRONMENTS).is_dir())
}

/// Whether the current directory is in a project.
pub(super) fn is_here() -> bool {
    std::env::current_dir().is_ok_and(|here| nearest(&here).is_some())
}

fn open(folder: &Path) -> anyhow::Result<Root> {
    let root = Root::open(folder).with_context(|| format!("cannot open `{}`", folder.display()))?;
    root.hold(&[ENVIRONMENTS, TEMPLATES, FIXTURES, RELEASES, GENERATED])
        .with_context(|| format!("cannot use `{}` as a project", folder.display()))?;
    Ok(root)
}

/// The lock for writing in a project, for commands that do. Says so where it has to wait.
pub(super) fn lock_unless(
    is_dry: bool,
    root: &Root,
    terminal: &Terminal,
) -> anyhow::Result<Option<Lock>> {
    if is_dry {
        return Ok(None);
    }
    let wait = || terminal.say("waiting for another composegen run in this project");
    let lock = Lock::take(root, files::PATIENCE, wait);
    lock.map(Some)
        .with_context(|| format!("cannot lock `{}`", root.path().display()))
}

/// The environment with a name.
pub(super) fn environment<'a>(catalog: &'a Catalog, name: &str) -> anyhow::Result<&'a Environment> {
    let environments = &catalog.environments;
    if let Some(found) = environments.iter().find(|one| one.name.as_str() == name) {
        return Ok(found);
    }
    let known: Vec<&str> = environments.iter().map(|one| one.name.as_str()).collect();
    bail!(no_such("environment", name, &known))
}
