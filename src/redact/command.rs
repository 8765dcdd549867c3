//! Secrets among the words of a command.

use std::ops::Range;

use super::assigned::after_scheme;
use super::value::{is_plain, is_secret, looks_secret};

/// Clients that take the password in one word with `-p`.
const CLIENTS: [&str; 8] = [
    "mysql", "mysqladmin", "mysqldump", "mysqlcheck", "mariadb", "mariadb-admin", "mariadb-dump",
    "mariadb-check",
];

/// Options that take a name and its password, `NAME:PASSWORD`.
const USERS: [&str; 4] = ["-u", "-U", "--user", "--proxy-user"];

/// Programs whose options these are; the user of others may be `UID:GID`.
const OF_USERS: [&str; 3] = ["curl", "http", "https"];

/// A secret in a word of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InCommand<'a> {
    /// What it is called there: `--password`.
    pub(crate) name: &'a str,
    /// The secret.
    pub(crate) value: &'a str,
    /// The number of the word that it is in.
    pub(crate) word: usize,
}

/// The secrets among the words of a command.
pub(crate) fn in_command<'a>(words: &[&'a str]) -> Vec<InCommand<'a>> {
    let program = |word: &&'a str| word.rsplit('/').next().unwrap_or_default();
    let runs = |programs: &[&str]| {
        words
            .iter()
            .map(program)
            .any(|word| programs.contains(&word))
    };
    let (has_client, has_users) = (runs(&CLIENTS), runs(&OF_USERS));
    // redis-cli takes it with `-a`.
    let has_redis = runs(&["redis-cli"]);
    let is_piped = words.contains(&"--password-stdin");
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if let Some((name, value)) = in_header(word) {
            found.push(InCommand {
                name,
                value,
                word: at,
            });
            continue;
        }
        let flag = word.trim_start_matches('-');
        let is_flag = flag.len() < word.len();
        let next = words.get(at + 1).filter(|next| !next.starts_with('-'));
        let (name, value, word_at) = match (word.split_once('='), next) {
            (Some((name, value)), _) => (name, value, at),
            (None, _) if has_client && word.len() > 2 && word.starts_with("-p") => {
                ("-p", word.get(2..).unwrap_or_default(), at)
            }
            (None, Some(value)) if is_flag => (*word, *value, at + 1),
            (None, Some(value)) if is_piped && matches!(*word, "echo" | "printf") => {
                ("--password-stdin", *value, at + 1)
            }
            _ => continue,
        };
        let bare = name.trim_start_matches('-');
        if let (true, Some((_, password))) = (USERS.contains(&name), value.split_once(':')) {
            if is_plain(password) && (has_users || looks_secret(password)) {
                found.push(InCommand {
                    name,
                    value: password,
                    word: word_at,
                });
            }
            continue;
        }
        let is_known = name == "-p" && word.len() > 2
            || name == "-a" && has_redis
            || matches!(bare, "requirepass" | "masterauth" | "password-stdin");
        if is_known && is_plain(value) || is_secret(bare, value) {
            found.push(InCommand {
                name,
                value,
                word: word_at,
            });
        }
    }
    found
}

/// The secrets of commands in a file, wherever its syntax lets words end: `command: app --password hunter2`,
/// `[redis-cli, -a, hunter2]`, the items of a list.
pub(super) fn in_file(text: &str) -> Vec<Range<usize>> {
    const QUOTES: [char; 2] = ['"', '\''];
    let is_end = |c: char| c.is_whitespace() || QUOTES.contains(&c) || ",[]".contains(c);
    let (mut words, mut starts, mut at) = (Vec::new(), Vec::new(), 0);
    for part in text.split_inclusive(is_end) {
        let word = part.trim_end_matches(is_end);
        // The dash of an item is not an option.
        if !word.is_empty() && word != "-" {
            words.push(word);
            starts.push(at);
        }
        at += part.len();
    }
    let found = in_command(&words).into_iter();
    let ranges = found.filter_map(|found| {
        let end = starts.get(found.word)? + words.get(found.word)?.len();
        let start = end - found.value.len();
        let (before, rest) = text.split_at_checked(start)?;
        let quoted = before
            .chars()
            .next_back()
            .filter(|quote| QUOTES.contains(quote))
            .and_then(|quote| rest.lines().next()?.find(quote));
        Some(start..quoted.map_or(end, |length| end.max(start + length)))
    });
    ranges.collect()
}

/// Whether a text has options in it, as a command has.
pub(crate) fn has_options(text: &str) -> bool {
    text.starts_with('-') || text.contains(" -")
}

/// The name and the secret of a header of HTTP, as `curl -H` takes it: `Authorization: Bearer TOKEN`.
pub(crate) fn in_header(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once(": ")?;
    let value = after_scheme(value.trim_start());
    (!name.contains(char::is_whitespace) && is_secret(name, value)).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::in_file;

    fn hidden(text: &str) -> Vec<&str> {
        let ranges = in_file(text).into_iter();
        ranges.map(|range| text.get(range).unwrap()).collect()
    }

    #[test]
    fn a_password_behind_an_option_is_found_however_a_file_writes_the_command() {
        for text in [
            "command: app --password Tr0ub4dor9xQz --fast",
            "command: redis-server --requirepass Tr0ub4dor9xQz",
            "command: [app, --api-key, Tr0ub4dor9xQz]",
            "command: ['app', '--api-key', 'Tr0ub4dor9xQz']",
            "command:\n  - --requirepass\n  - Tr0ub4dor9xQz\n",
            "command: >\n  redis-server\n  --requirepass\n  Tr0ub4dor9xQz\n",
            "healthcheck: { test: [CMD-SHELL, redis-cli -a Tr0ub4dor9xQz ping] }",
            "test: mysqladmin ping -pTr0ub4dor9xQz",
            "test: curl -u admin:Tr0ub4dor9xQz http://localhost",
        ] {
            assert_eq!(hidden(text), ["Tr0ub4dor9xQz"], "{text}");
        }
        assert_eq!(hidden("[app, --password, \"a b, c\"]"), ["a b, c"]);
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "command: app --password ${PASSWORD}",
            "command: app --password {{ password }}",
            "command: app --password-file /run/secrets/password",
            "test: [CMD, pg_isready, -U, app]",
            "- --requirepass\n- ${REDIS_PASSWORD:?}\n",
            "test: curl -u admin:${WEB_PASSWORD:?set it in the env file} http://localhost",
            "test: curl -u admin:${WEB_PASSWORD} http://localhost",
        ] {
            assert_eq!(hidden(text), [""; 0], "{text}");
        }
    }
}
