//! What a render gives: the Compose file of a host.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::usage::Node;
use super::{Planned, asked};
use crate::compose::{Document, Written};
use crate::diagnostic::Diagnostics;
use crate::source::Source;
use crate::spec::OutputFile;
use crate::state::State;

/// A host's Compose file, rendered and verified.
#[derive(Debug)]
pub struct Rendered<'a> {
    /// What was to be rendered.
    pub(crate) planned: Planned<'a>,
    /// Where it is written.
    pub(crate) output: &'a OutputFile,
    /// The Compose file.
    pub source: Arc<Source>,
    /// What the Compose file asks of the host, read back from its text.
    pub state: State,
    /// What the specs ask for by themselves, where a template gave the file.
    pub(super) asked: Option<State>,
    /// The fields of its services that no table has, and that the specs do not ask for.
    pub(super) others: asked::Fields,
    /// The fixtures that templates were given for it, by their paths below `fixtures/`.
    pub(crate) fixtures: BTreeSet<String>,
    /// What its template was given.
    pub(super) context: Arc<Node>,
    /// The file as rules see it, where they are to judge it and it can be read, until it is taken.
    pub(super) written: Option<Written>,
}

impl Rendered<'_> {
    /// The file as rules see it.
    ///
    /// # Errors
    /// It cannot be read back.
    pub(crate) fn take_written(&mut self) -> Result<Written, Diagnostics> {
        match self.written.take() {
            Some(written) => Ok(written),
            None => written(&self.planned, Document::parse(&self.source)?),
        }
    }
}

/// The file of a host as rules see it.
pub(super) fn written(planned: &Planned<'_>, document: Document) -> Result<Written, Diagnostics> {
    let name = planned.options().name;
    Written::of_document(document, name, planned.host.orchestrator.value)
}
