//! Reading a YAML value, field by field, with every mistake noted and none fatal.

use std::fmt::Display;
use std::str::FromStr;

use serde_yaml::Value;

use super::field;
use super::tree::{Tree, TreeContent, kind_of};
use crate::diagnostic::{Diagnostic, Diagnostics, Words, closest};
use crate::source::{Path, Place, Segment};
use crate::text::{expected, shortened};

/// A value together with its place.
///
/// Reading through a cursor never stops at the first mistake: what is wrong is pushed to the
/// [`Diagnostics`] and `None` is returned.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a>(&'a Tree);

impl Tree {
    /// A cursor at it.
    pub(crate) fn cursor(&self) -> Cursor<'_> {
        Cursor(self)
    }
}

impl<'a> Cursor<'a> {
    /// The value.
    pub(crate) fn tree(&self) -> &'a Tree {
        self.0
    }

    /// The value, where it is neither a list nor a mapping.
    pub(crate) fn scalar(&self) -> Option<&'a Value> {
        match self.0.content() {
            TreeContent::Scalar(value) => Some(value),
            _ => None,
        }
    }

    /// The text of a number, or of `true` or `false`.
    fn bare(&self) -> Option<String> {
        match self.scalar()? {
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }

    /// Whether it is a list or a mapping with nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        match self.0.content() {
            TreeContent::Scalar(_) => false,
            TreeContent::List(items) => items.is_empty(),
            TreeContent::Map(entries) => entries.is_empty(),
        }
    }

    /// The route to the value.
    pub(crate) fn path(&self) -> &'a Path {
        self.0.path()
    }

    /// The place of the value.
    pub(crate) fn place(&self) -> Place {
        self.0.place()
    }

    /// The place of the key that names the value.
    pub(crate) fn key_place(&self) -> Place {
        self.0.key_place()
    }

    /// The value of a key, where this is a mapping that has it.
    pub(crate) fn get(&self, key: &str) -> Option<Self> {
        self.0.get(key).map(Self)
    }

    /// Notes that this is not what was `expected`.
    pub(crate) fn mismatch(&self, expected: &str, problems: &mut Diagnostics) {
        let place = self.place();
        let described = described(self.0);
        let described = match self.scalar() {
            Some(Value::Number(_) | Value::Bool(_)) => place.quote(&described),
            _ => &described,
        };
        let message = format!("{} is {described}, expected {expected}", self.name());
        let mut diagnostic = Diagnostic::new(Words::named(message), &place)
            .label(Words::named(format!("expected {expected}")));
        if self.is_empty() {
            diagnostic = diagnostic.follows_from(field(&self.place().source, self.path()));
        }
        if self.bare().is_some() && expected.starts_with("text") {
            diagnostic = diagnostic.help("put quotes around it to make it text");
        }
        problems.push(diagnostic);
    }

    /// The text of a string.
    pub(crate) fn text(&self, problems: &mut Diagnostics) -> Option<&'a str> {
        let Some(text) = self.0.as_str() else {
            self.mismatch("text", problems);
            return None;
        };
        if text.trim().is_empty() {
            problems.push(
                Diagnostic::new(
                    Words::named(format!("{} is empty", self.name())),
                    self.place(),
                )
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
        // The same number in quotes may be just as wrong.
        if let Some(bare) = self.bare()
            && let Err(error) = bare.parse::<T>()
        {
            problems.push(self.refused(&bare).label(error.to_string()));
            return None;
        }
        let text = self.text(problems)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                problems.push(self.refused(text).label(error.to_string()));
                None
            }
        }
    }

    /// A number or a text that is a `T`; `T`'s own error says what is expected.
    pub(crate) fn amount<T>(&self, problems: &mut Diagnostics) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        if let Some(Value::Number(number)) = self.scalar() {
            let text = number.to_string();
            // `1e9` is a whole number.
            let whole = text.strip_suffix(".0").unwrap_or(&text);
            if let Ok(value) = whole.parse() {
                return Some(value);
            }
        }
        self.parse(problems)
    }

    /// What is wrong with a text that it cannot be.
    fn refused(&self, text: &str) -> Diagnostic {
        let place = self.place();
        let message = format!(
            "{} cannot be `{}`",
            self.name(),
            place.quote(&shortened(text, LONGEST_QUOTED))
        );
        Diagnostic::new(Words::named(message), place)
    }

    /// One of a fixed set of words.
    pub(crate) fn one_of<T: Copy>(
        &self,
        words: &[(&str, T)],
        problems: &mut Diagnostics,
    ) -> Option<T> {
        // Where it is none of the words, quotes do not make it one.
        let bare = self.bare();
        let other = bare
            .as_deref()
            .filter(|bare| words.iter().all(|(word, _)| word != bare));
        let text = match other {
            Some(text) => text,
            None => self.text(problems)?,
        };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        problems.push(
            self.refused(text)
                .label(Words::named(expected::one_of(&names)))
                .did_you_mean(text, names),
        );
        None
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&self, problems: &mut Diagnostics) -> Option<bool> {
        let value = self.scalar().and_then(Value::as_bool);
        if value.is_none() {
            self.mismatch("true or false", problems);
        }
        value
    }

    /// A whole number from `low` to `high`.
    pub(crate) fn whole(&self, low: u64, high: u64, problems: &mut Diagnostics) -> Option<u64> {
        match self.scalar().and_then(Value::as_u64) {
            Some(number) if (low..=high).contains(&number) => Some(number),
            _ => {
                self.mismatch(&format!("a whole number from {low} to {high}"), problems);
                None
            }
        }
    }

    /// The entries of a sequence; none where it is not a sequence.
    pub(crate) fn list(&self, problems: &mut Diagnostics) -> Vec<Cursor<'a>> {
        let TreeContent::List(items) = self.0.content() else {
            self.mismatch("a list", problems);
            return Vec::new();
        };
        items.iter().map(Cursor).collect()
    }

    /// The entries of a mapping whose keys are the user's own words, in the order of the text.
    pub(crate) fn entries(&self, problems: &mut Diagnostics) -> Vec<(&'a str, Cursor<'a>)> {
        let TreeContent::Map(entries) = self.0.content() else {
            self.mismatch("a mapping", problems);
            if let Some(Segment::Key(field)) = self.path().segments().last() {
                self.unreadable(field, problems);
            }
            return Vec::new();
        };
        entries
            .iter()
            .map(|(key, value)| (key.as_str(), Cursor(value)))
            .collect()
    }

    /// Remembers that the names of a field could not be read; a service has only references to them.
    fn unreadable(&self, field: &str, problems: &mut Diagnostics) {
        let route = self.path().segments();
        let is_field = |step: &&Segment| matches!(step, Segment::Key(key) if key == "services");
        if !route.iter().rev().skip(1).any(is_field) {
            problems.unreadable_field(field);
        }
    }

    /// What a field of this mapping is called where another mistake may follow from it (`Diagnostic::follows_from`).
    pub(crate) fn field(&self, key: &str) -> String {
        field(&self.place().source, &self.path().key(key))
    }

    /// A mapping whose keys are known beforehand.
    pub(crate) fn fields(&self, problems: &mut Diagnostics) -> Option<Fields<'a>> {
        if !matches!(self.0.content(), TreeContent::Map(_)) {
            self.mismatch("a mapping", problems);
            return None;
        }
        Some(Fields {
            entries: self.entries(problems),
            owner: self.clone(),
            asked: Vec::new(),
        })
    }

    /// What it is, for messages.
    pub(crate) fn name(&self) -> String {
        let name = self.path().to_string();
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
    /// Those of a value that has none.
    pub(crate) fn none(owner: Cursor<'a>) -> Self {
        Self {
            owner,
            entries: Vec::new(),
            asked: Vec::new(),
        }
    }

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
                Diagnostic::new(Words::named(message), self.owner.key_place())
                    .label(Words::named(format!("expected a field `{key}`")))
                    .follows_from(self.owner.field(key)),
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
        let label = expected::one_of(&self.asked);
        self.finish_with(&[], &label, |_| None, problems);
    }

    /// Notes every key that was not read and that Compose does not have there either.
    /// `holder` says which of those fields of Compose has one of this name.
    pub(crate) fn finish_beside(
        self,
        compose: &[&str],
        holder: fn(&str) -> Option<&'static str>,
        problems: &mut Diagnostics,
    ) {
        let own: Vec<&str> = self
            .asked
            .iter()
            .filter(|own| !compose.contains(own))
            .copied()
            .collect();
        let label = format!("expected a field of Compose, or one of {}", own.join(", "));
        self.finish_with(compose, &label, holder, problems);
    }

    fn finish_with(
        self,
        others: &[&str],
        label: &str,
        holder: fn(&str) -> Option<&'static str>,
        problems: &mut Diagnostics,
    ) {
        let entries = self
            .entries
            .iter()
            .map(|(key, value)| (*key, value.clone()));
        let removed = self
            .owner
            .0
            .removed()
            .iter()
            .map(|(key, value)| (key.as_str(), Cursor(value)));
        for (key, cursor) in entries.chain(removed) {
            if self.asked.contains(&key) || others.contains(&key) {
                continue;
            }
            // Extensions of Compose files have this prefix.
            if !others.is_empty() && key.starts_with("x-") {
                continue;
            }
            let known = self.asked.iter().chain(others).copied();
            let holder = holder(key);
            let meant = closest(key, known).filter(|_| holder.is_none());
            if let Some(meant) = meant {
                self.owner.unreadable(meant, problems);
                problems.unreadable(self.owner.field(meant));
            }
            let place = cursor.key_place();
            let message = format!("unknown field `{}`", place.quote(key));
            let mut diagnostic =
                Diagnostic::new(Words::named(message), place).label(Words::named(label.to_owned()));
            match (holder, meant, self.asked.as_slice()) {
                (Some(holder), ..) => {
                    diagnostic = diagnostic.help(Words::named(format!(
                        "it is a field of `{holder}`: `{holder}: {{ {key}: … }}`"
                    )));
                }
                (None, Some(meant), _) => {
                    let help = format!("did you mean `{meant}`?");
                    diagnostic = diagnostic.help(Words::named(help));
                }
                (None, None, [only]) if others.is_empty() => {
                    diagnostic = diagnostic.help(format!(
                        "write it below `{only}`: `{only}: {{ {}: … }}`",
                        cursor.place().quote(key)
                    ));
                }
                _ => {}
            }
            if key == "<<" {
                diagnostic = diagnostic.help("merge keys are not read here; write the fields out");
            }
            problems.push(diagnostic);
        }
    }
}

/// A value in a few words.
fn described(tree: &Tree) -> String {
    match tree.content() {
        TreeContent::Scalar(Value::Bool(value)) => value.to_string(),
        TreeContent::Scalar(Value::Number(value)) => value.to_string(),
        TreeContent::Scalar(other) => kind_of(other).to_owned(),
        TreeContent::List(_) => "a list".to_owned(),
        TreeContent::Map(_) => "a mapping".to_owned(),
    }
}

/// The longest text that a message quotes, in characters.
const LONGEST_QUOTED: usize = 60;

/// What YAML calls printable (1.2.2, `c-printable`), without the byte order mark.
fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{85}')
        || (!c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}' | '\u{FEFF}'))
}
