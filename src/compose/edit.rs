//! Edits of a Compose file that leave everything around them as it is: comments, quotes, order and layout.
//!
//! An edit works on the text of one document. What it cannot do without touching more than was asked for, such as a
//! value behind an alias, it does not do.

use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::tree::{self, Kind, Node, documents};
use crate::source::{Segment, Source};
use crate::yaml::block::{self, Quotes};

/// A Compose file that can be edited.
#[derive(Debug)]
pub(crate) struct Editor<'a> {
    text: &'a str,
    root: Node,
    /// Where values are in brackets or braces.
    flow: Vec<Range<usize>>,
}

impl<'a> Editor<'a> {
    /// An editor of a text; nothing where it is not one document of YAML.
    pub(crate) fn of(source: &'a Arc<Source>) -> Option<Self> {
        let (documents, _) = documents(source, 0).ok()?;
        let mut documents = documents.into_iter();
        let (Some(first), None) = (documents.next(), documents.next()) else {
            return None;
        };
        Some(Self {
            text: &source.text,
            root: first.root,
            flow: tree::flow(&source.text),
        })
    }

    /// Whether something is written at a path.
    pub(crate) fn has(&self, path: &[Segment]) -> bool {
        self.find(path).is_some()
    }

    /// Whether the file has a text, anywhere.
    pub(crate) fn holds(&self, text: &str) -> bool {
        self.text.contains(text)
    }

