//! The differences of a field of a service, as far as what the file asks for is known.

use std::collections::BTreeSet;

use super::Stacks;
use crate::drift::forms::Sides;
use crate::drift::table::{self, Rules};
use crate::fields::{Field, FieldDifference, Form, Value as FieldValue};
use crate::state::{DEFINITION, StackService};

/// What is known of fields besides the table.
#[derive(Default)]
pub(super) struct Known<'a> {
    /// Whether the client looked up the digest of the image, with its platforms.
    is_resolved: bool,
    /// The variables without a value in the file that the shell of the deploy had, and that of now has not.
    given: BTreeSet<&'a str>,
}

impl<'a> Known<'a> {
    pub(super) fn of(wanted: &'a StackService, is: &StackService) -> Self {
        let is_resolved = is.image.as_deref().is_some_and(|image| image.contains('@'));
        let variables = is.fields.map("environment");
        let unknown = wanted.fields.map("environment").iter();
        let unknown =
            unknown.filter(|(name, value)| value.is_none() && variables.contains_key(*name));
        Self {
            is_resolved,
            given: unknown.map(|(name, _)| name.as_str()).collect(),
        }
    }
}

impl Rules for Known<'_> {
    fn is_default(&self, field: &Field, value: &FieldValue) -> bool {
        field.path == "platforms" && self.is_resolved || table::is_known_default(field, value)
    }

    fn is_left_out(&self, field: &Field, entry: &str) -> bool {
        // In a label of the containers, another one replaces all tasks.
        field.path == "deploy.labels" && entry == DEFINITION
            || field.path == "unset_variables" && self.given.contains(entry)
    }
}

/// The differences of a field, as far as what the file asks for is known.
pub(super) fn known_differences(
    name: &str,
    field: &Field,
    sides: Sides<'_>,
    stacks: Stacks<'_>,
    known: &Known<'_>,
) -> Vec<FieldDifference> {
    let is_known = |path: &str| !stacks.is_unset("services", name, path);
    // An entry of which a variable is unknown says nothing of the others.
    let has_entries = field.form.is_map() && field.form != Form::Entries;
    let is_compared = if has_entries {
        !stacks.is_unset_whole("services", name, field.path)
    } else {
        is_known(field.path)
    };
    if !is_compared {
        return Vec::new();
    }
    // The name of an entry may be hidden in its field.
    let is_known_part = |one: &FieldDifference| {
        let entry = one.entry.as_deref().filter(|_| has_entries);
        let part = entry.map(|entry| format!("{}.{entry}", field.path));
        is_known(part.as_deref().unwrap_or(&one.field))
    };
    // What the file does not have may come from where it cannot be read.
    let is_listed = field.with.iter().all(|path| is_known(path));
    table::differences(field, sides, known)
        .into_iter()
        .filter(is_known_part)
        .filter(|one| is_listed || !one.expected.is_null())
        .collect()
}

/// Leaves out the options of a missing or additional entry, which add nothing.
pub(super) fn without_options_of_whole(
    field: &Field,
    found: Vec<FieldDifference>,
) -> Vec<FieldDifference> {
    if field.form != Form::Entries {
        return found;
    }
    let whole: BTreeSet<String> = found
        .iter()
        .filter(|one| one.expected.is_null() || one.observed.is_null())
        .filter_map(|one| one.entry.clone())
        .filter(|entry| !entry.contains(','))
        .collect();
    let is_part = |one: &FieldDifference| {
        let entry = one.entry.as_deref().and_then(|entry| entry.split_once(','));
        entry.is_some_and(|(of, _)| whole.contains(of))
    };
    found.into_iter().filter(|one| !is_part(one)).collect()
}
