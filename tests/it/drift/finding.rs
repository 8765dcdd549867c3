//! What a test expects a finding to be.

use serde_json::{Value, json};

use super::report::list;

/// What a test expects of one side of a finding.
pub(crate) enum Want {
    /// This value. Nothing at all, an empty list and an empty map are the same.
    Is(Value),
    /// That there is a value, and not which.
    Hidden,
    /// Something that the test cannot know.
    Something,
    /// Whatever it is.
    Any,
    /// A list that holds the first name, and not the second.
    Names(&'static str, &'static str),
}

impl<T: Into<Value>> From<T> for Want {
    fn from(value: T) -> Self {
        Self::Is(value.into())
    }
}

impl Want {
    fn fits(&self, value: &Value) -> bool {
        match self {
            Self::Is(wanted) => wanted == value || is_nothing(wanted) && is_nothing(value),
            Self::Hidden => value == "(hidden)",
            Self::Something => !is_nothing(value),
            Self::Any => true,
            Self::Names(one, other) => {
                let names = list(value);
                names.contains(&json!(one)) && !names.contains(&json!(other))
            }
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Is(value) => value.to_string(),
            Self::Hidden => "a hidden value".to_owned(),
            Self::Something => "something".to_owned(),
            Self::Any => "anything".to_owned(),
            Self::Names(one, other) => format!("a list with {one:?} and without {other:?}"),
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// What a test expects a finding to be.
pub(crate) struct Finding {
    code: &'static str,
    severity: &'static str,
    resource: String,
    field: Option<&'static str>,
    expected: Want,
    observed: Want,
    after_up: Option<&'static str>,
    cause: Option<&'static str>,
}

/// Somebody can reach what they should not.
pub(crate) fn exposure(code: &'static str, resource: &str) -> Finding {
    finding(code, "exposure", resource)
}

/// The host is not what it should be.
pub(crate) fn drift(code: &'static str, resource: &str) -> Finding {
    finding(code, "drift", resource)
}

/// Something that is good to know.
pub(crate) fn notice(code: &'static str, resource: &str) -> Finding {
    finding(code, "notice", resource)
}

fn finding(code: &'static str, severity: &'static str, resource: &str) -> Finding {
    Finding {
        code,
        severity,
        resource: resource.to_owned(),
        field: None,
        expected: Want::Any,
        observed: Want::Any,
        after_up: None,
        cause: None,
    }
}

impl Finding {
    pub(crate) fn field(
        mut self,
        name: &'static str,
        expected: impl Into<Want>,
        observed: impl Into<Want>,
    ) -> Self {
        self.field = Some(name);
        self.expected = expected.into();
        self.observed = observed.into();
        self
    }

    /// Whatever field it is.
    pub(crate) fn field_any(
        mut self,
        expected: impl Into<Want>,
        observed: impl Into<Want>,
    ) -> Self {
        self.expected = expected.into();
        self.observed = observed.into();
        self
    }

    /// What `docker compose up -d` would make of it.
    pub(crate) fn after_up(mut self, word: &'static str) -> Self {
        self.after_up = Some(word);
        self
    }

    /// Somebody changed the host.
    pub(crate) fn by_hand(mut self, after_up: &'static str) -> Self {
        self.cause = Some("out-of-band");
        self.after_up(after_up)
    }

    /// Somebody changed what the host should be.
    pub(crate) fn unapplied(mut self, after_up: &'static str) -> Self {
        self.cause = Some("unapplied");
        self.after_up(after_up)
    }

    pub(super) fn title(&self) -> String {
        format!(
            "{} of {} ({})",
            self.code,
            self.resource,
            self.field.unwrap_or("any field")
        )
    }

    pub(super) fn is_about(&self, finding: &Value) -> bool {
        finding["code"] == self.code
            && finding["resource"] == self.resource.as_str()
            && self.field.is_none_or(|field| finding["field"] == field)
    }

    pub(super) fn fits(&self, finding: &Value) -> Result<(), String> {
        if !self.is_about(finding) {
            return Err(format!("expected {}", self.title()));
        }
        let mut wrong = Vec::new();
        let mut hold = |key: &str, wanted: &Want| {
            if !wanted.fits(&finding[key]) {
                wrong.push(format!("{key} should be {}", wanted.show()));
            }
        };
        hold("severity", &self.severity.into());
        hold("kind", &kind(self.code).into());
        hold("expected", &self.expected);
        hold("observed", &self.observed);
        hold("after_up", &self.after_up.map_or(Want::Any, Want::from));
        hold("cause", &self.cause.map_or(Want::Any, Want::from));
        if wrong.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{}: {}, in {finding:#}",
            self.title(),
            wrong.join(", ")
        ))
    }
}

/// What kind of thing a code is about.
fn kind(code: &str) -> &str {
    match code {
        "name-taken" => "service",
        "answer-unreadable" | "file-stale" | "ignore-expired" | "ignore-unused" => "project",
        _ => code.split_once('-').map_or(code, |(kind, _)| kind),
    }
}
