//! What depends on variables of a file that exists only on its host.

use super::{Facts, other_names};
use crate::compose::{At, SECTIONS, Written};
use crate::redact;
use crate::text::expression::nested_expressions;

/// Notes what of a host's own files nobody can know here, as it depends on variables that a missing file may set.
pub(super) fn of_variables(file: &Written, facts: &mut Facts) {
    for section in SECTIONS {
        for (name, at) in file.entries(section) {
            let what = format!("{section}.{name}");
            if matches!(section, "configs" | "secrets") {
                facts.unsure.extend(depends(file, at).then_some(what));
            } else {
                of_field(file, what, at, facts);
            }
        }
    }
}

fn of_field(file: &Written, what: String, at: At<'_>, facts: &mut Facts) {
    if !at.is_mapping() {
        facts.unsure.extend(depends(file, at).then_some(what));
        return;
    }
    for (key, at) in at.entries() {
        let what = format!("{what}.{}", redact::name(key, !at.is_null()));
        of_field(file, what, at, facts);
    }
}

/// Whether a value has a variable in it that no known file sets.
fn depends(file: &Written, at: At<'_>) -> bool {
    let mut parts = at.items().chain(at.entries().map(|(_, at)| at));
    let mut variables = nested_expressions(at.written()).into_iter();
    parts.any(|at| depends(file, at)) || variables.any(|variable| !file.gives(variable.name))
}

impl Facts {
    /// Whether nobody can know a thing here, or what it is a part of.
    pub(super) fn is_unsure(&self, what: &str) -> bool {
        let is = |what: &str| {
            let dots = what.match_indices('.').map(|(at, _)| at);
            let mut parents = dots.filter_map(|at| what.get(..at));
            self.unsure.contains(what) || parents.any(|parent| self.unsure.contains(parent))
        };
        !self.unsure.is_empty() && (is(what) || other_names(what).iter().any(|other| is(other)))
    }
}
