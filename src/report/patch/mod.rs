//! What to write in Compose files so that they say what hosts run.

mod human;

use std::path::{Component, Path};

use super::{Format, Report, Writer};
use crate::finding::Finding;
use crate::patch::{Patched, SkipReason};
use crate::redact;
use crate::render;
use crate::text::printable;

/// The patches of a run.
#[derive(Debug)]
pub(crate) struct PatchReport(pub(crate) Vec<HostPatch>);

/// The patch of a host's files.
#[derive(Debug)]
pub(crate) struct HostPatch {
    title: String,
    /// The patch of each file that changes, after a comment, which programs that apply patches skip.
    files: Vec<String>,
    /// How many findings the files then no longer have.
    accepted: usize,
    /// What is left out, and why.
    left: Vec<String>,
}

impl Report for PatchReport {
    const WRITERS: &'static [(Format, Writer<Self>)] = &[(Format::Human, human::write)];
}

impl HostPatch {
    pub(crate) fn of(title: String, is_rendered: bool, patched: &Patched) -> Self {
        let files = patched.files.iter().map(|(old, new)| {
            let (folder, name) = applied_in(&old.name);
            let patch = render::patch(&old.text, &new.text, name);
            let note = if is_rendered {
                format!(
                    "# `{}` is rendered: change the specs or templates so that they give this\n",
                    old.name
                )
            } else {
                folder.map_or_else(String::new, |folder| format!("# apply it in `{folder}`\n"))
            };
            format!("{}{patch}", printable(&note))
        });
        let left = patched
            .left
            .iter()
            .map(|(finding, why)| left_out(finding, *why));
        Self {
            title,
            files: files.collect(),
            accepted: patched.accepted,
            left: left.collect(),
        }
    }
}

/// That a Compose file cannot say what a finding is about, and why.
pub(crate) fn left_out(finding: &Finding, why: SkipReason) -> String {
    redact::text(&format!("left out: {} ({why})", finding.message)).into_owned()
}

/// Where a patch of a file is to be applied, unless that is here, and the name that it has there. A path that leads out
/// of the folder is refused by what applies patches.
fn applied_in(path: &str) -> (Option<&str>, &str) {
    let is_below = Path::new(path)
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    match path.rsplit_once('/') {
        Some(("", name)) => (Some("/"), name),
        Some((folder, name)) if !is_below => (Some(folder), name),
        _ => (None, path),
    }
}
