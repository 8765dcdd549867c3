//! What `render` wrote, or would write.

mod concise;
mod github;
mod human;
mod json;

use super::{Format, Report, Writer};
use crate::render::{FileStatus, Rendered, RenderedFiles};

/// The files of a run.
#[derive(Debug)]
pub(crate) struct RenderReport {
    /// Whether they were written.
    is_written: bool,
    files: Vec<File>,
    /// Host and environment of previews that were only verified.
    verified: Vec<(String, String)>,
}

#[derive(Debug)]
struct File {
    path: String,
    change: FileStatus,
    lines: usize,
    diff: String,
}

impl Report for RenderReport {
    const WRITERS: &'static [(Format, Writer<Self>)] = &[
        (Format::Human, human::write),
        (Format::Concise, concise::write),
        (Format::Json, json::write),
        (Format::Github, github::write),
    ];
}

impl File {
    /// What became of the file, or would, in a word.
    fn word(&self, is_written: bool) -> &'static str {
        match (self.change, is_written) {
            (FileStatus::Unchanged, _) => "unchanged",
            (FileStatus::Stale, false) => "stale",
            (FileStatus::Missing, false) => "missing",
            (FileStatus::Stale, true) => "updated",
            (FileStatus::Missing, true) => "created",
            (FileStatus::Orphaned, _) => "orphaned",
        }
    }

    /// What is known of it beside that.
    fn fact(&self) -> String {
        match self.change {
            FileStatus::Orphaned => "no host renders it; delete it".to_owned(),
            _ => format!("{} lines", self.lines),
        }
    }
}

impl RenderReport {
    /// The report on the changes of a run; the diffs of files that were written are only of use to a
    /// program.
    pub(crate) fn of(
        changes: &RenderedFiles<'_>,
        rendered: &[Rendered<'_>],
        is_written: bool,
        has_diffs: bool,
    ) -> Self {
        let files = changes.files.iter().map(|file| File {
            path: file.path.clone(),
            change: file.change,
            lines: file.lines(),
            diff: if has_diffs {
                file.diff()
            } else {
                String::new()
            },
        });
        let names = rendered
            .iter()
            .filter(|one| !one.planned.is_written)
            .map(|one| {
                let planned = &one.planned;
                (
                    planned.host.name.to_string(),
                    planned.environment.name.to_string(),
                )
            });
        Self {
            is_written,
            files: files.collect(),
            verified: names.collect(),
        }
    }
}
