//! A file as it may be shown: with stars where it is hidden, and every place where it was.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::OnceLock;

use super::address::credentials;
use super::lines::{self, TextForm};
use super::ranges::{floor, merged, replaced};
use super::template;
use super::{
    HIDDEN, command, dollars, escapes, fields, named_strings, names, personal, shapes, text,
};
use crate::text::path::SECRETS_FOLDER;

/// What of a text is hidden.
#[derive(Debug, Default)]
pub struct Mask {
    /// Sorted, apart from each other.
    ranges: Vec<Range<usize>>,
    /// What somebody wrote for readers: comments and reasons.
    notes: Vec<Range<usize>>,
    /// The words of what is hidden elsewhere, which no note may repeat.
    secrets: OnceLock<HashSet<String>>,
    shown: OnceLock<String>,
    visible: OnceLock<HashSet<String>>,
}

/// The longest part of a line that is looked at for what a message repeats of it.
const MAX_LINE: usize = 4096;

/// The shortest hidden part that is looked for outside of quotes.
const MIN_PART: usize = 6;

impl Mask {
    /// What is hidden of a text: by field, by name and by shape.
    pub fn of(whole: &str, form: TextForm) -> Self {
        let mut ranges = Vec::new();
        let scanned = lines::scan(whole, form);
        for range in merged(scanned.hidden) {
            without_expressions(whole, range, form, &mut ranges);
        }
        let mut named = text::named(whole);
        named.retain(|range| !scanned.of_names.contains(&range.start));
        for range in named.into_iter().chain(credentials(whole)) {
            without_expressions(whole, range, form, &mut ranges);
        }
        ranges.extend(shapes::spot(whole).into_iter().map(|spotted| spotted.at));
        ranges.extend(command::in_file(whole));
        if form == TextForm::Data {
            let data = personal(whole).into_iter().chain(named_strings(whole));
            ranges.extend(data.map(|spotted| spotted.at));
        }
        ranges.extend(escapes::hidden(whole));
        Self {
            ranges: merged(ranges),
            ..Self::default()
        }
    }

    /// The mask of a text in which `notes` are what somebody wrote for readers, sorted and apart: what these repeat of
    /// hidden values is hidden too, and so are these ranges.
    pub(crate) fn with_notes(
        mut self,
        whole: &str,
        notes: Vec<Range<usize>>,
        more: Vec<Range<usize>>,
    ) -> Self {
        self.notes = notes;
        let mut ranges = more;
        for note in &self.notes {
            let mut at = note.start;
            for token in tokens(whole.get(note.clone()).unwrap_or_default()) {
                if self.is_secret(token, whole) {
                    ranges.push(at..at + token.trim_end().len());
                }
                at += token.len();
            }
        }
        ranges.append(&mut self.ranges);
        self.ranges = merged(ranges);
        self
    }

    /// A reason that somebody wrote, without what is hidden anywhere in the text.
    pub(crate) fn note(&self, note: &str, whole: &str) -> String {
        let note = text::text(note);
        let mut shown = String::with_capacity(note.len());
        for token in tokens(&note) {
            if self.is_secret(token, whole) {
                shown.push_str(HIDDEN);
                shown.push_str(token.get(token.trim_end().len()..).unwrap_or_default());
            } else {
                shown.push_str(token);
            }
        }
        shown
    }

    /// Whether a part of a note repeats a word of what is hidden.
    fn is_secret(&self, token: &str, whole: &str) -> bool {
        let secrets = self.secrets.get_or_init(|| {
            let mut notes = self.notes.iter().peekable();
            let mut secrets = HashSet::new();
            for range in &self.ranges {
                let before = whole.get(..range.start).unwrap_or_default();
                while notes.next_if(|note| note.end <= range.start).is_some() {}
                let end = notes
                    .peek()
                    .map_or(range.end, |note| note.start.min(range.end));
                // Of an ordinary comment, all words are hidden.
                if range.start < end && !before.ends_with('#') {
                    let part = whole.get(range.start..end).unwrap_or_default();
                    let telling = words(part).filter(|word| is_telling(word));
                    secrets.extend(telling.map(str::to_owned));
                }
            }
            secrets
        });
        !secrets.is_empty() && words(token).any(|word| secrets.contains(word))
    }

