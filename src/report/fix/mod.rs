//! What `check --fix` fixed, or would.

mod human;

use std::collections::BTreeMap;

use super::{Format, Report, Writer};
use crate::render::patch_or_diff;
use crate::rules::{Fixed, Violation};

/// The files of a run.
#[derive(Debug)]
pub(crate) struct FixReport {
    /// Whether they were written.
    is_written: bool,
    files: Vec<File>,
    /// How many findings of rules with a fix are left because no fix of theirs is safe.
    left: usize,
    /// How many other findings there are, whose rules have no fix or which are not in a Compose file that is written by hand.
    others: usize,
}

#[derive(Debug)]
struct File {
    path: String,
    diff: String,
    codes: BTreeMap<&'static str, usize>,
}

impl Report for FixReport {
    const WRITERS: &'static [(Format, Writer<Self>)] = &[(Format::Human, human::write)];
}

impl FixReport {
    /// The report on the fixes of a run.
    pub(crate) fn of(
        fixed: &[Fixed],
        left: usize,
        findings: &[Violation],
        is_written: bool,
    ) -> Self {
        let done: usize = fixed.iter().flat_map(|file| file.codes.values()).sum();
        let files = fixed.iter().map(|file| {
            let path = file.source.name.clone();
            File {
                diff: patch_or_diff(&file.source.text, &file.text, &path),
                path,
                codes: file.codes.clone(),
            }
        });
        Self {
            is_written,
            files: files.collect(),
            left,
            others: findings.len().saturating_sub(done + left),
        }
    }
}
