//! The project's volumes.

use super::coverage::CoverageTracker;
use super::difference::Difference;
use super::resource::{Resource as _, changed, count, extra, missing};
use super::states::States;
use super::table::Rules;
use crate::fields::Field;
use crate::finding::{Code, Severity};
use crate::redact::Sensitive;
use crate::state::{DEFINITION, Dialect, Volume, is_label_of_compose};

/// Compares every volume of the file with the one of its name, and finds others that belong to the
/// project.
pub(super) fn volumes(states: &States<'_>, coverage: &mut CoverageTracker) -> Vec<Difference> {
    let mut differences = Vec::new();
    let expected = &states.expected.volumes;
    let is_named = |key: &str| !states.is_unset("volumes", key, "name");
    for (key, volume) in expected.iter().filter(|(key, _)| is_named(key)) {
        match states.index.volume(&volume.name) {
            None => differences.push(missing(Code::VolumeMissing, key, volume)),
            // The owner of an external volume decides how it is created.
            Some(_) if volume.external => {}
            Some(observed) => {
                let is_adopted = observed.owner().is_none();
                count(key, volume, states, coverage, |field, coverage| {
                    let is_left_out = is_adopted && field.path == "labels";
                    if is_left_out {
                        let what = format!("`labels` of volume `{}`", volume.name);
                        coverage.unchecked(what, "Compose uses it and did not create it");
                    }
                    !is_left_out
                });
                differences.extend(owner(key, volume, observed, states));
                differences.extend(changed(
                    key,
                    volume,
                    observed,
                    states,
                    &FilledVolume {
                        observed,
                        dialect: &states.live.dialect,
                    },
                ));
            }
        }
    }
    let unused = &states.expected.unused.volumes;
    let observed = &states.observed.volumes;
    let extra = extra(Code::VolumeExtra, states, expected, unused, observed);
    differences.extend(extra);
    differences
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

/// What an engine makes of a volume.
struct FilledVolume<'a> {
    observed: &'a Volume,
    dialect: &'a Dialect,
}

impl Rules for FilledVolume<'_> {
    fn is_made_up(&self, field: &Field, key: &str, _value: &Sensitive) -> bool {
        let own = self.dialect.own_options;
        field.path == "driver_opts" && own.iter().any(|own| key.starts_with(own))
    }

    fn is_left_out(&self, field: &Field, key: &str) -> bool {
        // A volume that Compose adopted has no labels.
        let is_adopted = self.observed.owner().is_none();
        field.path == "labels" && (is_adopted || key == DEFINITION || is_label_of_compose(key))
    }
}
