//! Reading a YAML value, field by field, with every mistake noted and none fatal.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use serde_yaml::Value;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Path, Place, Source};

/// A value together with its place.
///
/// Reading through a cursor never stops at the first mistake: what is wrong is pushed to the
/// [`Diagnostics`] and `None` is returned.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    value: &'a Value,
    source: &'a Arc<Source>,
    path: Path,
}

impl<'a> Cursor<'a> {
    /// The root of a document.
    pub(crate) fn root(value: &'a Value, source: &'a Arc<Source>) -> Self {
        Self {
            value,
            source,
            path: Path::root(),
        }
    }

    /// The value.
    pub(crate) fn value(&self) -> &'a Value {
        self.value
    }

    /// The route to the value.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The place of the value.
    pub(crate) fn place(&self) -> Place {
        Place::value(self.source, self.path.clone())
    }

    /// The place of the key that names the value.
    pub(crate) fn key_place(&self) -> Place {
        Place::key(self.source, self.path.clone())
    }

    /// The value of a key, where this is a mapping that has it.
    pub(crate) fn get(&self, key: &str) -> Option<Self> {
        Some(Self {
            value: self.value.as_mapping()?.get(key)?,
            source: self.source,
            path: self.path.key(key),
        })
    }

    /// Notes that this is not what was `expected`.
    pub(crate) fn mismatch(&self, expected: &str, problems: &mut Diagnostics) {
        let message = format!(
            "{} is {}, expected {expected}",
            self.name(),
            described(self.value)
        );
        let mut diagnostic =
            Diagnostic::new(message, self.place()).label(format!("expected {expected}"));
        if matches!(self.value, Value::Number(_) | Value::Bool(_)) && expected.starts_with("text") {
            diagnostic = diagnostic.help("put quotes around it to make it text");
        }
        problems.push(diagnostic);
    }

    /// The text of a string.
    pub(crate) fn text(&self, problems: &mut Diagnostics) -> Option<&'a str> {
        let Some(text) = self.value.as_str() else {
            self.mismatch("text", problems);
            return None;
        };
        if text.trim().is_empty() {
            problems.push(
                Diagnostic::new(format!("{} is empty", self.name()), self.place())
                    .label("expected text"),
            );
            return None;
        }
        if let Some(bad) = text.chars().find(|c| !is_printable(*c)) {
            problems.push(
                Diagnostic::new(
                    format!(
                        "{} holds the character U+{:04X}",
                        self.name(),
                        u32::from(bad)
                    ),
                    self.place(),
                )
                .label("expected printable text"),
            );
            return None;
        }
        Some(text)
    }

    /// A string that is a `T`; `T`'s own error says what is expected.
    pub(crate) fn parse<T>(&self, problems: &mut Diagnostics) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text = self.text(problems)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                let message = format!("{} cannot be `{}`", self.name(), brief(text));
                problems.push(Diagnostic::new(message, self.place()).label(error.to_string()));
                None
            }
        }
    }

    /// One of a fixed set of words.
    pub(crate) fn one_of<T: Copy>(
        &self,
        words: &[(&str, T)],
        problems: &mut Diagnostics,
    ) -> Option<T> {
        let text = self.text(problems)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("{} cannot be `{}`", self.name(), brief(text));
        problems.push(
            Diagnostic::new(message, self.place())
                .label(format!("expected one of {}", names.join(", ")))
                .did_you_mean(text, names),
        );
        None
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&self, problems: &mut Diagnostics) -> Option<bool> {
        let value = self.value.as_bool();
        if value.is_none() {
            self.mismatch("true or false", problems);
        }
        value
    }

    /// A whole number from `low` to `high`.
    pub(crate) fn whole(&self, low: u64, high: u64, problems: &mut Diagnostics) -> Option<u64> {
        match self.value.as_u64() {
            Some(number) if (low..=high).contains(&number) => Some(number),
            _ => {
                self.mismatch(&format!("a whole number from {low} to {high}"), problems);
                None
            }
        }
    }

    /// The entries of a sequence; none where it is not a sequence.
    pub(crate) fn list(&self, problems: &mut Diagnostics) -> Vec<Cursor<'a>> {
        let Some(items) = self.value.as_sequence() else {
            self.mismatch("a list", problems);
            return Vec::new();
        };
        items
            .iter()
            .enumerate()
            .map(|(index, value)| Cursor {
                value,
                source: self.source,
                path: self.path.index(index),
            })
            .collect()
    }

    /// The entries of a mapping whose keys are the user's own words, in the order of the text.
    pub(crate) fn entries(&self, problems: &mut Diagnostics) -> Vec<(&'a str, Cursor<'a>)> {
        let Some(mapping) = self.value.as_mapping() else {
            self.mismatch("a mapping", problems);
            return Vec::new();
        };
        let mut entries = Vec::new();
        for (key, value) in mapping {
            let Some(key) = key.as_str() else {
                let message = format!("{} has a key that is {}", self.name(), kind_of(key));
                problems.push(
                    Diagnostic::new(message, self.place())
                        .label("expected keys that are text")
                        .help("put quotes around the key"),
                );
                continue;
            };
            entries.push((
                key,
                Cursor {
                    value,
                    source: self.source,
                    path: self.path.key(key),
                },
            ));
        }
        entries
    }

    /// A mapping whose keys are known beforehand.
    pub(crate) fn fields(&self, problems: &mut Diagnostics) -> Option<Fields<'a>> {
        self.value
            .as_mapping()
            .is_some()
            .then_some(())
            .or_else(|| {
                self.mismatch("a mapping", problems);
                None
            })?;
        Some(Fields {
            entries: self.entries(problems),
            owner: self.clone(),
            asked: Vec::new(),
        })
    }

    fn name(&self) -> String {
        let name = self.path.to_string();
        if name.is_empty() {
            "the file".into()
        } else {
            format!("`{name}`")
        }
    }
}

