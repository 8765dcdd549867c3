//! A text that was read, and places in it.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::files::Text;
use crate::yaml::{Outline, Path};

/// A text with the name that messages call it by (a path relative to the project's root).
#[derive(Debug)]
pub struct Source {
    /// The name shown to people.
    pub name: String,
    /// The text as it was read.
    pub text: String,
    /// Whether the text lies outside the project and was named by somebody else than the user. No
    /// message may show any of it.
    pub is_outside: bool,
    /// Where things stand in it, once that was asked: a file with many mistakes is asked often.
    outline: OnceLock<Outline>,
    /// Where its lines begin, once that was asked.
    lines: OnceLock<Vec<usize>>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.text == other.text
    }
}

impl Eq for Source {}

impl Source {
    /// A text under a name.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        let text = text.into();
        let is_outside = false;
        Self::of(name, Text { text, is_outside })
    }

    /// The text of a file that a project names, under a name.
    #[must_use]
    pub fn of(name: impl Into<String>, text: Text) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.text,
            is_outside: text.is_outside,
            outline: OnceLock::new(),
            lines: OnceLock::new(),
        })
    }

    /// Another form of the text, under the same name and as little to be shown.
    #[must_use]
    pub fn with_text(&self, text: String) -> Arc<Self> {
        let is_outside = self.is_outside;
        Self::of(self.name.clone(), Text { text, is_outside })
    }

    fn outline(&self) -> &Outline {
        self.outline.get_or_init(|| Outline::of(&self.text))
    }

    /// The number of the line that a byte is on, counted from zero, and the line's first byte.
    fn line(&self, at: usize) -> (usize, usize) {
        let starts = self.lines.get_or_init(|| {
            let breaks = self.text.match_indices('\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(breaks).collect()
        });
        let line = starts
            .partition_point(|start| *start <= at)
            .saturating_sub(1);
        (line, starts.get(line).copied().unwrap_or_default())
    }
}

/// A place in a [`Source`]; turned into a line and a column only when it is shown.
#[derive(Debug, Clone)]
pub struct Place {
    /// The text.
    pub source: Arc<Source>,
    /// Where in it.
    pub at: At,
}

/// A line of a text with a place in it.
#[derive(Debug)]
pub struct Line<'a> {
    /// Its number, counted from one.
    pub number: usize,
    /// The line, with the line break that ends it.
    pub text: &'a str,
    /// Where in the line the place is, in bytes.
    pub range: Range<usize>,
}

/// Where in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// The text as a whole.
    Whole,
    /// The value at a path of a YAML document.
    Value(Path),
    /// The key that names the value at a path of a YAML document.
    Key(Path),
    /// A range of bytes.
    Bytes(Range<usize>),
}

impl Place {
    /// The text as a whole.
    #[must_use]
    pub fn whole(source: &Arc<Source>) -> Self {
        Self {
            source: Arc::clone(source),
            at: At::Whole,
        }
    }

    /// A range of bytes of the text.
    #[must_use]
    pub fn bytes(source: &Arc<Source>, range: Range<usize>) -> Self {
        Self {
            source: Arc::clone(source),
            at: At::Bytes(range),
        }
    }

    /// The value at a path of the text, read as YAML.
    #[must_use]
    pub fn value(source: &Arc<Source>, path: Path) -> Self {
        Self {
            source: Arc::clone(source),
            at: At::Value(path),
        }
    }

    /// The key at a path of the text, read as YAML.
    #[must_use]
    pub fn key(source: &Arc<Source>, path: Path) -> Self {
        Self {
            source: Arc::clone(source),
            at: At::Key(path),
        }
    }

    /// This place's key, where it is the value of a YAML mapping; otherwise the place itself.
    #[must_use]
    pub fn to_key(&self) -> Self {
        let at = match &self.at {
            At::Value(path) => At::Key(path.clone()),
            other => other.clone(),
        };
        Self {
            source: Arc::clone(&self.source),
            at,
        }
    }

    /// The first byte and the end of the place; `None` for a whole text.
    #[must_use]
    pub fn range(&self) -> Option<Range<usize>> {
        let text = &self.source.text;
        let range = match &self.at {
            At::Whole => return None,
            At::Bytes(range) => range.clone(),
            At::Value(path) => self.source.outline().find(path)?.value,
            At::Key(path) => {
                let span = self.source.outline().find(path)?;
                span.key.unwrap_or(span.value)
            }
        };
        Some(first_line(text, range))
    }

    /// The line that the place begins on.
    #[must_use]
    pub fn line(&self) -> Option<Line<'_>> {
        let mut range = self.range()?;
        let all = &self.source.text;
        // The end of a text is behind its last line.
        if range.start == all.len() {
            let end = all.trim_end_matches(['\n', '\r']).len();
            range = end..end;
        }
        let (number, start) = self.source.line(range.start);
        let text = self.source.text.get(start..)?;
        let text = text.split_inclusive('\n').next().unwrap_or_default();
        Some(Line {
            number: number + 1,
            text,
            range: range.start - start..range.end - start,
        })
    }

    /// Line and column, both counted from one, columns in characters.
    #[must_use]
    pub fn line_column(&self) -> Option<(usize, usize)> {
        let start = self.range()?.start;
        let (line, line_start) = self.source.line(start);
        let before = self.source.text.get(line_start..start)?;
        Some((line + 1, before.chars().count() + 1))
    }

    /// `file:line:column`, or the file alone for a whole text.
    #[must_use]
    pub fn display(&self) -> String {
        match self.line_column() {
            Some((line, column)) => format!("{}:{line}:{column}", self.source.name),
            None => self.source.name.clone(),
        }
    }
}

/// Cuts a range down to its first line: a mark under twenty lines helps nobody.
fn first_line(text: &str, range: Range<usize>) -> Range<usize> {
    // A parser may count characters otherwise where a text is strange.
    let mut start = range.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = range.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let length = text
        .get(start..end)
        .map_or(0, |part| part.lines().next().unwrap_or("").trim_end().len());
    start..start + length
}