    /// The value at a path as it is written, with its quotes.
    pub(crate) fn written(&self, path: &[Segment]) -> Option<&'a str> {
        self.text.get(self.find(path)?.at.range())
    }

    /// The items of the list at a path: the text of each, where it is one.
    pub(crate) fn items(&self, path: &[Segment]) -> Option<Vec<Option<String>>> {
        let items = self.find(path)?.as_list()?.iter();
        Some(items.map(Node::scalar).collect())
    }

    /// The text with another value at a path, which is added where there is none.
    pub(crate) fn set(&self, path: &[Segment], value: &Value) -> Option<String> {
        let Some(node) = self.find(path) else {
            return self.insert(path, value);
        };
        let (Some(_), false) = (node.scalar(), value.is_object() || value.is_array()) else {
            return None;
        };
        let at = node.at.range();
        let old = self.text.get(at.clone())?;
        // What an anchor names is used elsewhere too, and a tag says how it is read.
        if old.starts_with(['&', '*', '!']) {
            return None;
        }
        let mut new = block::scalar(value, Quotes::of(old));
        if old.ends_with('\n') {
            new.push('\n');
        }
        Some(self.with(at, &new))
    }

    /// The text with one more item in the list at a path.
    pub(crate) fn add(&self, path: &[Segment], value: &Value) -> Option<String> {
        let Some(list) = self.find(path) else {
            return self.insert(path, &Value::Array(vec![value.clone()]));
        };
        let items = list.as_list()?;
        if self.is_flow(list) {
            let end = items.iter().map(|item| self.end(item)).max();
            return self.insert_in_flow(list, end, &block::flow(value));
        }
        let lowest = items.iter().max_by_key(|item| item.at.start)?;
        let indent = self.dash(items.first()?)?;
        let shown = block::lines(&Value::Array(vec![value.clone()]), indent);
        Some(self.after_line(self.end(lowest), &shown))
    }

    /// The text without the value at a path, and without what is then empty.
    pub(crate) fn remove(&self, path: &[Segment]) -> Option<String> {
        let (last, above) = path.split_last()?;
        let (parent, node) = (self.find(above)?, self.find(path)?);
        let siblings = match &parent.kind {
            Kind::List(items) => items.len(),
            Kind::Map(map) => map.len(),
            _ => return None,
        };
        // A section or a service stays, even if nothing is in it.
        if siblings == 1 && above.len() > 2 {
            return self.remove(above);
        }
        let start = match last {
            Segment::Key(key) => parent.entry(key)?.key_at.start,
            Segment::Index(_) => node.at.start,
        };
        let start = usize::try_from(start).ok()?;
        if self.is_flow(parent) {
            return self.remove_from_flow(parent, start, self.end(node));
        }
        let line = self.line_start(start);
        let before = self.text.get(line..start)?;
        let is_alone = match last {
            Segment::Key(_) => before.trim().is_empty(),
            Segment::Index(_) => before.trim() == "-",
        };
        let end = self.line_end(self.end(node));
        let next = self.text.get(end..)?;
        let line_break = ["\r\n", "\n"].into_iter().find(|one| next.starts_with(one));
        let end = end + line_break.map_or(0, str::len);
        is_alone.then(|| self.with(line..end, ""))
    }

    fn find(&self, path: &[Segment]) -> Option<&Node> {
        path.iter().try_fold(&self.root, |node, step| {
            let next = match step {
                Segment::Key(key) => node.get(key)?,
                Segment::Index(at) => node.items().get(*at)?,
            };
            // What is behind an alias or a merge key is written elsewhere.
            let (inner, outer) = (next.at.range(), node.at.range());
            let is_within = outer.start <= inner.start && inner.end <= outer.end;
            (is_within || next.is_null() && inner.start >= outer.start).then_some(next)
        })
    }

    /// Adds an entry, and the mappings on the way to it that are missing.
    fn insert(&self, path: &[Segment], value: &Value) -> Option<String> {
        let (Segment::Key(key), above) = path.split_last()? else {
            return None;
        };
        let Some(parent) = self.find(above) else {
            let value = serde_json::json!({ key.as_str(): value });
            return self.insert(above, &value);
        };
        let entry = serde_json::json!({ key.as_str(): value });
        match &parent.kind {
            Kind::Map(map) if self.is_flow(parent) => {
                let last = map.iter().map(|(_, entry)| self.end(&entry.value)).max();
                let pair = block::flow(&entry)
                    .strip_prefix('{')?
                    .strip_suffix('}')?
                    .trim()
                    .to_owned();
                self.insert_in_flow(parent, last, &pair)
            }
            Kind::Map(map) => {
                let within = parent.at.range();
                let own = map
                    .iter()
                    .filter(|(_, entry)| within.contains(&entry.key_at.range().start));
                let starts = own.clone().map(|(_, entry)| entry.key_at.range().start);
                let first = starts.min()?;
                let indent = first - self.line_start(first);
                let end = own.map(|(_, entry)| self.end_of_entry(entry)).max()?;
                Some(self.after_line(end, &block::lines(&entry, indent)))
            }
            Kind::Null => self.insert_below_null(parent, above, &entry),
            _ => None,
        }
    }

    fn insert_in_flow(&self, parent: &Node, last: Option<usize>, new: &str) -> Option<String> {
        if let Some(end) = last {
            return Some(self.with(end..end, &format!(", {new}")));
        }
        let at = parent.at.range();
        let open = self.text.get(at.clone())?.find(['[', '{'])? + at.start + 1;
        Some(self.with(open..open, new))
    }

    /// Adds the value of a key that has none: `web:` with nothing below it, or `web: null`.
    fn insert_below_null(&self, null: &Node, above: &[Segment], entry: &Value) -> Option<String> {
        let (Segment::Key(name), outer) = above.split_last()? else {
            return None;
        };
        let outer = self.find(outer)?;
        let key_at = outer.entry(name)?.key_at;
        let Range { start, end } = key_at.range();
        let after = self.text.get(end..)?;
        let spaces = after.len() - after.trim_start().len();
        let colon = after.trim_start().strip_prefix(':');
        let key_end = colon.map_or(end, |_| end + spaces + 1);
        // What an anchor names is used elsewhere too, and a tag says how it is read.
        let null_end = match self.text.get(null.at.range())?.trim() {
            "" => key_end,
            "null" | "Null" | "NULL" | "~" => self.end(null),
            _ => return None,
        };
        if self.is_flow(outer) {
            let colon = if colon.is_some() { "" } else { ":" };
            let value = block::flow(entry);
            return Some(self.with(key_end..null_end, &format!("{colon} {value}")));
        }
        let line_end = self.line_end(null_end);
        let comment = self.text.get(null_end..line_end)?.trim_end();
        if !comment.is_empty() && !comment.trim_start().starts_with('#') {
            return None;
        }
        let indent = start - self.line_start(start) + block::INDENT;
        let lines = block::lines(entry, indent);
        let lines = format!("{comment}\n{}", lines.trim_end_matches('\n'));
        Some(self.with(key_end..line_end, &lines))
    }

    /// Removes what is from `start` to `end`, and one of the commas around it.
    fn remove_from_flow(&self, parent: &Node, start: usize, end: usize) -> Option<String> {
        let closing = self.end(parent).checked_sub(1)?;
        let after = self.text.get(end..closing)?;
        let comma = after.trim_start();
        if let Some(rest) = comma.strip_prefix(',') {
            let end = closing - rest.trim_start_matches([' ', '\t']).len();
            return Some(self.with(start..end, ""));
        }
        let before = self.text.get(..start)?.trim_end();
        let start = before.strip_suffix(',').map_or(start, str::len);
        Some(self.with(start..end, ""))
    }

    /// Where the text of a value ends, without what follows it.
    fn end(&self, node: &Node) -> usize {
        let at = node.at.range();
        let children = || -> Option<usize> {
            match &node.kind {
                Kind::List(items) => items.iter().map(|item| self.end(item)).max(),
                Kind::Map(map) => map.iter().map(|(_, entry)| self.end_of_entry(entry)).max(),
                _ => None,
            }
        };
        let end = match children() {
            // An alias in it is written elsewhere.
            Some(end) if !self.is_flow(node) && at.contains(&end) => end,
            _ => at.end,
        };
        let written = self.text.get(at.start..end).unwrap_or_default();
        at.start + written.trim_end().len()
    }

    fn end_of_entry(&self, entry: &tree::Entry) -> usize {
        let key = usize::try_from(entry.key_at.end).unwrap_or_default();
        self.end(&entry.value).max(key)
    }

    fn is_flow(&self, node: &Node) -> bool {
        let start = node.at.range().start;
        let next = self.flow.partition_point(|range| range.end <= start);
        self.flow
            .get(next)
            .is_some_and(|range| range.start <= start)
    }

    /// The column of the dash before an item.
    fn dash(&self, item: &Node) -> Option<usize> {
        let start = item.at.range().start;
        let before = self.text.get(self.line_start(start)..start)?;
        let indent = before.find('-')?;
        (before.trim() == "-").then_some(indent)
    }

    fn line_start(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        before.rfind('\n').map_or(0, |at| at + 1)
    }

    /// Where the line break behind a byte begins.
    fn line_end(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let line = rest.split_inclusive('\n').next().unwrap_or_default();
        let line = line
            .strip_suffix('\n')
            .map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
        at + line.len()
    }

    /// Adds lines after the line that has a byte.
    fn after_line(&self, at: usize, lines: &str) -> String {
        let end = self.line_end(at);
        self.with(end..end, &format!("\n{}", lines.trim_end_matches('\n')))
    }

    /// The text with another one at a place, in lines that end as those of the file do.
    fn with(&self, range: Range<usize>, new: &str) -> String {
        let first = self.text.split_inclusive('\n').next();
        let new = if first.is_some_and(|line| line.ends_with("\r\n")) {
            new.replace('\n', "\r\n")
        } else {
            new.to_owned()
        };
        let (before, after) = (self.text.get(..range.start), self.text.get(range.end..));
        format!(
            "{}{new}{}",
            before.unwrap_or_default(),
            after.unwrap_or_default()
        )
    }
}

#[cfg(test)]
mod tests;
