//! What networks and volumes have in common: Compose makes them once, knows them by their names, and
//! writes on a label whose they are.

use std::collections::{BTreeMap, BTreeSet};

use super::Comparer;
use crate::finding::Cause;
use crate::redact::Sensitive;
use crate::state::{DEFINITION, Network, Origin, Volume};

/// A network or a volume.
pub(super) trait Made {
    fn name(&self) -> &str;
    fn labels(&self) -> &BTreeMap<String, Sensitive>;
    fn origin(&self) -> Option<&Origin>;

    /// The project that it belongs to.
    fn owner(&self) -> Option<&str> {
        self.origin().and_then(Origin::owner)
    }

    /// Whether it bears the hash by which Compose sees that its definition changed.
    fn has_hash(&self) -> bool {
        self.origin().is_some_and(|origin| origin.has_hash)
    }
}

macro_rules! made {
    ($($kind:ty),*) => { $(
        impl Made for $kind {
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

made!(Network, Volume);

/// What is there, by the names on the engine. Of two networks with one name, which an engine allows,
/// the first counts.
pub(super) fn by_name<T: Made>(observed: &BTreeMap<String, T>) -> BTreeMap<&str, &T> {
    let backwards = observed.values().rev();
    backwards.map(|one| (one.name(), one)).collect()
}

/// What is the project's, and neither expected nor declared without being used.
pub(super) fn left_over<'a, T: Made>(
    project: &str,
    expected: &BTreeMap<String, T>,
    unused: &BTreeSet<String>,
    observed: &'a BTreeMap<String, T>,
) -> Vec<(&'a str, &'a T)> {
    let known: BTreeSet<&str> = expected.values().map(Made::name).collect();
    let own = observed.iter().filter(|(_, one)| {
        one.owner() == Some(project) && !known.contains(one.name()) && !unused.contains(one.name())
    });
    own.map(|(key, one)| (key.as_str(), one)).collect()
}

impl Comparer<'_> {
    /// Why something that Compose makes once differs from its definition.
    pub(super) fn cause_of<T: Made>(&self, expected: &T, observed: &T) -> Cause {
        let created = observed.origin().map_or("", |origin| &origin.created);
        self.cause(
            expected.labels().get(DEFINITION).map(Sensitive::revealed),
            observed.labels().get(DEFINITION).map(Sensitive::revealed),
            created,
        )
    }
}
