//! Filling in variables, as the Compose specification says
//! (<https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md>; compose-go,
//! `template/template.go`).

pub(super) mod stack;

use std::collections::HashSet;
use std::fmt;

use crate::redact;
use crate::text::expression::{Expression, MAX_DEPTH, Operator, Piece, pieces};
use crate::variables::Variables;

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
pub enum InterpolationError {
    /// The expression is not valid.
    Invalid(String),
    /// A required variable is not set; the reason is the file's own.
    Required {
        /// The variable.
        name: String,
        /// Why it is required, as the file says.
        why: String,
    },
    /// The result is too large.
    TooLarge,
}

impl InterpolationError {
    /// The error without words of the file that may be a slip for a secret.
    pub(crate) fn without_reason(self) -> Self {
        match self {
            Self::Required { name, why } if !redact::is_sentence(&why) => Self::Required {
                name,
                why: String::new(),
            },
            other => other,
        }
    }
}

impl fmt::Display for InterpolationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(text) => write!(f, "`{text}` is not a valid expression"),
            Self::Required { name, why } if why.is_empty() => {
                write!(f, "`{name}` is required but not set")
            }
            Self::Required { name, why } => write!(f, "`{name}` is required but not set: {why}"),
            Self::TooLarge => write!(
                f,
                "this is too large with its variables filled in: more than {MAX_FILLED} bytes"
            ),
        }
    }
}

/// Something that knows the values of variables.
pub trait Lookup {
    /// The value of a variable, if it is set.
    fn value(&self, name: &str) -> Option<&str>;
}

impl Lookup for Variables {
    fn value(&self, name: &str) -> Option<&str> {
        self.get(name)
    }
}

/// A text whose variables are filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    /// The text; an expression without a value is kept as it is written ([`Unset::Keep`]), or
    /// is empty.
    pub text: String,
    /// The variables that it names and that have no value, in the order of the text.
    pub unset: Vec<String>,
    /// Those of them without which nothing is done ([`Unset::Keep`]), each with why, as the file says.
    pub required: Vec<(String, String)>,
    /// How many bytes of values were put in, also such as were then not used.
    pub grown: usize,
}

/// The most bytes of values that are put into one text: as many as a file may have.
pub(super) const MAX_FILLED: usize = 16 * 1024 * 1024;

/// The text with its variables filled in.
pub fn interpolate(
    text: &str,
    variables: &dyn Lookup,
    unset: Unset,
) -> Result<Filled, InterpolationError> {
    let mut filled = Filled::default();
    Interpolation { variables, unset }.fill(text, &mut filled, MAX_DEPTH)?;
    filled.name_once();
    Ok(filled)
}

impl Filled {
    /// Puts a value in.
    fn put(&mut self, value: &str) -> Result<(), InterpolationError> {
        self.grow(value.len())?;
        self.text.push_str(value);
        Ok(())
    }

    /// Names each variable without a value once.
    fn name_once(&mut self) {
        let mut named = HashSet::new();
        let is_first: Vec<bool> = self.unset.iter().map(|name| named.insert(name)).collect();
        if is_first.contains(&false) {
            let mut is_first = is_first.into_iter();
            self.unset.retain(|_| is_first.next().unwrap_or(true));
        }
    }

    fn grow(&mut self, by: usize) -> Result<(), InterpolationError> {
        self.grown += by;
        if self.grown > MAX_FILLED {
            return Err(InterpolationError::TooLarge);
        }
        Ok(())
    }
}

struct Interpolation<'a> {
    variables: &'a dyn Lookup,
    unset: Unset,
}

