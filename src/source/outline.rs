//! Where each node of a YAML document is in its text.
//!
//! The parser that reads specs keeps no places. A second, marked parse is made only when a message has to
//! show one, so the common run never pays for it. The reader of Compose files keeps them in its tree.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::path::{Path, Segment};

/// The nodes of a document (the first one of a stream) with their byte ranges.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    nodes: Vec<Node>,
    /// The entries of every mapping by the texts of their keys, once one was looked for: a mapping
    /// with many mistakes is asked for each of them.
    by_key: OnceLock<Vec<ByKey>>,
}

/// An entry of a mapping: the mapping, and the key and the value in it. Those of a mapping stand
/// together, sorted by the text of the key, of two with one text the first one first.
type ByKey = (usize, usize, usize);

#[derive(Debug)]
struct Node {
    span: Range<usize>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Scalar(String),
    /// An alias points elsewhere; a message points at the alias.
    Alias,
    Mapping(Vec<(usize, usize)>),
    Sequence(Vec<usize>),
}

/// A key that is set twice in one mapping.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Duplicate {
    /// The key's text.
    pub(crate) key: String,
    /// Where it is set first, in bytes.
    pub(crate) first: Range<usize>,
    /// Where it is set again, in bytes.
    pub(crate) again: Range<usize>,
}

/// The places of one node, in bytes of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NodeSpan {
    /// The key that names the node, where it is the value of a mapping.
    pub(crate) key: Option<Range<usize>>,
    /// The node itself.
    pub(crate) value: Range<usize>,
}

impl Outline {
    /// Reads the outline of `text`, as far as the text can be read.
    pub(crate) fn of(text: &str) -> Self {
        let offsets = Offsets::of(text);
        let mut outline = Self::default();
        let mut open: Vec<Open> = Vec::new();
        for event in Parser::new_from_str(text) {
            let Ok((event, span)) = event else { break };
            let node = match event {
                Event::Scalar(value, style, ..) => {
                    let span = scalar(text, offsets.range(span), style);
                    outline.push(span, Kind::Scalar(value.into_owned()))
                }
                Event::Alias(_) => outline.push(offsets.range(span), Kind::Alias),
                Event::MappingStart(..) => {
                    let id = outline.push(offsets.range(span), Kind::Mapping(Vec::new()));
                    open.push(Open { id, key: None });
                    continue;
                }
                Event::SequenceStart(..) => {
                    let id = outline.push(offsets.range(span), Kind::Sequence(Vec::new()));
                    open.push(Open { id, key: None });
                    continue;
                }
                Event::MappingEnd | Event::SequenceEnd => {
                    let Some(done) = open.pop() else { break };
                    outline.close(done.id, offsets.range(span).end);
                    done.id
                }
                Event::DocumentEnd => break,
                _ => continue,
            };
            outline.attach(&mut open, node);
        }
        // A text that ends in the middle of an error still shows what was read before it.
        while let Some(unfinished) = open.pop() {
            outline.attach(&mut open, unfinished.id);
        }
        outline
    }

    /// Adds a collection, whose parts are added after it.
    pub(crate) fn open(&mut self, span: Range<usize>) -> usize {
        self.push(span, Kind::Sequence(Vec::new()))
    }

    /// Makes a collection a sequence of these parts.
    pub(crate) fn sequence(&mut self, id: usize, items: Vec<usize>) {
        self.fill(id, Kind::Sequence(items));
    }

    /// Makes a collection a mapping of these parts.
    pub(crate) fn mapping(&mut self, id: usize, entries: Vec<(usize, usize)>) {
        self.fill(id, Kind::Mapping(entries));
    }

    /// Adds a scalar; only the texts of keys are asked for.
    pub(crate) fn scalar(&mut self, span: Range<usize>, text: &str) -> usize {
        self.push(span, Kind::Scalar(text.to_owned()))
    }

    fn fill(&mut self, id: usize, kind: Kind) {
        if let Some(node) = self.nodes.get_mut(id) {
            node.kind = kind;
        }
    }

    /// The place of the node at `path`, or of the nearest one above it that is in the text.
    pub(crate) fn find(&self, path: &Path) -> Option<NodeSpan> {
        self.nearest(path).map(|(found, _)| found)
    }

    /// How many steps of a path lead to something.
    pub(super) fn depth(&self, path: &Path) -> usize {
        self.nearest(path).map_or(0, |(_, depth)| depth)
    }

