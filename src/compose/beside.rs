//! What a file sets for services that is not part of any state.

use std::collections::{BTreeMap, BTreeSet};

use super::Document;
use super::tree::Node;

/// What is written in the fields of each service that no state has: the scalars of each, sorted.
pub(crate) type Beside = BTreeMap<String, BTreeMap<&'static str, Vec<String>>>;

/// Fields of a service that Compose itself acts on, or that make no difference on Linux: no state has them.
const OF_COMPOSE: [&str; 15] = [
    "attach", "build", "cpu_percent", "credential_spec", "develop", "env_file", "label_file",
    "models", "post_start", "pre_stop", "profiles", "provider", "pull_policy",
    "pull_refresh_after", "use_api_socket",
];

/// Fields that a state has in another way than by the table: as things of their own, or as what they lead to.
const OF_STATE: [&str; 13] = [
    "configs", "container_name", "depends_on", "deploy", "extends", "image", "network_mode",
    "networks", "ports", "scale", "secrets", "volumes", "volumes_from",
];

impl Document {
    /// What its services say that no state has.
    pub(crate) fn beside_state(&self) -> Beside {
        self.of_services(|service| {
            OF_COMPOSE
                .into_iter()
                .filter_map(|field| {
                    let mut texts = Vec::new();
                    scalars(service.field(field)?, &mut texts);
                    texts.sort();
                    Some((field, texts))
                })
                .collect()
        })
    }

    /// The fields of its services that a state has in another way than by the table of fields, or not at all.
    pub(crate) fn fields_beside_table(&self) -> BTreeMap<String, BTreeSet<String>> {
        self.of_services(|service| {
            service
                .entries()
                .filter(|(field, entry)| is_beside_table(field) && has_scalar(&entry.value))
                .map(|(field, _)| field.to_owned())
                .collect()
        })
    }

    fn of_services<T>(&self, of: impl Fn(&Node) -> T) -> BTreeMap<String, T> {
        self.root()
            .into_iter()
            .flat_map(|root| root.section("services"))
            .map(|(name, service)| (name.to_owned(), of(&service.value)))
            .collect()
    }
}

fn is_beside_table(field: &str) -> bool {
    OF_COMPOSE.contains(&field) || OF_STATE.contains(&field) || field.starts_with("x-")
}

fn scalars(node: &Node, texts: &mut Vec<String>) {
    texts.extend(node.scalar());
    node.entries()
        .for_each(|(_, entry)| scalars(&entry.value, texts));
    node.items().iter().for_each(|item| scalars(item, texts));
}

fn has_scalar(node: &Node) -> bool {
    node.scalar().is_some()
        || node.entries().any(|(_, entry)| has_scalar(&entry.value))
        || node.items().iter().any(has_scalar)
}

#[cfg(test)]
mod tests {
    use super::{OF_COMPOSE, OF_STATE};
    use crate::compose::field_names;
    use crate::fields::SERVICE;

    #[test]
    fn every_field_is_in_a_state_or_beside_it() {
        let in_table = |name: &str| {
            SERVICE
                .iter()
                .any(|row| row.path.split('.').next() == Some(name))
        };
        let wrong = field_names("services").into_iter().filter(|name| {
            let homes = [
                in_table(name),
                OF_STATE.contains(name),
                OF_COMPOSE.contains(name),
            ];
            homes.into_iter().filter(|is| *is).count() != 1
        });
        assert_eq!(wrong.collect::<Vec<_>>(), [""; 0]);
    }
}
