//! What engines are set up to do with every container (`daemon.json`), which no answer tells: options
//! of the logging driver and limits of resources that all containers have whose services set none.

use std::collections::{BTreeMap, HashMap};

use super::index::Index;
use super::pair::Pair;
use crate::fields::{Field, Form, SERVICE};
use crate::state::State;

/// The entries that all containers have whose services do not set the field.
#[derive(Debug, Default)]
pub(super) struct Common<'a> {
    entries: HashMap<(&'static str, &'a str), String>,
}

impl<'a> Common<'a> {
    pub(super) fn of(expected: &'a State, index: &Index<'a>) -> Self {
        let mut common = Self::default();
        let fields = SERVICE.iter();
        for field in fields.filter(|field| matches!(field.form, Form::Options | Form::Ulimits)) {
            let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
            let mut containers = 0;
            for (name, service) in &expected.services {
                if service.config.fields.get(field.path).is_some() {
                    continue;
                }
                for container in index.containers(name) {
                    containers += 1;
                    for (key, value) in container.config.fields.map(field.path) {
                        let value = value.as_ref().map_or("", |value| value.revealed());
                        *counts.entry((key, value)).or_default() += 1;
                    }
                }
            }
            // One container alone tells nothing.
            let all = counts
                .into_iter()
                .filter(|(_, count)| containers > 1 && *count == containers);
            common
                .entries
                .extend(all.map(|((key, value), _)| ((field.path, key), value.to_owned())));
        }
        common
    }

    /// Whether an entry of a container is one that all have.
    pub(super) fn holds(&self, field: &Field, key: &str, pair: Pair<'_>) -> bool {
        let value = pair.container.config.fields.map(field.path).get(key);
        let value = value.and_then(Option::as_ref);
        let common = self.entries.get(&(field.path, key));
        common.is_some_and(|common| value.is_some_and(|value| value.revealed() == common))
    }
}
