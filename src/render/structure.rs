//! The values of placeholders as YAML: scalars, and lists and mappings, so that a `{{ value }}` may hold a whole part
//! of a Compose file.

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::definition;
use super::functions::{RENDERED, UNDEFINED_KEY, refusal};
use super::marks::Marks;
use crate::yaml::scalar::{self, Position};

/// The error about a list or a mapping in which something is undefined.
pub(super) const UNDEFINED_PART: &str = "a part of this has no value";

/// How deep lists and mappings may be nested; a Compose file has seven levels.
const MAX_DEPTH: usize = 32;

/// What becomes of `$`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dollar {
    /// `$$` in a value, so that Compose reads it as text, and `$` where a variable is meant.
    Escape,
    /// Left as it is, in a text that becomes a value of another one.
    Keep,
}

/// The value of a placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Structure {
    /// A text, which is written so that every YAML reader takes it for one.
    Text(String),
    /// A number, `true`, `false` or `null`.
    Bare(String),
    /// The digest of the definition around it; not known before all is rendered.
    Digest,
    /// Values in order.
    List(Vec<Self>),
    /// Values by name.
    Map(Vec<(String, Self)>),
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    /// Alone on its line, behind so many spaces.
    Alone(usize),
    /// Behind a `-`, at this column.
    Item(usize),
    /// Behind a key; what belongs to it is indented by so many spaces.
    Value(usize),
    /// Inside `[…]` or `{…}`.
    Flow,
}

impl Spot {
    /// How a scalar is written there.
    fn position(self) -> Position {
        match self {
            Self::Alone(column) => Position::Block { indent: column + 2 },
            Self::Item(indent) | Self::Value(indent) => Position::Block { indent },
            Self::Flow => Position::Line,
        }
    }
}

impl Structure {
    /// A value that a template gives; it may take `room` bytes.
    pub(super) fn of(value: &Value, marks: Marks, room: &mut usize) -> Result<Self, Error> {
        Self::at(value, marks, room, 0)
    }

    fn at(value: &Value, marks: Marks, room: &mut usize, depth: usize) -> Result<Self, Error> {
        if depth > MAX_DEPTH {
            return Err(refusal(format!(
                "more than {MAX_DEPTH} lists and mappings are in each other"
            )));
        }
        let mut take = |bytes: usize| {
            *room = room
                .checked_sub(bytes)
                .ok_or_else(|| refusal("this list or mapping is too large"))?;
            Ok::<(), Error>(())
        };
        take(1)?;
        match value.kind() {
            ValueKind::Undefined => Err(refusal(UNDEFINED_PART)),
            ValueKind::None => Ok(Self::Bare("null".to_owned())),
            ValueKind::Bool | ValueKind::Number => Ok(Self::Bare(bare(value))),
            ValueKind::String => {
                let text = value.as_str().unwrap_or_default();
                take(text.len())?;
                if value.is_safe() || marks.is_rendered(text) {
                    return Err(refusal(RENDERED));
                }
                match text.strip_prefix(marks.digest) {
                    Some("") => Ok(Self::Digest),
                    None if !text.contains(marks.digest) => Ok(Self::Text(text.to_owned())),
                    _ => Err(refusal(definition::EXPECTED)),
                }
            }
            ValueKind::Map => {
                let mut entries = Vec::new();
                for key in value.try_iter()? {
                    if key.is_undefined() {
                        return Err(refusal(UNDEFINED_KEY));
                    }
                    let entry = Self::at(&value.get_item(&key)?, marks, room, depth + 1)?;
                    let name = key.to_string();
                    if marks.is_rendered(&name) || name.contains(marks.digest) {
                        return Err(refusal(RENDERED));
                    }
                    entries.push((name, entry));
                }
                Ok(Self::Map(entries))
            }
            ValueKind::Seq | ValueKind::Iterable => {
                let items: Result<_, _> = value
                    .try_iter()?
                    .map(|item| Self::at(&item, marks, room, depth + 1))
                    .collect();
                Ok(Self::List(items?))
            }
            _ => Err(refusal("a part of this cannot be written as YAML")),
        }
    }

