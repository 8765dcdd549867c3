//! A text that was read, and places in it.

mod comments;
mod outline;
mod path;

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::files::Text;
use crate::redact::{HIDDEN, Mask, TextForm, is_variable};

pub(crate) use comments::Comment;
use comments::comments;
pub(crate) use outline::Outline;
pub(crate) use path::{Path, Segment};

/// A text with the name that messages call it by (a path relative to the project's root).
#[derive(Debug)]
pub struct Source {
    /// The name shown to people.
    pub name: String,
    /// The text as it was read.
    pub text: String,
    /// Whether the text lies outside the project and was named by somebody else than the user. No
    /// message may show any of it.
    pub(crate) is_outside: bool,
    /// The places of its values, once one was needed: a file with many mistakes needs many.
    outline: OnceLock<Outline>,
    /// Where its lines begin, once that was asked.
    lines: OnceLock<Lines>,
    /// Its comments for this program, once they were asked for.
    comments: OnceLock<Vec<Comment>>,
    form: TextForm,
    /// What of it is hidden, once it was shown.
    mask: OnceLock<Mask>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.text == other.text
    }
}

impl Eq for Source {}

/// What says that a text is UTF-8, where nobody needs to.
const BYTE_ORDER_MARK: char = '\u{feff}';

impl Source {
    /// A text under a name; it is shown as a Compose file is, without what may be secret there.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Self::of(TextForm::Compose, name, text.into())
    }

    /// A text of a form, which decides what of it is hidden when it is shown.
    pub(crate) fn of(form: TextForm, name: impl Into<String>, text: impl Into<Text>) -> Arc<Self> {
        let mut text = text.into();
        // Some editors begin a file with it. In a Compose file, fixes are written back at its places.
        if matches!(form, TextForm::Spec | TextForm::Template)
            && text.text.starts_with(BYTE_ORDER_MARK)
        {
            text.text.drain(..BYTE_ORDER_MARK.len_utf8());
        }
        Arc::new(Self {
            name: name.into(),
            text: text.text,
            is_outside: text.is_outside,
            outline: OnceLock::new(),
            lines: OnceLock::new(),
            comments: OnceLock::new(),
            form,
            mask: OnceLock::new(),
        })
    }

    /// What of it is hidden when it is shown.
    pub(crate) fn mask(&self) -> &Mask {
        self.mask.get_or_init(|| {
            let mask = Mask::of(&self.text, self.form);
            let notes = comments::notes(&self.text, self.comments());
            if notes.is_empty() {
                return mask;
            }
            let odd = self
                .comments()
                .iter()
                .flat_map(|one| one.odd_codes(&self.text));
            mask.with_notes(&self.text, notes, odd.collect())
        })
    }

    /// The text as it may be shown: what is hidden is stars, and every place is where it was.
    pub(crate) fn shown(&self) -> &str {
        self.mask().shown(&self.text)
    }

    /// Keeps the places of its values, which are known where it was parsed with them.
    pub(crate) fn keep_outline(&self, outline: Outline) {
        // An outline that was made before is the same.
        let _ = self.outline.set(outline);
    }

    fn outline(&self) -> &Outline {
        self.outline.get_or_init(|| Outline::of(&self.text))
    }

    /// The comments for this program.
    pub(crate) fn comments(&self) -> &[Comment] {
        self.comments
            .get_or_init(|| comments(&self.text, self.form))
    }

    /// How many steps of a path lead to nothing in the text.
    pub(crate) fn missing_steps(&self, path: &Path) -> usize {
        path.segments().len() - self.outline().depth(path)
    }

    /// Line and column of a byte of the text, both counted from one, columns in characters.
    pub(crate) fn line_column(&self, at: usize) -> (usize, usize) {
        let lines = self.lines.get_or_init(|| Lines::of(&self.text));
        let line = lines.number(at);
        let start = lines.start(line);
        let column = lines.characters(&self.text, at) - lines.characters(&self.text, start) + 1;
        (line, column)
    }

    /// The line that holds a byte of the text, without its line break: its number, and its bytes.
    pub(crate) fn line(&self, at: usize) -> (usize, Range<usize>) {
        let lines = self.lines.get_or_init(|| Lines::of(&self.text));
        let number = lines.number(at);
        let start = lines.start(number);
        let end = match lines.starts.get(number) {
            Some(next) => next - 1,
            None => self.text.len(),
        };
        (number, start..end.max(start))
    }
}

