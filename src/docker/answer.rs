//! Reading an engine's answer: what is missing, null or of another type than expected counts as not
//! said. Only what a comparison cannot do without is demanded.

use std::collections::BTreeMap;

use serde_json::Value;

const NULL: &Value = &Value::Null;

/// A part of an answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer<'a>(pub(super) &'a Value);

impl<'a> Answer<'a> {
    /// What stands under a key.
    pub(super) fn at(self, key: &str) -> Self {
        Self(self.0.get(key).unwrap_or(NULL))
    }

    /// A text that is not empty.
    pub(super) fn text(self) -> Option<&'a str> {
        self.0.as_str().filter(|text| !text.is_empty())
    }

    /// The same, as an owned text, empty where nothing is said.
    pub(super) fn string(self) -> String {
        self.text().unwrap_or_default().to_owned()
    }

    /// Whether it is true; `false` where nothing is said.
    pub(super) fn is_true(self) -> bool {
        self.0.as_bool().unwrap_or(false)
    }

    /// A whole number.
    pub(super) fn number(self) -> Option<i64> {
        self.0.as_i64()
    }

    /// A number above zero, which is how engines say "without limit".
    pub(super) fn limit(self) -> Option<u64> {
        self.0.as_u64().filter(|number| *number > 0)
    }

    /// The entries of a list.
    pub(super) fn items(self) -> impl Iterator<Item = Answer<'a>> {
        self.0.as_array().into_iter().flatten().map(Answer)
    }

    /// The entries of an object.
    pub(super) fn entries(self) -> impl Iterator<Item = (&'a str, Answer<'a>)> {
        let entries = self.0.as_object().into_iter().flatten();
        entries.map(|(key, value)| (key.as_str(), Answer(value)))
    }

    /// The texts of a list.
    pub(super) fn texts(self) -> Vec<String> {
        self.items()
            .filter_map(|item| item.0.as_str().map(str::to_owned))
            .collect()
    }

    /// The texts of a list, sorted, each once.
    pub(super) fn sorted(self) -> Vec<String> {
        let mut texts = self.texts();
        texts.sort();
        texts.dedup();
        texts
    }

    /// The texts of an object.
    pub(super) fn map(self) -> BTreeMap<String, String> {
        self.entries()
            .filter_map(|(key, value)| Some((key.to_owned(), value.0.as_str()?.to_owned())))
            .collect()
    }

    /// The records of a list that an engine answered; each must be an object.
    pub(super) fn records(self, what: &str) -> Result<Vec<Answer<'a>>, String> {
        let items = match self.0 {
            Value::Null => return Ok(Vec::new()),
            Value::Array(items) => items,
            other => {
                return Err(format!(
                    "the answer is {}, expected a list of {what}",
                    kind(other)
                ));
            }
        };
        let wrong = items.iter().find(|item| !item.is_object());
        match wrong {
            Some(wrong) => Err(format!("the list of {what} holds {}", kind(wrong))),
            None => Ok(items.iter().map(Answer).collect()),
        }
    }

    /// This answer, which must be an object.
    pub(super) fn object(self, what: &str) -> Result<Self, String> {
        if self.0.is_object() {
            Ok(self)
        } else {
            Err(format!("the answer is {}, expected {what}", kind(self.0)))
        }
    }

    /// Demands that what stands under these keys is a list, or is not said. An answer of another
    /// form would be read as one that says nothing.
    pub(super) fn lists(self, keys: &[&str], what: &str) -> Result<(), String> {
        self.all(keys, what, "a list", Value::is_array)
    }

    /// Demands that what stands under these keys is an object, or is not said.
    pub(super) fn objects(self, keys: &[&str], what: &str) -> Result<(), String> {
        self.all(keys, what, "an object", Value::is_object)
    }

    fn all(
        self,
        keys: &[&str],
        what: &str,
        expected: &str,
        is_expected: fn(&Value) -> bool,
    ) -> Result<(), String> {
        for key in keys {
            let value = self.at(key).0;
            if !value.is_null() && !is_expected(value) {
                let is = kind(value);
                return Err(format!(
                    "`{key}` of one of the {what} is {is}, expected {expected}"
                ));
            }
        }
        Ok(())
    }

    /// A text without which a record tells nothing.
    pub(super) fn demand(self, key: &str, what: &str) -> Result<&'a str, String> {
        self.at(key)
            .text()
            .ok_or_else(|| format!("the list of {what} holds one without `{key}`"))
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Labels, without those that Compose and Docker Desktop add.
pub(super) fn own_labels(labels: Answer<'_>) -> BTreeMap<String, String> {
    let mut own = labels.map();
    own.retain(|key, _| !key.starts_with("com.docker.") && !key.starts_with("desktop.docker."));
    own
}
