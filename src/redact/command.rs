//! Secrets among the words of a command.

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
            if has_users && is_plain(password) || looks_secret(password) {
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

/// Whether a text has options in it, as a command has.
pub(crate) fn has_options(text: &str) -> bool {
    text.starts_with('-') || text.contains(" -")
}

/// The name and the secret of a line of a configuration: `password = hunter2`.
pub(crate) fn in_line(line: &str) -> Option<(&str, &str)> {
    let quotes = ['"', '\'', ' ', '\t', ',', ';', '\r', '\n'];
    let (name, value) = line.split_once(['=', ':'])?;
    let (name, value) = (name.trim_matches(quotes), value.trim_matches(quotes));
    let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
    (is_name && is_secret(name, value)).then_some((name, value))
}

/// The name and the secret of a header of HTTP, as `curl -H` takes it: `Authorization: Bearer TOKEN`.
pub(crate) fn in_header(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once(": ")?;
    let value = after_scheme(value.trim_start());
    (!name.contains(char::is_whitespace) && is_secret(name, value)).then_some((name, value))
}
