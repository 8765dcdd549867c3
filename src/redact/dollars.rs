//! Dollar signs that a Compose file doubles: `$$` is one that begins no variable of Compose.

use std::borrow::Cow;

use crate::text::expression::name_end;

/// Stands for `$$` while a text is searched. It is as long, so that everything stays where it is, and every check of a value
/// takes it for an ordinary sign.
const SIGN: &str = "\u{80}";

/// What may be before a whole value.
const BEFORE: [char; 8] = ['=', ':', '/', ',', ' ', '"', '\'', '\n'];

/// What may be behind one.
const BEHIND: [char; 10] = [' ', '"', '\'', ',', ';', '&', '@', ':', '/', '\n'];

/// The text with a sign instead of each `$$` that is a part of a value. Where it begins what looks like a variable, it is
/// probably for a shell, and stays.
pub(crate) fn literal_dollars(text: &str) -> Cow<'_, str> {
    if !text.contains("$$") {
        return Cow::Borrowed(text);
    }
    let mut literal = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("$$") {
        literal.push_str(before);
        let is_of_shell = begins_variable(&literal, after);
        literal.push_str(if is_of_shell { "$$" } else { SIGN });
        rest = after;
    }
    literal.push_str(rest);
    Cow::Owned(literal)
}

/// The text as it is written.
pub(crate) fn written_dollars(literal: &str) -> String {
    literal.replace(SIGN, "$$")
}

/// Whether a `$$` between two texts begins a variable of a shell: `-p$$MYSQL_PASSWORD`, `u:$$password@db`, `$$(cat f)`.
fn begins_variable(before: &str, after: &str) -> bool {
    if after.starts_with(['{', '(']) {
        return true;
    }
    let (name, behind) = after.split_at_checked(name_end(after)).unwrap_or_default();
    let mut last = before.chars().rev();
    let is_option = last.next().is_some_and(|c| c.is_ascii_alphabetic())
        && last.next() == Some('-')
        && last.next().is_none_or(char::is_whitespace);
    let is_first = before.is_empty() || before.ends_with(BEFORE) || is_option;
    let is_whole = behind.is_empty() || behind.starts_with(BEHIND);
    let is_word = is_whole && !name.contains(|c: char| c.is_ascii_digit());
    !name.is_empty() && is_first && (is_variable(name) || is_word)
}

/// Whether a name is written as variables are: in capitals, so that it is not taken for a part of a
/// password with a `$` in it.
pub(crate) fn is_variable(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_uppercase() || c == '_')
        && chars.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::{is_variable, literal_dollars, written_dollars};

    #[test]
    fn a_variable_is_in_capitals() {
        assert!(is_variable("DB_PASSWORD") && !is_variable("ecret"));
    }

    #[test]
    fn a_doubled_dollar_is_a_part_of_a_value_or_begins_a_variable() {
        for text in [
            "p@ss$$word1",
            "--password=p@ss$$word1",
            "$$ecret1",
            "P@$$W0RD",
            "a$$",
            "$$$$",
            "pa$$1x",
        ] {
            let literal = literal_dollars(text);
            assert!(!literal.contains('$'), "{text}");
            assert_eq!(literal.len(), text.len());
            assert_eq!(written_dollars(&literal), text);
        }
        for text in [
            "$$PASSWORD",
            "-p$$MYSQL_ROOT_PASSWORD",
            "--password=$$DB_PW",
            "redis://:$$password@db",
            "mysql -u $$USER -p$$p",
            "$${PASSWORD}",
            "a$$(cat /run/secrets/p)",
        ] {
            assert_eq!(literal_dollars(text), text);
        }
    }
}
