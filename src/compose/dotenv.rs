//! Env files, as Compose reads them: `.env`, `env_file`, `label_file` (compose-go,
//! `dotenv/parser.go`).
//!
//! ```text
//! # a comment
//! export KEY=value      # and one behind a value
//! YAML: style
//! SINGLE='as $it is'
//! DOUBLE="a\nb ${KEY}"
//! INHERITED
//! ```

mod raw;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::interpolate::{Filled, InterpolationError, Lookup, MAX_FILLED, Unset, interpolate};
use super::wording::{WITHHELD, variable};
use crate::diagnostic::Diagnostic;
use crate::files::Text;
use crate::source::{Place, Source};

pub(super) use raw::read_raw;

/// The variables of files, in the order of their names.
pub(super) type Entries = BTreeMap<String, Filled>;

/// Why a file could not be read, and where in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) message: String,
    pub(super) expected: &'static str,
    pub(super) at: Range<usize>,
}

impl Mistake {
    /// The message; `source` is of a form that hides the values.
    pub(super) fn diagnostic(self, source: &Arc<Source>) -> Diagnostic {
        Diagnostic::new(self.message, Place::bytes(source, self.at)).label(self.expected)
    }
}

/// What was read besides the variables.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    /// The bytes of values that were put into others.
    pub(super) grown: usize,
    /// The variables that have no value, each behind the one whose value names it.
    pub(super) unset: Vec<(String, String)>,
    /// Those of them that are required, each with why.
    pub(super) required: Vec<(String, String)>,
}

/// Reads the variables of a text into `entries`. A value may name variables: those of `variables`,
/// else those that were read before.
pub(super) fn read(
    text: &Text,
    variables: &dyn Lookup,
    unset: Unset,
    entries: &mut Entries,
) -> Result<Read, Mistake> {
    let is_outside = text.is_outside;
    let text = text.text.as_str();
    let rest = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut reader = Reader {
        text,
        rest,
        is_outside,
        variables,
        unset,
        read: Read::default(),
    };
    while reader.go_to_statement() {
        reader.statement(entries)?;
    }
    Ok(reader.read)
}

fn known(value: &str) -> Filled {
    Filled {
        text: value.to_owned(),
        ..Filled::default()
    }
}

/// What a value may name: the variables around the file, then those above it.
struct Above<'a> {
    variables: &'a dyn Lookup,
    entries: &'a Entries,
    unset: Unset,
}

impl Lookup for Above<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        let own = || {
            let entry = self.entries.get(name)?;
            let is_known = self.unset == Unset::Strict || entry.unset.is_empty();
            is_known.then_some(entry.text.as_str())
        };
        self.variables.value(name).or_else(own)
    }
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
    is_outside: bool,
    variables: &'a dyn Lookup,
    unset: Unset,
    read: Read,
}

