//! Commands that a person can paste into a shell.

use std::borrow::Cow;

/// A command line: each word as a POSIX shell takes it for that word.
pub(crate) fn command<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<_> = words.into_iter().map(word).collect();
    words.join(" ")
}

/// A word, quoted where a shell would read more into it.
fn word(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn a_word_stays_one_word() {
        for (text, quoted) in [
            (
                "ssh://me@host:22/run/docker.sock",
                "ssh://me@host:22/run/docker.sock",
            ),
            ("two words", "'two words'"),
            ("it's", r"'it'\''s'"),
            ("$(reboot)", "'$(reboot)'"),
            ("", "''"),
        ] {
            assert_eq!(
                command(["docker", "rm", text]),
                format!("docker rm {quoted}")
            );
        }
    }
}
