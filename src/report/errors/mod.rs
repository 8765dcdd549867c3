//! What is wrong with specs and templates, for programs; for people it is drawn with its lines.

mod concise;
mod github;
mod json;

use super::{Format, Report, Writer};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// The mistakes that ended a run, by place.
#[derive(Debug)]
pub(crate) struct ErrorReport {
    errors: Vec<Diagnostic>,
    more: usize,
}

impl Report for ErrorReport {
    const WRITERS: &'static [(Format, Writer<Self>)] = &[
        (Format::Concise, concise::write),
        (Format::Json, json::write),
        (Format::Github, github::write),
    ];
}

impl ErrorReport {
    /// The report on at most so many mistakes.
    pub(crate) fn of(problems: &Diagnostics, most: usize) -> Self {
        let once = problems.clone().once();
        let all = once.causes_first(most);
        let more = all.len().saturating_sub(most) + problems.more();
        Self {
            errors: all.into_iter().take(most).cloned().collect(),
            more,
        }
    }

    /// Whether there is a writer for a format.
    pub(crate) fn has(format: Format) -> bool {
        Self::WRITERS.iter().any(|(own, _)| *own == format)
    }

    /// How many mistakes are written.
    pub(crate) fn len(&self) -> usize {
        self.errors.len()
    }

    /// How many there are beside them.
    pub(crate) fn more(&self) -> usize {
        self.more
    }
}
