//! Filling in variables, as the Compose specification says
//! (<https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md>; compose-go,
//! `template/template.go`).

use std::collections::BTreeMap;
use std::fmt;

/// The variables that a Compose file can name.
#[derive(Debug, Clone, Default)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Those of this process. One that is no UTF-8 is left out: no Compose file can hold its value.
    #[must_use]
    pub fn from_process() -> Self {
        let variables = std::env::vars_os();
        variables
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The value of a variable, if it is set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl FromIterator<(String, String)> for Variables {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

/// What becomes of a variable that is not set and has no default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// Its expression stays as it is written, so that a state can be shown without a host's
    /// settings.
    Keep,
    /// It is empty, and one that is required is an error, as in Compose.
    Strict,
}

/// Why a text could not be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The expression is none that Compose knows.
    Invalid(String),
    /// A required variable is not set; the reason is the file's own.
    Required {
        /// The variable.
        name: String,
        /// Why it is required, as the file says.
        why: String,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(text) => write!(f, "`{text}` is no expression that Compose knows"),
            Self::Required { name, why } if why.is_empty() => {
                write!(f, "`{name}` is required and not set")
            }
            Self::Required { name, why } => write!(f, "`{name}` is required and not set: {why}"),
        }
    }
}

/// How deep expressions may stand in each other's defaults; deeper than anybody writes them.
const MAX_DEPTH: usize = 32;

/// The text with its variables filled in.
///
/// # Errors
/// An expression that Compose refuses, or (where `unset` is strict) a required variable without a
/// value.
pub fn interpolate(text: &str, variables: &Variables, unset: Unset) -> Result<String, Failure> {
    fill(text, variables, unset, MAX_DEPTH)
}

fn fill(text: &str, variables: &Variables, unset: Unset, depth: usize) -> Result<String, Failure> {
    if depth == 0 {
        return Err(Failure::Invalid(text.to_owned()));
    }
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        filled.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            filled.push('$');
            rest = after;
        } else if let Some(braced) = after.strip_prefix('{') {
            let end = closing_brace(braced).ok_or_else(|| Failure::Invalid(format!("${after}")))?;
            let inner = braced.get(..end).unwrap_or_default();
            filled.push_str(&expression(inner, variables, unset, depth)?);
            rest = braced.get(end + 1..).unwrap_or_default();
        } else {
            let end = name_end(after);
            let name = after.get(..end).unwrap_or_default();
            if name.is_empty() {
                return Err(Failure::Invalid(format!("${after}")));
            }
            match (variables.get(name), unset) {
                (Some(value), _) => filled.push_str(value),
                (None, Unset::Keep) => filled.extend(["$", name]),
                (None, Unset::Strict) => {}
            }
            rest = after.get(end..).unwrap_or_default();
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The value of what stands in `${…}`.
fn expression(
    inner: &str,
    variables: &Variables,
    unset: Unset,
    depth: usize,
) -> Result<String, Failure> {
    let invalid = || Failure::Invalid(format!("${{{inner}}}"));
    let name = inner.get(..name_end(inner)).unwrap_or_default();
    if name.is_empty() {
        return Err(invalid());
    }
    let operation = inner.get(name.len()..).unwrap_or_default();
    let value = variables.get(name);
    if operation.is_empty() {
        return Ok(match (value, unset) {
            (Some(value), _) => value.to_owned(),
            (None, Unset::Keep) => format!("${{{inner}}}"),
            (None, Unset::Strict) => String::new(),
        });
    }
    // With a colon, an empty value counts as none.
    let (counts_empty, operation) = match operation.strip_prefix(':') {
        Some(operation) => (false, operation),
        None => (true, operation),
    };
    let present = value.filter(|value| counts_empty || !value.is_empty());
    let word = operation.get(1..).unwrap_or_default();
    let word = |unset| fill(word, variables, unset, depth - 1);
    match (operation.chars().next(), present) {
        (Some('-' | '?'), Some(value)) => Ok(value.to_owned()),
        (Some('-'), None) | (Some('+'), Some(_)) => word(unset),
        (Some('?'), None) if unset == Unset::Keep => Ok(format!("${{{inner}}}")),
        (Some('?'), None) => Err(Failure::Required {
            name: name.to_owned(),
            why: word(unset)?,
        }),
        (Some('+'), None) => Ok(String::new()),
        _ => Err(invalid()),
    }
}

/// Where the name of a variable ends: letters, digits and `_`, no digit first.
fn name_end(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len())
}

/// Where the brace that is open at the beginning of the text is closed.
fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut last = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '{' if last == '$' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
        last = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Failure, Unset, Variables, interpolate};

    fn variables() -> Variables {
        let set = [("A", "a"), ("EMPTY", ""), ("B", "b")];
        set.into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn every_form_of_the_specification() {
        for (text, expected) in [
            ("plain", "plain"),
            ("$A-${B}", "a-b"),
            ("$$A $${B}", "$A ${B}"),
            ("${NONE}x$NONE", "x"),
            ("${A:-d} ${NONE:-d} ${EMPTY:-d}", "a d d"),
            ("${A-d} ${NONE-d} ${EMPTY-d}", "a d "),
            ("${A:+s} ${NONE:+s} ${EMPTY:+s}", "s  "),
            ("${A+s} ${NONE+s} ${EMPTY+s}", "s  s"),
            ("${A:?why} ${A?why} ${EMPTY?why}", "a a "),
            ("${NONE:-${ALSO:-$B}}", "b"),
            ("${NONE:-a:b/c}", "a:b/c"),
        ] {
            let filled = interpolate(text, &variables(), Unset::Strict);
            assert_eq!(filled.as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_required_and_not_set() {
        for text in ["${NONE:?why}", "${NONE?why}", "${EMPTY:?why}"] {
            let failure = interpolate(text, &variables(), Unset::Strict).unwrap_err();
            assert!(
                matches!(failure, Failure::Required { why, .. } if why == "why"),
                "{text}"
            );
        }
        let kept = interpolate("i:${NONE:?why $A}", &variables(), Unset::Keep);
        assert_eq!(kept.as_deref(), Ok("i:${NONE:?why $A}"));
        assert_eq!(
            interpolate("$NONE ${A}", &variables(), Unset::Keep).as_deref(),
            Ok("$NONE a")
        );
    }

    #[test]
    fn what_compose_refuses() {
        for text in ["${", "${}", "$", "$(x)", "${A", "${1}", "${A!x}", "a $ b"] {
            assert!(
                interpolate(text, &variables(), Unset::Strict).is_err(),
                "{text}"
            );
        }
        let deep = "${N:-".repeat(200) + &"}".repeat(200);
        assert!(interpolate(&deep, &variables(), Unset::Strict).is_err());
    }
}
