//! The line that is being written, and what kind of place its end is for a value.

use super::structure::Spot;

/// The place of a placeholder on its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A key of a mapping.
    Key,
    /// A value.
    Value(Spot),
}

const NOT_WHOLE: &str =
    "it must be a whole YAML value; join texts inside it: `{{ a ~ \":\" ~ b }}`";

/// What is said where only a tab keeps it from being a whole value.
pub(super) const TAB: &str = "expected spaces before it instead of a tab";

/// The line that is being written, read up to its last placeholder: a line may hold many.
#[derive(Debug, Default)]
pub(super) struct Line {
    start: usize,
    /// How much of the text was looked at.
    seen: usize,
    /// The flow collection that the line holds.
    flow: Option<Flow>,
}

impl Line {
    /// The place of a placeholder at the end of `text`, before `after`.
    pub(super) fn place(&mut self, text: &str, after: &str) -> Result<Place, &'static str> {
        let fresh = text.get(self.seen..).unwrap_or_default();
        if let Some(at) = fresh.rfind('\n') {
            (self.start, self.flow) = (self.seen + at + 1, None);
        }
        let from = self.seen.max(self.start);
        self.seen = text.len();
        let after_spaces = after.trim_start_matches([' ', '\t']);
        let after_colon = after.strip_prefix(':');
        let ends_key = after_colon.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with([' ', '\n']) || rest.starts_with("\r\n")
        });
        if let Some(flow) = &mut self.flow {
            flow.read(text.get(from..).unwrap_or_default());
            return flow.place(after_spaces, ends_key);
        }
        let before = text.get(self.start..).unwrap_or_default();
        let (start, rest) = entry(before);
        if rest.starts_with(['[', '{']) {
            let mut flow = Flow::default();
            flow.read(rest);
            return self.flow.insert(flow).place(after_spaces, ends_key);
        }
        if !rest.is_empty() {
            let unspaced = rest.trim_end_matches([' ', '\t']);
            let is_blank =
                unspaced.is_empty() || unspaced.ends_with(':') || unspaced.ends_with('-');
            let has_tab = rest
                .get(unspaced.len()..)
                .is_some_and(|blank| blank.contains('\t'));
            return Err(if is_blank && has_tab { TAB } else { NOT_WHOLE });
        }
        let to_end = after.split('\n').next().unwrap_or_default();
        let ends_line = to_end.trim().is_empty()
            || to_end.trim_start().starts_with('#') && to_end.starts_with(' ');
        let spot = match before.trim_end().chars().next_back() {
            None => Some(Spot::Alone(start)),
            Some('-') => Some(Spot::Item(start + 2)),
            Some(':') => Some(Spot::Value(start + 2)),
            Some(_) => None,
        };
        if let Some(spot) = spot.filter(|_| ends_line) {
            Ok(Place::Value(spot))
        } else if ends_key && (before.trim().is_empty() || before.trim_end().ends_with('-')) {
            Ok(Place::Key)
        } else {
            Err(NOT_WHOLE)
        }
    }
}

/// Skips the indentation, the dashes and the key of a block line: where its entry starts, and
/// what follows.
fn entry(line: &str) -> (usize, &str) {
    let mut rest = line.trim_start_matches(' ');
    while let Some(after) = rest.strip_prefix("- ") {
        rest = after.trim_start_matches(' ');
    }
    let start = line.len() - rest.len();
    let key_end = match rest.chars().next() {
        Some(quote @ ('\'' | '"')) => {
            let inner = rest.get(1..).unwrap_or_default();
            inner.find(quote).map(|end| end + 2)
        }
        Some('[' | '{' | '#') | None => None,
        Some(_) => rest.find(": "),
    };
    let value = key_end.and_then(|end| rest.get(end..)?.strip_prefix(": "));
    match value {
        Some(value) => (start, value.trim_start_matches(' ')),
        // An item starts where it would behind one space, and the spaces behind its dash are as many as there are.
        None if rest.is_empty() && start >= 2 && line.trim_end_matches(' ').ends_with('-') => {
            (start - 2, rest)
        }
        None => (start, rest),
    }
}

/// A flow collection, read piece by piece.
#[derive(Debug, Default)]
struct Flow {
    depth: usize,
    quote: Option<char>,
    last: char,
    /// Whether a value may begin here.
    may_begin: bool,
    /// A `'` or `\\` in quotes: what it means depends on the next character.
    held: Option<char>,
}

impl Flow {
    fn read(&mut self, text: &str) {
        for c in text.chars() {
            match (self.held.take(), self.quote) {
                // `''` in single quotes and `\` in double ones do not end them.
                (Some('\''), _) if c == '\'' => {}
                (Some('\''), _) => {
                    (self.quote, self.last) = (None, '\'');
                    self.step(c);
                }
                (Some(_), _) => {}
                (None, Some('\'')) if c == '\'' => self.held = Some(c),
                (None, Some('"')) if c == '\\' => self.held = Some(c),
                (None, _) => self.step(c),
            }
        }
    }

    fn step(&mut self, c: char) {
        match (self.quote, c) {
            (Some(open), c) if c == open => self.quote = None,
            (None, '\'' | '"') if self.may_begin => self.quote = Some(c),
            (None, '[' | '{') => self.depth += 1,
            (None, ']' | '}') => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.may_begin = self.quote.is_none()
            && match c {
                '[' | '{' | ',' => true,
                ' ' => self.may_begin || self.last == ':',
                _ => false,
            };
        self.last = c;
    }

    /// The place of a placeholder at the end of what was read.
    fn place(&self, after: &str, ends_key: bool) -> Result<Place, &'static str> {
        if !self.may_begin || self.depth == 0 {
            Err(NOT_WHOLE)
        } else if after.starts_with([',', ']', '}']) {
            Ok(Place::Value(Spot::Flow))
        } else if ends_key {
            Ok(Place::Key)
        } else {
            Err(NOT_WHOLE)
        }
    }
}
