//! What a template adds to what the specs say.

use std::collections::{BTreeMap, BTreeSet};

use super::Rendered;

impl Rendered<'_> {
    /// The fields of services that the specs do not mention, and the services that have them.
    pub(crate) fn added(&self) -> BTreeMap<Vec<&'static str>, Vec<&str>> {
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
            let fields: BTreeSet<_> = written.filter(|field| !of_spec.contains(field)).collect();
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