impl Interpolation<'_> {
    fn fill(
        &self,
        text: &str,
        filled: &mut Filled,
        depth: usize,
    ) -> Result<(), InterpolationError> {
        if depth == 0 {
            return Err(invalid(text));
        }
        for piece in pieces(text) {
            match piece {
                Piece::Literal(literal) => filled.text.push_str(literal),
                Piece::Dollar => filled.text.push('$'),
                Piece::Expression(expression) => self.expression(&expression, filled, depth)?,
                Piece::Invalid(text) => return Err(invalid(text)),
            }
        }
        Ok(())
    }

    fn expression(
        &self,
        expression: &Expression<'_>,
        filled: &mut Filled,
        depth: usize,
    ) -> Result<(), InterpolationError> {
        let name = expression.name;
        let value = self.variables.value(name);
        let Some(operator) = expression.operator else {
            if let Some(value) = value {
                return filled.put(value);
            }
            filled.unset.push(name.to_owned());
            if self.unset == Unset::Keep {
                filled.text.push_str(expression.written);
            }
            return Ok(());
        };
        let present = value.filter(|value| !(expression.refuses_empty && value.is_empty()));
        // Compose fills in the word in any case, and fails where that fails.
        let mut word = Filled::default();
        let filled_word = self.fill(expression.word, &mut word, depth - 1);
        filled.grow(word.grown)?;
        filled.required.append(&mut word.required);
        match (operator, present) {
            (Operator::Required, None) if self.unset == Unset::Keep => {
                filled.text.push_str(expression.written);
                filled.required.push((name.to_owned(), word.text));
                filled.unset.push(name.to_owned());
                return Ok(());
            }
            _ => filled_word?,
        }
        match (operator, present) {
            (Operator::Default, None) | (Operator::Alternative, Some(_)) => {
                filled.text.push_str(&word.text);
                filled.unset.append(&mut word.unset);
                Ok(())
            }
            (Operator::Alternative, None) => Ok(()),
            (Operator::Required, None) => Err(InterpolationError::Required {
                name: name.to_owned(),
                why: word.text,
            }),
            (Operator::Default | Operator::Required, Some(value)) => filled.put(value),
        }
    }
}

/// How many characters of an expression a message shows.
const MAX_QUOTED: usize = 200;

fn invalid(text: &str) -> InterpolationError {
    let line = text.lines().next().unwrap_or_default();
    InterpolationError::Invalid(line.chars().take(MAX_QUOTED).collect())
}

#[cfg(test)]
mod tests {
    use super::{InterpolationError, MAX_FILLED, Unset, Variables, interpolate};

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
            ("$(x) $ $1 a$", "$(x) $ $1 a$"),
            ("${NONE:-{x}}|${A:-{x}}|${A:-{}}|${NONE:-{}}", "{x}|a|a"),
        ] {
            let filled = interpolate(text, &variables(), Unset::Strict);
            assert_eq!(
                filled.map(|filled| filled.text).as_deref(),
                Ok(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn a_required_variable_that_is_not_set_is_an_error() {
        for text in ["${NONE:?why}", "${NONE?why}", "${EMPTY:?why}"] {
            let failure = interpolate(text, &variables(), Unset::Strict).unwrap_err();
            assert!(
                matches!(failure, InterpolationError::Required { why, .. } if why == "why"),
                "{text}"
            );
        }
        // The word counts even where it is not used.
        assert!(interpolate("${A:-${NONE:?why}}", &variables(), Unset::Strict).is_err());
    }

    #[test]
    fn a_variable_that_is_not_set_is_kept_and_named() {
        for (text, expected, unset) in [
            ("i:${NONE:?why $A}", "i:${NONE:?why $A}", "NONE"),
            ("$NONE ${A} ${B2}", "$NONE a ${B2}", "NONE B2"),
            ("${NONE:-${B2}}", "${B2}", "B2"),
            ("$$NONE ${NONE:-x} ${NONE:+y}", "$NONE x ", ""),
        ] {
            let filled = interpolate(text, &variables(), Unset::Keep).unwrap();
            assert_eq!(
                (filled.text.as_str(), filled.unset.join(" ").as_str()),
                (expected, unset)
            );
        }
    }

    #[test]
    fn a_text_that_grows_beyond_the_limit_is_refused() {
        let large: Variables = [("L".to_owned(), "x".repeat(MAX_FILLED / 4))]
            .into_iter()
            .collect();
        for text in [
            "$L$L$L$L$L",
            "${L}${NONE:-${L}${L}}$L$L",
            "${L:+${L:+$L$L$L$L$L}}",
        ] {
            let filled = interpolate(text, &large, Unset::Strict);
            assert_eq!(filled, Err(InterpolationError::TooLarge), "{text}");
        }
        assert!(interpolate("$L$L$L$L", &large, Unset::Strict).is_ok());
    }

    #[test]
    fn a_variable_is_named_once() {
        let filled = interpolate("$B2 $A $C2$B2", &variables(), Unset::Keep).unwrap();
        assert_eq!(filled.unset, ["B2", "C2"]);
    }

    #[test]
    fn expressions_that_compose_refuses() {
        for text in ["${", "${}", "${A", "${1}", "${A!x}", "${A:-x\n}"] {
            assert!(
                interpolate(text, &variables(), Unset::Strict).is_err(),
                "{text}"
            );
        }
        let deep = "${N:-".repeat(200) + &"}".repeat(200);
        assert!(interpolate(&deep, &variables(), Unset::Strict).is_err());
    }
}