    /// A value that was read from YAML.
    fn of_yaml(value: &serde_yaml::Value) -> Self {
        match value {
            serde_yaml::Value::String(text) => Self::Text(text.clone()),
            serde_yaml::Value::Sequence(items) => {
                Self::List(items.iter().map(Self::of_yaml).collect())
            }
            serde_yaml::Value::Mapping(entries) => {
                let entries = entries.iter().map(|(key, value)| {
                    let key = key.as_str().map_or_else(|| written(key), str::to_owned);
                    let value = match value.as_u64() {
                        // Modes of files are read in octal.
                        Some(mode) if key == "mode" => Self::Bare(format!("0o{mode:o}")),
                        _ => Self::of_yaml(value),
                    };
                    (key, value)
                });
                Self::Map(entries.collect())
            }
            serde_yaml::Value::Tagged(tagged) => Self::of_yaml(&tagged.value),
            other => Self::Bare(written(other)),
        }
    }

    /// Its length in bytes, without what YAML needs around it.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(text) | Self::Bare(text) => text.len(),
            Self::Digest => definition::PLACEHOLDER.len(),
            Self::List(items) => items.iter().map(|item| item.len() + 1).sum(),
            Self::Map(entries) => entries
                .iter()
                .map(|(key, value)| key.len() + value.len() + 2)
                .sum(),
        }
    }

    /// Whether it is a list or a mapping.
    pub(super) fn is_collection(&self) -> bool {
        matches!(self, Self::List(_) | Self::Map(_))
    }

    /// Whether it holds the digest of a definition.
    pub(super) fn has_digest(&self) -> bool {
        match self {
            Self::Digest => true,
            Self::Text(_) | Self::Bare(_) => false,
            Self::List(items) => items.iter().any(Self::has_digest),
            Self::Map(entries) => entries.iter().any(|(_, value)| value.has_digest()),
        }
    }

    /// Whether it has no entries.
    fn is_empty(&self) -> bool {
        match self {
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
            _ => false,
        }
    }
}

/// A value as YAML, so that every reader takes each of its texts for one.
pub(crate) fn yaml(value: &serde_yaml::Value) -> String {
    let mut out = String::new();
    let mut writer = Writer {
        out: &mut out,
        digests: &mut Vec::new(),
        dollar: '$',
        escape: Dollar::Keep,
        limit: usize::MAX,
    };
    // There is no limit that it could reach.
    let _ = writer.write(&Structure::of_yaml(value), Spot::Alone(0));
    out.push('\n');
    out
}

/// A number, a boolean or nothing.
fn written(value: &serde_yaml::Value) -> String {
    let text = serde_yaml::to_string(value).unwrap_or_default();
    text.trim_end().to_owned()
}

/// A number or boolean, as YAML has it.
pub(super) fn bare(value: &Value) -> String {
    // The engine writes these as Python does.
    if value.kind() == ValueKind::Bool {
        return value.is_true().to_string();
    }
    let number = value.to_string();
    let whole = number.strip_suffix(".0").map(str::to_owned);
    whole.unwrap_or(number)
}

/// Writes structures into a text.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    /// The text so far.
    pub(super) out: &'a mut String,
    /// Where in it digests begin.
    pub(super) digests: &'a mut Vec<usize>,
    /// What stands for the `$` of variables.
    pub(super) dollar: char,
    /// What becomes of `$`.
    pub(super) escape: Dollar,
    /// The most bytes of the text.
    pub(super) limit: usize,
}

/// The text would be longer than it may be.
#[derive(Debug)]
pub(super) struct TooLong;

