//! A text becomes trees, one per YAML document: aliases are replaced by their values, merge
//! keys are merged, and `!reset` and `!override` are taken out and remembered (compose-go,
//! `loader/reset.go`).

use std::collections::HashMap;
use std::sync::Arc;

use super::raw::{MAX_DEPTH, OVERRIDE, RESET, Raw, RawKind, RawNode};
use super::scalar::scalar;
use super::{Entry, Kind, Map, Mark, Node, Resets, text_size};
use crate::diagnostic::{Diagnostic, Diagnostics, ProblemKind};
use crate::source::{Place, Source};
use crate::yaml;

/// About how many bytes a value takes, and an entry of a mapping besides its value. A table may be half empty.
const VALUE: usize = 64;
const ENTRY: usize = 160;

/// How much aliases may copy in all files of a project ([`Node::size`]). Compose's own reader stops at about as many
/// (go-yaml, `allowedAliasRatio`).
pub(in super::super) const MAX_COPIED: usize = 400_000;

/// How many values a document may reset or override.
const MAX_RESETS: usize = 1000;

/// How many of those may be named by `*`.
const MAX_PATTERNS: usize = 32;

/// A document of a file.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Document {
    pub(in super::super) root: Node,
    /// The paths whose values in the files before are dropped: those of `!reset` and `!override`.
    pub(in super::super) resets: Resets,
}

/// The documents of a text, the number of which among all texts is `number`, and how much their
/// aliases copied.
pub(in super::super) fn documents(
    source: &Arc<Source>,
    number: u32,
) -> Result<(Vec<Document>, usize), Diagnostics> {
    yaml::guard(source)?;
    let raw = Raw::read(source, number)?;
    let mut documents = Vec::new();
    let mut resolver = Resolver {
        raw: &raw,
        source,
        room: yaml::room(source.text.len()),
        copied: 0,
        aliases: 0,
        resets: Vec::new(),
        path: Vec::new(),
    };
    for root in &raw.roots {
        resolver.room = yaml::room(source.text.len());
        let root = resolver.resolve(*root, 0)?.unwrap_or_default();
        documents.push(Document {
            root,
            resets: Resets::of(&std::mem::take(&mut resolver.resets)),
        });
    }
    Ok((documents, resolver.copied))
}

struct Resolver<'a> {
    raw: &'a Raw,
    source: &'a Arc<Source>,
    /// How much room is left.
    room: usize,
    /// How much was copied for aliases, and how many aliases are being replaced.
    copied: usize,
    aliases: usize,
    resets: Vec<Vec<String>>,
    /// Where in the document; followed only where the document resets something.
    path: Vec<String>,
}

