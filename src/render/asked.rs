//! What the specs ask for by themselves, as a Compose file that was read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::once::{once, service_of};
use super::placeholders::Substituted;
use super::structure::{Dollar, Spot, Structure, TooLong, Writer};
use super::usage::Node;
use super::{Planned, definition, labelled};
use crate::compose::{self, Beside, Document};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Path, Place, Source};
use crate::spec::OutputFile;
use crate::state::State;

/// The most bytes of a Compose file that specs give.
const MAX_BYTES: usize = 4 << 20;

/// Fields by services.
pub(super) type Fields = BTreeMap<String, BTreeSet<String>>;

/// What the specs of a host ask for, with which the file that a template gives is compared.
pub(super) struct Asked {
    node: Arc<Node>,
    /// What they ask of it.
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
        output: &OutputFile,
    ) -> Result<Self, Diagnostics> {
        let node = compose_file(context, planned)?;
        let structure = node.structure();
        if let Some(asked) = Self::directly(&node, &structure, planned) {
            return Ok(asked);
        }
        // What is wrong has a place in a text, and other profiles are read from one.
        let (document, source) = read(&node, &structure, planned, output, "")?;
        let mut asked = Self::understood(&node, document, planned)
            .map_err(|problems| in_specs(problems, &node, planned))?;
        asked.with_profiles = planned.with_profiles(&source, &asked.state);
        Ok(asked)
    }

    /// What the specs ask for, read from values without a text; none where something is wrong with them, or services have
    /// profiles. Most hosts have a template: writing and parsing a text for each would take a tenth of a render.
    fn directly(node: &Arc<Node>, structure: &Structure, planned: &Planned<'_>) -> Option<Self> {
        if structure.len() > MAX_BYTES {
            return None;
        }
        let mut builder = compose::Builder::default();
        let root = value(structure, &mut builder);
        let asked = Self::understood(node, builder.document(root)?, planned).ok()?;
        asked.state.unused.services.is_empty().then_some(asked)
    }

    fn understood(
        node: &Arc<Node>,
        document: Document,
        planned: &Planned<'_>,
    ) -> Result<Self, Diagnostics> {
        let (beside, fields) = (document.beside_state(), document.fields_beside_table());
        let state = compose::read_document(document, &planned.options())?;
        // The file is compared with it.
        node.mark_read();
        Ok(Self {
            node: Arc::clone(node),
            state,
            with_profiles: None,
            beside,
            fields,
            host: planned.host.place.clone(),
        })
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

/// The Compose file of a host without a template, and what it asks for.
pub(super) fn file(
    context: &Node,
    planned: &Planned<'_>,
    output: &OutputFile,
    header: &str,
) -> Result<(Arc<Source>, State), Diagnostics> {
    let node = compose_file(context, planned)?;
    let (document, source) = read(&node, &node.structure(), planned, output, header)?;
    let state = compose::read_document(document, &planned.options())
        .map_err(|problems| in_specs(problems, &node, planned))?;
    node.mark_read();
    Ok((source, state))
}

/// The Compose file that the specs of a host give.
fn compose_file(context: &Node, planned: &Planned<'_>) -> Result<Arc<Node>, Diagnostics> {
    let node = context.entry("compose").map(Arc::clone);
    node.ok_or_else(|| {
        Diagnostic::new("this host has no Compose file", planned.host.place.clone()).into()
    })
}

/// A value of a Compose file.
fn value(structure: &Structure, builder: &mut compose::Builder) -> compose::GivenValue {
    match structure {
        Structure::Text(text) => builder.text(text.clone()),
        Structure::Bare(text) => builder.bare(text),
        Structure::Digest => builder.digest(definition::PLACEHOLDER),
        Structure::List(items) => {
            let items = items.iter().map(|item| value(item, builder)).collect();
            builder.list(items)
        }
        Structure::Map(entries) => {
            let entries = entries
                .iter()
                .map(|(key, entry)| (key.clone(), value(entry, builder)));
            let entries = entries.collect();
            builder.map(entries)
        }
    }
}

/// The Compose file, as it is written and parsed.
fn read(
    node: &Arc<Node>,
    structure: &Structure,
    planned: &Planned<'_>,
    output: &OutputFile,
    header: &str,
) -> Result<(Document, Arc<Source>), Diagnostics> {
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
    let written = writer.write(structure, Spot::Alone(0));
    written.map_err(|TooLong| {
        let host = planned.host.place.clone();
        Diagnostic::new("the Compose file of this host is too large", host)
    })?;
    text.text.push('\n');
    let read = labelled(&output.file(), "", &text, &planned.options());
    read.map_err(|problems| in_specs(problems, node, planned))
}

/// The path of a place: of a mapping or a list as a whole, where that is its range, and not of the first value in it.
fn path_of_whole(place: &Place) -> Path {
    let mut path = place.path();
    let range = |place: &Place| {
        let range = place.whole_range()?;
        let text = place.source.text.get(range.clone())?;
        Some(range.start..range.start + text.trim_end().len())
    };
    let Some(whole) = range(place) else {
        return path;
    };
    while !path.segments().is_empty() {
        match range(&Place::value(&place.source, path.clone())) {
            // It begins with the key of the first value.
            Some(value) if whole.start < value.start && value.end <= whole.end => {
                path = path.above(1);
            }
            _ => break,
        }
    }
    path
}

/// What is wrong with a Compose file that specs give, at its places in the specs.
fn in_specs(problems: Diagnostics, node: &Arc<Node>, planned: &Planned<'_>) -> Diagnostics {
    node.mark_read();
    let problems = problems.into_iter().map(|problem| {
        let path = path_of_whole(problem.place());
        let steps = path.segments();
        let (found, depth) = node.nearest(&steps);
        let at = problem.place();
        let is_of_key = at.range() == Place::key(&at.source, path.clone()).range();
        // A list or a mapping has the place of the first value in it.
        let named = steps.last().filter(|_| depth == steps.len());
        let named = named.and_then(|name| found.named(name));
        let place = match named {
            Some(key) if is_of_key => key.to_key(),
            Some(key) => key.to_value(),
            None => found.origin().unwrap_or(&planned.host.place).clone(),
        };
        let service = service_of(problem.place());
        (problem.moved_to(place), service)
    });
    once(problems)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::context;
    use super::{Asked, compose_file, read};
    use crate::files::Root;
    use crate::render::definition::PLACEHOLDER;
    use crate::render::{RenderPlan, Selection};
    use crate::spec::{self, PullRequest};
    use crate::state::State;

    /// A state with a placeholder for every digest.
    fn shown(state: &State) -> String {
        let text = format!("{state:#?}");
        let mut parts = text.split("sha256-");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| {
            text + PLACEHOLDER + part.get(16..).unwrap_or_default()
        })
    }

    #[test]
    fn values_ask_for_what_their_text_does() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut compared = 0;
        for project in ["", "examples/bookstore", "tests/fixtures/sound"] {
            let root = Root::open(&folder.join(project)).unwrap();
            let catalog = spec::load(&root, PullRequest::SAMPLE).unwrap();
            let plan = RenderPlan::of(&catalog, &Selection::default(), None).unwrap();
            for planned in &plan.hosts {
                let Some(output) = planned.host.output() else {
                    continue;
                };
                let context = context::of(&catalog, planned, Some(&root));
                let node = compose_file(&context, planned).unwrap();
                let structure = node.structure();
                let (document, _) = read(&node, &structure, planned, output, "").unwrap();
                let written = Asked::understood(&node, document, planned).unwrap();
                let Some(given) = Asked::directly(&node, &structure, planned) else {
                    assert!(!written.state.unused.services.is_empty());
                    continue;
                };
                assert_eq!(shown(&given.state), shown(&written.state));
                assert_eq!(given.beside, written.beside);
                assert_eq!(given.fields, written.fields);
                compared += 1;
            }
        }
        assert!(compared > 10, "{compared}");
    }
}
