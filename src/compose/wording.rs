//! How messages name variables, and what keeps a text from being filled in.

use super::interpolate::InterpolationError;
use crate::diagnostic::Diagnostic;
use crate::redact::is_variable;

/// The name of a variable that a text outside the project names.
pub(super) const WITHHELD: &str = "…";

/// Compose's warning of a variable that is not set. Where values are hidden, `at` says where it is.
pub(super) fn unset_warning(name: &str, at: &str, is_hidden: bool) -> String {
    if is_hidden && !is_variable(name) {
        return format!("a variable in `{at}` is not set; an empty string is used");
    }
    format!("the variable `{name}` is not set; an empty string is used")
}

/// A variable in a message. What a `$` in a hidden value makes one may be a part of a password.
pub(super) fn variable(name: &str, is_hidden: bool) -> String {
    if is_hidden && !is_variable(name) {
        "a variable".to_owned()
    } else {
        format!("`{name}`")
    }
}

/// A required variable without a value, as it is shown, and what is wrong.
pub(super) fn required(
    name: String,
    why: String,
    is_hidden: bool,
    is_outside: bool,
) -> (String, String) {
    if is_outside || is_hidden && !is_variable(&name) {
        let message = "a required variable is not set".to_owned();
        return (WITHHELD.to_owned(), message);
    }
    let error = InterpolationError::Required { name, why };
    let error = if is_hidden {
        error.without_reason()
    } else {
        error
    };
    let message = error.to_string();
    match error {
        InterpolationError::Required { name, .. } => (name, message),
        _ => (WITHHELD.to_owned(), message),
    }
}

/// What is expected where a text cannot be filled in, and how to fix it.
pub(super) fn refusal(failure: &InterpolationError, diagnostic: Diagnostic) -> Diagnostic {
    match failure {
        InterpolationError::Invalid(_) => diagnostic
            .label("expected `$NAME`, `${NAME}` or `${NAME:-default}`")
            .help("write `$$` for a `$` that names no variable"),
        InterpolationError::Required { name, .. } => diagnostic
            .label("this variable must be set")
            .help(format!("set `{name}` in the environment or in an env file")),
        InterpolationError::TooLarge => diagnostic.label("expected shorter values"),
    }
}
