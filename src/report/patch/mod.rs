//! What to write in Compose files so that they say what hosts run.

mod human;

use super::{Format, Report, Writer};
use crate::patch::Patched;
use crate::redact;
use crate::render;

/// The patches of a run.
#[derive(Debug)]
pub(crate) struct PatchReport(pub(crate) Vec<HostPatch>);

/// The patch of a host's files.
#[derive(Debug)]
pub(crate) struct HostPatch {
    title: String,
    /// Whether a spec renders the file, so that its patch only shows what the spec or a template has to give.
    is_rendered: bool,
    /// The patch of each file that changes.
    files: Vec<(String, String)>,
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
            let patch = render::patch(&old.text, &new.text, &old.name);
            (old.name.clone(), patch)
        });
        let left = patched.left.iter().map(|(finding, why)| {
            redact::text(&format!("left out: {} ({why})", finding.message)).into_owned()
        });
        Self {
            title,
            is_rendered,
            files: files.collect(),
            accepted: patched.accepted,
            left: left.collect(),
        }
    }
}
