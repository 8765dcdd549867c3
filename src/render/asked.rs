//! What the specs ask for by themselves, as a Compose file that was read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::placeholders::Substituted;
use super::structure::{Dollar, Spot, TooLong, Writer};
use super::usage::Node;
use super::{Planned, labelled};
use crate::compose::{self, Beside};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Path, Place, Source};
use crate::spec::Output;
use crate::state::State;

/// The most bytes of a Compose file that specs give.
const MAX_BYTES: usize = 4 << 20;

/// Fields by services.
pub(super) type Fields = BTreeMap<String, BTreeSet<String>>;

/// What the specs of a host ask for.
pub(super) struct Asked {
    node: Arc<Node>,
    /// Its Compose file, which is the one of a host without a template.
    pub(super) source: Arc<Source>,
    /// What the file asks of the host.
    pub(super) state: State,
    /// The state with all profiles enabled, where there are any.
    pub(super) with_profiles: Option<State>,
    /// What is written in fields that no state has.
    pub(super) beside: Beside,
    /// The fields of its services that no table has.
    fields: Fields,
    host: Place,
}

impl Asked {
    /// What the specs of a planned host ask for; what Compose would refuse of it is reported at its place in the specs.
    pub(super) fn of(
        context: &Node,
        planned: &Planned<'_>,
        output: &Output,
        header: &str,
    ) -> Result<Self, Diagnostics> {
        let host = planned.host.place.clone();
        let Some(node) = context.entry("compose").map(Arc::clone) else {
            return Err(Diagnostic::new("this host has no Compose file", host).into());
        };
        let mut text = Substituted {
            text: header.to_owned(),
            digests: Vec::new(),
            chunks: Vec::new(),
            fixtures: BTreeSet::new(),
        };
        let mut writer = Writer {
            out: &mut text.text,
            digests: &mut text.digests,
            dollar: '$',
            escape: Dollar::Keep,
            limit: MAX_BYTES,
        };
        let written = writer.write(&node.structure(), Spot::Alone(0));
        written.map_err(|TooLong| {
            Diagnostic::new("the Compose file of this host is too large", host.clone())
        })?;
        text.text.push('\n');
        let options = planned.options();
        let read = labelled(&output.file(), "", &text, &options).and_then(|(document, source)| {
            let beside = (document.beside_state(), document.fields_beside_table());
            let state = compose::read_document(document, &options)?;
            Ok((source, state, beside))
        });
        // Either it is the file, or the file is compared with it.
        node.mark_read();
        match read {
            Ok((source, state, (beside, fields))) => Ok(Self {
                fields,
                node,
                with_profiles: planned.with_profiles(&source, &state),
                source,
                state,
                beside,
                host,
            }),
            Err(problems) => Err(problems
                .into_iter()
                .map(|problem| {
                    let path = problem.place().path();
                    let steps = path.segments();
                    let (found, depth) = node.nearest(&steps);
                    let place = found.origin().unwrap_or(&host).clone();
                    let at = problem.place();
                    let is_of_key = at.range() == Place::key(&at.source, path.clone()).range();
                    let place = if is_of_key && depth == steps.len() {
                        place.to_key()
                    } else {
                        place
                    };
                    problem.moved_to(place)
                })
                .collect()),
        }
    }

    /// Fields of services without those that the specs ask for.
    pub(super) fn without_own(&self, mut fields: Fields) -> Fields {
        for (service, fields) in &mut fields {
            if let Some(own) = self.fields.get(service) {
                fields.retain(|field| !own.contains(field));
            }
        }
        fields
    }

    /// Where the specs set what is at a path of the file, and how many steps of the path lead there. A mapping without the next
    /// step says nothing of it.
    pub(super) fn find(&self, path: &Path) -> (Option<Place>, usize) {
        let steps = path.segments();
        let (node, depth) = self.node.nearest(&steps);
        let is_beside = depth < steps.len() && matches!(**node, Node::Map(..));
        let place = node.origin().unwrap_or(&self.host);
        ((!is_beside).then(|| place.clone()), depth)
    }
}
