//! A command line, split into words.

use std::ops::Range;

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

/// A word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// What the program is given.
    pub(crate) text: String,
    /// Which part of the command it is in, from 0.
    pub(crate) part: usize,
    /// Where it stands there, with its quotes, in bytes.
    pub(crate) at: Range<usize>,
    /// Whether a shell fills in variables in it.
    pub(crate) expands: bool,
}

/// Who reads a line of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineReader {
    /// Compose, which splits it and fills in nothing more, or a program.
    Compose,
    /// A shell.
    Shell,
}

/// The words of a command in its string form; `None` where Compose refuses it.
pub(crate) fn split(command: &str) -> Option<Vec<String>> {
    let (words, rest) = lex(command, Grammar::Compose)?;
    let words = words.into_iter().map(|word| word.text);
    rest.is_some().then(|| words.collect())
}

/// The sign of a shell at which Compose ends a command in its string form. It drops that, and what follows
/// (github.com/mattn/go-shellwords, `Parse`).
pub(crate) fn end_of_command(command: &str) -> Option<&str> {
    let (_, rest) = lex(command, Grammar::Compose)?;
    let rest = rest?;
    let end = rest.find(|c| !ENDS.contains(&c)).unwrap_or(rest.len());
    rest.get(..end).filter(|sign| !sign.is_empty())
}

/// The words of a line that a shell runs, without empty ones.
pub(crate) fn shell_words(line: &str) -> Vec<String> {
    let (words, _) = lex(line, Grammar::Shell).unwrap_or_default();
    words
        .into_iter()
        .map(|word| word.text)
        .filter(|word| !word.is_empty() && !is_separator(word))
        .collect()
}

/// The words of a command that is written as a list, with those of the lines that it gives to a shell: `[sh, -c, LINE]`,
/// `[CMD-SHELL, LINE]`.
pub(crate) fn words_of_list(parts: &[&str]) -> Vec<Word> {
    let mut words = Vec::new();
    // What stands alone may be for the shell of the entrypoint.
    let mut is_line = matches!(parts, [part] if !part.starts_with('-'));
    for (number, part) in parts.iter().enumerate() {
        if is_line {
            add_line(part, number, 0, LineReader::Shell, &mut words);
        } else {
            words.push(Word {
                text: (*part).to_owned(),
                part: number,
                at: 0..part.len(),
                expands: false,
            });
        }
        is_line = takes_line(part);
    }
    words
}

/// The words of a line that a shell or Compose splits, with those of the lines in it: `sh -c 'LINE'`. Each character that
/// ends a command is a word of its own.
pub(crate) fn words_of_line(line: &str, reader: LineReader) -> Vec<Word> {
    let mut words = Vec::new();
    add_line(line, 0, 0, reader, &mut words);
    words
}

fn add_line(line: &str, part: usize, start: usize, reader: LineReader, words: &mut Vec<Word>) {
    let (own, _) = lex(line, Grammar::Shell).unwrap_or_default();
    let mut is_line = false;
    for mut word in own {
        let written = line.get(word.at.clone()).unwrap_or_default();
        let inner = ['\'', '"']
            .iter()
            .find_map(|quote| written.strip_prefix(*quote)?.strip_suffix(*quote));
        let is_next = takes_line(&word.text);
        if let Some(inner) = inner.filter(|_| is_line) {
            add_line(
                inner,
                part,
                start + word.at.start + 1,
                LineReader::Shell,
                words,
            );
        } else {
            word.part = part;
            word.expands &= reader == LineReader::Shell;
            word.at = start + word.at.start..start + word.at.end;
            words.push(word);
        }
        is_line = is_next;
    }
}

/// Whether what follows a word of a command is a line for a shell.
pub(crate) fn takes_line(word: &str) -> bool {
    let is_flag =
        |flags: &str| flags.ends_with('c') && flags.chars().all(|c| c.is_ascii_alphabetic());
    word == "CMD-SHELL" || word.strip_prefix('-').is_some_and(is_flag)
}

/// What ends a command within a line of a shell.
const SEPARATORS: [char; 5] = ['(', ')', ';', '&', '|'];

/// Whether a word is not one, but ends a command within a line of a shell: `;`, `&&`.
pub(crate) fn is_separator(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| SEPARATORS.contains(&c))
}

/// What is read of a line.
#[derive(Default)]
struct Lexed {
    words: Vec<Word>,
    /// The word that is being read, and where it began.
    word: Option<(usize, String)>,
    /// Whether a shell fills in variables in it.
    expands: bool,
}

impl Lexed {
    /// Adds to the word that is being read; the first character begins it.
    fn push(&mut self, at: usize, c: char) {
        self.begin(at).push(c);
    }

    fn begin(&mut self, at: usize) -> &mut String {
        &mut self.word.get_or_insert_with(|| (at, String::new())).1
    }

