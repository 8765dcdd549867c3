//! What networks and volumes have in common: Compose creates them once, knows them by their names,
//! and labels them with the project that they belong to.

use std::collections::{BTreeMap, BTreeSet};

use crate::redact::Sensitive;
use crate::state::{Network, Origin, Volume};

/// A network or a volume.
pub(super) trait Resource {
    fn name(&self) -> &str;
    fn labels(&self) -> &BTreeMap<String, Sensitive>;
    fn origin(&self) -> Option<&Origin>;

    /// The project that it belongs to.
    fn owner(&self) -> Option<&str> {
        self.origin().and_then(Origin::owner)
    }

    /// Whether it has the hash by which Compose detects that its definition changed.
    fn has_hash(&self) -> bool {
        self.origin().is_some_and(|origin| origin.has_hash)
    }
}

macro_rules! resource {
    ($($kind:ty),*) => { $(
        impl Resource for $kind {
            fn name(&self) -> &str {
                &self.name
            }

            fn labels(&self) -> &BTreeMap<String, Sensitive> {
                &self.labels
            }

            fn origin(&self) -> Option<&Origin> {
                self.origin.as_ref()
            }
        }
    )* };
}

resource!(Network, Volume);

/// What belongs to the project and is neither expected nor declared without being used.
pub(super) fn left_over<'a, T: Resource>(
    project: &str,
    expected: &BTreeMap<String, T>,
    unused: &BTreeSet<String>,
    observed: &'a BTreeMap<String, T>,
) -> Vec<(&'a str, &'a T)> {
    let known: BTreeSet<&str> = expected.values().map(Resource::name).collect();
    observed
        .iter()
        .filter(|(_, one)| one.owner() == Some(project))
        .filter(|(_, one)| !known.contains(one.name()) && !unused.contains(one.name()))
        .map(|(key, one)| (key.as_str(), one))
        .collect()
}