    /// The text with as many stars as hidden bytes, so that a place in it stays where it is.
    pub fn shown<'a>(&'a self, whole: &'a str) -> &'a str {
        if self.ranges.is_empty() {
            return whole;
        }
        self.shown.get_or_init(|| {
            replaced(whole, &self.ranges, |hidden| {
                let star = |c: char| match c {
                    '\n' | '\r' => c.to_string(),
                    c => "*".repeat(c.len_utf8()),
                };
                hidden.chars().map(star).collect()
            })
        })
    }

    /// Whether a part of the text is hidden.
    pub(crate) fn hides(&self, range: &Range<usize>) -> bool {
        self.within(range).next().is_some()
    }

    /// The hidden ranges that touch a part of the text.
    fn within(&self, part: &Range<usize>) -> impl Iterator<Item = &Range<usize>> {
        let first = self.ranges.partition_point(|range| range.end <= part.start);
        let end = part.end.max(part.start + 1);
        self.ranges
            .iter()
            .skip(first)
            .take_while(move |range| range.start < end)
    }

    /// A message about a part of the text (nothing: all of it) without what is hidden there.
    ///
    /// Where the part itself is hidden, the message may have its value in another spelling, and
    /// keeps in quotes only what the text shows anyway.
    pub(crate) fn message(
        &self,
        message: &str,
        whole: &str,
        about: Option<&Range<usize>>,
    ) -> String {
        let mut result = self.label(message, whole, about);
        if about.is_some_and(|range| self.hides(range) || names_secret_variable(whole, range)) {
            result = quoted(&result, |inner| !self.is_visible(inner, whole));
        }
        result
    }

    /// A label or a help beside a part of the text without what is hidden there.
    pub(crate) fn label(&self, label: &str, whole: &str, about: Option<&Range<usize>>) -> String {
        let label = text::text(label);
        if self.ranges.is_empty() || label.is_empty() {
            return label.into_owned();
        }
        let line = about.map_or(0..whole.len(), |range| line_of(whole, range));
        let parts: Vec<&str> = self
            .within(&line)
            .filter_map(|range| {
                // What is hidden may go on for many lines; only these are near.
                let (start, end) = (range.start.max(line.start), range.end.min(line.end));
                whole.get(start..end)
            })
            .collect();
        let seen: String = about
            .map(|_| self.seen_of(whole, &line))
            .unwrap_or_default();
        let mut result = quoted(&label, |inner| {
            !inner.is_empty()
                && !seen.contains(inner)
                && parts.iter().any(|part| part.contains(inner))
                && !self.is_visible(inner, whole)
        });
        for part in parts {
            for word in words(part).filter(|word| is_peculiar(word, part)) {
                if result.contains(word) && !self.is_visible(word, whole) {
                    result = result.replace(word, HIDDEN);
                }
            }
            for word in [
                part,
                part.trim_matches(['"', '\'', ' ', '\t', '[', ']', ',', ':']),
            ] {
                if word.len() >= MIN_PART
                    && !word.trim().is_empty()
                    && result.contains(word)
                    && !seen.contains(word)
                {
                    result = result.replace(word, HIDDEN);
                }
            }
        }
        result
    }

    /// What a line shows.
    fn seen_of(&self, whole: &str, line: &Range<usize>) -> String {
        let shown = self.shown(whole).get(line.clone()).unwrap_or_default();
        shown.replace('*', "\0")
    }

