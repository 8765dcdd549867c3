//! A field with a different value on each side.

use serde_json::Value;

use crate::redact::HIDDEN;

/// A field with a different value on each side.
#[derive(Debug, PartialEq)]
pub(crate) struct FieldDifference {
    pub(crate) field: String,
    /// Which entry of the field it is, where the field is a map.
    pub(crate) entry: Option<String>,
    pub(crate) expected: Value,
    pub(crate) observed: Value,
}

impl FieldDifference {
    pub(crate) fn new(field: &str, expected: Value, mut observed: Value) -> Self {
        // Where the expected value is hidden, so is the other.
        if expected == HIDDEN && observed.is_string() {
            observed = expected.clone();
        }
        Self {
            field: field.to_owned(),
            entry: None,
            expected,
            observed,
        }
    }
}

/// Whether both values of a field are hidden, so that only the fact that they differ can be shown.
pub(crate) fn is_hidden(expected: &Value, observed: &Value) -> bool {
    expected == observed && !expected.is_null()
}