    fn nearest(&self, path: &Path) -> Option<(NodeSpan, usize)> {
        let mut at = self.root()?;
        let mut depth = 0;
        let mut found = NodeSpan {
            key: None,
            value: self.span(at)?,
        };
        for segment in path.segments() {
            let (key, value) = match (segment, &self.nodes.get(at)?.kind) {
                (Segment::Key(wanted), Kind::Mapping(_)) => {
                    let Some((key, value)) = self.entry(at, wanted) else {
                        break;
                    };
                    (Some(key), value)
                }
                (Segment::Index(index), Kind::Sequence(items)) => {
                    let Some(value) = items.get(*index) else {
                        break;
                    };
                    (None, *value)
                }
                _ => break,
            };
            found = NodeSpan {
                key: key.and_then(|key| self.span(key)),
                value: self.span(value)?,
            };
            at = value;
            depth += 1;
        }
        Some((found, depth))
    }

    /// The path of the innermost node that holds a byte of the text.
    pub(crate) fn path_at(&self, byte: usize) -> Path {
        let mut path = Path::root();
        let mut at = self.root();
        while let Some(node) = at.and_then(|at| self.nodes.get(at)) {
            let holds = |from: usize, to: usize| {
                let (from, to) = (self.span(from), self.span(to));
                from.zip(to)
                    .is_some_and(|(from, to)| (from.start..to.end.max(from.end)).contains(&byte))
            };
            // They are in the order of the text, and there may be many: the last one that begins before the byte.
            let last = |length: usize, begin: &dyn Fn(usize) -> Option<usize>| {
                let starts = |at: usize| self.span(begin(at)?).map(|span| span.start);
                let (mut low, mut high) = (0, length);
                while low < high {
                    let middle = low.midpoint(high);
                    if starts(middle).is_some_and(|start| start <= byte) {
                        low = middle + 1;
                    } else {
                        high = middle;
                    }
                }
                low.checked_sub(1)
            };
            let next = match &node.kind {
                Kind::Mapping(entries) => {
                    last(entries.len(), &|at| entries.get(at).map(|one| one.0))
                        .and_then(|at| entries.get(at))
                        .filter(|(key, value)| holds(*key, *value))
                        .map(|(key, value)| (path.key(self.text(*key).unwrap_or_default()), *value))
                }
                Kind::Sequence(items) => last(items.len(), &|at| items.get(at).copied())
                    .and_then(|at| Some((path.index(at), *items.get(at)?)))
                    .filter(|(_, item)| holds(*item, *item)),
                Kind::Scalar(_) | Kind::Alias => None,
            };
            at = next.map(|(inner, node)| {
                path = inner;
                node
            });
        }
        path
    }

    /// The key and the value of the first entry of a mapping that has a text as its key.
    fn entry(&self, mapping: usize, wanted: &str) -> Option<(usize, usize)> {
        let all = self.by_key.get_or_init(|| {
            let mut all: Vec<ByKey> = Vec::new();
            for (id, node) in self.nodes.iter().enumerate() {
                if let Kind::Mapping(entries) = &node.kind {
                    all.extend(entries.iter().map(|(key, value)| (id, *key, *value)));
                }
            }
            all.sort_by(|a, b| (a.0, self.text(a.1), a.1).cmp(&(b.0, self.text(b.1), b.1)));
            all
        });
        let wanted = (mapping, Some(wanted));
        let at = all.partition_point(|(id, key, _)| (*id, self.text(*key)) < wanted);
        let (id, key, value) = all.get(at)?;
        ((*id, self.text(*key)) == wanted).then_some((*key, *value))
    }

    /// Every key that is set twice in one mapping, in the order of the text.
    pub(crate) fn duplicates(&self) -> Vec<Duplicate> {
        let mut found = Vec::new();
        for node in &self.nodes {
            let Kind::Mapping(entries) = &node.kind else {
                continue;
            };
            let mut seen: HashMap<&str, usize> = HashMap::new();
            for (key, _) in entries {
                let Some(text) = self.text(*key) else {
                    continue;
                };
                if let Some(first) = seen.get(text) {
                    if let (Some(first), Some(again)) = (self.span(*first), self.span(*key)) {
                        found.push(Duplicate {
                            key: text.to_owned(),
                            first,
                            again,
                        });
                    }
                } else {
                    seen.insert(text, *key);
                }
            }
        }
        found.sort_by_key(|duplicate| duplicate.again.start);
        found
    }

    fn root(&self) -> Option<usize> {
        // Nodes are pushed when they open, so the first one is the root.
        (!self.nodes.is_empty()).then_some(0)
    }

    fn push(&mut self, span: Range<usize>, kind: Kind) -> usize {
        self.nodes.push(Node { span, kind });
        self.nodes.len() - 1
    }

    fn close(&mut self, id: usize, end: usize) {
        if let Some(node) = self.nodes.get_mut(id) {
            node.span.end = node.span.end.max(end);
        }
    }

