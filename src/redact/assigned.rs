//! Values behind names: `password=…`, `"api_key": "…"`, `token: …`.

use std::ops::Range;

use super::ranges::{self, MAX_NEAR};
use crate::text::expression::{Piece, pieces};

/// What separates a name from its value.
pub(super) const SEPARATORS: &[u8] = b":=";

/// The values in a text whose names are wanted, behind one of these separators.
pub(super) fn assigned(
    text: &str,
    separators: &[u8],
    is_wanted: impl Fn(&str) -> bool,
) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut done = 0;
    let bytes = text.bytes().enumerate();
    for (at, separator) in bytes.filter(|(_, byte)| separators.contains(byte)) {
        if at < done {
            continue;
        }
        if !is_wanted(name_before(text, at)) {
            continue;
        }
        let rest = text.get(at + 1..).unwrap_or_default();
        let value = match separator {
            b':' if !rest.starts_with([' ', '\t', '"', '\'']) => continue,
            b':' => after_scheme(rest.trim_start_matches([' ', '\t'])),
            _ if is_header(name_before(text, at)) => of_header(rest),
            _ => rest,
        };
        // In a text within a text, quotes have a backslash before them.
        let quoted = value.strip_prefix('\\');
        let quoted = quoted.filter(|rest| rest.starts_with(['"', '\'']));
        let value = quoted.unwrap_or(value);
        // What is looked at for nothing must be short, as a name may follow a name.
        let near = value
            .get(..ranges::floor(value, MAX_NEAR))
            .unwrap_or_default();
        if is_value(near.get(of_value(near)).unwrap_or_default()) {
            let from = text.len() - value.len();
            let range = of_value(value);
            done = from + range.end;
            found.push(from + range.start..done);
        }
    }
    found
}

/// The name whose separator or value begins at a place of a text.
pub(super) fn name_before(text: &str, at: usize) -> &str {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    // A name is short, and a line of separators must not be read again and again.
    let before = text
        .get(ranges::floor(text, at.saturating_sub(100))..at)
        .unwrap_or_default()
        .trim_end_matches(['"', '\'', ' ', '\\']);
    before.rsplit(|c| !is_word(c)).next().unwrap_or_default()
}

/// Whether the value of a name may be that of a header, which has a scheme before its token.
fn is_header(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["AUTH", "TOKEN", "HEADER"]
        .iter()
        .any(|part| name.contains(part))
}

/// The token of `Authorization=Basic TOKEN`. In `AUTH=basic PORT=80`, another name follows.
fn of_header(value: &str) -> &str {
    let near = value
        .get(..ranges::floor(value, MAX_NEAR))
        .unwrap_or_default();
    let token = after_scheme(near);
    let word = token.get(of_value(token)).unwrap_or_default();
    let name = word.split('=').next().unwrap_or_default();
    let is_name = name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && !name.contains(|c: char| c.is_ascii_lowercase());
    if is_name && word.trim_end_matches('=').contains('=') || word.contains(':') {
        return value;
    }
    value.get(near.len() - token.len()..).unwrap_or_default()
}

/// A value up to its closing quote, or to what ends a word.
fn of_value(value: &str) -> Range<usize> {
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    if let Some(quote) = quote {
        let inner = value.get(1..).unwrap_or_default();
        let end = inner.find([quote, '\n']).unwrap_or(inner.len());
        return 1..1 + end;
    }
    let ends = |c: char| {
        c.is_whitespace() || matches!(c, ',' | ';' | '&' | '"' | '\'' | '`' | ')' | ']' | '}')
    };
    // The brackets of an expression are its own. A text may have very many that do not end, so that each is looked at so far.
    let near = value
        .get(..ranges::floor(value, MAX_NEAR))
        .filter(|near| near.starts_with('$'))
        .unwrap_or_default();
    let is_cut = near.len() < value.len();
    let from = match pieces(near).next() {
        Some(Piece::Expression(expression)) => expression.written.len(),
        Some(Piece::Invalid(part)) if is_cut && part.len() == near.len() => part.len(),
        _ => 0,
    };
    let rest = value.get(from..).unwrap_or_default();
    0..from + rest.find(ends).unwrap_or(rest.len())
}

/// Whether there is something to hide: not an expression, a path, or the beginning of a block.
fn is_value(value: &str) -> bool {
    let is_reference = value.starts_with("{{")
        || value.starts_with('$') && !value.contains('-') && !value.contains('?');
    let is_path = value.starts_with('/') && value.matches('/').count() > 1;
    let is_block = value.len() <= 2 && value.starts_with(['{', '[', '|', '>'])
        || value.starts_with("{\"")
        || value.starts_with('[');
    let is_placeholder = value.starts_with('<')
        || value.chars().all(|c| c == '*')
        || matches!(value, "null" | "~" | "true" | "false" | "nothing");
    !(value.is_empty() || is_reference || is_path || is_block || is_placeholder)
}

/// No scheme of a header is longer, with the blank behind it.
const MAX_SCHEME: usize = 16;

/// What follows the scheme in the value of a header: `Bearer TOKEN`.
pub(super) fn after_scheme(value: &str) -> &str {
    // In a long text, the next blank may be far away, and there may be many values.
    let near = value
        .get(..ranges::floor(value, MAX_SCHEME))
        .unwrap_or_default();
    // In the headers of OpenTelemetry, the space is encoded.
    let mut blanks = [" ", "%20"].into_iter();
    let rest = blanks.find_map(|blank| {
        let (scheme, _) = near.split_once(blank)?;
        let schemes = ["basic", "bearer", "token", "apikey", "digest"];
        let is_scheme = schemes.iter().any(|own| scheme.eq_ignore_ascii_case(own));
        let rest = value.get(scheme.len() + blank.len()..)?;
        is_scheme.then(|| rest.trim_start())
    });
    rest.unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::{SEPARATORS, assigned};

    #[test]
    fn a_long_expression_is_hidden_to_where_it_was_looked_at() {
        let long = format!("p=${{A:-{}}}", "a b ".repeat(1000));
        let hidden = assigned(&long, SEPARATORS, |_| true);
        assert_eq!(hidden.len(), 1, "{hidden:?}");
        assert!(hidden[0].len() > 1000, "{hidden:?}");
        let hidden = assigned("p=${A:-a b} c", SEPARATORS, |_| true);
        assert_eq!((hidden.len(), hidden.first()), (1, Some(&(2..11))));
    }
}