impl<'a> Reader<'a> {
    /// Passes over spaces, empty lines and comments.
    fn go_to_statement(&mut self) -> bool {
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('#') {
                return !self.rest.is_empty();
            }
            self.rest = self
                .rest
                .find('\n')
                .and_then(|end| self.rest.get(end..))
                .unwrap_or("");
        }
    }

    fn statement(&mut self, entries: &mut Entries) -> Result<(), Mistake> {
        let start = self.rest;
        let exported = self
            .rest
            .strip_prefix("export")
            .filter(|rest| rest.starts_with(char::is_whitespace));
        if let Some(rest) = exported {
            self.rest = rest.trim_start_matches(is_blank);
            if self.rest.is_empty() {
                let message = "this names no variable".into();
                return Err(self.mistake(message, "expected a name after `export`", start));
            }
        }
        // The name ends at `=` or `:`; a line without either takes the variable as it is outside.
        let mut end = None;
        for (at, c) in self.rest.char_indices() {
            match c {
                '=' | ':' | '\n' => {
                    end = Some((at, c));
                    break;
                }
                '_' | '.' | '-' | '[' | ']' => {}
                c if is_blank(c) || c.is_alphanumeric() => {}
                c => {
                    return Err(self.mistake(
                        format!("the name of a variable cannot contain `{c}`"),
                        "expected NAME=VALUE",
                        start,
                    ));
                }
            }
        }
        // Without a line break at its end, a last line that is only a name has no effect.
        let (length, separator) = end.unwrap_or((0, '='));
        let name = self.rest.get(..length).unwrap_or_default().trim_end();
        let after = if end.is_some() { length + 1 } else { 0 };
        self.rest = self
            .rest
            .get(after..)
            .unwrap_or_default()
            .trim_start_matches(is_blank);
        if name.contains(' ') {
            return Err(self.mistake(
                "the name of a variable cannot contain a space".into(),
                "expected NAME=VALUE",
                start,
            ));
        }
        if separator == '\n' {
            if let Some(value) = self.variables.value(name) {
                entries.insert(name.to_owned(), known(value));
            }
            return Ok(());
        }
        let value = self.value(entries, start)?;
        self.read.grown += value.grown;
        if self.read.grown > MAX_FILLED {
            return Err(self.failure(&InterpolationError::TooLarge, start));
        }
        let unset = value
            .unset
            .iter()
            .map(|unset| (name.to_owned(), unset.clone()));
        self.read.unset.extend(unset);
        self.read.required.extend(value.required.iter().cloned());
        entries.insert(name.to_owned(), value);
        Ok(())
    }

    fn value(&mut self, entries: &Entries, start: &'a str) -> Result<Filled, Mistake> {
        let above = Above {
            variables: self.variables,
            entries,
            unset: self.unset,
        };
        let fill = |value: &str| {
            let mut filled = interpolate(value, &above, self.unset)?;
            // Else a `$` would turn words of the file into names that are shown.
            if self.is_outside {
                for name in &mut filled.unset {
                    WITHHELD.clone_into(name);
                }
            }
            Ok(filled)
        };
        let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
            let value = line.split(" #").next().unwrap_or_default().trim_end();
            let value = fill(value).map_err(|failure| self.failure(&failure, start))?;
            self.rest = rest;
            return Ok(value);
        };
        let mut value = String::new();
        let mut is_escaped = false;
        let quoted = self.rest.get(1..).unwrap_or_default();
        for (at, c) in quoted.char_indices() {
            match c {
                c if c == quote && !is_escaped => {
                    let filled = if quote == '"' {
                        fill(&unescape(&value)).map_err(|failure| self.failure(&failure, start))?
                    } else {
                        known(&value)
                    };
                    self.rest = quoted.get(at + 1..).unwrap_or_default();
                    return Ok(filled);
                }
                '\\' if !is_escaped => {
                    is_escaped = true;
                    continue;
                }
                c => {
                    if is_escaped && c != quote {
                        value.push('\\');
                    }
                    value.push(c);
                }
            }
            is_escaped = false;
        }
        Err(self.mistake(
            "this value is not closed".into(),
            "expected a closing quote",
            start,
        ))
    }

    fn failure(&self, failure: &InterpolationError, start: &str) -> Mistake {
        let message = match failure {
            // The expression is a part of the value, which is not shown.
            InterpolationError::Invalid(_) => "a value contains an invalid expression".into(),
            InterpolationError::Required { name, .. } => {
                format!("{} is required but not set", variable(name, true))
            }
            InterpolationError::TooLarge => {
                format!(
                    "values are too large with their variables filled in: more than {MAX_FILLED} bytes"
                )
            }
        };
        self.mistake(
            message,
            "expected an expression that can be filled in",
            start,
        )
    }

    /// A mistake in the statement that begins at `start`, which is an end of the text.
    fn mistake(&self, message: String, expected: &'static str, start: &str) -> Mistake {
        let at = self.text.len() - start.len();
        let line = start.lines().next().unwrap_or_default();
        Mistake {
            message,
            expected,
            at: at..at + line.len(),
        }
    }
}

/// A space that ends no line.
fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\t' | '\u{B}' | '\u{C}' | '\r' | ' ' | '\u{85}' | '\u{A0}'
    )
}

