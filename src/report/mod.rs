//! What a command found, and how it is written.
//!
//! Each command has a folder: its report is data, and each of its formats is one file with one line
//! in its list of writers. What several reports share is beside them: the [`Format`]s, the
//! [`Output`] with the one shape of JSON, and how values are shown to people.

pub(crate) mod catalog;
pub mod check;
mod diagnostic;
pub(crate) mod diff;
pub(crate) mod drift;
pub(crate) mod errors;
pub(crate) mod fix;
mod format;
pub(crate) mod graph;
pub(crate) mod history;
pub(crate) mod html;
pub(crate) mod init;
mod junit;
mod observed_from;
mod output;
mod paragraph;
pub(crate) mod patch;
pub(crate) mod plan;
pub(crate) mod promote;
pub(crate) mod render;
pub(crate) mod rules;
mod sarif;
#[cfg(test)]
mod schema;
pub(crate) mod site;
pub(crate) mod watch;

pub use format::{Format, Report, Writer};
pub use output::{Look, Output};

use crate::text::plural::counted;
use paragraph::paragraph;

/// How many findings a report leaves out, in words.
pub(crate) fn not_selected(findings: usize) -> String {
    format!("{} not selected", counted(findings, "finding", "findings"))
}
