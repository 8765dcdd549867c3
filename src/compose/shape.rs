//! The pass that checks a model against the schema: which fields there are, and the kinds of their values.

use std::collections::HashSet;

use super::fields::{
    BOOLEAN, Cast, FILE, FRACTION, Field, List, Mapping, NULL, NUMBER, Others, TEXT, WHOLE,
};
use super::notes::Notes;
use super::trail::Trail;
use super::tree::{Entry, Kind, Node};
use crate::diagnostic::{Diagnostic, ProblemKind, closest};
use crate::text::expected;

/// Checks a model.
pub(super) fn check(root: &Node, notes: &mut Notes) {
    FILE.check(root, &Trail::ROOT, notes);
}

impl Field {
    fn check(&self, node: &Node, trail: &Trail<'_>, notes: &mut Notes) {
        let allowed = match &node.kind {
            Kind::Null => NULL,
            Kind::Bool(_) => BOOLEAN,
            Kind::Int(number) => {
                self.check_range(number.get(), node, trail, notes);
                WHOLE
            }
            Kind::Float(number) if number.fract() == 0.0 => NUMBER,
            Kind::Float(_) => FRACTION,
            Kind::Date => 0,
            Kind::Text(text) => {
                // What it becomes is not known.
                if node.unset.is_some() && self.scalars != 0 {
                    return;
                }
                if self.scalars & TEXT != 0 {
                    self.check_text(text, node, trail, notes);
                }
                TEXT
            }
            Kind::List(items) => {
                match &self.list {
                    Some(list) => list.check(items, trail, notes),
                    None => self.mismatch(node, trail, notes),
                }
                return;
            }
            Kind::Map(_) => {
                match &self.map {
                    Some(fields) => fields.check(node, trail, notes),
                    None => self.mismatch(node, trail, notes),
                }
                return;
            }
        };
        if self.scalars & allowed == 0 {
            self.mismatch(node, trail, notes);
        }
    }

    fn check_text(&self, text: &str, node: &Node, trail: &Trail<'_>, notes: &mut Notes) {
        if !self.words.is_empty() && !self.words.contains(&text) {
            let message = format!("`{trail}` cannot be `{text}`");
            let expected = match (&self.list, &self.map) {
                (None, None) => format!("one of {}", self.words.join(", ")),
                _ => self.expected(),
            };
            let diagnostic = Diagnostic::new(message, notes.place(node.at))
                .label(format!("expected {expected}"))
                .did_you_mean(text, self.words.iter().copied());
            notes.push(self.with_count(diagnostic, node));
        }
        if let Some((fits, expected)) = self.pattern
            && !fits(text)
        {
            let message = format!("`{trail}` cannot be `{text}`");
            notes.problem(node.at, message, format!("expected {expected}"));
        }
    }

    fn check_range(&self, number: i128, node: &Node, trail: &Trail<'_>, notes: &mut Notes) {
        if let Some((low, high)) = self.range
            && !(low..=high).contains(&number)
        {
            let expected = if high == i128::MAX {
                format!("expected at least {low}")
            } else {
                format!("expected {low} to {high}")
            };
            notes.problem(node.at, format!("`{trail}` cannot be {number}"), expected);
        }
    }

    fn mismatch(&self, node: &Node, trail: &Trail<'_>, notes: &mut Notes) {
        let name = trail.to_string();
        let name = if name.is_empty() {
            "the file".to_owned()
        } else {
            format!("`{name}`")
        };
        let expected = self.expected();
        let message = format!("{name} is {}, expected {expected}", node.kind.words());
        let mut diagnostic =
            Diagnostic::new(message, notes.place(node.at)).label(format!("expected {expected}"));
        if matches!(node.kind, Kind::Null) {
            diagnostic = diagnostic.follows_from_field(trail.to_string());
        }
        let is_text = match node.kind {
            Kind::Date => self.takes_text(""),
            _ => node.scalar().is_some_and(|text| self.takes_text(&text)),
        };
        if matches!(self.cast, Some(Cast::Boolean)) {
            // Compose does not take `"1"` either.
            diagnostic = diagnostic.help("write `true` or `false`");
        } else if is_text {
            diagnostic = diagnostic.help("put quotes around it to make it text");
        }
        notes.push(self.with_count(diagnostic, node));
    }

    /// Whether it may be this text.
    fn takes_text(&self, text: &str) -> bool {
        let is_word = self.words.is_empty() || self.words.contains(&text);
        self.scalars & TEXT != 0 && is_word && self.pattern.is_none_or(|(fits, _)| fits(text))
    }