    /// Whether all words of a text are among those that the file shows, or fields of its format.
    fn is_visible(&self, inner: &str, whole: &str) -> bool {
        let visible = self.visible.get_or_init(|| {
            let shown = self.shown(whole);
            words(shown).map(str::to_owned).collect()
        });
        let is_index = |word: &str| word.len() < 4 && word.chars().all(|c| c.is_ascii_digit());
        words(inner).all(|word| is_index(word) || visible.contains(word) || fields::is_word(word))
    }
}

/// Whether a word of a hidden part is not one that messages use anyway: it has digits or capitals,
/// or is the name of a variable.
fn is_peculiar(word: &str, part: &str) -> bool {
    let is_odd = word.contains(|c: char| c.is_ascii_digit() || c.is_uppercase());
    let names_variable = || {
        let mut found = part.match_indices(word);
        found.any(|(at, _)| {
            part.get(..at)
                .is_some_and(|before| before.ends_with(['$', '{']))
        })
    };
    word.len() >= MIN_PART && is_odd || word.len() > 2 && names_variable()
}

/// Whether a word of a hidden part is hidden in notes too.
fn is_telling(word: &str) -> bool {
    let has_digit = word.contains(|c: char| c.is_ascii_digit());
    word.len() >= MIN_PART || word.len() >= MIN_PART / 2 && has_digit
}

/// The parts of a text that blanks separate, each with those that follow it.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive([' ', '\t', '\n'])
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')))
        .filter(|word| !word.is_empty())
}

/// The line around a range; of a very long one, what is near.
fn line_of(whole: &str, range: &Range<usize>) -> Range<usize> {
    let low = floor(whole, range.start.saturating_sub(MAX_LINE));
    let high = floor(
        whole,
        range
            .end
            .min(range.start + MAX_LINE)
            .saturating_add(MAX_LINE),
    );
    let start_at = floor(whole, range.start).max(low);
    let end_at = floor(whole, range.end.min(range.start + MAX_LINE)).max(start_at);
    let before = whole.get(low..start_at).unwrap_or_default();
    let after = whole.get(end_at..high.max(end_at)).unwrap_or_default();
    let start = before.rfind('\n').map_or(low, |at| low + at + 1);
    let end = after.find('\n').map_or(high.max(end_at), |at| end_at + at);
    start..end
}

/// Whether a part of a text names a variable whose value may be secret: a message may have the value.
fn names_secret_variable(whole: &str, range: &Range<usize>) -> bool {
    let part = whole.get(range.clone()).unwrap_or_default();
    part.split('$').skip(1).any(|rest| {
        let name = rest.trim_start_matches('{');
        let name = words(name).next().unwrap_or_default();
        names::may_be_secret(name)
    })
}

