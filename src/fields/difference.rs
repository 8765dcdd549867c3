//! A field with a different value on each side.

use serde_json::{Value, json};

use crate::redact::{HIDDEN, Sensitive};

/// A field with a different value on each side.
#[derive(Debug, PartialEq)]
pub(crate) struct FieldDifference {
    pub(crate) field: String,
    pub(crate) expected: Value,
    pub(crate) observed: Value,
}

impl FieldDifference {
    /// The two values, where they differ.
    pub(crate) fn of(field: &str, expected: Value, observed: Value) -> Option<Self> {
        (expected != observed).then(|| Self::new(field, expected, observed))
    }

    pub(crate) fn new(field: &str, expected: Value, mut observed: Value) -> Self {
        // What stands in place of a secret may be an older one.
        if expected == HIDDEN && observed.is_string() {
            observed = expected.clone();
        }
        Self {
            field: field.to_owned(),
            expected,
            observed,
        }
    }

    /// The same for values that may be secret: they are compared as they are, and not shown.
    pub(crate) fn of_sensitive(
        field: String,
        expected: Option<&Sensitive>,
        observed: Option<&Sensitive>,
    ) -> Option<Self> {
        (expected != observed).then(|| Self {
            field,
            expected: json!(expected),
            observed: json!(observed),
        })
    }
}

/// Whether both values of a field are hidden, so that only the fact that they differ can be shown.
pub(crate) fn is_hidden(expected: &Value, observed: &Value) -> bool {
    expected == observed && !expected.is_null()
}
