//! What networks and volumes have in common: Compose creates them once, knows them by their names,
//! and labels them with the project that they belong to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::coverage::CoverageTracker;
use super::difference::Difference;
use super::forms::Sides;
use super::states::States;
use super::table::{Rules, differing};
use crate::fields::{Field, FieldDifference, NETWORK, VOLUME, Values};
use crate::finding::Code;
use crate::redact::Sensitive;
use crate::state::{DEFINITION, Network, Origin, Volume};

/// A network or a volume.
pub(super) trait Resource {
    /// What it is called.
    const KIND: &'static str;
    /// Where a file and a state declare it.
    const SECTION: &'static str;
    /// The code of a finding that it differs.
    const CHANGED: Code;
    const FIELDS: &'static [Field];

    fn name(&self) -> &str;
    fn is_external(&self) -> bool;
    fn fields(&self) -> &Values;
    fn origin(&self) -> Option<&Origin>;

    /// The digest of the definition that it was created from, where composegen rendered it.
    fn definition(&self) -> Option<&str> {
        let label = self.fields().map("labels").get(DEFINITION)?;
        label.as_ref().map(Sensitive::revealed)
    }

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
    ($($kind:ty: $name:literal, $section:literal, $changed:ident, $fields:ident);*) => { $(
        impl Resource for $kind {
            const KIND: &'static str = $name;
            const SECTION: &'static str = $section;
            const CHANGED: Code = Code::$changed;
            const FIELDS: &'static [Field] = $fields;

            fn name(&self) -> &str {
                &self.name
            }

            fn is_external(&self) -> bool {
                self.external
            }

            fn fields(&self) -> &Values {
                &self.fields
            }

            fn origin(&self) -> Option<&Origin> {
                self.origin.as_ref()
            }
        }
    )* };
}

resource!(
    Network: "network", "networks", NetworkChanged, NETWORK;
    Volume: "volume", "volumes", VolumeChanged, VOLUME
);

/// How something of the file differs from the one of its name.
pub(super) fn changed<T: Resource>(
    key: &str,
    expected: &T,
    observed: &T,
    states: &States<'_>,
    rules: &impl Rules,
) -> Vec<Difference> {
    let sides = Sides {
        wanted: expected.fields(),
        is: observed.fields(),
    };
    let differences = differing(T::FIELDS, sides, rules).into_iter();
    let is_known = |(_, one): &(_, FieldDifference)| !states.is_unset(T::SECTION, key, &one.field);
    let difference = |(field, one): (&Field, FieldDifference)| {
        let message = one.message(&format!("{} `{}`", T::KIND, expected.name()));
        Difference::new(T::CHANGED, key, message).of(&[T::SECTION, key], field, one)
    };
    differences.filter(is_known).map(difference).collect()
}

/// Counts the fields of something. Whether one is compared is up to `is_compared`, which lists why not.
pub(super) fn count<T: Resource>(
    key: &str,
    expected: &T,
    states: &States<'_>,
    coverage: &mut CoverageTracker,
    is_compared: impl Fn(&Field, &mut CoverageTracker) -> bool,
) {
    let unknown = states.live.dialect.unknown;
    for field in T::FIELDS {
        // What an engine does not support nobody has set.
        if unknown.contains(&field.path) && expected.fields().get(field.path).is_none() {
            continue;
        }
        let is_compared = is_compared(field, coverage);
        coverage.count(is_compared && !states.is_unset(T::SECTION, key, field.path));
    }
}

/// Something of the file that is not on the engine.
pub(super) fn missing<T: Resource>(code: Code, key: &str, expected: &T) -> Difference {
    let name = expected.name();
    Difference::new(code, key, format!("{} `{name}` is missing", T::KIND))
        .values(T::SECTION, name, Json::Null)
        .at(&[T::SECTION, key])
}

/// What the engine has of the project besides.
pub(super) fn extra<T: Resource>(
    code: Code,
    states: &States<'_>,
    expected: &BTreeMap<String, T>,
    unused: &BTreeSet<String>,
    observed: &BTreeMap<String, T>,
) -> Vec<Difference> {
    let left_over = left_over(&states.expected.project, expected, unused, observed);
    let difference = |(key, one): (&str, &T)| {
        let (kind, name) = (T::KIND, one.name());
        let message =
            format!("{kind} `{name}` belongs to this project but is not in the Compose file");
        Difference::new(code, key, message)
            .values(T::SECTION, Json::Null, name)
            .at(&[T::SECTION, key])
    };
    // One whose name in the file is not known is found by its key.
    left_over
        .into_iter()
        .filter(|(key, _)| !states.is_unset(T::SECTION, key, "name"))
        .map(difference)
        .collect()
}

