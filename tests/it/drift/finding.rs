//! What a test expects a finding to be.

use serde_json::{Value, json};

use super::report::list;

/// What a test expects of one side of a finding.
pub(crate) enum Want {
    /// This value. Nothing at all, an empty list and an empty map are the same.
    Is(Value),
    /// That there is a value, and not which.
    Hidden,
    /// A value that the test cannot know, such as an ID.
    Something,
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

/// What a test expects of a finding: nothing may be left out.
pub(crate) struct Finding {
    code: &'static str,
    severity: &'static str,
    resource: String,
    field: Option<(&'static str, Want, Want)>,
    /// Its cause, and what `docker compose up -d` would make of it.
    fate: Option<(&'static str, &'static str)>,
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
        fate: None,
    }
}

impl Finding {
    /// The field, and both of its values.
    pub(crate) fn field(
        mut self,
        name: &'static str,
        expected: impl Into<Want>,
        observed: impl Into<Want>,
    ) -> Self {
        self.field = Some((name, expected.into(), observed.into()));
        self
    }

    /// What `docker compose up -d` would make of it; the cause is unknown.
    pub(crate) fn after_up(mut self, after_up: &'static str) -> Self {
        self.fate = Some(("unknown", after_up));
        self
    }

    /// Somebody changed the host.
    pub(crate) fn by_hand(mut self, after_up: &'static str) -> Self {
        self.fate = Some(("out-of-band", after_up));
        self
    }

    /// Somebody changed what the host should be.
    pub(crate) fn unapplied(mut self, after_up: &'static str) -> Self {
        self.fate = Some(("unapplied", after_up));
        self
    }

    fn field_name(&self) -> &'static str {
        self.field
            .as_ref()
            .map(|(name, ..)| *name)
            .expect("a test says which field differs")
    }

    pub(super) fn title(&self) -> String {
        format!("{} of {} ({})", self.code, self.resource, self.field_name())
    }

    pub(super) fn is_about(&self, finding: &Value) -> bool {
        finding["code"] == self.code
            && finding["resource"] == self.resource.as_str()
            && finding["field"] == self.field_name()
    }

    pub(super) fn fits(&self, finding: &Value) -> Result<(), String> {
        if !self.is_about(finding) {
            return Err(format!("expected {}", self.title()));
        }
        let (_, expected, observed) = self.field.as_ref().expect("a test says both values");
        let (cause, after_up) = self
            .fate
            .expect("a test says the cause, and what `up` does");
        let mut wrong = Vec::new();
        let mut hold = |key: &str, wanted: &Want| {
            if !wanted.fits(&finding[key]) {
                wrong.push(format!("{key} should be {}", wanted.show()));
            }
        };
        hold("severity", &self.severity.into());
        hold("kind", &kind(self.code).into());
        hold("expected", expected);
        hold("observed", observed);
        hold("cause", &cause.into());
        // On Podman, Compose recreates whatever runs on a network each time.
        let is_recreated = finding["is_of_podman"] == true && finding["after_up"] == "heals";
        if !(is_recreated && after_up == "ignores") {
            hold("after_up", &after_up.into());
        }
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
        "name-taken" | "config-content" | "container-changed" => "service",
        "answer-unreadable" | "file-stale" | "ignore-expired" | "ignore-unused" => "project",
        _ => code.split_once('-').map_or(code, |(kind, _)| kind),
    }
}