    fn attach(&mut self, open: &mut [Open], node: usize) {
        let Some(parent) = open.last_mut() else {
            return;
        };
        match self.nodes.get_mut(parent.id).map(|parent| &mut parent.kind) {
            Some(Kind::Sequence(items)) => items.push(node),
            Some(Kind::Mapping(entries)) => match parent.key.take() {
                None => parent.key = Some(node),
                Some(key) => entries.push((key, node)),
            },
            _ => {}
        }
    }

    fn span(&self, id: usize) -> Option<Range<usize>> {
        self.nodes.get(id).map(|node| node.span.clone())
    }

    fn text(&self, id: usize) -> Option<&str> {
        match self.nodes.get(id).map(|node| &node.kind) {
            Some(Kind::Scalar(text)) => Some(text),
            _ => None,
        }
    }
}

/// The scalars of a text, as far as it can be read; of a block its lines, without its header.
pub(super) fn scalars(text: &str) -> Vec<Range<usize>> {
    let offsets = Offsets::of(text);
    let events = Parser::new_from_str(text).map_while(Result::ok);
    let scalars = events.filter_map(|(event, span)| {
        let Event::Scalar(_, style, ..) = event else {
            return None;
        };
        let span = scalar(text, offsets.range(span), style);
        let whole = text.get(span.clone())?;
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        // One that is empty or has an anchor begins at its header, which is not the first of its line.
        let before = text.get(..span.start)?.rsplit('\n').next()?;
        let header = if is_block && !before.trim().is_empty() {
            whole.find('\n').unwrap_or(whole.len())
        } else {
            0
        };
        Some(span.start + header..span.end)
    });
    scalars.collect()
}

/// A scalar without what follows it: the parser counts the blanks and the comment behind a quote to it.
fn scalar(text: &str, span: Range<usize>, style: ScalarStyle) -> Range<usize> {
    let whole = text.get(span.clone()).unwrap_or_default();
    let end = match style {
        ScalarStyle::SingleQuoted => closing(whole, '\'', |rest| rest.starts_with("''")),
        ScalarStyle::DoubleQuoted => closing(whole, '"', |rest| rest.starts_with('\\')),
        _ => None,
    };
    span.start..end.map_or(span.end, |end| span.start + end)
}

/// Where a scalar in quotes ends; `is_escaped` says whether a rest begins with two characters that are one.
fn closing(whole: &str, quote: char, is_escaped: fn(&str) -> bool) -> Option<usize> {
    // A tag and an anchor may be before it.
    let mut characters = whole.char_indices();
    characters.find(|(_, character)| *character == quote)?;
    while let Some((at, character)) = characters.next() {
        if is_escaped(whole.get(at..)?) {
            characters.next();
        } else if character == quote {
            return Some(at + 1);
        }
    }
    None
}

/// A collection that is being read; `key` waits for its value.
struct Open {
    id: usize,
    key: Option<usize>,
}

/// Turns the parser's character positions into byte offsets.
struct Offsets {
    bytes: Vec<usize>,
}

impl Offsets {
    fn of(text: &str) -> Self {
        let mut bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        bytes.push(text.len());
        Self { bytes }
    }

    fn range(&self, span: Span) -> Range<usize> {
        let byte = |character: usize| {
            let last = self.bytes.last().copied().unwrap_or(0);
            self.bytes.get(character).copied().unwrap_or(last)
        };
        let start = byte(span.start.index());
        start..byte(span.end.index()).max(start)
    }
}

#[cfg(test)]
mod tests {
    use indoc::indoc;

    use super::{Outline, Path};

    const TEXT: &str = indoc! {r#"
        # é
        services:
          web:
            ports: ["80:80", 'ü:1']
          db: {image: a}
    "#};

    fn value(path: &Path) -> &'static str {
        let span = Outline::of(TEXT).find(path).unwrap().value;
        TEXT.get(span).unwrap()
    }

    #[test]
    fn finds_values_and_keys_in_bytes() {
        let services = Path::root().key("services");
        assert_eq!(value(&services.key("web").key("ports").index(1)), "'ü:1'");
        assert_eq!(value(&services.key("db").key("image")), "a");
        let span = Outline::of(TEXT).find(&services.key("db")).unwrap();
        assert_eq!(TEXT.get(span.key.unwrap()), Some("db"));
    }

    #[test]
    fn falls_back_to_the_nearest_node_above() {
        let path = Path::root().key("services").key("db").key("missing");
        assert_eq!(value(&path), "{image: a}");
    }

    #[test]
    fn lists_every_duplicate() {
        let outline = Outline::of("a: 1\nb: {c: 1, c: 2}\na: 2\n");
        let keys: Vec<_> = outline.duplicates().into_iter().map(|d| d.key).collect();
        assert_eq!(keys, ["c", "a"]);
    }
}
