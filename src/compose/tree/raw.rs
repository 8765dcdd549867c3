//! The nodes of a text as they were written, before aliases, merge keys and tags are seen to.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::Mark;
use super::events::{self, Event, Properties};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Place, Source};
use crate::yaml;

/// How deep collections may be nested.
pub(in super::super) const MAX_DEPTH: usize = 256;

/// What drops a value of the files before.
pub(super) const RESET: &str = "!reset";

/// What replaces a value of the files before.
pub(super) const OVERRIDE: &str = "!override";

/// A node as it was written.
pub(super) struct RawNode {
    pub(super) kind: RawKind,
    pub(super) at: Mark,
    pub(super) tag: Option<String>,
}

impl RawNode {
    /// What a text adds to the size of a value ([`super::Node::size`]).
    pub(super) fn text_size(&self) -> usize {
        match &self.kind {
            RawKind::Scalar(text, _) => super::text_size(text),
            _ => 0,
        }
    }
}

pub(super) enum RawKind {
    /// A text, and whether it is written without quotes.
    Scalar(String, bool),
    List(Vec<usize>),
    Map(Vec<(usize, usize)>),
    Alias(usize),
}

/// The nodes of all documents of a text.
#[derive(Default)]
pub(super) struct Raw {
    pub(super) nodes: Vec<RawNode>,
    pub(super) roots: Vec<usize>,
    anchors: HashMap<String, usize>,
    pub(super) has_resets: bool,
}

/// A collection that is being read; `key` waits for its value.
struct Open {
    id: usize,
    key: Option<usize>,
}

impl Raw {
    pub(super) fn read(source: &Arc<Source>, number: u32) -> Result<Self, Diagnostics> {
        let text = source.text.trim_start_matches('\u{FEFF}');
        let skipped = source.text.len() - text.len();
        let mut raw = Self {
            // Room for as many as there are in files that people write, so that the list does not grow.
            nodes: Vec::with_capacity(text.len() / 14),
            ..Self::default()
        };
        let mut open: Vec<Open> = Vec::new();
        let failed = |(reason, at): events::Failure| unreadable(source, &reason, at + skipped);
        events::each(text, failed, |(event, properties, range)| {
            let range = range.start + skipped..range.end + skipped;
            let at = mark(number, &range);
            let id = match event {
                Event::Scalar { text, is_plain } => {
                    raw.push(RawKind::Scalar(text, is_plain), at, properties)
                }
                Event::Alias(anchor) => {
                    let target = raw.alias(&anchor, &open, source, range)?;
                    raw.push(RawKind::Alias(target), at, properties)
                }
                Event::List | Event::Map => {
                    let kind = match event {
                        Event::List => RawKind::List(Vec::new()),
                        _ => RawKind::Map(Vec::new()),
                    };
                    let id = raw.push(kind, at, properties);
                    open.push(Open { id, key: None });
                    return check_depth(&open, source, range);
                }
                Event::End => {
                    let Some(done) = open.pop() else {
                        return Ok(());
                    };
                    if let Some(node) = raw.nodes.get_mut(done.id) {
                        node.at.end = node.at.end.max(at.end);
                    }
                    done.id
                }
                // Aliases do not cross documents.
                Event::Document => {
                    raw.anchors.clear();
                    return Ok(());
                }
                Event::Other => return Ok(()),
            };
            raw.attach(&mut open, id);
            Ok(())
        })?;
        Ok(raw)
    }

    /// The node that an alias refers to.
    fn alias(
        &self,
        anchor: &str,
        open: &[Open],
        source: &Arc<Source>,
        range: Range<usize>,
    ) -> Result<usize, Diagnostics> {
        let place = Place::bytes(source, range);
        let Some(target) = self.anchors.get(anchor).copied() else {
            let known = self.anchors.keys().map(String::as_str);
            let diagnostic = Diagnostic::new(format!("there is no anchor `{anchor}`"), place)
                .label("expected an anchor defined above")
                .did_you_mean(anchor, known);
            return Err(diagnostic.into());
        };
        if open.iter().any(|collection| collection.id == target) {
            let message = "this alias is part of the value that it refers to";
            let diagnostic =
                Diagnostic::new(message, place).label("expected an anchor of another value");
            return Err(diagnostic.into());
        }
        Ok(target)
    }

    fn push(&mut self, kind: RawKind, at: Mark, properties: Properties) -> usize {
        let Properties { tag, anchor } = properties;
        let id = self.nodes.len();
        self.has_resets |= matches!(tag.as_deref(), Some(RESET | OVERRIDE));
        self.nodes.push(RawNode { kind, at, tag });
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, id);
        }
        id
    }

    fn attach(&mut self, open: &mut [Open], id: usize) {
        let Some(parent) = open.last_mut() else {
            self.roots.push(id);
            return;
        };
        match self.nodes.get_mut(parent.id).map(|node| &mut node.kind) {
            Some(RawKind::List(items)) => items.push(id),
            Some(RawKind::Map(entries)) => match parent.key.take() {
                None => parent.key = Some(id),
                Some(key) => entries.push((key, id)),
            },
            _ => {}
        }
    }
}

fn check_depth(
    open: &[Open],
    source: &Arc<Source>,
    range: Range<usize>,
) -> Result<(), Diagnostics> {
    if open.len() <= MAX_DEPTH {
        return Ok(());
    }
    let message = format!("more than {MAX_DEPTH} values are nested");
    Err(Diagnostic::new(message, Place::bytes(source, range)).into())
}

/// The message about a text that is not YAML; the parser of the specs has better ones for some.
fn unreadable(source: &Arc<Source>, reason: &str, at: usize) -> Diagnostics {
    if let Err(problems) = yaml::parse_any(source) {
        return problems;
    }
    let at = at.min(source.text.len());
    Diagnostic::new(
        format!("this is not valid YAML: {reason}"),
        Place::bytes(source, at..at + 1),
    )
    .into()
}

fn mark(source: u32, range: &Range<usize>) -> Mark {
    // No text is longer than `limits::COMPOSE_FILE`.
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Mark {
        source,
        start: byte(range.start),
        end: byte(range.end),
    }
}
