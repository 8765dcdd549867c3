//! How the project's containers are configured.
//!
//! What an image may set (user, command, variables, labels, health check) is compared only where the
//! file sets it; what only a file or a person sets (limits, restarts, rights) always is. The fields
//! are those of the table in `fields`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::difference::Difference;
use super::pair::Pair;
use super::states::States;
use crate::fields::{self, FieldDifference};
use crate::finding::Code;
use crate::redact::Sensitive;
use crate::state::{Config, is_filled_in};

/// Compares the configuration of a service with that of a container.
pub(super) fn config(pair: Pair<'_>, states: &States<'_>) -> Vec<Difference> {
    let (name, container) = (pair.name, pair.container);
    let (wanted, is) = (&pair.service.config, &container.config);
    let differences = fields::differences(wanted, is, &states.live.habits);
    // A file of variables that is only on the host may name any of them.
    let is_known = !states.is_unset("services", name, "env_file");
    let set = states.live.image_variables.get(&container.image_id);
    let set = set.filter(|_| is_known);
    let more = set.map(|set| more_variables(wanted, is, set));
    differences
        .chain(more.into_iter().flatten())
        .filter(|difference| !states.is_unset("services", name, &difference.field))
        .map(|difference| {
            let message = difference.message(&format!("service `{name}`"));
            Difference::new(Code::ServiceConfig, name, message)
                .container(&container.name)
                .at_field("services", name, &difference.field)
                .values(&difference.field, difference.expected, difference.observed)
        })
        .collect()
}

/// Variables of a container that neither its service nor its image (`set`) sets.
fn more_variables(
    wanted: &Config,
    is: &Config,
    set: &BTreeMap<String, Option<Sensitive>>,
) -> Vec<FieldDifference> {
    is.environment
        .iter()
        .filter(|(name, value)| {
            !wanted.environment.contains_key(*name)
                && !is_filled_in(name)
                && set.get(*name) != Some(*value)
        })
        .map(|(name, value)| {
            FieldDifference::new(&format!("environment.{name}"), Value::Null, json!(value))
        })
        .collect()
}
