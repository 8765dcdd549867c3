//! `composegen init`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use indoc::indoc;

use super::{Format, Global, Outcome, Terminal, project};
use crate::diagnostic::Diagnostics;
use crate::files::folders::{ENVIRONMENTS, GENERATED};
use crate::files::{NewFile, Root};
use crate::init::{self, Adopted, ComparedEnvironment, Existing};
use crate::report::Report as _;
use crate::report::init::InitReport;
use crate::text::path::{clean, relative};
use crate::text::shell;

/// Create a project to start from, or one made from existing Compose files.
///
/// Without --from, it has two environments, a template, hooks for pre-commit, a workflow for GitHub Actions and the
/// rendered Compose files. With --from, it has specs that say what the Compose files say: what environments share is in the
/// catalog, and what differs in their own files. The rendered files are compared with the existing ones field by field,
/// and what is not the same is listed. Values of secrets are not copied: they become variables.
///
/// Files that exist are never overwritten: either all files are written or none.
#[derive(Debug, Args)]
#[command(after_help = indoc! {"
    Examples:
      # A project with two environments that renders, checks and starts at once
      composegen init shop

      # A project that says what a Compose file says
      composegen init --from compose.yml shop

      # One for each compose.ENV.yml of this directory, and one for what `docker compose up` runs there
      composegen init --from

      # Two environments, one of them from two Compose files and an env file
      composegen init --from dev=compose.yml --from prod=compose.yml,compose.prod.yml,.env.prod

    Exit status:
      0 the files were written, 2 they were not"})]
pub(super) struct Options {
    /// Existing Compose files of an environment, merged as by `docker compose`, and its env files; repeatable
    /// [default name: that of the last file, `prod` for compose.prod.yml, `local` for compose.yml].
    /// Of a directory, or without a value of the current one: compose.yml with each compose.ENV.yml and .env.ENV, and alone or
    /// with its override
    #[arg(long = "from", value_name = "[ENV=]FILE[,FILE...]|DIR", num_args = 0..=1, default_missing_value = ".")]
    existing: Vec<Existing>,
    /// Directory of the project; it is created if it does not exist [default: the current directory]
    #[arg(value_name = "DIR")]
    target: Option<PathBuf>,
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let target = match (&global.directory, &options.target) {
        (Some(base), Some(target)) => base.join(target),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => PathBuf::from("."),
    };
    let here = project::here()?;
    let product = init::product(&target).unwrap_or_else(|| "shop".to_owned());
    let mut project = if options.existing.is_empty() {
        let mut files = init::starter(&product);
        files.extend(init::rendered(&files)?);
        Adopted {
            files,
            environments: Vec::new(),
            differing: BTreeSet::new(),
        }
    } else {
        let mut existing = Vec::new();
        for one in &options.existing {
            existing.extend(one.expanded(&here).map_err(Diagnostics::from)?);
        }
        expect_unique(&existing)?;
        let absolute = clean(&here.join(&target).to_string_lossy());
        init::adopt(&product, &existing, &here, Path::new(&absolute))?
    };
    let environments = project.environments.iter();
    let env_files = environments.flat_map(|one| one.env_files.iter().chain(&one.of_services));
    let ignored = init::gitignore(env_files.map(PathBuf::as_path));
    project.files.push(ignored);
    write(&target, &mut project.files, terminal)?;
    let report = InitReport {
        next: next(&here, &target, &project.environments),
        created: project.files.into_iter().map(|file| file.path).collect(),
        environments: project.environments,
        differing: project.differing,
    };
    terminal.write(|out| report.write(Format::Human, out))?;
    Ok(Outcome::Clean)
}

/// Refuses two environments of one name.
fn expect_unique(existing: &[Existing]) -> anyhow::Result<()> {
    let mut known = BTreeSet::new();
    for one in existing {
        if !known.insert(&one.name) {
            bail!(
                "environment `{}` is given twice; name it with --from ENV=FILE",
                one.name
            );
        }
    }
    Ok(())
}

/// Writes the files of a new project.
fn write(target: &Path, files: &mut Vec<NewFile>, terminal: &Terminal) -> anyhow::Result<()> {
    let shown = target.display().to_string();
    let shown = if shown == "." {
        "this directory".to_owned()
    } else {
        format!("`{shown}`")
    };
    let root = Root::create(target).with_context(|| format!("cannot open {shown}"))?;
    let lock = project::lock_unless(false, &root, terminal)?;
    // A repository may have its own.
    if root.has(init::GITIGNORE).unwrap_or(true) {
        files.retain(|file| file.path != init::GITIGNORE);
    }
    let mut taken = Vec::new();
    let folder = std::iter::once(ENVIRONMENTS);
    for path in folder.chain(files.iter().map(|file| file.path.as_str())) {
        let has = root.has(path);
        if has.with_context(|| format!("cannot read `{path}` in {shown}"))? {
            taken.push(format!("`{path}`"));
        }
    }
    if !taken.is_empty() {
        bail!(
            "{shown} already has {}; nothing was written",
            taken.join(", ")
        );
    }
    root.create_all(files.as_slice())?;
    drop(lock);
    Ok(())
}

/// The commands to type next, where the project is in the folder `target` and this one is `here`.
fn next(here: &Path, target: &Path, environments: &[ComparedEnvironment]) -> Vec<String> {
    let folder = Some(target.display().to_string()).filter(|folder| folder != ".");
    let folder = folder.map(|folder| shell::command(["cd", &folder]));
    let first = environments.first();
    let name = first.map_or("local", |first| &first.name);
    let file = format!("{GENERATED}/{name}.yml");
    let commands = match first {
        None => [
            shell::command(["docker", "compose", "-f", &file, "up", "-d"]),
            shell::command(["composegen", "drift", name]),
        ],
        // They run already, and only differ from the rendered file by a label.
        Some(first) => {
            let at = |path: &Path| PathBuf::from(clean(&here.join(path).to_string_lossy()));
            let env_files = first.env_files.iter().map(|file| {
                let file = relative(&at(target), &at(file));
                shell::command(["--env-file", &file])
            });
            let drift = shell::command(["composegen", "drift", name, "--docker", "default"]);
            let drift: Vec<String> = std::iter::once(drift).chain(env_files).collect();
            ["composegen check".to_owned(), drift.join(" ")]
        }
    };
    folder.into_iter().chain(commands).collect()
}
