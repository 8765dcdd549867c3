//! How a value is written as one YAML scalar, whatever it holds.
//!
//! The parser's own emitter writes `2026-01-01`, `22:22` and `1_000` bare, and Compose (or another
//! reader, with YAML 1.1 in mind) takes them for something else. Here only what every reader takes
//! for text goes without quotes.

use std::fmt::Write;

/// Where a scalar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    /// The value of a block mapping or sequence; a text of several lines may follow, indented by
    /// this many spaces.
    Block {
        /// The indentation of the lines of a literal block.
        indent: usize,
    },
    /// A key, or inside `[…]` or `{…}`: one line, and `,[]{}` mean something.
    Line,
}

/// `text` as a scalar that every YAML reader reads as exactly this text.
pub(crate) fn write(text: &str, position: Position) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    if let Some(quoted) = single_quoted(text) {
        return quoted;
    }
    match position {
        Position::Block { indent } if is_literal(text) => literal(text, indent),
        _ => double_quoted(text),
    }
}

/// Whether `text` needs no quotes: a word or path that begins with a letter, `/`, `./` or `../`, and is not a
/// keyword in any version of YAML. A `:` inside is safe because no white space can follow it.
pub(super) fn is_plain(text: &str) -> bool {
    const KEYWORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let is_relative = text.starts_with("./") || text.starts_with("../");
    (is_relative || text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/'))
        && text.chars().all(|c| {
            c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-' | ':' | '@' | '+')
        })
        && !text.ends_with(':')
        && !KEYWORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// Whether `text` is a size or a duration, such as `64m`, `1.5s` and `1h30m`: no version of YAML reads one as a number.
pub(super) fn is_measure(text: &str) -> bool {
    let is_unit = |c: char| "bkmgtBKMGThsinu".contains(c);
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.ends_with(is_unit)
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || c == '.' || is_unit(c))
}

/// `text` in single quotes, where it can be.
pub(super) fn single_quoted(text: &str) -> Option<String> {
    let is_possible = text.chars().all(|c| !needs_escape(c));
    is_possible.then(|| format!("'{}'", text.replace('\'', "''")))
}

/// Whether a character cannot be written in single quotes on one line.
fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}'
        )
        || ('\u{FDD0}'..='\u{FDEF}').contains(&c)
}

/// Whether a text of several lines can be written as it is in a literal block.
fn is_literal(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    text.contains('\n')
        // Blank lines that follow in the template would be read as part of a text that keeps its own.
        && !text.ends_with("\n\n")
        && !first.is_empty()
        // A first line that begins with a space would set the block's indentation.
        && !first.starts_with([' ', '\t'])
        && text.chars().all(|c| c == '\n' || c == '\t' || !needs_escape(c))
}

fn literal(text: &str, indent: usize) -> String {
    let (chomping, body) = match text.strip_suffix('\n') {
        Some(body) => ("", body),
        None => ("-", text),
    };
    let mut written = format!("|{chomping}");
    for line in body.split('\n') {
        written.push('\n');
        if !line.is_empty() {
            written.push_str(&" ".repeat(indent));
            written.push_str(line);
        }
    }
    written
}

/// A double-quoted scalar; its escapes are those that JSON and YAML share, but for the code points
/// beyond U+FFFF, which need none.
pub(super) fn double_quoted(text: &str) -> String {
    let mut written = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            c if needs_escape(c) => {
                let _ = write!(written, "\\u{:04X}", u32::from(c));
            }
            c => written.push(c),
        }
    }
    written.push('"');
    written
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_yaml::Value;

    use super::{Position, is_measure, write};

    const BLOCK: Position = Position::Block { indent: 2 };

    #[test]
    fn words_and_paths_need_no_quotes() {
        for text in [
            "postgres:17.6", "/var/lib/data", "a_b-c", "ssh://deploy@host",
        ] {
            assert_eq!(write(text, BLOCK), text);
        }
    }

    #[test]
    fn sizes_and_durations_are_not_numbers() {
        for text in ["64m", "1.5s", "1h30m", "10gb", "0s", "500ms"] {
            assert!(is_measure(text), "{text}");
        }
        for text in [
            "64", "1e3", "0x1b", "1_000m", "12:30", "m", "1.5", "1e3s", "1 s",
        ] {
            assert!(!is_measure(text), "{text}");
        }
    }

    #[test]
    fn a_text_that_yaml_reads_as_another_type_is_quoted() {
        for text in [
            "yes", "NO", "null", "22:22", "1_000", "0x10", "2026-01-01", "~", "", "a: b",
        ] {
            assert_eq!(write(text, BLOCK), format!("'{text}'"));
        }
        assert_eq!(write("it's", BLOCK), "'it''s'");
        assert_eq!(write("a\rb", BLOCK), r#""a\rb""#);
    }

    #[test]
    fn several_lines_become_a_literal_block() {
        assert_eq!(write("a:\n\tb\n\nc\n", BLOCK), "|\n  a:\n  \tb\n\n  c");
        assert_eq!(write("a\nb", BLOCK), "|-\n  a\n  b");
        assert_eq!(write("a\nb\n\n", BLOCK), r#""a\nb\n\n""#);
        assert_eq!(write("a\nb", Position::Line), r#""a\nb""#);
        assert_eq!(write(" a\nb", BLOCK), r#"" a\nb""#);
    }

    proptest! {
        #[test]
        fn any_text_reads_back_as_itself(text in "(?s)(.*|[a\n ]{0,6})") {
            for (before, after, position) in [
                ("key: ", "\nnext: 1\n", BLOCK),
                ("key: ", "\n\n\nnext: 1\n", BLOCK),
                ("- ", "\n\n", BLOCK),
                ("key: [", ", 1]\n", Position::Line),
                ("{", ": 1}\n", Position::Line),
            ] {
                let document = format!("{before}{}{after}", write(&text, position));
                let value: Value = serde_yaml::from_str(&document).unwrap();
                let read = match &value {
                    Value::Sequence(items) => items[0].clone(),
                    Value::Mapping(entries) => match entries.get("key") {
                        Some(Value::Sequence(items)) => items[0].clone(),
                        Some(value) => value.clone(),
                        None => entries.keys().next().unwrap().clone(),
                    },
                    _ => Value::Null,
                };
                prop_assert_eq!(read, Value::String(text.clone()), "{}", document);
            }
        }
    }
}
