//! Filling in variables as the client of `docker stack deploy` does (docker/cli, `cli/compose/template/template.go`): a default
//! ends at the first `}` and is not filled in itself, an expression without braces can have one, and each `$` begins one.

use super::{Filled, InterpolationError, Lookup, Unset, invalid};
use crate::text::expression::name_end;

/// What the client accepts.
pub(in crate::compose) const EXPECTED: &str =
    "expected `$NAME`, `${NAME}`, `${NAME:-default}` or `${NAME:?message}`; write `$$` for a `$`";

/// The text with its variables filled in.
pub(in crate::compose) fn interpolate(
    text: &str,
    variables: &dyn Lookup,
    unset: Unset,
) -> Result<Filled, InterpolationError> {
    let mut filled = Filled::default();
    for piece in stack_pieces(text) {
        match piece {
            StackPiece::Literal(literal) => filled.text.push_str(literal),
            StackPiece::Expression(written, inner) => {
                expression(written, inner, variables, unset, &mut filled)?;
            }
            StackPiece::Invalid => return Err(invalid(text)),
        }
    }
    filled.name_once();
    Ok(filled)
}

/// Whether the client takes each `$` of a text.
pub(in crate::compose) fn is_valid(text: &str) -> bool {
    stack_pieces(text).all(|piece| !matches!(piece, StackPiece::Invalid))
}

/// Whether a text depends on a variable.
pub(in crate::compose) fn has_variable(text: &str) -> bool {
    stack_pieces(text).any(|piece| matches!(piece, StackPiece::Expression(..)))
}

/// A part of a text. `text::expression` has the pieces of Compose, whose grammar has only `$$` and the names in common with
/// this one: where a default may be and ends, and what a `$` alone is, are different.
enum StackPiece<'a> {
    Literal(&'a str),
    /// An expression as it is written, and what is in its braces.
    Expression(&'a str, &'a str),
    Invalid,
}

fn stack_pieces(text: &str) -> impl Iterator<Item = StackPiece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = next(rest);
        rest = after;
        Some(piece)
    })
}

/// The first part of a text that is not empty, and what follows it.
fn next(text: &str) -> (StackPiece<'_>, &str) {
    let Some(after) = text.strip_prefix('$') else {
        let (literal, after) = text.split_at(text.find('$').unwrap_or(text.len()));
        return (StackPiece::Literal(literal), after);
    };
    if let Some(after) = after.strip_prefix('$') {
        return (StackPiece::Literal("$"), after);
    }
    let found = match after.strip_prefix('{') {
        Some(inside) => {
            substitution(inside).and_then(|(inner, rest)| Some((inner, rest.strip_prefix('}')?)))
        }
        None => substitution(after),
    };
    let Some((inner, rest)) = found else {
        return (StackPiece::Invalid, "");
    };
    let (written, _) = text.split_at(text.len() - rest.len());
    (StackPiece::Expression(written, inner), rest)
}

/// A name with what may follow it, up to a brace.
fn substitution(text: &str) -> Option<(&str, &str)> {
    let end = name_end(text);
    if end == 0 {
        return None;
    }
    let (_, rest) = text.split_at(end);
    let operator = rest.strip_prefix(':').unwrap_or(rest);
    if operator.starts_with(['-', '?']) {
        let end = text.find('}').unwrap_or(text.len());
        return Some(text.split_at(end));
    }
    Some(text.split_at(end))
}

fn expression(
    written: &str,
    inner: &str,
    variables: &dyn Lookup,
    unset: Unset,
    filled: &mut Filled,
) -> Result<(), InterpolationError> {
    // The first of these that is anywhere in it counts.
    let operators = [":-", "-", ":?", "?"];
    let mut found = operators.into_iter().filter_map(|operator| {
        let (name, word) = inner.split_once(operator)?;
        Some((operator, name, word))
    });
    let (operator, name, word) = found.next().unwrap_or(("", inner, ""));
    let value = variables
        .value(name)
        .filter(|value| !(operator.starts_with(':') && value.is_empty()));
    match (value, operator) {
        (Some(value), _) => return filled.put(value),
        (None, ":-" | "-") => filled.text.push_str(word),
        (None, ":?" | "?") if unset != Unset::Keep => {
            return Err(InterpolationError::Required {
                name: name.to_owned(),
                why: word.to_owned(),
            });
        }
        (None, _) => {
            if operator.ends_with('?') {
                let required = (name.to_owned(), word.to_owned());
                filled.required.push(required);
            }
            filled.unset.push(name.to_owned());
            if unset == Unset::Keep {
                filled.text.push_str(written);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Unset, interpolate, is_valid};
    use crate::variables::Variables;

    fn variables() -> Variables {
        [("A", "a"), ("EMPTY", ""), ("B", "b")]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn every_form_of_the_client() {
        for (text, expected) in [
            ("plain", "plain"),
            ("$A/${B}", "a/b"),
            ("$$A $${B}", "$A ${B}"),
            ("${NONE}x$NONE", "x"),
            ("${A:-d} ${NONE:-d} ${EMPTY:-d}", "a d d"),
            ("${A-d} ${NONE-d} ${EMPTY-d}", "a d "),
            ("${A:?why} ${A?why} ${EMPTY?why}", "a a "),
            // A default is not filled in, and ends at the first brace.
            ("${NONE:-${B}}", "${B}"),
            ("${A:-${B}}", "a}"),
            // Without braces, it ends with the text.
            ("$NONE-d and $B", "d and $B"),
            ("$A-d and $B", "a"),
            ("$NONE:-x}y", "x}y"),
            ("${A:?b-c}", "c"),
        ] {
            let filled = interpolate(text, &variables(), Unset::Strict).map(|filled| filled.text);
            assert_eq!(filled.as_deref(), Ok(expected), "{text}");
            assert!(is_valid(text), "{text}");
        }
    }

    #[test]
    fn what_the_client_refuses() {
        for text in ["${A:+s}", "$(x)", "a$", "$1", "${A", "${}", "${A!x}"] {
            assert!(
                interpolate(text, &variables(), Unset::Strict).is_err(),
                "{text}"
            );
            assert!(!is_valid(text), "{text}");
        }
        for text in ["${NONE:?why}", "${NONE?why}", "${EMPTY:?why}"] {
            assert!(
                interpolate(text, &variables(), Unset::Strict).is_err(),
                "{text}"
            );
            assert!(is_valid(text), "{text}");
        }
    }

    #[test]
    fn a_variable_that_is_not_set_is_kept_and_named() {
        let filled =
            interpolate("$NONE ${NONE:?why} ${C} ${D:-d}", &variables(), Unset::Keep).unwrap();
        assert_eq!(filled.text, "$NONE ${NONE:?why} ${C} d");
        assert_eq!(filled.unset, ["NONE", "C"]);
        // So it is of many, each of which is there twice.
        let many: Vec<String> = (0..100_000).map(|number| format!("$V{number} ")).collect();
        let filled = interpolate(&many.concat().repeat(2), &variables(), Unset::Keep).unwrap();
        assert_eq!(filled.unset.len(), 100_000);
    }
}