/// A message with `(hidden)` instead of each text in backquotes or double quotes that `hides` says.
fn quoted(message: &str, hides: impl Fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.find(['`', '"']) {
        let (before, after) = rest.split_at(at);
        let quote = after.chars().next().unwrap_or('`');
        let inner = after.get(1..).unwrap_or_default();
        // What is quoted may hold the quote: its end is the last one that a space or an end follows.
        let Some(end) = closing(inner, quote) else {
            break;
        };
        let (held, after) = inner.split_at(end);
        out.push_str(before);
        out.push(quote);
        out.push_str(if hides(held) { HIDDEN } else { held });
        out.push(quote);
        rest = after.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn closing(inner: &str, quote: char) -> Option<usize> {
    let mut ends = inner.match_indices(quote).map(|(at, _)| at);
    let is_end = |at: &usize| {
        let after = inner.get(at + 1..).and_then(|rest| rest.chars().next());
        after.is_none_or(|c| c.is_whitespace() || matches!(c, ',' | ';' | '.' | ':' | ')' | '?'))
    };
    ends.find(is_end)
}

/// Adds a hidden range without what is not a secret in it: the path of a Compose secret; `${NAME}`, the name and the operator
/// of `${NAME:-default}`, and a message of `${NAME:?message}`; in a template what is in `{{ }}`, but for its texts.
fn without_expressions(
    whole: &str,
    range: Range<usize>,
    form: TextForm,
    into: &mut Vec<Range<usize>>,
) {
    let part = whole.get(range.clone()).unwrap_or_default();
    if is_secret_path(part.trim().trim_matches(['"', '\''])) {
        return;
    }
    let mut from = range.start;
    if form == TextForm::Template {
        for shown in template::shown(whole, &range) {
            let start = shown.start.clamp(from, range.end);
            without_variables(whole, from..start, into);
            from = shown.end.clamp(start, range.end);
        }
    }
    without_variables(whole, from..range.end, into);
}

/// Like `without_expressions`, for variables alone.
fn without_variables(whole: &str, range: Range<usize>, into: &mut Vec<Range<usize>>) {
    let part = whole.get(range.clone()).unwrap_or_default();
    let mut from = 0;
    let mut at = 0;
    while let Some(found) = part.get(at..).and_then(|rest| rest.find('$')) {
        let start = at + found;
        let rest = part.get(start..).unwrap_or_default();
        at = start + 1;
        // What was shown before it, `$A` in `$A$B`, is not a part of a word.
        let before = part.get(from..start).unwrap_or_default();
        if let Some(length) = variable(rest, before) {
            if !is_quotes(before) {
                into.push(range.start + from..range.start + start);
            }
            from = start + length;
            at = from;
        } else if rest.starts_with("$$") {
            at = start + 2;
        }
    }
    let rest = part.get(from..).unwrap_or_default();
    if from == 0 || !is_quotes(rest) {
        into.push(range.start + from..range.end);
    }
}

/// Whether a text is no more than the quotes around a variable.
fn is_quotes(text: &str) -> bool {
    text.trim().chars().all(|c| matches!(c, '"' | '\''))
}

/// The length of what can be shown of an expression of a variable.
fn variable(rest: &str, before: &str) -> Option<usize> {
    let after = rest.strip_prefix('$')?;
    let is_braced = after.starts_with('{');
    let name = after.trim_start_matches('{');
    let opened = rest.len() - name.len();
    let length = name
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(name.len());
    let word = name.get(..length)?;
    if !dollars::is_variable(word) || opened > 2 || before.ends_with('$') {
        return None;
    }
    let end = opened + length;
    let after = rest.get(end..)?;
    if !is_braced {
        // In the middle of a word, it is more likely a part of a password.
        let is_inside = before.ends_with(|c: char| c.is_alphanumeric());
        return (!is_inside).then_some(end);
    }
    let operators = [":-", ":?", ":+", "}", "-", "?", "+"];
    let operator = operators
        .into_iter()
        .find(|operator| after.starts_with(operator))?;
    let end = end + operator.len();
    if operator != "}" && rest.get(end..).is_some_and(|rest| rest.starts_with('}')) {
        return Some(end + 1);
    }
    let message = rest
        .get(end..)
        .and_then(|rest| rest.split_once('}'))
        .filter(|(message, _)| operator.ends_with('?') && is_sentence(message));
    Some(end + message.map_or(0, |(message, _)| message.len()))
}

/// Whether a text can only be the place of a Compose secret in a container.
fn is_secret_path(text: &str) -> bool {
    let name = text.strip_prefix(SECRETS_FOLDER);
    name.is_some_and(|name| super::shown_name::is_name(name) && !name.contains('/'))
}

/// Whether a text is several words of letters: a message for people. One word may be a slip for a default, a word with
/// digits in it a token.
pub(crate) fn is_sentence(text: &str) -> bool {
    let is_word = |word: &str| {
        word.chars().all(|c| {
            c.is_alphabetic() || matches!(c, '_' | '.' | ',' | ':' | ';' | '\'' | '-' | '(' | ')')
        })
    };
    let mut words = text.split(' ');
    text.trim().contains(' ') && words.all(is_word)
}
