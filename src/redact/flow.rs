//! Keys and values on a line, in quotes and in brackets.

use std::ops::Range;

use super::shown_name;
use super::{fields, ranges};

/// What may be a name and its value: `KEY: value`, `"KEY": value`, `KEY=value`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    /// The name, without quotes; empty where there is none.
    pub(super) word: &'a str,
    /// Where the word ends.
    pub(super) end: usize,
    /// Where the value begins, behind `:` or `=`; nothing where neither follows the word.
    pub(super) value: Option<usize>,
    /// Whether a quote is before the word.
    pub(super) is_quoted: bool,
}

impl<'a> Entry<'a> {
    /// The entry at the beginning of a text.
    pub(super) fn of(text: &'a str) -> Self {
        let unquoted = text.trim_start_matches(['"', '\'']);
        let start = text.len() - unquoted.len();
        let length = unquoted
            .find(|c: char| !is_part(c))
            .unwrap_or(unquoted.len());
        let word = unquoted.get(..length).unwrap_or_default();
        let end = start + length;
        let rest = text.get(end..).unwrap_or_default();
        let after = rest.trim_start_matches(['"', '\'', ' ', '\t']);
        let value = after
            .starts_with([':', '='])
            .then(|| text.len() - after.len() + 1);
        Self {
            word,
            end,
            value,
            is_quoted: start > 0,
        }
    }

    /// Whether the word can be shown.
    pub(super) fn is_name(&self) -> bool {
        shown_name::is_name(self.word)
    }

    /// Whether the text holds nothing else.
    pub(super) fn is_all(&self, text: &str) -> bool {
        let rest = text.get(self.end..).unwrap_or_default();
        rest.trim_matches(['"', '\'', ' ', '\t', ',']).is_empty()
    }
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/' | '<')
}

/// A value without its anchor and tag.
pub(super) fn after_properties(value: &str) -> &str {
    let mut rest = value.trim_start();
    while rest.starts_with(['&', '!']) {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        rest = rest.get(end..).unwrap_or_default().trim_start();
    }
    rest
}

/// Whether a value in brackets begins here.
pub(super) fn is_open(text: &str, at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    after_properties(rest).starts_with(['{', '['])
}

/// Where the quotes or brackets that open at a position are closed; nothing where none open there,
/// or none close.
pub(super) fn end(text: &str, start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    match rest.chars().next()? {
        quote @ ('"' | '\'') => quote_end(rest, quote).map(|length| start + length),
        '{' | '[' => bracket_end(rest).map(|length| start + length),
        _ => None,
    }
}

/// The length of a text in quotes, with them.
fn quote_end(text: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if quote == '"' => is_escaped = true,
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The length of a text in brackets, with them.
fn bracket_end(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut before = ' ';
    let mut skip = 0;
    for (at, c) in text.char_indices() {
        if at < skip {
            continue;
        }
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            // In the middle of a word it is an apostrophe.
            '"' | '\'' if is_edge(before) => skip = at + quote_end(text.get(at..)?, c)?,
            _ => {}
        }
        before = c;
    }
    None
}

fn is_edge(c: char) -> bool {
    c.is_whitespace() || matches!(c, '{' | '[' | ',' | ':' | '=')
}

/// Where a value in brackets ends: at the next comma or closing bracket of those around it. One
/// that opens and is not closed goes to the end of the text.
pub(super) fn value_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let start = text.len() - after_properties(rest).len();
    let opens = text
        .get(start..)
        .is_some_and(|rest| rest.starts_with(['"', '\'', '{', '[']));
    let from = match end(text, start) {
        Some(end) => end,
        None if opens => return text.len(),
        None => at,
    };
    let mut is_expression = false;
    let mut before = ' ';
    for (length, c) in text.get(from..).unwrap_or_default().char_indices() {
        match c {
            '{' if before == '$' => is_expression = true,
            '}' if is_expression => is_expression = false,
            ',' | '}' | ']' | '\n' => return from + length,
            _ => {}
        }
        before = c;
    }
    text.len()
}

/// A key within a line.
pub(super) struct Key<'a> {
    pub(super) word: &'a str,
    /// Where it begins.
    pub(super) at: usize,
    /// Where its value begins.
    pub(super) value: usize,
    /// Whether no bracket and no comma is before it: a comma is missing, or two keys are on one line.
    pub(super) is_loose: bool,
}

/// The next key behind a bracket or a comma, or behind anything else that can end a value.
pub(super) fn next_key(text: &str, within: Range<usize>) -> Option<Key<'_>> {
    let part = text.get(within.clone())?;
    let ends = |c: char| c.is_whitespace() || matches!(c, '{' | ',' | '[' | '}' | ']' | '"' | '\'');
    let mut is_open = false;
    for (at, separator) in part.match_indices(ends) {
        let body = part.get(at + separator.len()..).unwrap_or_default();
        if matches!(separator, "{" | "," | "[") {
            is_open = true;
        }
        // Blanks and quotes before a key are skipped one by one, so that a long row of them is read once.
        if body.starts_with(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')) {
            continue;
        }
        let is_loose = !std::mem::take(&mut is_open);
        let entry = Entry::of(body);
        let named = entry.value.filter(|_| !entry.word.is_empty());
        let Some(value) = named.or_else(|| (!is_loose).then(|| without_colon(&entry, body))?)
        else {
            continue;
        };
        let start = within.start + part.len() - body.len();
        if !is_loose || is_key(text, start + value) {
            return Some(Key {
                word: entry.word,
                at: start,
                value: start + value,
                is_loose,
            });
        }
    }
    None
}

