//! A command in its string form, split into words as Compose splits it.
//!
//! Compose uses go-shellwords (`shellwords.go`), which is less than a shell: `;`, `&`, `|`, `<` and
//! `>` end the command, a backslash counts between double quotes too, `\n` and `\t` stay letters, and
//! back quotes and `$(…)` keep their text together, as it is.

/// What a word that is being read has so far.
#[derive(Default)]
struct Word {
    text: String,
    is_open: bool,
}

impl Word {
    fn push(&mut self, c: char) {
        self.text.push(c);
        self.is_open = true;
    }
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

/// The words of a command; `None` where Compose refuses it.
pub(super) fn split(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word = Word::default();
    let mut inside = Inside::Nothing;
    let mut is_escaped = false;
    for c in command.chars() {
        if is_escaped {
            is_escaped = false;
            word.push(c);
            continue;
        }
        match (c, inside) {
            ('\\', Inside::Single) => word.text.push(c),
            ('\\', _) => is_escaped = true,
            (' ' | '\t' | '\r' | '\n', Inside::Nothing) => {
                if word.is_open {
                    words.push(std::mem::take(&mut word).text);
                }
            }
            (' ' | '\t' | '\r' | '\n', _) => word.text.push(c),
            ('"', Inside::Nothing) => inside = Inside::Double,
            ('\'', Inside::Nothing) => inside = Inside::Single,
            ('"', Inside::Double) | ('\'', Inside::Single) => {
                inside = Inside::Nothing;
                word.is_open = true;
            }
            ('`', Inside::Nothing) => {
                inside = Inside::Back;
                word.push(c);
            }
            ('`', Inside::Back) | (')', Inside::Brackets) => {
                inside = Inside::Nothing;
                word.push(c);
            }
            // A lone `)` opens what the next one closes.
            (')', Inside::Nothing) => {
                inside = Inside::Brackets;
                word.push(c);
            }
            ('(', Inside::Nothing) if word.text.ends_with('$') => {
                inside = Inside::Brackets;
                word.push(c);
            }
            ('(', Inside::Nothing | Inside::Brackets) => return None,
            (';' | '&' | '|' | '<' | '>', Inside::Nothing) => {
                // `2>file`: the number belongs to what follows.
                if c == '>' && word.text.starts_with(|c: char| c.is_ascii_digit()) {
                    word.is_open = false;
                }
                break;
            }
            (c, _) => word.push(c),
        }
    }
    if word.is_open {
        words.push(word.text);
    }
    (!is_escaped && inside == Inside::Nothing).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::split;

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
    fn what_compose_refuses() {
        for command in ["'a", "a \"b", "a\\", "f(x)", "$(a", "`a"] {
            assert_eq!(split(command), None, "{command}");
        }
    }
}