/// Where the lines of a text begin, and how many characters are before every block of bytes: a text
/// of one long line has as many places as one of many lines, and each is found as fast.
#[derive(Debug)]
struct Lines {
    starts: Vec<usize>,
    characters: Vec<usize>,
}

/// The bytes of a block.
const BLOCK: usize = 1024;

impl Lines {
    fn of(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        let mut so_far = 0;
        let mut characters = vec![0];
        for block in text.as_bytes().chunks(BLOCK) {
            so_far += beginnings(block);
            characters.push(so_far);
        }
        Self { starts, characters }
    }

    /// The number of the line that holds a byte, counted from one.
    fn number(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }

    /// The first byte of a line.
    fn start(&self, number: usize) -> usize {
        let start = self.starts.get(number.saturating_sub(1));
        start.copied().unwrap_or(0)
    }

    /// How many characters begin before a byte.
    fn characters(&self, text: &str, at: usize) -> usize {
        let block = at / BLOCK;
        let before = self.characters.get(block).copied().unwrap_or(0);
        let rest = text.as_bytes().get(block * BLOCK..at);
        before + rest.map_or(0, beginnings)
    }
}

/// How many characters begin in a part of a text.
fn beginnings(bytes: &[u8]) -> usize {
    // A byte that continues a character begins with the bits 10.
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

/// A place in a [`Source`]; turned into a line and a column only when it is shown.
#[derive(Debug, Clone)]
pub struct Place {
    /// The text.
    pub source: Arc<Source>,
    /// Where in it.
    pub(crate) at: TextPart,
}

/// A line of a text with a place in it.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    /// Its number, counted from one.
    pub(crate) number: usize,
    /// The line, with the line break that ends it.
    pub(crate) text: &'a str,
    /// Where in the line the place is, in bytes.
    pub(crate) range: Range<usize>,
}

/// Where in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TextPart {
    /// The text as a whole.
    Whole,
    /// The value at a path of a YAML document.
    Value(Path),
    /// The key that names the value at a path of a YAML document.
    Key(Path),
    /// A range of bytes.
    Bytes(Range<usize>),
}

impl From<&Place> for Place {
    fn from(place: &Place) -> Self {
        place.clone()
    }
}

impl Place {
    /// The text as a whole.
    pub(crate) fn whole(source: &Arc<Source>) -> Self {
        Self {
            source: Arc::clone(source),
            at: TextPart::Whole,
        }
    }

    /// A range of bytes of the text.
    pub(crate) fn bytes(source: &Arc<Source>, range: Range<usize>) -> Self {
        Self {
            source: Arc::clone(source),
            at: TextPart::Bytes(range),
        }
    }

    /// The value at a path of the text, read as YAML.
    pub(crate) fn value(source: &Arc<Source>, path: Path) -> Self {
        Self {
            source: Arc::clone(source),
            at: TextPart::Value(path),
        }
    }

    /// The key at a path of the text, read as YAML.
    pub(crate) fn key(source: &Arc<Source>, path: Path) -> Self {
        Self {
            source: Arc::clone(source),
            at: TextPart::Key(path),
        }
    }

    /// This place's key, where it is the value of a YAML mapping; otherwise the place itself.
    pub(crate) fn to_key(&self) -> Self {
        let at = match &self.at {
            TextPart::Value(path) => TextPart::Key(path.clone()),
            other => other.clone(),
        };
        Self {
            source: Arc::clone(&self.source),
            at,
        }
    }

    /// The value of this place's key, where it is one of a YAML mapping; otherwise the place itself.
    pub(crate) fn to_value(&self) -> Self {
        let at = match &self.at {
            TextPart::Key(path) => TextPart::Value(path.clone()),
            other => other.clone(),
        };
        Self {
            source: Arc::clone(&self.source),
            at,
        }
    }

    /// The path of the innermost value of the text, read as YAML, that the place is in.
    pub(crate) fn path(&self) -> Path {
        match &self.at {
            TextPart::Value(path) | TextPart::Key(path) => path.clone(),
            TextPart::Bytes(range) => self.source.outline().path_at(range.start),
            TextPart::Whole => Path::root(),
        }
    }

    /// The first byte and the end of the place; `None` for a whole text.
    pub fn range(&self) -> Option<Range<usize>> {
        Some(first_line(&self.source.text, self.whole_range()?))
    }

