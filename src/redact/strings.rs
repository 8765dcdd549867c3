//! Literal secrets in quotes, in data and programs of any language.

use super::shapes::{self, Spotted, is_literal};
use super::value::is_secret;
use super::{names, ranges};

/// How far back a statement is read.
const MAX_STATEMENT: usize = 500;

/// The strings that a name before them calls a secret: `"password": "…"`, `token = '…'`, and those of SQL that create or
/// change a user: `PASSWORD '…'`, `IDENTIFIED BY '…'`.
pub(crate) fn named_strings(text: &str) -> Vec<Spotted> {
    let mut found = Vec::new();
    let mut done = 0;
    for (at, quote) in text.char_indices().filter(|(_, c)| matches!(c, '"' | '\'')) {
        if at < done {
            continue;
        }
        let start = at + 1;
        let rest = text.get(start..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let Some(length) = line.find(quote) else {
            continue;
        };
        let value = start..start + length;
        done = value.end + 1;
        let word = text.get(value.clone()).unwrap_or_default();
        let before = text
            .get(ranges::floor(text, at.saturating_sub(MAX_STATEMENT))..at)
            .unwrap_or_default();
        if !is_literal(word) {
            continue;
        }
        if is_assigned(before, word) || is_of_user(before) {
            found.push(Spotted {
                at: value,
                kind: shapes::NAMED,
            });
        }
    }
    found
}

fn is_assigned(before: &str, value: &str) -> bool {
    let before = before.trim_end_matches([' ', '\t']);
    let Some(before) = before.strip_suffix([':', '=']) else {
        return false;
    };
    let before = before.trim_end_matches([' ', '\t', '"', '\'']);
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let name = before.rsplit(|c| !is_part(c)).next().unwrap_or_default();
    names::may_be_secret(name) && is_secret(name, value)
}

/// Whether a string follows `PASSWORD` or `IDENTIFIED BY` in a statement about a user.
fn is_of_user(before: &str) -> bool {
    let statement = before.rsplit(';').next().unwrap_or_default();
    let last = statement.split_ascii_whitespace().next_back();
    let is_near = |word: &str| {
        ["password", "by"]
            .iter()
            .any(|own| word.eq_ignore_ascii_case(own))
    };
    // Most strings are none, and a program has many.
    if !last.is_some_and(is_near) || !before.ends_with(|c: char| c.is_ascii_whitespace()) {
        return false;
    }
    let words: Vec<String> = statement
        .split_ascii_whitespace()
        .map(str::to_ascii_lowercase)
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let is_last = matches!(
        words.as_slice(),
        [.., "password"] | [.., "identified", "by"] | [.., "identified", "with", _, "by"]
    );
    let is_about = words.windows(2).any(|pair| {
        matches!(
            pair,
            ["create" | "alter", "user" | "role"] | ["set", "password"]
        )
    });
    is_last && is_about
}

#[cfg(test)]
mod tests {
    use super::named_strings;

    #[test]
    fn strings_behind_names_of_secrets_are_secrets() {
        for (text, expected) in [
            (
                r#"{"password": "hunter2secret", "a": "b"}"#,
                "hunter2secret",
            ),
            (r#"const password = "hunter2secret";"#, "hunter2secret"),
            ("ALTER USER nata PASSWORD 's3cr3tpw9';", "s3cr3tpw9"),
            ("CREATE ROLE a\n  LOGIN PASSWORD 's3cr3tpw9';", "s3cr3tpw9"),
            ("create user a identified by 's3cr3tpw9';", "s3cr3tpw9"),
            (
                "ALTER USER a IDENTIFIED WITH caching_sha2_password BY 's3cr3tpw9';",
                "s3cr3tpw9",
            ),
        ] {
            let found: Vec<_> = named_strings(text)
                .iter()
                .map(|one| one.in_text(text))
                .collect();
            assert_eq!(found, [expected], "{text}");
        }
    }

    #[test]
    fn other_strings_are_none() {
        for text in [
            "He forgot the password 'again'.",
            "INSERT INTO t VALUES ('password', 'x');",
            r#"{"password": "", "name": "Ada"}"#,
            r#"const token = process.env["TOKEN"];"#,
            r#"{"password": "${PASSWORD}"}"#,
            r#"if (password === "") {"#,
            "ALTER USER nata PASSWORD 'x",
        ] {
            let found: Vec<_> = named_strings(text)
                .iter()
                .map(|one| one.in_text(text))
                .collect();
            assert_eq!(found, [""; 0], "{text}");
        }
    }
}
