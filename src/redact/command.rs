//! Secrets among the words of a command.

use super::{is_literal, tells_secret};

/// Clients that take the password in one word with `-p`.
const CLIENTS: [&str; 8] = [
    "mysql", "mysqladmin", "mysqldump", "mysqlcheck", "mariadb", "mariadb-admin", "mariadb-dump",
    "mariadb-check",
];

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
    let program = |word: &'a str| word.rsplit('/').next().unwrap_or_default();
    let has_client = words.iter().any(|word| CLIENTS.contains(&program(word)));
    // redis-cli takes it with `-a`.
    let has_redis = words.iter().any(|word| program(word) == "redis-cli");
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let flag = word.trim_start_matches('-');
        let is_flag = flag.len() < word.len();
        let next = words.get(at + 1).filter(|next| !next.starts_with('-'));
        let (name, value, word_at) = match (word.split_once('='), next) {
            (Some((name, value)), _) => (name, value, at),
            (None, _) if has_client && word.len() > 2 && word.starts_with("-p") => {
                ("-p", word.get(2..).unwrap_or_default(), at)
            }
            (None, Some(value)) if is_flag => (*word, *value, at + 1),
            _ => continue,
        };
        let bare = name.trim_start_matches('-');
        let is_known = name == "-p" && word.len() > 2
            || name == "-a" && has_redis
            || matches!(bare, "requirepass" | "masterauth");
        if (is_known || tells_secret(bare)) && is_plain(value) {
            found.push(InCommand {
                name,
                value,
                word: word_at,
            });
        }
    }
    found
}

/// Whether a value is the secret itself, not a switch, the path of a file, an address, or what an application
/// fills in: `%env(DB_PASSWORD)%`, `%kernel.project_dir%/key.pem`.
pub(crate) fn is_plain(value: &str) -> bool {
    let is_path = value.starts_with(['/', '.', '~']);
    let is_filled_in = value.starts_with('%') && value.matches('%').count() > 1;
    // The quotes of `- NAME="none"` are a part of the value.
    let word = value.trim_matches(['"', '\'']).to_ascii_lowercase();
    let is_switch = matches!(
        word.as_str(),
        "" | "true"
            | "false"
            | "yes"
            | "no"
            | "on"
            | "off"
            | "0"
            | "1"
            | "none"
            | "null"
            | "invalid"
            | "disabled"
            | "unset"
            | "undefined"
    );
    let is_address = value.contains("://") && !value.contains(['@', '?', '=']);
    is_literal(value) && !is_path && !is_address && !is_filled_in && !is_switch
}