    /// Adds how a number of devices is written, where this is a list of them.
    fn with_count(&self, diagnostic: Diagnostic, node: &Node) -> Diagnostic {
        let items = self.list.as_ref().and_then(|list| list.items.map.as_ref());
        let has_count = items.is_some_and(|fields| fields.known("count").is_some());
        match node.scalar().and_then(|text| text.parse::<u32>().ok()) {
            Some(number) if has_count => {
                diagnostic.help(format!("a number of them: `[{{ count: {number} }}]`"))
            }
            _ => diagnostic,
        }
    }

    /// What is allowed here, in words.
    fn expected(&self) -> String {
        let mut words = Vec::new();
        let mut add = |is_allowed, word: &str| {
            if is_allowed {
                words.push(word.to_owned());
            }
        };
        let quoted = self.words.iter().map(|word| format!("`{word}`"));
        let text = match self.words {
            [] => "text".to_owned(),
            _ => quoted.collect::<Vec<_>>().join(", "),
        };
        add(self.scalars & TEXT != 0, &text);
        add(self.scalars & NUMBER == NUMBER, "a number");
        add(self.scalars & NUMBER == WHOLE, "a whole number");
        add(self.scalars & BOOLEAN != 0, "true or false");
        add(self.list.is_some(), "a list");
        add(self.map.is_some(), "a mapping");
        add(self.scalars & NULL != 0, "nothing");
        match words.as_slice() {
            [all @ .., last] if !all.is_empty() => format!("{} or {last}", all.join(", ")),
            _ => words.concat(),
        }
    }
}

impl List {
    fn check(&self, items: &[Node], trail: &Trail<'_>, notes: &mut Notes) {
        let mut seen = HashSet::new();
        for (index, item) in items.iter().enumerate() {
            let trail = trail.index(index);
            self.items.check(item, &trail, notes);
            let key = self.is_unique.then(|| item.scalar()).flatten();
            if let Some(text) = key
                && !seen.insert((item.as_text().is_some(), text))
            {
                notes.problem(
                    item.at,
                    format!("`{trail}` is listed twice"),
                    "expected it only once",
                );
            }
        }
    }
}

impl Mapping {
    fn check(&self, node: &Node, trail: &Trail<'_>, notes: &mut Notes) {
        for (key, entry) in node.entries() {
            match self.known(key) {
                Some(field) => field.check(&entry.value, &trail.key(key), notes),
                None => self.check_other(key, entry, trail, notes),
            }
        }
        for key in self.required {
            if node.get(key).is_none() && !self.is_misspelt(key, node) {
                notes.problem(
                    node.at,
                    format!("`{trail}` has no `{key}`"),
                    format!("expected a field `{key}`"),
                );
            }
        }
    }

    /// Whether one of the unknown fields of a mapping is most like this one.
    fn is_misspelt(&self, wanted: &str, node: &Node) -> bool {
        let names = || self.known.iter().map(|(name, _)| *name);
        let mut unknown = node.entries().filter(|(key, _)| self.known(key).is_none());
        unknown.any(|(key, _)| closest(key, names()) == Some(wanted))
    }

    fn check_other(&self, key: &str, entry: &Entry, trail: &Trail<'_>, notes: &mut Notes) {
        let is_name = || {
            let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
            !key.is_empty() && key.chars().all(is_fine)
        };
        match self.others {
            Others::Each(field) if !key.is_empty() => {
                field.check(&entry.value, &trail.key(key), notes);
            }
            Others::Named(field) | Others::MaybeNamed(field) if is_name() => {
                field.check(&entry.value, &trail.key(key), notes);
            }
            Others::Any | Others::MaybeNamed(_) => {}
            Others::Extensions if key.starts_with("x-") => {}
            Others::Named(_) | Others::Each(_) => notes.problem(
                entry.key_at,
                format!("`{key}` is not a valid name"),
                "expected letters, digits, `.`, `_` and `-`",
            ),
            Others::Refused | Others::Extensions => self.unknown(key, entry, trail, notes),
        }
    }

    fn unknown(&self, key: &str, entry: &Entry, trail: &Trail<'_>, notes: &mut Notes) {
        // A suggestion takes time, and is lost once no more mistakes are shown.
        if notes.is_full() {
            return;
        }
        let names = self.known.iter().map(|(name, _)| *name);
        let label = if self.known.len() > 12 {
            "not a field of Compose".to_owned()
        } else {
            expected::one_of(names.clone())
        };
        let at = trail.to_string();
        let message = if at.is_empty() {
            format!("unknown field `{key}`")
        } else {
            format!("unknown field `{key}` of `{at}`")
        };
        let diagnostic = Diagnostic::new(message, notes.place(entry.key_at))
            .label(label)
            .did_you_mean(key, names)
            .of_kind(ProblemKind::UnknownField {
                field: key.to_owned(),
                holder: trail.keys(),
            });
        notes.push(diagnostic);
    }
}