/// What belongs to the project and is neither expected nor declared without being used.
fn left_over<'a, T: Resource>(
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::drift::{Comparison, Context, compare};
    use crate::fields::{NETWORK, VOLUME, Value, Values};
    use crate::redact::Sensitive;
    use crate::state::{Dialect, Live, Network, Origin, State, Volume};

    fn map(name: &str) -> Value {
        let value = Some(Sensitive::public("1"));
        Value::Map(BTreeMap::from([(name.to_owned(), value)]))
    }

    fn fields(fields: &[(&'static str, Value)]) -> Values {
        fields.iter().cloned().collect()
    }

    fn own() -> Origin {
        Origin {
            project: Some("p".into()),
            ..Origin::default()
        }
    }

    /// Compares a network of the file with the one on an engine.
    fn network(wanted: Values, is: Values, dialect: Dialect) -> Comparison {
        let state = |fields, live| {
            let network = Network {
                name: "p_n".into(),
                fields,
                origin: Some(own()),
                ..Network::default()
            };
            State {
                networks: [("n".to_owned(), network)].into(),
                live,
                ..State::empty("p")
            }
        };
        let live = Live {
            dialect,
            ..Live::default()
        };
        let expected = state(wanted, None);
        compare(&expected, &state(is, Some(live)), &Context::default())
    }

    fn left(comparison: &Comparison) -> usize {
        comparison.coverage.of - comparison.coverage.compared
    }

    #[test]
    fn a_hidden_field_is_not_counted_as_compared() {
        let dialect = Dialect {
            hidden_of_networks: &["driver_opts"],
            unknown_settings: &["default-network-opts"],
            ..Dialect::DOCKER
        };
        let mtu = || fields(&[("driver_opts", map("com.docker.network.driver.mtu"))]);
        for (wanted, is) in [(mtu(), mtu()), (fields(&[]), fields(&[]))] {
            let comparison = network(wanted, is, dialect.clone());
            assert_eq!(comparison.findings.len(), 0);
            assert_eq!(left(&comparison), 1);
            assert_eq!(comparison.unchecked.len(), 1, "{:?}", comparison.unchecked);
        }
    }

    #[test]
    fn an_unknown_field_counts_only_where_the_file_sets_it() {
        let dialect = Dialect {
            unknown: &["enable_ipv4"],
            ..Dialect::DOCKER
        };
        let unset = network(fields(&[]), fields(&[]), dialect.clone());
        assert_eq!((unset.coverage.of, left(&unset)), (NETWORK.len() - 1, 0));
        let off = fields(&[("enable_ipv4", Value::Flag(false))]);
        let set = network(off, fields(&[]), dialect);
        assert_eq!((set.coverage.of, left(&set)), (NETWORK.len(), 1));
        assert_eq!((set.findings.len(), set.unchecked.len()), (0, 1));
    }

    #[test]
    fn an_option_of_the_file_is_missing_whoever_may_set_it() {
        let dialect = Dialect {
            own_options: &["isolate"],
            ..Dialect::DOCKER
        };
        let isolate = || fields(&[("driver_opts", map("isolate"))]);
        let extra = network(fields(&[]), isolate(), dialect.clone());
        assert_eq!(extra.findings.len(), 0);
        let missing = network(isolate(), fields(&[]), dialect);
        assert_eq!(missing.findings.len(), 1);
    }

    #[test]
    fn labels_of_an_adopted_volume_are_not_counted_as_compared() {
        let compared = |origin| {
            let state = |origin, live| {
                let volume = Volume {
                    name: "p_v".into(),
                    origin,
                    ..Volume::default()
                };
                State {
                    volumes: [("v".to_owned(), volume)].into(),
                    live,
                    ..State::empty("p")
                }
            };
            let observed = state(origin, Some(Live::default()));
            let compared = compare(&state(None, None), &observed, &Context::default());
            assert_eq!(compared.coverage.of, VOLUME.len());
            (left(&compared), compared.unchecked.len())
        };
        assert_eq!(compared(Some(own())), (0, 0));
        assert_eq!(compared(None), (1, 1));
    }
}
