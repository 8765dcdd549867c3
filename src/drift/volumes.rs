//! The project's volumes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::difference::{Difference, compared_labels};
use super::resource::{Resource as _, left_over};
use super::states::States;
use crate::fields::FieldDifference;
use crate::finding::{Code, Severity};
use crate::redact::{Sensitive, serialize_named};
use crate::state::Volume;

/// The driver of a volume for which the file names none.
const LOCAL: &str = "local";

/// Compares every volume of the file with the one of its name, and finds others that belong to the
/// project.
pub(super) fn volumes(states: &States<'_>) -> Vec<Difference> {
    let mut differences = Vec::new();
    let expected = &states.expected.volumes;
    for (key, volume) in expected {
        match states.index.volume(&volume.name) {
            None => differences.push(missing(key, volume)),
            // The owner of an external volume decides how it is created.
            Some(_) if volume.external => {}
            Some(observed) => {
                differences.extend(owner(key, volume, observed, states));
                differences.extend(fields(key, volume, observed, states));
            }
        }
    }
    let unused = &states.expected.unused.volumes;
    let observed = &states.observed.volumes;
    for (key, volume) in left_over(&states.expected.project, expected, unused, observed) {
        let name = volume.name.as_str();
        let message =
            format!("volume `{name}` belongs to this project but is not in the Compose file");
        differences.push(
            Difference::new(Code::VolumeExtra, key, message)
                .values("volumes", Value::Null, name)
                .at(&["volumes", key]),
        );
    }
    differences
}

fn missing(key: &str, volume: &Volume) -> Difference {
    let name = volume.name.as_str();
    Difference::new(
        Code::VolumeMissing,
        key,
        format!("volume `{name}` is missing"),
    )
    .values("volumes", name, Value::Null)
    .at(&["volumes", key])
}

fn owner(
    key: &str,
    expected: &Volume,
    observed: &Volume,
    states: &States<'_>,
) -> Option<Difference> {
    let project = states.expected.project.as_str();
    let owner = observed.owner().filter(|owner| *owner != project)?;
    let message = format!(
        "volume `{}` belongs to the project `{owner}`: both projects use it",
        expected.name
    );
    Some(
        Difference::new(Code::VolumeOwner, key, message)
            .severity(Severity::Exposure)
            .values("project", project, owner)
            .at(&["volumes", key, "project"]),
    )
}

fn fields(key: &str, expected: &Volume, observed: &Volume, states: &States<'_>) -> Vec<Difference> {
    let of = format!("volume `{}`", expected.name);
    differing(expected, observed)
        .into_iter()
        .filter(|difference| !states.is_unset("volumes", key, &difference.field))
        .map(|difference| {
            Difference::new(Code::VolumeChanged, key, difference.message(&of))
                .at_field("volumes", key, &difference.field)
                .values(&difference.field, difference.expected, difference.observed)
        })
        .collect()
}

/// The fields that differ. An option that the file does not set is a difference as well: it may
/// lead to another directory.
fn differing(expected: &Volume, observed: &Volume) -> Vec<FieldDifference> {
    let driver = |volume: &Volume| json!(volume.driver.as_deref().unwrap_or(LOCAL));
    let mut differences = Vec::new();
    differences.extend(FieldDifference::of(
        "driver",
        driver(expected),
        driver(observed),
    ));
    if expected.options != observed.options {
        let (expected, observed) = (shown(&expected.options), shown(&observed.options));
        differences.push(FieldDifference::new("options", expected, observed));
    }
    for (name, value) in compared_labels(&expected.labels) {
        // A volume that Compose adopted has no labels.
        if let Some(observed) = observed.labels.get(name) {
            let field = format!("labels.{name}");
            differences.extend(FieldDifference::of_sensitive(
                field,
                Some(value),
                Some(observed),
            ));
        }
    }
    differences
}

fn shown(options: &BTreeMap<String, Sensitive>) -> Value {
    serialize_named(options, serde_json::value::Serializer).unwrap_or_default()
}
