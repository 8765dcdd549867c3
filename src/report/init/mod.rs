//! What `init` wrote.

mod human;

use std::collections::BTreeSet;

use super::{Format, Report, Writer};
use crate::init::ComparedEnvironment;

/// A project that was created.
#[derive(Debug)]
pub(crate) struct InitReport {
    /// The files that were written, relative to the project's root.
    pub(crate) created: Vec<String>,
    /// The environments that were made from Compose files.
    pub(crate) environments: Vec<ComparedEnvironment>,
    /// The variables that the env files of environments set to different values.
    pub(crate) differing: BTreeSet<String>,
    /// The commands to type next.
    pub(crate) next: Vec<String>,
}

impl Report for InitReport {
    const WRITERS: &'static [(Format, Writer<Self>)] = &[(Format::Human, human::write)];
}
