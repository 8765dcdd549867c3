//! What of a command a shell reads.

use crate::compose::At;
use crate::text::command_line::{shell_words, takes_line};

/// Names of shells.
const SHELLS: [&str; 7] = ["sh", "ash", "bash", "dash", "ksh", "mksh", "zsh"];

/// Whether a word calls a shell, which may be a path.
pub(super) fn is_shell(word: &str) -> bool {
    SHELLS.contains(&word.rsplit('/').next().unwrap_or_default())
}

/// The lines of a health check that a shell reads: a text, or what follows `CMD-SHELL` or a shell.
pub(super) fn of_check(test: At<'_>) -> Vec<(String, At<'_>)> {
    if test.is_list() {
        return lines(test.texts().collect());
    }
    test.texts().collect()
}

/// The lines of a command that a shell reads. Compose splits a text itself, and starts no shell.
pub(super) fn of_command<'a>(parts: impl IntoIterator<Item = At<'a>>) -> Vec<(String, At<'a>)> {
    let words = parts.into_iter().flat_map(|part| {
        let is_list = part.is_list();
        part.texts().flat_map(move |(text, at)| {
            let words = if is_list {
                vec![text]
            } else {
                shell_words(&text)
            };
            words.into_iter().map(move |word| (word, at))
        })
    });
    lines(words.collect())
}

fn lines(words: Vec<(String, At<'_>)>) -> Vec<(String, At<'_>)> {
    let mut found = Vec::new();
    let (mut has_shell, mut is_line) = (false, false);
    for (word, at) in words {
        let is_next = takes_line(&word) && (has_shell || word == "CMD-SHELL");
        has_shell |= is_shell(&word);
        if is_line {
            found.push((word, at));
        }
        is_line = is_next;
    }
    found
}