    /// Ends the word that is being read before a place.
    fn end(&mut self, at: usize) {
        let expands = std::mem::take(&mut self.expands);
        let word = self.word.take().map(|(start, text)| Word {
            text,
            part: 0,
            at: start..at,
            expands,
        });
        self.words.extend(word);
    }
}

/// What ends a command for Compose.
const ENDS: [char; 5] = [';', '&', '|', '<', '>'];

/// The words, and what follows them; no rest where a quote or bracket is not closed.
fn lex(line: &str, grammar: Grammar) -> Option<(Vec<Word>, Option<&str>)> {
    let is_shell = grammar == Grammar::Shell;
    let mut read = Lexed::default();
    let mut end = line.len();
    let mut inside = Inside::Nothing;
    let mut is_escaped = false;
    for (at, c) in line.char_indices() {
        if is_escaped {
            is_escaped = false;
            read.push(at, c);
            continue;
        }
        match (c, inside) {
            ('\\', Inside::Single) => read.push(at, c),
            ('\\', _) => {
                is_escaped = true;
                read.begin(at);
            }
            (' ' | '\t' | '\r' | '\n', Inside::Nothing) => read.end(at),
            (c, Inside::Nothing) if is_shell && SEPARATORS.contains(&c) => {
                read.end(at);
                read.push(at, c);
                read.end(at + 1);
            }
            ('`' | '<' | '>', Inside::Nothing) if is_shell => read.push(at, c),
            ('"' | '\'', Inside::Nothing) => {
                inside = if c == '"' {
                    Inside::Double
                } else {
                    Inside::Single
                };
                read.begin(at);
            }
            ('"', Inside::Double) | ('\'', Inside::Single) => inside = Inside::Nothing,
            ('`', Inside::Nothing) => {
                inside = Inside::Back;
                read.push(at, c);
            }
            ('`', Inside::Back) | (')', Inside::Brackets) => {
                inside = Inside::Nothing;
                read.push(at, c);
            }
            // A lone `)` opens what the next one closes.
            (')', Inside::Nothing) => {
                inside = Inside::Brackets;
                read.push(at, c);
            }
            ('(', Inside::Nothing)
                if read
                    .word
                    .as_ref()
                    .is_some_and(|(_, word)| word.ends_with('$')) =>
            {
                inside = Inside::Brackets;
                read.push(at, c);
            }
            ('(', Inside::Nothing | Inside::Brackets) => return None,
            (c, Inside::Nothing) if ENDS.contains(&c) => {
                // `2>file`: the number belongs to what follows.
                if c == '>' {
                    read.word
                        .take_if(|(_, word)| word.starts_with(|c: char| c.is_ascii_digit()));
                }
                end = at;
                break;
            }
            (c, _) => {
                read.expands |= c == '$' && inside != Inside::Single;
                read.push(at, c);
            }
        }
    }
    read.end(end);
    let is_closed = !is_escaped && inside == Inside::Nothing;
    let rest = is_closed.then(|| line.get(end..).unwrap_or_default());
    Some((read.words, rest))
}

#[cfg(test)]
mod tests {
    use super::{LineReader, Word, shell_words, split, words_of_line, words_of_list};

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

    #[test]
    fn a_line_that_a_shell_is_given_is_a_command_of_its_own() {
        let texts =
            |words: Vec<Word>| -> Vec<String> { words.into_iter().map(|word| word.text).collect() };
        assert_eq!(
            texts(words_of_list(&["CMD-SHELL", "A=b c || d"])),
            ["CMD-SHELL", "A=b", "c", "|", "|", "d"]
        );
        assert_eq!(texts(words_of_list(&["a", "A=b c"])), ["a", "A=b c"]);
        assert_eq!(texts(words_of_list(&["A=b c"])), ["A=b", "c"]);
        assert_eq!(texts(words_of_list(&["--a=b c"])), ["--a=b c"]);
        let line = "sh -ec \"A=b 'c d'; e\" f";
        let words = words_of_line(line, LineReader::Compose);
        let written: Vec<&str> = words
            .iter()
            .map(|word| line.get(word.at.clone()).unwrap())
            .collect();
        assert_eq!(written, ["sh", "-ec", "A=b", "'c d'", ";", "e", "f"]);
        assert_eq!(texts(words), ["sh", "-ec", "A=b", "c d", ";", "e", "f"]);
    }

    #[test]
    fn a_shell_fills_in_variables_but_in_single_quotes() {
        let expanding = |words: Vec<Word>| -> Vec<String> {
            let words = words.into_iter().filter(|word| word.expands);
            words.map(|word| word.text).collect()
        };
        let line = r#"a $b '$c' "$d" sh -c '$e'"#;
        let by = |reader| expanding(words_of_line(line, reader));
        assert_eq!(by(LineReader::Shell), ["$b", "$d", "$e"]);
        assert_eq!(by(LineReader::Compose), ["$e"]);
        assert_eq!(expanding(words_of_list(&["$a", "-c", "$b"])), ["$b"]);
    }
}
