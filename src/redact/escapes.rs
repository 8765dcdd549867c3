//! Secrets that only a reader of YAML or JSON sees: behind escapes, or over several lines.

use std::ops::Range;

use super::{ranges, text};

/// The longest text in quotes that is looked at.
const MAX_BYTES: usize = 16 * 1024;

/// After as many quotes that are not closed nearby, what is near the next ones is passed over.
const MAX_UNCLOSED: usize = 16;

/// The insides of double quotes that hold a secret once their escapes are resolved.
pub(super) fn hidden(whole: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut unclosed = 0_usize;
    while let Some(start) = find(whole, at, '"') {
        let Some(end) = closing(whole, start + 1) else {
            // Each was looked for a long way, so there cannot be many of them.
            unclosed += 1;
            let far = if unclosed > MAX_UNCLOSED {
                MAX_BYTES
            } else {
                1
            };
            at = ranges::floor(whole, start + far).max(start + 1);
            continue;
        };
        let inner = whole.get(start + 1..end).unwrap_or_default();
        if inner.contains('\\') && text::has_secret(&resolved(inner)) {
            found.push(start + 1..end);
        }
        at = end + 1;
    }
    found
}

fn find(whole: &str, from: usize, c: char) -> Option<usize> {
    whole.get(from..)?.find(c).map(|at| from + at)
}

fn closing(whole: &str, from: usize) -> Option<usize> {
    let mut is_escaped = false;
    for (at, c) in whole.get(from..)?.char_indices() {
        match c {
            _ if at > MAX_BYTES => return None,
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return Some(from + at),
            _ => {}
        }
    }
    None
}

/// The text behind the escapes (YAML 1.2, 5.7).
fn resolved(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut chars = after.chars();
        let length = match chars.next() {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            // An escaped line break is not part of the text, nor is the indentation behind it.
            Some('\n' | '\r') => {
                rest = after.trim_start();
                continue;
            }
            Some(c) => {
                out.push(if matches!(c, 'n' | 'r' | 't') { ' ' } else { c });
                rest = chars.as_str();
                continue;
            }
            None => break,
        };
        let code = after.get(1..=length);
        let c = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        out.extend(c.and_then(char::from_u32));
        rest = after
            .get(if code.is_some() { length + 1 } else { 1 }..)
            .unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::hidden;

    #[test]
    fn an_escape_hides_no_secret() {
        for text in [
            r#"a: "postgres://u:\x68unter2@db""#,
            "a: \"postgres://u:hun\\\n   ter2@db\"",
            r#"{"a": "tcp:\/\/u:hunter2@h"}"#,
        ] {
            assert_eq!(hidden(text).len(), 1, "{text}");
        }
        assert_eq!(
            hidden(r#"a: "x\ny" "b\"c""#),
            Vec::<std::ops::Range<usize>>::new()
        );
    }
}