impl Resolver<'_> {
    /// The value of a node; none where it is reset.
    fn resolve(&mut self, id: usize, depth: usize) -> Result<Option<Node>, Diagnostics> {
        let Some(raw) = self.raw.nodes.get(id) else {
            return Ok(None);
        };
        let takes = match &raw.kind {
            RawKind::Scalar(text, _) => text.len(),
            RawKind::Map(entries) => entries.len() * ENTRY,
            _ => 0,
        };
        let room = self.room.checked_sub(VALUE + takes);
        let Some(room) = room.filter(|_| depth <= MAX_DEPTH) else {
            let at = self.place(raw.at);
            let outgrown = if self.copied == 0 {
                Diagnostic::new("this file has too many values", at)
            } else {
                yaml::outgrown(at)
            };
            return Err(outgrown.label("the limit was reached here").into());
        };
        self.room = room;
        self.copy(1 + raw.text_size(), raw.at)?;
        if let RawKind::Alias(target) = raw.kind {
            self.aliases += 1;
            let node = self.resolve(target, depth + 1);
            self.aliases -= 1;
            let mut node = node?;
            // A message points at the alias, where the value is used.
            if let Some(node) = &mut node {
                node.at = raw.at;
            }
            return Ok(node);
        }
        let mut is_kept = false;
        match raw.tag.as_deref() {
            Some(RESET) => {
                self.reset(raw.at)?;
                return Ok(None);
            }
            Some(OVERRIDE) => {
                self.reset(raw.at)?;
                is_kept = true;
            }
            _ => {}
        }
        // What is overridden is taken as it is: tags inside say nothing.
        let before = self.resets.len();
        let kind = match &raw.kind {
            RawKind::Scalar(text, is_plain) => scalar(text, *is_plain, raw.tag.as_deref()),
            RawKind::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    self.enter(|| index.to_string());
                    let item = self.resolve(*item, depth + 1);
                    self.leave();
                    list.extend(item?);
                }
                Kind::List(list)
            }
            RawKind::Map(entries) => Kind::Map(self.map(entries, depth)?),
            RawKind::Alias(_) => Kind::Null,
        };
        if is_kept {
            self.resets.truncate(before);
        }
        Ok(Some(Node::new(kind, raw.at)))
    }

    /// Counts what is copied, where an alias is being replaced.
    fn copy(&mut self, size: usize, at: Mark) -> Result<(), Diagnostics> {
        if self.aliases == 0 {
            return Ok(());
        }
        self.copied += size;
        if self.copied <= MAX_COPIED {
            return Ok(());
        }
        Err(yaml::outgrown(self.place(at))
            .label(format!("at most {MAX_COPIED} values are copied"))
            .into())
    }

    /// Remembers that the value here replaces those of the files before, or takes them out.
    fn reset(&mut self, at: Mark) -> Result<(), Diagnostics> {
        let is_pattern = |path: &&Vec<String>| path.iter().any(|key| key == "*");
        self.resets.push(self.path.clone());
        let count = self.resets.len();
        if count > MAX_RESETS || self.resets.iter().filter(is_pattern).count() > MAX_PATTERNS {
            return Err(
                Diagnostic::new("this file resets too many values", self.place(at))
                    .label(format!(
                        "at most {MAX_RESETS} can be reset, and {MAX_PATTERNS} with `*` in their path"
                    ))
                    .into(),
            );
        }
        Ok(())
    }

    fn map(&mut self, entries: &[(usize, usize)], depth: usize) -> Result<Map, Diagnostics> {
        let mut map = Map::new();
        // Keys whose value is reset are set all the same, as far as duplicates go.
        let mut gone: HashMap<String, Mark> = HashMap::new();
        let mut merged = Vec::new();
        let mut problems = Diagnostics::default();
        for (key, value) in entries {
            let (text, is_plain, key_at) = self.key(*key)?;
            self.copy(text_size(&text), key_at)?;
            if text == "<<" && is_plain {
                merged.push((*value, key_at));
                continue;
            }
            let first = map
                .get(&text)
                .map(|entry: &Entry| entry.key_at)
                .or_else(|| gone.get(&text).copied());
            if let Some(first) = first {
                problems.push(
                    yaml::set_twice(&text, self.place(key_at), self.place(first))
                        .of_kind(ProblemKind::SetTwice { key: text }),
                );
                continue;
            }
            self.enter(|| text.clone());
            let value = self.resolve(*value, depth + 1);
            self.leave();
            match value? {
                Some(value) => {
                    map.insert(text, Entry { key_at, value });
                }
                None => {
                    gone.insert(text, key_at);
                }
            }
        }
        if merged.len() > 1
            && let [(_, first), .., (_, again)] = merged.as_slice()
        {
            problems.push(
                Diagnostic::new("`<<` is set twice", self.place(*again))
                    .label("set again here")
                    .related(self.place(*first), "first set here")
                    .help("merge a list of mappings: `<<: [*a, *b]`"),
            );
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        for (value, key_at) in merged {
            self.merge(&mut map, value, key_at, depth)?;
        }
        Ok(map)
    }

    /// Adds the entries of what `<<` names; those that are there stay as they are.
    fn merge(
        &mut self,
        map: &mut Map,
        value: usize,
        key_at: Mark,
        depth: usize,
    ) -> Result<(), Diagnostics> {
        let wrong = |this: &Self, at| {
            Err(Diagnostic::new("this cannot be merged", this.place(at))
                .label("expected a mapping, or a list of mappings")
                .into())
        };
        let Some(value) = self.resolve(value, depth + 1)? else {
            return Ok(());
        };
        let at = value.at;
        let sources = match value.kind {
            Kind::Map(source) => vec![source],
            Kind::List(items) => {
                let mut sources = Vec::new();
                for item in items {
                    let Kind::Map(source) = item.kind else {
                        return wrong(self, item.at);
                    };
                    sources.push(source);
                }
                sources
            }
            _ => return wrong(self, if at.start == at.end { key_at } else { at }),
        };
        for (key, entry) in sources.into_iter().flatten() {
            map.or_insert_with(key, || entry);
        }
        Ok(())
    }

    /// The text of a key, and whether it is written without quotes.
    fn key(&self, id: usize) -> Result<(String, bool, Mark), Diagnostics> {
        let mut raw = self.raw.nodes.get(id);
        let at = raw.map(|raw| raw.at).unwrap_or_default();
        if let Some(RawKind::Alias(target)) = raw.map(|raw| &raw.kind) {
            raw = self.raw.nodes.get(*target);
        }
        if let Some(RawNode {
            kind: RawKind::Scalar(text, is_plain),
            tag,
            ..
        }) = raw
            && let Kind::Text(text) = scalar(text, *is_plain, tag.as_deref())
        {
            return Ok((text, *is_plain && tag.is_none(), at));
        }
        Err(Diagnostic::new("this key is not text", self.place(at))
            .label("expected keys that are text")
            .help("put quotes around the key")
            .into())
    }

    fn enter(&mut self, segment: impl FnOnce() -> String) {
        if self.raw.has_resets {
            self.path.push(segment());
        }
    }

    fn leave(&mut self) {
        if self.raw.has_resets {
            self.path.pop();
        }
    }

    fn place(&self, at: Mark) -> Place {
        Place::bytes(self.source, at.range())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Entry, Kind, Mark, Node};
    use super::{Document, ENTRY, VALUE, documents};
    use crate::source::Source;

    fn read(text: &str) -> Vec<Document> {
        documents(&Source::new("compose.yml", text), 0).unwrap().0
    }

    fn refused(text: &str) -> String {
        let problems = documents(&Source::new("compose.yml", text), 0).unwrap_err();
        problems.iter().next().unwrap().message().to_owned()
    }

    fn at<'a>(node: &'a Node, path: &[&str]) -> &'a Node {
        path.iter().fold(node, |node, key| node.get(key).unwrap())
    }

    #[test]
    fn a_block_at_the_end_of_a_text_is_as_long_as_the_text() {
        for (text, expected) in [
            ("a: |\n  x", "x"),
            ("a: |+\n  x", "x"),
            ("a: >\n  x", "x"),
            ("a: |-\n  x", "x"),
            ("a: |\n  x\n", "x\n"),
            ("a: |+\n  x\n\n", "x\n\n"),
            ("a: |\n  x\\", "x\\"),
        ] {
            let documents = read(text);
            assert_eq!(
                at(&documents[0].root, &["a"]).as_text(),
                Some(expected),
                "{text:?}"
            );
        }
    }

    #[test]
    fn places_are_bytes_whatever_the_letters() {
        let documents = read("é: ü\nb: c\n");
        let at = at(&documents[0].root, &["b"]).at;
        assert_eq!((at.start, at.end), (10, 11));
    }

    #[test]
    fn aliases_and_merge_keys_are_replaced() {
        let text = "x: &x {a: 1, b: {c: 2}}\ny: {<<: *x, a: 3}\nz: *x\nw: {<<: [{a: 4}, *x]}\nq: {'<<': 1}\n";
        let documents = read(text);
        let root = &documents[0].root;
        assert_eq!(at(root, &["y", "a"]).kind, Kind::whole(3));
        assert_eq!(at(root, &["y", "b", "c"]).kind, Kind::whole(2));
        assert_eq!(at(root, &["w", "a"]).kind, Kind::whole(4));
        assert_eq!(at(root, &["z"]), at(root, &["x"]));
        assert_eq!(at(root, &["q", "<<"]).kind, Kind::whole(1));
    }

    #[test]
    fn resets_are_taken_out_and_remembered() {
        let documents =
            read("a:\n  b: !reset null\n  c: !override [1]\n  d: [!reset x, y]\n---\nb: 1\n");
        assert_eq!(documents.len(), 2);
        for path in [["a", "b"].as_slice(), &["a", "c"], &["a", "d", "0"]] {
            let mut value = Node::text("x", Mark::default());
            documents[0].resets.apply(path, &mut value);
            assert!(value.is_null(), "{path:?}");
        }
        let a = at(&documents[0].root, &["a"]);
        assert!(a.get("b").is_none());
        assert_eq!(at(a, &["d"]).items().len(), 1);
        assert!(documents[1].resets.is_empty());
    }

    #[test]
    fn values_that_are_too_many_are_only_those_of_aliases_where_there_are_some() {
        let written = format!("x-a: [{}]\n", "{a,b},".repeat(150_000));
        assert_eq!(refused(&written), "this file has too many values");
        let large = "x".repeat(400_000);
        let copied = format!("x-a: &a {large}\nx-b: [{}]\n", "*a,".repeat(50_000));
        assert!(refused(&copied).contains("when its aliases are replaced"));
    }

    #[test]
    fn texts_that_compose_refuses() {
        assert_eq!(refused("a: 1\na: 2\n"), "`a` is set twice");
        assert_eq!(refused("80: 1\n"), "this key is not text");
        assert_eq!(refused("[a]: 1\n"), "this key is not text");
        assert_eq!(refused("a: {<<: 1}\n"), "this cannot be merged");
        assert_eq!(
            refused("a: &a [*a]\n"),
            "this alias is part of the value that it refers to"
        );
        assert_eq!(refused("a: *b\n"), "there is no anchor `b`");
        assert_eq!(refused("a: &b 1\n---\nc: *b\n"), "there is no anchor `b`");
        assert!(refused("a: [\n").starts_with("this is not valid YAML"));
        assert!(refused("a: \"\\").starts_with("this is not valid YAML"));
        assert!(refused(&"- ".repeat(5000)).starts_with("more than"));
        for text in ["a: [!reset, b]", "a: {\"b\":!x, c}", "a: [!<tag:x,y>, b]"] {
            assert!(
                refused(text).contains("a tag is directly before a comma"),
                "{text}"
            );
        }
        assert_eq!(read("a: '!reset, wow!, b'\n").len(), 1);
        let bomb: String = (1..30).fold("a0: &a0 [x, x]\n".to_owned(), |text, n| {
            let last = n - 1;
            text + &format!("a{n}: &a{n} [*a{last}, *a{last}]\n")
        });
        assert!(refused(&bomb).starts_with("this file is too large"));
    }

    /// A large file of many small mappings is read: what an entry is charged follows from what it takes.
    #[test]
    fn an_entry_is_charged_as_much_as_it_takes() {
        let long_forms = format!("ports:\n{}", "- target: 80\n".repeat(100_000));
        assert_eq!(read(&long_forms).len(), 1);
        let entry = size_of::<(String, Entry)>();
        // Twice in a table that is half empty, and the text of its key.
        assert!((entry..=3 * entry).contains(&(VALUE + ENTRY)), "{entry}");
    }
}