/// Replaces the escapes of a value in double quotes; one that is not known stays.
fn unescape(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let c = after.chars().next();
        let simple = match c {
            // The text is filled in next, where `$$` is a `$`.
            Some('$') => Some("$$"),
            Some('a') => Some("\u{7}"),
            Some('b') => Some("\u{8}"),
            Some('f') => Some("\u{C}"),
            Some('n') => Some("\n"),
            Some('r') => Some("\r"),
            Some('t') => Some("\t"),
            Some('v') => Some("\u{B}"),
            Some('\\') => Some("\\"),
            Some('"') => Some("\""),
            _ => None,
        };
        if let Some(simple) = simple {
            plain.push_str(simple);
            rest = after.get(1..).unwrap_or_default();
        } else if let Some(octal) = c
            .filter(|c| *c == '0')
            .and_then(|_| after.get(1..4))
            .filter(|digits| digits.bytes().all(|b| matches!(b, b'0'..=b'7')))
        {
            // `\0123`; Go takes three digits, and no value above 255.
            match u8::from_str_radix(octal, 8) {
                Ok(byte) => plain.push(char::from(byte)),
                Err(_) => plain.extend(["\\0", octal]),
            }
            rest = after.get(4..).unwrap_or_default();
        } else {
            plain.push('\\');
            rest = after;
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::{Entries, read};
    use crate::compose::Unset;
    use crate::files::Text;
    use crate::variables::Variables;

    fn variables() -> Variables {
        [("OUT".to_owned(), "outside".to_owned())]
            .into_iter()
            .collect()
    }

    fn own(text: &str) -> Text {
        Text {
            text: text.to_owned(),
            is_outside: false,
        }
    }

    fn entries(text: &str) -> Vec<String> {
        let mut entries = Entries::new();
        read(&own(text), &variables(), Unset::Strict, &mut entries).unwrap();
        entries
            .into_iter()
            .map(|(name, value)| format!("{name}={}", value.text))
            .collect()
    }

    #[test]
    fn every_form_of_a_line() {
        for (text, expected) in [
            ("A=1\nB=2", vec!["A=1", "B=2"]),
            (
                "\u{FEFF}A=1 # one\n# two\n\n  B = x y #z",
                vec!["A=1", "B=x y"],
            ),
            ("A=1#x\nexport B=2\r\nC: 3", vec!["A=1#x", "B=2", "C=3"]),
            ("OUT\nNONE\nA=${OUT}", vec!["A=outside", "OUT=outside"]),
            ("A=a\nB=$A-${NONE:-n}", vec!["A=a", "B=a-n"]),
            ("A='$OUT \\' \\n'", vec!["A=$OUT ' \\n"]),
            (
                "A=\"x\\ny \\$OUT $OUT \\\" \\q\"\nB=",
                vec!["A=x\ny $OUT outside \" \\q", "B="],
            ),
            ("A=\"1\n2\"\nB='3\n4' C=5", vec!["A=1\n2", "B=3\n4", "C=5"]),
            ("A=\"\\0123\"", vec!["A=S"]),
        ] {
            assert_eq!(entries(text), expected, "{text}");
        }
    }

    #[test]
    fn env_files_that_compose_refuses() {
        for (text, at) in [
            ("A=1\nB C=2", 4..9),
            ("A=\"x\ny", 0..4),
            ("A?=1", 0..4),
            ("A=${", 0..4),
        ] {
            let mistake =
                read(&own(text), &variables(), Unset::Strict, &mut Entries::new()).unwrap_err();
            assert_eq!(mistake.at, at, "{text}: {}", mistake.message);
        }
    }

    #[test]
    fn a_variable_without_a_value_is_named() {
        let mut entries = Entries::new();
        read(
            &own("A=$NONE\nB=$A\n"),
            &variables(),
            Unset::Keep,
            &mut entries,
        )
        .unwrap();
        assert_eq!(entries["A"].unset, ["NONE"]);
        assert_eq!(entries["B"].unset, ["A"]);
    }
}