/// Where the value of a field begins that has no colon: `{command a}`.
fn without_colon(entry: &Entry<'_>, body: &str) -> Option<usize> {
    let rest = body.get(entry.end..)?;
    let value = rest.trim_start_matches([' ', '\t']);
    let has_value =
        value.len() < rest.len() && !value.starts_with([',', '}', ']', '#', '\n', '\r']);
    (has_value && fields::is_exact(entry.word)).then_some(entry.end)
}

/// Whether what is before a value is a key for YAML, and not the beginning of a text like `5432:5432`.
pub(super) fn is_key(text: &str, value: usize) -> bool {
    let before = text.get(..value).unwrap_or_default();
    let after = text.get(value..).unwrap_or_default();
    let is_separated =
        after.is_empty() || after.starts_with(|c: char| c.is_whitespace() || "{[\"'".contains(c));
    let is_colon = before.strip_suffix(':');
    is_colon.is_some_and(|word| is_separated || word.ends_with(['"', '\'']))
}

/// So far before a key, in bytes, the mapping that it is in is looked for.
const MAX_BEFORE: usize = 256;

/// The key of the mapping in brackets that a key is in, where it is near.
pub(super) fn parent(text: &str, at: usize) -> Option<&str> {
    let before = text.get(ranges::floor(text, at.saturating_sub(MAX_BEFORE))..at)?;
    let mut depth = 0_usize;
    let (open, _) = before.char_indices().rev().find(|(_, c)| {
        let is_open = matches!(c, '{' | '[');
        let is_own = is_open && depth == 0;
        match c {
            '}' | ']' => depth += 1,
            _ if is_open => depth = depth.saturating_sub(1),
            _ => {}
        }
        is_own
    })?;
    let before = before
        .get(..open)?
        .trim_end()
        .strip_suffix(':')?
        .trim_end_matches(['"', '\'']);
    before.rsplit(|c: char| !is_part(c)).next()
}

/// How much of the value of a key can be shown, as it is the name of an anchor: `<<: *base`.
pub(super) fn merged(entry: &Entry<'_>, value: &str) -> usize {
    let alias = value.trim_start();
    let Some(name) = alias.strip_prefix('*').filter(|_| entry.word == "<<") else {
        return 0;
    };
    let end = name.find(|c: char| !is_part(c)).unwrap_or(name.len());
    match name.get(..end) {
        Some(name) if shown_name::is_name(name) => value.len() - alias.len() + 1 + end,
        _ => 0,
    }
}

/// What is hidden of a value in brackets whose names are visible: all but these and the brackets.
pub(super) fn hidden(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let part = text.get(range.clone()).unwrap_or_default();
    let mut ranges = Vec::new();
    let mut depth = 0_usize;
    let mut before = ' ';
    let mut skip = 0;
    for (at, c) in part.char_indices() {
        if at < skip {
            continue;
        }
        let rest = part.get(at..).unwrap_or_default();
        // The first key of the value, or the one behind a comma.
        if depth == 1 && matches!(before, '{' | '[' | ',') && !c.is_whitespace() {
            let entry = Entry::of(rest);
            if let (true, Some(value)) = (entry.is_name(), entry.value) {
                skip = at + value + merged(&entry, rest.get(value..).unwrap_or_default());
                before = ':';
                continue;
            }
        }
        let length = match c {
            '{' | '[' | '}' | ']' | ',' => {
                depth = match c {
                    '{' | '[' => depth + 1,
                    '}' | ']' => depth.saturating_sub(1),
                    _ => depth,
                };
                before = c;
                continue;
            }
            c if c.is_whitespace() => continue,
            '"' | '\'' if is_edge(before) => quote_end(rest, c).unwrap_or(rest.len()),
            // The braces of an expression are its own.
            '$' if rest.starts_with("${") => {
                let expression = rest.get(1..).and_then(bracket_end);
                expression.map_or(1, |length| 1 + length)
            }
            c => c.len_utf8(),
        };
        ranges.push(range.start + at..range.start + at + length);
        skip = at + length;
        before = 'x';
    }
    ranges
}

#[cfg(test)]
mod tests {
    use crate::redact::{Mask, TextForm};

    #[test]
    fn expressions_and_merged_anchors_are_visible() {
        for (text, shown) in [
            (
                "environment: { <<: *base, A: ${X-}, B: hunter2 }",
                "environment: { <<: *base, A: ${X-}, B: ******* }",
            ),
            (
                "environment:\n  <<: *base\n  B: hunter2\n",
                "environment:\n  <<: *base\n  B: *******\n",
            ),
            // Quotes around a variable are no part of a value.
            (
                "environment:\n  A_PASSWORD: \"${A_PASSWORD:?}\"\n  B: \"${C}x1\"\n",
                "environment:\n  A_PASSWORD: \"${A_PASSWORD:?}\"\n  B: \"${C}***\n",
            ),
            // What is not an alias may be the secret.
            ("environment: { A: *base }", "environment: { A: ***** }"),
            (
                "environment: { A: a${b, C: hunter2} }",
                "environment: { A: ***************** }",
            ),
            (
                "environment: { A: ${X:-hunter2}, B: c }",
                "environment: { A: ${X:-********, B: * }",
            ),
        ] {
            let mask = Mask::of(text, TextForm::Compose).shown(text).to_owned();
            assert_eq!(mask, shown, "{text}");
        }
    }
}
