//! What templates add to what the specs say.

use std::collections::{BTreeMap, BTreeSet};

use super::Rendered;
use crate::fields::{Value, Values};
use crate::state::DEFINITION;

impl Rendered<'_> {
    /// The fields that a template adds to what the specs say, each with the services that have them. Of a field that the specs
    /// have too, these are the entries that they do not have: `environment.TZ`.
    pub(crate) fn added(&self) -> BTreeMap<Vec<String>, Vec<&str>> {
        let mut added: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        let Some(asked) = &self.asked else {
            return added;
        };
        let nothing = Values::default();
        for (name, service) in &self.state.services {
            let of_spec = asked
                .services
                .get(name)
                .map_or(&nothing, |one| &one.config.fields);
            let mut fields = more(of_spec, &service.config.fields);
            // What is in no table is compared as it is written.
            let others = self.others.get(name).into_iter().flatten();
            fields.extend(others.cloned());
            if !fields.is_empty() {
                let fields = fields.into_iter().collect();
                added.entry(fields).or_default().push(name);
            }
        }
        added
    }
}

/// What fields have that others do not.
fn more(of_spec: &Values, written: &Values) -> BTreeSet<String> {
    let field = |path: &'static str| path.split('.').next().unwrap_or(path);
    let known: BTreeSet<&str> = of_spec.iter().map(|(path, _)| field(path)).collect();
    let mut more = BTreeSet::new();
    for (path, value) in written.iter() {
        match (of_spec.get(path), value) {
            (None, _) if known.contains(field(path)) => {
                more.insert(path.to_owned());
            }
            (None, _) => {
                more.insert(field(path).to_owned());
            }
            (Some(Value::Map(ours)), Value::Map(theirs)) => {
                let names = theirs
                    .keys()
                    .filter(|name| *name != DEFINITION)
                    .filter(|name| !ours.contains_key(*name));
                more.extend(names.map(|name| format!("{path}.{name}")));
            }
            (Some(Value::List(ours)), Value::List(theirs))
                if theirs.iter().any(|item| !ours.contains(item)) =>
            {
                more.insert(path.to_owned());
            }
            _ => {}
        }
    }
    more
}
