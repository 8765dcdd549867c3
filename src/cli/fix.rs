//! `composegen check --fix`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{Format, Outcome, Terminal, project};
use crate::diagnostic::{Diagnostics, unreadable};
use crate::files::{Lock, Replacement, Root, replace_all};
use crate::report::Report as _;
use crate::report::fix::FixReport;
use crate::rules::{self, Fixed, Subject, Violation};

/// Shows the fixes of findings, or writes them. The names of the files start from the folder `here`.
pub(super) fn run(
    subject: &Subject<'_>,
    findings: &[Violation],
    here: &Path,
    is_written: bool,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let (fixed, left) = rules::fixed(subject, findings);
    if is_written {
        write(&fixed, here, terminal)?;
    }
    let report = FixReport::of(&fixed, left, findings, is_written);
    terminal.write(|out| report.write(Format::Human, out))?;
    Ok(if is_written {
        Outcome::Clean
    } else {
        Outcome::of(fixed.len())
    })
}

/// Writes all files, or none. Each is reached from the folder of its project, without following links.
fn write(fixed: &[Fixed], here: &Path, terminal: &Terminal) -> anyhow::Result<()> {
    let mut roots: BTreeMap<&Path, (Root, Option<Lock>)> = BTreeMap::new();
    for file in fixed {
        let directory = file.directory.as_path();
        if !roots.contains_key(directory) {
            let root = Root::open(directory)
                .with_context(|| format!("cannot open `{}`", directory.display()))?;
            let lock = project::lock_unless(false, &root, terminal)?;
            roots.insert(directory, (root, lock));
        }
    }
    let paths: Vec<PathBuf> = fixed
        .iter()
        .map(|file| {
            let path = here.join(&file.source.name);
            let below = path.strip_prefix(&file.directory);
            below.map_or_else(|_| path.clone(), Path::to_owned)
        })
        .collect();
    let files: Vec<Replacement<'_>> = fixed
        .iter()
        .zip(&paths)
        .filter_map(|(file, path)| {
            let (root, _) = roots.get(file.directory.as_path())?;
            Some(Replacement {
                root,
                path,
                old: &file.source.text,
                new: &file.text,
            })
        })
        .collect();
    replace_all(&files).map_err(|failed| {
        let mut problems = Diagnostics::default();
        let failed = failed.iter().filter_map(|(number, error)| {
            let file = fixed.get(*number)?;
            Some(unreadable(&file.source.name, "write", error))
        });
        problems.extend(failed);
        problems.into()
    })
}
