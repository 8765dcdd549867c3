//! A command line, split into words.

/// Who splits it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grammar {
    /// Compose, which uses go-shellwords (`shellwords.go`). That is less than a shell: `;`, `&`, `|`, `<`
    /// and `>` end the command, a backslash escapes between double quotes too, `\n` and `\t` stay
    /// letters, and back quotes and `$(…)` keep their text together, as it is.
    Compose,
    /// A shell, near enough to tell a flag from its value: the words of all commands of the line.
    Shell,
}

/// What keeps spaces and quotes from their usual meaning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    Single,
    Double,
    Back,
    Brackets,
}

/// The words of a command in its string form; `None` where Compose refuses it.
pub(super) fn split(command: &str) -> Option<Vec<String>> {
    let (words, is_closed) = lex(command, Grammar::Compose)?;
    is_closed.then_some(words)
}

/// The words of a line that a shell runs, without empty ones.
pub(crate) fn shell_words(line: &str) -> Vec<String> {
    let (mut words, _) = lex(line, Grammar::Shell).unwrap_or_default();
    words.retain(|word| !word.is_empty());
    words
}

/// Adds to the word that is being read; the first character begins it.
fn push(word: &mut Option<String>, c: char) {
    word.get_or_insert_default().push(c);
}

/// The words, and whether all quotes and brackets are closed.
fn lex(line: &str, grammar: Grammar) -> Option<(Vec<String>, bool)> {
    let is_shell = grammar == Grammar::Shell;
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut inside = Inside::Nothing;
    let mut is_escaped = false;
    for c in line.chars() {
        if is_escaped {
            is_escaped = false;
            push(&mut word, c);
            continue;
        }
        match (c, inside) {
            ('\\', Inside::Single) => push(&mut word, c),
            ('\\', _) => is_escaped = true,
            (' ' | '\t' | '\r' | '\n', Inside::Nothing) => words.extend(word.take()),
            ('(' | ')' | ';' | '&' | '|', Inside::Nothing) if is_shell => words.extend(word.take()),
            ('`' | '<' | '>', Inside::Nothing) if is_shell => push(&mut word, c),
            ('"', Inside::Nothing) => inside = Inside::Double,
            ('\'', Inside::Nothing) => inside = Inside::Single,
            ('"', Inside::Double) | ('\'', Inside::Single) => {
                inside = Inside::Nothing;
                word.get_or_insert_default();
            }
            ('`', Inside::Nothing) => {
                inside = Inside::Back;
                push(&mut word, c);
            }
            ('`', Inside::Back) | (')', Inside::Brackets) => {
                inside = Inside::Nothing;
                push(&mut word, c);
            }
            // A lone `)` opens what the next one closes.
            (')', Inside::Nothing) => {
                inside = Inside::Brackets;
                push(&mut word, c);
            }
            ('(', Inside::Nothing) if word.as_ref().is_some_and(|word| word.ends_with('$')) => {
                inside = Inside::Brackets;
                push(&mut word, c);
            }
            ('(', Inside::Nothing | Inside::Brackets) => return None,
            (';' | '&' | '|' | '<' | '>', Inside::Nothing) => {
                // `2>file`: the number belongs to what follows.
                let is_number = |word: &mut String| word.starts_with(|c: char| c.is_ascii_digit());
                if c == '>' {
                    word.take_if(is_number);
                }
                break;
            }
            (c, _) => push(&mut word, c),
        }
    }
    words.extend(word);
    Some((words, !is_escaped && inside == Inside::Nothing))
}

#[cfg(test)]
mod tests {
    use super::{shell_words, split};

    #[test]
    fn words_are_those_of_compose() {
        for (command, expected) in [
            ("", vec![]),
            ("  a  b\tc\n", vec!["a", "b", "c"]),
            (
                "sh -c 'echo \"$HOME\" \\n'",
                vec!["sh", "-c", "echo \"$HOME\" \\n"],
            ),
            ("a \"b c\"d '' \"\"", vec!["a", "b cd", "", ""]),
            ("a\\ b \"c\\\"d\"", vec!["a b", "c\"d"]),
            ("sh -c 'a && b' && c", vec!["sh", "-c", "a && b"]),
            ("run 2>log", vec!["run"]),
            ("run a>log", vec!["run", "a"]),
            ("echo $(a b) `c d`", vec!["echo", "$(a b)", "`c d`"]),
        ] {
            assert_eq!(
                split(command).as_deref(),
                Some(&expected.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>()[..]),
                "{command}"
            );
        }
    }

    #[test]
    fn commands_that_compose_refuses() {
        for command in ["'a", "a \"b", "a\\", "f(x)", "$(a", "`a"] {
            assert_eq!(split(command), None, "{command}");
        }
    }

    #[test]
    fn a_line_is_split_where_a_shell_splits_it() {
        assert_eq!(
            shell_words("PGPASSWORD='a b' psql -U \"x\" && (true; echo <me> '')"),
            ["PGPASSWORD=a b", "psql", "-U", "x", "true", "echo", "<me>"]
        );
    }
}