/// The fields of a mapping; a key that is not read is a mistake.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    owner: Cursor<'a>,
    entries: Vec<(&'a str, Cursor<'a>)>,
    asked: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The field, if it is set.
    pub(crate) fn optional(&mut self, key: &'static str) -> Option<Cursor<'a>> {
        self.asked.push(key);
        self.entries
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, cursor)| cursor.clone())
    }

    /// The field; that it is not set is a mistake.
    pub(crate) fn required(
        &mut self,
        key: &'static str,
        problems: &mut Diagnostics,
    ) -> Option<Cursor<'a>> {
        let found = self.optional(key);
        if found.is_none() {
            let message = format!("{} has no `{key}`", self.owner.name());
            problems.push(
                Diagnostic::new(message, self.owner.key_place())
                    .label(format!("expected a field `{key}`")),
            );
        }
        found
    }

    /// The mapping itself.
    pub(crate) fn owner(&self) -> &Cursor<'a> {
        &self.owner
    }

    /// Notes every key that was not read.
    pub(crate) fn finish(self, problems: &mut Diagnostics) {
        for (key, cursor) in &self.entries {
            if self.asked.contains(key) {
                continue;
            }
            let message = format!("unknown field `{key}`");
            let known = self.asked.join(", ");
            let mut diagnostic = Diagnostic::new(message, cursor.key_place())
                .label(format!("expected one of {known}"))
                .did_you_mean(key, self.asked.iter().copied());
            if *key == "<<" {
                diagnostic = diagnostic.help("merge keys are not read here; write the fields out");
            }
            problems.push(diagnostic);
        }
    }
}

/// A value in a few words.
fn described(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        other => kind_of(other).to_owned(),
    }
}

/// The kind of a value in words, with its article.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a mapping",
        Value::Tagged(_) => "a tagged value",
    }
}

/// What YAML calls printable (1.2.2, `c-printable`), without the byte order mark.
fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{85}')
        || (!c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}' | '\u{FEFF}'))
}

/// A text short enough for one line of a message.
fn brief(text: &str) -> String {
    let mut line: String = text.chars().take(60).collect();
    if line.len() < text.len() {
        line.push('…');
    }
    line
}