    /// The range with all lines of the place.
    pub(crate) fn whole_range(&self) -> Option<Range<usize>> {
        Some(match &self.at {
            TextPart::Whole => return None,
            TextPart::Bytes(range) => range.clone(),
            TextPart::Value(path) => self.source.outline().find(path)?.value,
            TextPart::Key(path) => {
                let span = self.source.outline().find(path)?;
                span.key.unwrap_or(span.value)
            }
        })
    }

    /// The line that the place begins on.
    pub(crate) fn line(&self) -> Option<Line<'_>> {
        let range = self.range()?;
        let text = self.source.shown();
        // What is missing at the end of a text is shown behind its last line.
        let is_behind = range.start == text.len() && text.ends_with('\n');
        let (number, line) = self.source.line(range.start - usize::from(is_behind));
        Some(Line {
            number,
            text: text.get(line.start..(line.end + 1).min(text.len()))?,
            range: range.start - line.start..range.end - line.start,
        })
    }

    /// Line and column, both counted from one, columns in characters.
    pub fn line_column(&self) -> Option<(usize, usize)> {
        Some(self.source.line_column(self.range()?.start))
    }

    /// A message about this place, without values that are hidden here.
    pub(crate) fn message(&self, message: &str) -> String {
        let (source, range) = (&self.source, self.whole_range());
        source.mask().message(message, &source.text, range.as_ref())
    }

    /// A text beside this place, without what is hidden on its line.
    pub(crate) fn without_hidden(&self, text: &str) -> String {
        let (source, range) = (&self.source, self.whole_range());
        source.mask().label(text, &source.text, range.as_ref())
    }

    /// A reason that is written here, without what is hidden anywhere in the text.
    pub(crate) fn note(&self, reason: &str) -> String {
        self.source.mask().note(reason, &self.source.text)
    }

    /// The keys that lead to the place, in a text that is YAML: what is the same where lines move. The item of a list is
    /// known by the name that it sets.
    pub(crate) fn keys(&self) -> String {
        if !matches!(self.source.form, TextForm::Compose | TextForm::Spec) {
            return String::new();
        }
        let path = self.path();
        let segments = path.segments();
        let mut keys: Vec<&str> = segments
            .iter()
            .filter_map(|segment| match segment {
                Segment::Key(key) => Some(key.as_str()),
                Segment::Index(_) => None,
            })
            .collect();
        if let Some(Segment::Index(_)) = segments.last() {
            let item = self
                .source
                .outline()
                .find(&path)
                .map(|item| item.value)
                .and_then(|item| self.source.text.get(item))
                .unwrap_or_default();
            let name = item.trim_start_matches(['"', '\'']).split_once('=');
            keys.extend(name.map(|(name, _)| name).filter(|name| is_variable(name)));
        }
        self.without_hidden(&keys.join("."))
    }

    /// A value of this place for a message: as it is, where the place is shown.
    pub(crate) fn quote<'a>(&self, value: &'a str) -> &'a str {
        let hides = |range| self.source.mask().hides(&range);
        if self.whole_range().is_some_and(hides) {
            HIDDEN
        } else {
            value
        }
    }

    /// What distinguishes it from other places.
    pub(crate) fn identity(&self) -> (String, Option<(usize, usize)>) {
        // Not the first line of it, which would be read again for each of very many places.
        let range = self.whole_range().map(|range| (range.start, range.end));
        (self.source.name.clone(), range)
    }

    /// `file:line:column`, or the file alone for a whole text.
    pub(crate) fn display(&self) -> String {
        match self.line_column() {
            Some((line, column)) => format!("{}:{line}:{column}", self.source.name),
            None => self.source.name.clone(),
        }
    }
}

/// Cuts a range down to its first line: a mark under twenty lines does not help.
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

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn lines_and_columns_are_those_of_counting_from_the_start() {
        let long = "äb".repeat(2000);
        for text in [
            "",
            "a",
            "\n",
            "é\nü: 1\r\n\nx",
            &format!("a\n{long}\nb{long}"),
        ] {
            let source = Source::new("f", text);
            for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let before = text.get(..at).unwrap();
                let line = before.matches('\n').count() + 1;
                let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
                assert_eq!(source.line_column(at), (line, column), "{at}");
                let (number, bytes) = source.line(at);
                assert_eq!(number, line);
                assert!(bytes.contains(&at) || bytes.end == at, "{at} {bytes:?}");
                assert!(!text.get(bytes).unwrap().contains('\n'));
            }
        }
    }
}
