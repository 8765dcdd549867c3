//! What a template adds to what the specs say.

use std::collections::{BTreeMap, BTreeSet};

use super::Rendered;

impl Rendered<'_> {
    /// The fields of services that the specs do not mention, and the services that have them.
    pub(crate) fn added(&self) -> BTreeMap<Vec<&str>, Vec<&str>> {
        let mut added: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        let Some(asked) = &self.asked else {
            return added;
        };
        for (name, service) in &self.state.services {
            let field = |path: &'static str| path.split('.').next().unwrap_or(path);
            let of_spec = asked.services.get(name);
            let of_spec = of_spec.into_iter().flat_map(|one| one.config.fields.iter());
            let of_spec: BTreeSet<&str> = of_spec.map(|(path, _)| field(path)).collect();
            let written = service.config.fields.iter().map(|(path, _)| field(path));
            let mut fields: BTreeSet<&str> =
                written.filter(|field| !of_spec.contains(field)).collect();
            // What is in no table is compared as it is written.
            let others = self.others.get(name).into_iter().flatten();
            fields.extend(others.map(String::as_str));
            if !fields.is_empty() {
                added
                    .entry(fields.into_iter().collect())
                    .or_default()
                    .push(name);
            }
        }
        added
    }
}
