//! The two states as the comparisons see them.

use std::collections::BTreeMap;

use super::configured::Configured;
use super::context::Context;
use super::coverage::{NOT_SHOWN_BY_ENGINE, NOT_SUPPORTED_BY_ENGINE};
use super::index::Index;
use super::pair::Pair;
use crate::fields;
use crate::plan::Plan;
use crate::state::{Live, State};

/// The two states, and what is known besides.
#[derive(Debug)]
pub(super) struct States<'a> {
    pub(super) expected: &'a State,
    pub(super) observed: &'a State,
    pub(super) live: &'a Live,
    pub(super) context: &'a Context,
    pub(super) index: Index<'a>,
    pub(super) configured: Configured<'a>,
    /// What `up` would do.
    pub(super) plan: Plan,
}

impl<'a> States<'a> {
    /// Every service of the file with each of its containers.
    pub(super) fn pairs(&self) -> impl Iterator<Item = Pair<'a>> {
        self.expected.services.iter().flat_map(|(name, service)| {
            self.index
                .containers(name)
                .iter()
                .map(move |container| Pair {
                    name,
                    service,
                    container,
                })
        })
    }

    /// Whether a field of a service, network or volume names a variable without a value, itself or
    /// below.
    pub(super) fn is_unset(&self, section: &str, key: &str, field: &str) -> bool {
        // Called for every field of every container; usually no variable is unset.
        let unset = &self.expected.unset;
        !unset.is_empty()
            && fields::paths(field).iter().any(|field| {
                let path = format!("{section}.{key}.{field}");
                holds_below(|text| first_from(unset, text), &path)
            })
    }

    /// Why a field cannot be compared on this engine, whatever its value.
    pub(super) fn why_not(&self, path: &str) -> Option<&'static str> {
        let is_hidden = self.live.dialect.hidden.contains(&path);
        self.why_unsupported(path)
            .or(is_hidden.then_some(NOT_SHOWN_BY_ENGINE))
    }

    /// Why a field cannot be compared on this engine, where the engine does not have it.
    pub(super) fn why_unsupported(&self, path: &str) -> Option<&'static str> {
        let is_unknown = self.live.dialect.unknown.contains(&path);
        is_unknown.then_some(NOT_SUPPORTED_BY_ENGINE)
    }

    /// Whether the engine mounts a tmpfs there by itself, as a read-only root would be in the way.
    pub(super) fn is_given_tmpfs(&self, pair: Pair<'_>, target: &str) -> bool {
        pair.container.config.fields.is_on("read_only") && self.live.dialect.tmpfs.contains(&target)
    }

    /// Whether a field of a service names a variable that has a value.
    pub(super) fn is_from_variable(&self, service: &str, field: &str) -> bool {
        fields::paths(field)
            .iter()
            .any(|field| self.names_variable(&format!("services.{service}.{field}")))
    }

    /// Whether a value at a path in the Compose file, or below, names a variable that has a value.
    pub(super) fn names_variable(&self, path: &str) -> bool {
        use std::ops::Bound::{Included, Unbounded};
        let known = &self.context.from_variables;
        let from = |text: &str| known.range::<str, _>((Included(text), Unbounded)).next();
        holds_below(from, path)
    }
}

/// Whether a sorted set holds a path, or one below it. `from` gives the first that is not before a
/// text.
fn holds_below<'b>(from: impl Fn(&str) -> Option<&'b String>, path: &str) -> bool {
    let starts = |start: &str| from(start).is_some_and(|found| found.starts_with(start));
    from(path).is_some_and(|found| found == path)
        || starts(&format!("{path}."))
        || starts(&format!("{path}["))
}

/// The first key that is not before a text.
fn first_from<'b, T>(map: &'b BTreeMap<String, T>, text: &str) -> Option<&'b String> {
    use std::ops::Bound::{Included, Unbounded};
    let mut range = map.range::<str, _>((Included(text), Unbounded));
    range.next().map(|(key, _)| key)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{first_from, holds_below};

    #[test]
    fn a_path_is_at_or_above_one_that_is_known() {
        let keys = ["services.a-b.image", "services.a.ports[1]", "services.a2"];
        let known: BTreeMap<String, bool> = keys.map(|key| (key.to_owned(), true)).into();
        for (path, expected) in [
            ("services.a", true),
            ("services.a.ports", true),
            ("services.a.ports[1]", true),
            ("services.a.port", false),
            ("services.a2", true),
            ("services.a2.image", false),
            ("services.a-b", true),
            ("services.b", false),
        ] {
            let held = holds_below(|text| first_from(&known, text), path);
            assert_eq!(held, expected, "{path}");
        }
    }
}
