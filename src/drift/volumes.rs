//! The project's volumes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::made::{Made as _, by_name, left_over};
use super::{Comparer, compared_labels, difference, is_hidden};
use crate::finding::{AfterUp, Cause, Code, Finding, Severity};
use crate::redact::{Sensitive, serialize_named};
use crate::state::Volume;

/// The driver of a volume for which the file names none.
const LOCAL: &str = "local";

impl Comparer<'_> {
    /// Compares every volume of the file with the one that bears its name, and looks for others
    /// that are the project's.
    pub(super) fn volumes(&mut self) {
        let (expected, observed) = (&self.expected.volumes, &self.observed.volumes);
        let there = by_name(observed);
        for (key, expected) in expected {
            match there.get(expected.name.as_str()) {
                // How an external volume is made is its owner's business.
                Some(_) if expected.external => {}
                Some(observed) => self.volume(key, expected, observed),
                None => self.missing_volume(key, expected),
            }
        }
        let (project, unused) = (&self.expected.project, &self.expected.unused.volumes);
        for (key, observed) in left_over(project, expected, unused, observed) {
            self.note(
                Finding::new(
                    Code::VolumeExtra,
                    Severity::Drift,
                    key,
                    format!(
                        "volume `{}` is the project's and not in its file",
                        observed.name
                    ),
                )
                .field("volumes", Value::Null, observed.name.as_str())
                .help(format!(
                    "when its data is saved or not needed: docker volume rm {}",
                    observed.name
                )),
            );
        }
    }

    fn missing_volume(&mut self, key: &str, expected: &Volume) {
        let finding = Finding::new(
            Code::VolumeMissing,
            Severity::Drift,
            key,
            format!("volume `{}` is not there", expected.name),
        )
        .field("volumes", expected.name.as_str(), Value::Null);
        self.note(if expected.external {
            finding
                .after_up(AfterUp::Fails)
                .help(format!("make it: docker volume create {}", expected.name))
        } else if self.holds_state(key, expected) {
            finding.after_up(AfterUp::DestroysData).help(
                "restore its data before anything starts on the empty one that Compose would make",
            )
        } else {
            finding.after_up(AfterUp::Heals)
        });
    }

    fn volume(&mut self, key: &str, expected: &Volume, observed: &Volume) {
        let owner = observed.owner();
        if let Some(owner) = owner.filter(|owner| *owner != self.expected.project) {
            self.note(
                Finding::new(
                    Code::VolumeOwner,
                    Severity::Exposure,
                    key,
                    format!(
                        "volume `{}` belongs to the project `{owner}`, and both use it",
                        expected.name
                    ),
                )
                .field("project", self.expected.project.as_str(), owner)
                .help("give one of the two projects a volume of its own, by another name"),
            );
        }
        let cause = self.cause_of(expected, observed);
        // Compose asks whether to remove and make anew a volume whose definition changed, and
        // adopts one whose labels do not say that it did.
        let after_up = match cause {
            _ if !observed.has_hash() => AfterUp::Ignores,
            Cause::Unapplied => AfterUp::DestroysData,
            Cause::OutOfBand => AfterUp::Ignores,
            Cause::Unknown => AfterUp::Unknown,
        };
        for (field, expected_value, observed_value) in differences(expected, observed) {
            if self.cannot_tell("volumes", key, &field) {
                continue;
            }
            let message = if is_hidden(&expected_value, &observed_value) {
                format!(
                    "`{field}` of volume `{}` differs, values hidden",
                    expected.name
                )
            } else {
                format!("volume `{}` has another `{field}`", expected.name)
            };
            self.note(
                Finding::new(
                    Code::VolumeChanged,
                    Severity::Drift,
                    key,
                    message,
                )
                .field(field, expected_value, observed_value)
                .cause(cause)
                .after_up(after_up)
                .help("save its data, remove the volume, run docker compose up -d, and restore the data"),
            );
        }
    }

    /// Whether a volume holds what must not be lost.
    fn holds_state(&self, key: &str, volume: &Volume) -> bool {
        if volume
            .options
            .get("type")
            .is_some_and(|kind| kind.revealed() == "tmpfs")
        {
            return false;
        }
        let Some(stateful) = &self.context.stateful else {
            return true;
        };
        let mut mounting = self.index.mounting(key).iter();
        mounting.any(|service| stateful.contains(*service))
    }
}

fn shown(options: &BTreeMap<String, Sensitive>) -> Value {
    serialize_named(options, serde_json::value::Serializer).unwrap_or_default()
}

/// The fields that differ. An option that the file does not set is a difference as well: it may
/// lead to another directory.
fn differences(expected: &Volume, observed: &Volume) -> Vec<(String, Value, Value)> {
    let mut differences = Vec::new();
    let driver = |volume: &Volume| volume.driver.clone().unwrap_or_else(|| LOCAL.to_owned());
    let (wanted, is) = (driver(expected), driver(observed));
    if wanted != is {
        differences.push(("driver".to_owned(), json!(wanted), json!(is)));
    }
    if expected.options != observed.options {
        differences.push((
            "options".to_owned(),
            shown(&expected.options),
            shown(&observed.options),
        ));
    }
    for (name, value) in compared_labels(&expected.labels) {
        let is = observed.labels.get(name);
        // A volume that Compose adopted was labelled by nobody.
        if is.is_some_and(|is| is != value) {
            differences.extend(difference(format!("labels.{name}"), Some(value), is));
        }
    }
    differences
}