impl Writer<'_> {
    /// Writes a value where it stands.
    pub(super) fn write(&mut self, structure: &Structure, spot: Spot) -> Result<(), TooLong> {
        match (spot, structure) {
            (spot, scalar) if !scalar.is_collection() => self.scalar(scalar, spot.position()),
            (Spot::Flow, _) => self.flow(structure),
            // Other keys may stand beside it.
            (Spot::Alone(_), Structure::Map(entries)) if entries.is_empty() => Ok(()),
            (Spot::Alone(column) | Spot::Item(column), _) => self.block(structure, column),
            (Spot::Value(_), _) if structure.is_empty() => self.flow(structure),
            (Spot::Value(indent), _) => {
                while self.out.ends_with(' ') {
                    self.out.pop();
                }
                self.new_line(indent)?;
                self.block(structure, indent)
            }
        }
    }

    pub(super) fn push(&mut self, text: &str) -> Result<(), TooLong> {
        if self.out.len() + text.len() > self.limit {
            return Err(TooLong);
        }
        self.out.push_str(text);
        Ok(())
    }

    fn new_line(&mut self, indent: usize) -> Result<(), TooLong> {
        if self.out.len() + indent + 1 > self.limit {
            return Err(TooLong);
        }
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
        Ok(())
    }

    /// Writes a value whose first line is begun, at a column.
    fn block(&mut self, structure: &Structure, column: usize) -> Result<(), TooLong> {
        match structure {
            Structure::List(items) if !items.is_empty() => {
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        self.new_line(column)?;
                    }
                    self.push("- ")?;
                    self.block(item, column + 2)?;
                }
                Ok(())
            }
            Structure::Map(entries) if !entries.is_empty() => {
                for (at, (key, value)) in entries.iter().enumerate() {
                    if at > 0 {
                        self.new_line(column)?;
                    }
                    self.key(key)?;
                    self.push(":")?;
                    match value {
                        Structure::List(_) | Structure::Map(_) if !value.is_empty() => {
                            self.new_line(column + 2)?;
                        }
                        _ => self.push(" ")?,
                    }
                    self.block(value, column + 2)?;
                }
                Ok(())
            }
            scalar => self.scalar(scalar, Position::Block { indent: column }),
        }
    }

    fn flow(&mut self, structure: &Structure) -> Result<(), TooLong> {
        match structure {
            Structure::List(items) => {
                self.push("[")?;
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        self.push(", ")?;
                    }
                    self.flow(item)?;
                }
                self.push("]")
            }
            Structure::Map(entries) => {
                self.push("{")?;
                for (at, (key, value)) in entries.iter().enumerate() {
                    self.push(if at > 0 { ", " } else { " " })?;
                    self.key(key)?;
                    self.push(": ")?;
                    self.flow(value)?;
                }
                self.push(if entries.is_empty() { "}" } else { " }" })
            }
            scalar => self.scalar(scalar, Position::Line),
        }
    }

    /// Writes a key, without what follows it. Compose fills in values only; a key is what it is.
    pub(super) fn key(&mut self, key: &str) -> Result<(), TooLong> {
        let key = match self.escape {
            Dollar::Escape => key.replace(self.dollar, "$"),
            Dollar::Keep => key.to_owned(),
        };
        self.push(&scalar::write(&key, Position::Line))
    }

    fn scalar(&mut self, structure: &Structure, position: Position) -> Result<(), TooLong> {
        match structure {
            Structure::Bare(text) => self.push(text),
            Structure::Digest => {
                self.digests.push(self.out.len());
                self.push(definition::PLACEHOLDER)
            }
            Structure::Text(text) => {
                let escaped = match self.escape {
                    Dollar::Escape => text.replace('$', "$$").replace(self.dollar, "$"),
                    Dollar::Keep => text.clone(),
                };
                if let Position::Block { indent } = position
                    && indented_len(&escaped, indent) > self.limit
                {
                    return Err(TooLong);
                }
                self.push(&scalar::write(&escaped, position))
            }
            empty => self.flow(empty),
        }
    }
}

/// The length of a text with so many spaces before every line of it.
fn indented_len(text: &str, indent: usize) -> usize {
    let lines = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
    lines.saturating_mul(indent).saturating_add(text.len())
}
