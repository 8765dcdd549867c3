//! What a file sets to what is the default, and the swarm has not set, or the other way round: nothing runs in another way, but
//! it is another spec, so that tasks are replaced.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::{StackDifference, StackInput};
use crate::fields::{Field, STACK_PARTS};
use crate::finding::{Code, Severity};

/// A part of a service that is set on one side.
pub(super) struct SentPart {
    service: String,
    place: Vec<String>,
    message: String,
}

impl SentPart {
    fn of(service: &str, path: &str, is_in_file: bool) -> Self {
        let (with, without) = if is_in_file {
            ("in the file", "on the swarm")
        } else {
            ("on the swarm", "in the file")
        };
        Self {
            service: service.to_owned(),
            place: ["services", service, path].map(str::to_owned).into(),
            message: format!(
                "`{path}` of service `{service}` is set to the default {with} and not set {without}, which is another spec"
            ),
        }
    }

    /// It as something that was found.
    pub(super) fn difference(&self) -> StackDifference<'_> {
        StackDifference {
            code: Code::ServiceConfig,
            severity: Severity::Drift,
            resource: &self.service,
            place: &self.place,
            expected: &Value::Null,
            observed: &Value::Null,
            message: &self.message,
            depends_on_order: false,
            step: None,
        }
    }
}

/// The parts of services in which nothing else differs. One within another that is not set either is left out.
pub(super) fn parts(input: StackInput<'_>) -> Vec<SentPart> {
    let mut found: HashMap<&str, Vec<&str>> = HashMap::new();
    for one in input.found {
        if let Some(service) = one.service() {
            let fields = found.entry(service).or_default();
            fields.push(one.field().unwrap_or_default());
        }
    }
    let mut parts = Vec::new();
    for (name, wanted) in &input.declared.services {
        let is = input.deployed.services.get(name);
        let Some((wanted, is)) = wanted
            .parts
            .as_ref()
            .zip(is.and_then(|is| is.parts.as_ref()))
        else {
            continue;
        };
        let differing: BTreeSet<&str> = wanted
            .symmetric_difference(is)
            .map(String::as_str)
            .collect();
        let is_found = |row: &Field| {
            let mut fields = found.get(name.as_str()).into_iter().flatten();
            fields.any(|field| is_of(row, field))
        };
        let rows = STACK_PARTS.iter().filter(|row| {
            let outer = row.path.rsplit_once('.').map(|(outer, _)| outer);
            differing.contains(row.path)
                && outer.is_none_or(|outer| !differing.contains(outer))
                && !is_found(row)
                && !is_unset(name, row, input)
        });
        parts.extend(rows.map(|row| SentPart::of(name, row.path, wanted.contains(row.path))));
    }
    parts
}

/// Whether a path is that of a part, or of what is in it.
fn is_of(row: &Field, path: &str) -> bool {
    let mut own = row.with.iter().chain([&row.path]);
    own.any(|own| {
        let rest = path.strip_prefix(own);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// Whether it depends on a variable without a value.
fn is_unset(service: &str, row: &Field, input: StackInput<'_>) -> bool {
    let service = format!("services.{service}.");
    let paths = input.expected.unset.range(service.clone()..);
    let mut paths = paths.map_while(|(path, _)| path.strip_prefix(&service));
    paths.any(|path| is_of(row, path))
}
