//! What one part of a spec says of another.

mod references;
mod sense;
mod unique;
mod unused;

use std::fmt::Display;

pub(super) use unused::descriptions as unused_descriptions;

use super::Catalog;
use super::located::Located;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// Notes everything in a catalogue that does not fit together.
///
/// References are looked at in any case, so that one run tells all of them. What else is checked
/// takes for granted that everything could be read.
pub(super) fn check(catalog: &Catalog, problems: &mut Diagnostics) {
    let was_read = problems.is_empty();
    references::check(catalog, problems);
    unique::check(catalog, problems);
    if was_read {
        sense::check(catalog, problems);
    }
    if problems.is_empty() {
        unused::resources(catalog, problems);
    }
}

/// A reference that leads nowhere.
pub(in crate::spec) fn dangling<T: Display>(
    what: &str,
    name: &Located<T>,
    known: impl IntoIterator<Item = impl Display>,
) -> Diagnostic {
    let known: Vec<String> = known.into_iter().map(|name| name.to_string()).collect();
    let label = if known.is_empty() {
        format!("expected a declared {what}, and none is declared")
    } else {
        format!("expected one of {}", known.join(", "))
    };
    Diagnostic::new(
        format!("there is no {what} `{}`", name.value),
        name.place.clone(),
    )
    .label(label)
    .did_you_mean(&name.to_string(), known.iter().map(String::as_str))
    .follows_from(name.to_string())
}
