//! What to write in a Compose file so that a finding is gone: parts of its text, and nothing around them.
//!
//! A rule says what is to be written, and [`fixed`](super::fixed) decides whether it is.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::compose::{At, Written};
use crate::source::{Place, Source};
use crate::text::expression::{Piece, pieces};

/// What to write instead of parts of a text: all of it, or nothing.
#[derive(Debug, Clone)]
pub(crate) struct Fix {
    pub(super) source: Arc<Source>,
    pub(super) edits: Vec<Edit>,
}

/// A new text instead of a part of another; the part is empty where something is only added.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) new: String,
    pub(super) needed: Needed,
}

/// Where an edit is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Needed {
    Always,
    /// Between `[` and `]` or `{` and `}`, where a brace ends a scalar without quotes.
    InFlow,
}

impl Edit {
    fn new(range: Range<usize>, new: impl Into<String>) -> Self {
        Self {
            start: range.start,
            end: range.end,
            new: new.into(),
            needed: Needed::Always,
        }
    }
}

impl Fix {
    fn of(place: &Place, edits: Vec<Edit>) -> Self {
        Self {
            source: Arc::clone(&place.source),
            edits,
        }
    }

    /// Quotes around a scalar that has none.
    pub(super) fn quote(at: At<'_>) -> Option<Self> {
        let place = at.place();
        let range = place.whole_range()?;
        let quote = |at: usize| Edit::new(at..at, "\"");
        Some(Self::of(&place, vec![quote(range.start), quote(range.end)]))
    }

    /// For each variable of a scalar that has no default, the scalar in which it is required. A variable is left out
    /// that is set and empty, as Compose would then refuse the file, one that the file can do without, or one that is hidden: what a
    /// `$` makes a variable may be a part of a password, which a diff would show.
    pub(super) fn require<'a>(file: &Written, at: At<'a>) -> HashMap<&'a str, Self> {
        let (place, written) = (at.place(), at.written());
        let mut fixes: HashMap<&str, Self> = HashMap::new();
        let Some(range) = place.whole_range() else {
            return fixes;
        };
        let mut around = Vec::new();
        if !written.starts_with(['"', '\'', '|', '>']) {
            let quote = if written.contains('"') { "'" } else { "\"" };
            around.extend([range.start, range.end].map(|at| Edit {
                needed: Needed::InFlow,
                ..Edit::new(at..at, quote)
            }));
        }
        let mut end = range.start;
        for piece in pieces(written) {
            let start = end;
            end += piece.written().len();
            let Piece::Expression(found) = piece else {
                continue;
            };
            // Checked last: it searches the whole file for secrets.
            let is_shown = || place.source.shown().get(start..end) == Some(found.written);
            let is_needed = !file.is_empty(found.name) && !file.is_optional(found.name);
            if found.operator.is_none() && is_needed && is_shown() {
                let fix = fixes
                    .entry(found.name)
                    .or_insert_with(|| Self::of(&place, around.clone()));
                fix.edits.push(Edit::new(start..end, found.required()));
            }
        }
        fixes
    }

    /// Both fixes of one text.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.edits.extend(other.edits);
        self
    }

    /// No line for a field. Nothing where the line has, or begins, something else.
    pub(super) fn without_line(key: &Place, value: &Place) -> Option<Self> {
        let (key_at, value_at) = (key.whole_range()?, value.whole_range()?);
        let text = key.source.text.as_str();
        let before = text.get(..key_at.start)?;
        let is_first = before.is_empty() || before == "\u{FEFF}";
        let after = text.get(value_at.end..)?;
        let (rest, next) = after.split_once('\n').unwrap_or((after, ""));
        let is_line = is_first || before.ends_with('\n');
        let is_alone = rest.trim().is_empty() || rest.trim_start().starts_with('#');
        if !is_line || !is_alone || text.get(key_at.start..value_at.end)?.contains('\n') {
            return None;
        }
        let mut end = text.len() - next.len();
        // A line that was between two parts of the file is not left between one and nothing.
        let is_blank = |line: &str| line.trim().is_empty();
        let above = before.lines().next_back();
        if above.is_none_or(|line| is_first || is_blank(line) || line.starts_with("---"))
            && let Some((line, below)) = next.split_once('\n')
            && is_blank(line)
        {
            end = text.len() - below.len();
        }
        Some(Self::of(key, vec![Edit::new(key_at.start..end, "")]))
    }
}
