//! One difference between the two states, before it is explained.

use serde_json::Value;

use crate::fields::{Field, FieldDifference};
use crate::finding::{Cause, Code, Severity};
use crate::state::DeployStep;

/// A value that the host has and the file does not ask for, or the other way round.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) code: Code,
    pub(super) severity: Severity,
    /// The name in the Compose file, or a foreign container's own name.
    pub(super) resource: String,
    pub(super) field: Option<String>,
    pub(super) expected: Value,
    pub(super) observed: Value,
    /// Which of several of the resource it is, where the field does not tell: a port's text.
    pub(super) subject: Option<String>,
    /// The fact, in one sentence.
    pub(super) message: String,
    /// The container, where it is about one.
    pub(super) container: Option<String>,
    /// Whether the engine was asked for what is missing, and did not give it.
    pub(super) is_refused: bool,
    /// Whether the next deploy of a stack fixes it depends on which service it updates first.
    pub(super) depends_on_order: bool,
    /// The step of a deploy that fails over it.
    pub(super) step: Option<DeployStep>,
    /// Why, where the comparison itself shows it.
    pub(super) cause: Option<Cause>,
    /// The route to what differs, in a state as JSON.
    pub(super) place: Vec<String>,
    /// What is there, where the observed value is only a part of it.
    pub(super) whole: Option<Value>,
}

impl Difference {
    pub(super) fn new(code: Code, resource: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Drift,
            resource: resource.into(),
            field: None,
            expected: Value::Null,
            observed: Value::Null,
            subject: None,
            message: message.into(),
            container: None,
            is_refused: false,
            depends_on_order: false,
            step: None,
            cause: None,
            place: Vec::new(),
            whole: None,
        }
    }

    pub(super) fn values(
        mut self,
        field: &str,
        expected: impl Into<Value>,
        observed: impl Into<Value>,
    ) -> Self {
        self.field = Some(field.to_owned());
        self.expected = expected.into();
        self.observed = observed.into();
        self
    }

    pub(super) fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// An exposure, where it opens something.
    pub(super) fn exposure_if(self, opens: bool) -> Self {
        if opens {
            self.severity(Severity::Exposure)
        } else {
            self
        }
    }

    pub(super) fn container(mut self, name: &str) -> Self {
        self.container = Some(name.to_owned());
        self
    }

    pub(super) fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// The host was changed by hand: the comparison itself shows it.
    pub(super) fn by_hand(mut self) -> Self {
        self.cause = Some(Cause::OutOfBand);
        self
    }

    /// A field that differs at a place.
    pub(super) fn of(self, place: &[&str], field: &Field, one: FieldDifference) -> Self {
        let mut place = place.to_vec();
        place.push(field.name());
        place.extend(one.entry.as_deref());
        let mut difference = self.at(&place);
        difference.subject = one.entry.filter(|_| field.form.has_unnamed_entries());
        difference.values(&one.field, one.expected, one.observed)
    }

    pub(super) fn at(mut self, place: &[&str]) -> Self {
        self.place = place.iter().map(|&key| key.to_owned()).collect();
        self
    }
}
