//! A text that was read, and places in it.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::redact::{Form, Mask};
use crate::yaml::{Outline, Path};

/// A text with the name that messages call it by (a path relative to the project's root).
#[derive(Debug)]
pub struct Source {
    /// The name shown to people.
    pub name: String,
    /// The text as it was read.
    pub text: String,
    /// Where things stand in it, once that was asked: a file with many mistakes is asked often.
    outline: OnceLock<Outline>,
    form: Form,
    /// What of it is hidden, once it was shown.
    mask: OnceLock<Mask>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.text == other.text
    }
}

impl Eq for Source {}

impl Source {
    /// A text under a name; it is shown as a Compose file is, without what may be secret there.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Self::of(Form::Compose, name, text)
    }

    /// A text of a form, which decides what of it is hidden when it is shown.
    #[must_use]
    pub fn of(form: Form, name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
            outline: OnceLock::new(),
            form,
            mask: OnceLock::new(),
        })
    }

    /// What of it is hidden when it is shown.
    #[must_use]
    pub fn mask(&self) -> &Mask {
        self.mask.get_or_init(|| Mask::of(&self.text, self.form))
    }

    /// The text as it may be shown: what is hidden is stars, and every place is where it was.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.mask().shown(&self.text)
    }

    fn outline(&self) -> &Outline {
        self.outline.get_or_init(|| Outline::of(&self.text))
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
        Some(first_line(&self.source.text, self.whole_range()?))
    }

    /// The same with all of its lines.
    fn whole_range(&self) -> Option<Range<usize>> {
        Some(match &self.at {
            At::Whole => return None,
            At::Bytes(range) => range.clone(),
            At::Value(path) => self.source.outline().find(path)?.value,
            At::Key(path) => {
                let span = self.source.outline().find(path)?;
                span.key.unwrap_or(span.value)
            }
        })
    }

    /// Line and column, both counted from one, columns in characters.
    #[must_use]
    pub fn line_column(&self) -> Option<(usize, usize)> {
        let start = self.range()?.start;
        let before = self.source.text.get(..start)?;
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Some((line, column))
    }

    /// A message about this place, without values that are hidden here.
    #[must_use]
    pub fn message(&self, message: &str) -> String {
        let (source, range) = (&self.source, self.whole_range());
        source.mask().message(message, &source.text, range.as_ref())
    }

    /// A text beside this place, without what is hidden on its line.
    #[must_use]
    pub fn without_hidden(&self, text: &str) -> String {
        let (source, range) = (&self.source, self.whole_range());
        source.mask().label(text, &source.text, range.as_ref())
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
