//! The nodes of a text as they were written, before aliases, merge keys and tags are seen to.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use libyaml_safer::{EventData, Parser, ScalarStyle};

use super::Mark;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Place, Source};
use crate::yaml;

/// How deep collections may stand in each other.
pub(super) const MAX_DEPTH: usize = 256;

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

pub(super) enum RawKind {
    Scalar(String, ScalarStyle),
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
        let text = source.text.strip_prefix('\u{FEFF}').unwrap_or(&source.text);
        let offsets = Offsets::of(text, source.text.len() - text.len());
        let mut raw = Self::default();
        let mut open: Vec<Open> = Vec::new();
        refuse_tag_before_comma(source, text, &offsets)?;
        // The parser does not look for the end of the text behind a backslash.
        let padded = text.ends_with('\\').then(|| format!("{text}\n"));
        let mut bytes = padded.as_deref().unwrap_or(text).as_bytes();
        let mut parser = Parser::new();
        parser.set_input_string(&mut bytes);
        for event in parser {
            let event = event.map_err(|error| {
                let at = error
                    .problem_mark()
                    .map_or(0, |mark| offsets.byte(mark.index));
                unreadable(source, error.problem(), at)
            })?;
            let range = offsets.range(event.start_mark.index, event.end_mark.index);
            let at = mark(number, &range);
            let id = match event.data {
                EventData::Scalar {
                    anchor,
                    tag,
                    value,
                    style,
                    ..
                } => raw.push(RawKind::Scalar(value, style), at, tag, anchor),
                EventData::Alias { anchor } => {
                    let target = raw.alias(&anchor, &open, source, range)?;
                    raw.push(RawKind::Alias(target), at, None, None)
                }
                EventData::SequenceStart { anchor, tag, .. } => {
                    let id = raw.push(RawKind::List(Vec::new()), at, tag, anchor);
                    open.push(Open { id, key: None });
                    check_depth(&open, source, range)?;
                    continue;
                }
                EventData::MappingStart { anchor, tag, .. } => {
                    let id = raw.push(RawKind::Map(Vec::new()), at, tag, anchor);
                    open.push(Open { id, key: None });
                    check_depth(&open, source, range)?;
                    continue;
                }
                EventData::SequenceEnd | EventData::MappingEnd => {
                    let Some(done) = open.pop() else { continue };
                    if let Some(node) = raw.nodes.get_mut(done.id) {
                        node.at.end = node.at.end.max(at.end);
                    }
                    done.id
                }
                // Aliases do not cross documents.
                EventData::DocumentStart { .. } => {
                    raw.anchors.clear();
                    continue;
                }
                _ => continue,
            };
            raw.attach(&mut open, id);
        }
        Ok(raw)
    }

    /// The node that an alias stands for.
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
                .label("expected an anchor that stands above")
                .did_you_mean(anchor, known);
            return Err(diagnostic.into());
        };
        if open.iter().any(|collection| collection.id == target) {
            let message = "this stands for a value that it is a part of";
            let diagnostic =
                Diagnostic::new(message, place).label("expected an anchor of another value");
            return Err(diagnostic.into());
        }
        Ok(target)
    }

    fn push(
        &mut self,
        kind: RawKind,
        at: Mark,
        tag: Option<String>,
        anchor: Option<String>,
    ) -> usize {
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

/// The parser cannot go on where a tag stands right before a comma, as in `[!reset, a]`. A text that
/// may hold such a tag is rare, and is looked at by another parser.
fn refuse_tag_before_comma(
    source: &Arc<Source>,
    text: &str,
    offsets: &Offsets,
) -> Result<(), Diagnostics> {
    let is_part = |c: char| !(c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}'));
    let may_hold = text.match_indices(',').any(|(comma, _)| {
        let before = text.get(..comma).unwrap_or_default();
        let word = before.rsplit(|c| !is_part(c)).next().unwrap_or_default();
        word.contains('!')
    });
    if !may_hold {
        return Ok(());
    }
    let characters = saphyr_parser::Parser::new_from_str(text);
    for event in characters {
        let (event, span) = event.map_err(|error| {
            let before = text.char_indices().nth(error.marker().index());
            let at = before.map_or(text.len(), |(at, _)| at);
            unreadable(source, error.info(), offsets.byte(at as u64))
        })?;
        if let saphyr_parser::Event::Scalar(value, _, _, Some(_)) = event
            && value.is_empty()
        {
            let start = text.char_indices().nth(span.start.index());
            let at = offsets.byte(start.map_or(text.len(), |(at, _)| at) as u64);
            return Err(Diagnostic::new(
                "a tag without a value is not supported in a file that has a tag before a comma",
                Place::bytes(source, at..at + 1),
            )
            .label("expected a value behind the tag")
            .help("write `!reset null`, and a space before the comma")
            .into());
        }
    }
    Ok(())
}

fn check_depth(
    open: &[Open],
    source: &Arc<Source>,
    range: Range<usize>,
) -> Result<(), Diagnostics> {
    if open.len() <= MAX_DEPTH {
        return Ok(());
    }
    let message = format!("more than {MAX_DEPTH} values stand in each other");
    Err(Diagnostic::new(message, Place::bytes(source, range)).into())
}

/// The message about a text that is no YAML; the parser of the specs has better ones for some.
fn unreadable(source: &Arc<Source>, reason: &str, at: usize) -> Diagnostics {
    if let Err(problems) = yaml::parse(source) {
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
    // No text is longer than `yaml::MAX_BYTES`.
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Mark {
        source,
        start: byte(range.start),
        end: byte(range.end),
    }
}

/// Turns the parser's positions, which are bytes of what it was given, into bytes of the text.
struct Offsets {
    /// The bytes of a mark at the beginning, which the parser was not given.
    skipped: usize,
    length: usize,
}

impl Offsets {
    fn of(text: &str, skipped: usize) -> Self {
        Self {
            skipped,
            length: text.len(),
        }
    }

    fn byte(&self, position: u64) -> usize {
        let at = usize::try_from(position).unwrap_or(usize::MAX);
        self.skipped + at.min(self.length)
    }

    fn range(&self, start: u64, end: u64) -> Range<usize> {
        let start = self.byte(start);
        start..self.byte(end).max(start)
    }
}
