//! Defaults that an engine is configured to have (`daemon.json`), and that no answer shows.
//!
//! Docker sets such a default where nothing else is set, each entry of a map on its own. It then looks
//! like a value that was taken out of every file, or that was given to every container by hand. So what
//! all have that could have such a default is not compared, but listed as unchecked with the setting; a
//! container alone has it too. What only some of them have is a difference.

use std::collections::{BTreeSet, HashMap};

use super::index::Index;
use super::pair::Pair;
use super::table::{is_known_default, text};
use crate::fields::{Field, NETWORK, SERVICE, Value, Values};
use crate::redact;
use crate::state::{Live, Network, State};

/// The field of networks that has configured defaults.
const NETWORK_OPTIONS: &str = "driver_opts";

/// What all have that could have it as a configured default: of containers by the path of the field,
/// of networks by their driver.
#[derive(Debug, Default)]
pub(super) struct Configured<'a> {
    fields: HashMap<&'static str, HashMap<&'a str, String>>,
    options: HashMap<&'a str, HashMap<&'a str, String>>,
}

impl<'a> Configured<'a> {
    pub(super) fn of(expected: &'a State, index: &Index<'a>, live: &'a Live) -> Self {
        let fields = SERVICE.iter().filter(|field| field.configured_by.is_some());
        let fields = fields.map(|field| {
            let containers = expected.services.iter().flat_map(|(name, service)| {
                index
                    .containers(name)
                    .iter()
                    .map(|container| (&service.config.fields, &container.config.fields))
            });
            let could = containers.filter(|(_, is)| has_defaults(field, is, live));
            (field.path, shared(field, could, live))
        });
        Self {
            fields: fields.collect(),
            options: options(expected, index, live),
        }
    }

    /// The entries of a field of a container that may be configured defaults; the one of a field that
    /// is not a map has no name.
    pub(super) fn entries(&self, field: &Field, pair: Pair<'_>, live: &Live) -> BTreeSet<&'a str> {
        let (own, is) = (&pair.service.config.fields, &pair.container.config.fields);
        let shared = self
            .fields
            .get(field.path)
            .filter(|_| has_defaults(field, is, live));
        shared.map_or_else(BTreeSet::new, |shared| {
            of_shared(field, shared, own, is, live)
        })
    }

    /// The options of a network's driver that may be configured defaults.
    pub(super) fn options(&self, own: &Network, is: &Network, live: &Live) -> BTreeSet<&'a str> {
        let shared = self.options.get(driver(is)).zip(network_options());
        shared.map_or_else(BTreeSet::new, |(shared, field)| {
            of_shared(field, shared, &own.fields, &is.fields, live)
        })
    }
}

/// The entries of a field that are the same as those that all have.
fn of_shared<'a>(
    field: &Field,
    shared: &HashMap<&'a str, String>,
    own: &Values,
    is: &Values,
    live: &Live,
) -> BTreeSet<&'a str> {
    let entries = unset_entries(field, own, is, live).filter_map(|(name, value)| {
        let (name, shared) = shared.get_key_value(name)?;
        (*shared == value).then_some(*name)
    });
    entries.collect()
}

/// The options that all networks of a driver have, by the driver.
fn options<'a>(
    expected: &'a State,
    index: &Index<'a>,
    live: &Live,
) -> HashMap<&'a str, HashMap<&'a str, String>> {
    let Some(field) = network_options() else {
        return HashMap::new();
    };
    let setting = field.configured_by.unwrap_or_default();
    if live.dialect.unknown_settings.contains(&setting) {
        return HashMap::new();
    }
    let mut drivers: HashMap<&str, Vec<(&Values, &Values)>> = HashMap::new();
    let own = expected
        .networks
        .values()
        .filter(|network| !network.external);
    for network in own {
        if let Some(is) = index.network(&network.name) {
            let all = drivers.entry(driver(is)).or_default();
            all.push((&network.fields, &is.fields));
        }
    }
    let shared = |all: Vec<_>| shared(field, all.into_iter(), live);
    drivers
        .into_iter()
        .map(|(driver, all)| (driver, shared(all)))
        .collect()
}

fn network_options() -> Option<&'static Field> {
    NETWORK.iter().find(|field| field.path == NETWORK_OPTIONS)
}

fn driver(network: &Network) -> &str {
    network.fields.text("driver").unwrap_or_default()
}

/// What of a field is not compared, and why.
pub(super) fn unchecked(field: &Field, entries: &BTreeSet<&str>, of: &str) -> (String, String) {
    let setting = field.configured_by.unwrap_or_default();
    let names: Vec<String> = entries
        .iter()
        .filter(|name| !name.is_empty())
        .map(|name| redact::name(name, true).to_string())
        .collect();
    let what = if names.is_empty() {
        format!("`{}`", field.path)
    } else {
        format!("`{}` ({})", field.path, names.join(", "))
    };
    (
        format!("{what} of {of} that do not set it"),
        format!("all of them have the same, which may be the engine's `{setting}`"),
    )
}

/// Whether a container gets configured defaults of a field (moby, `mergeAndVerifyLogConfig`).
fn has_defaults(field: &Field, is: &Values, live: &Live) -> bool {
    let driver = live.engine.logging_driver.as_deref();
    match field.path {
        "logging.options" => {
            let driver = driver.filter(|driver| !driver.is_empty());
            driver.is_none() || is.text("logging.driver") == driver
        }
        _ => true,
    }
}

/// The entries that all have in which they are not set.
fn shared<'a>(
    field: &Field,
    all: impl Iterator<Item = (&'a Values, &'a Values)>,
    live: &Live,
) -> HashMap<&'a str, String> {
    let mut count = 0_usize;
    let mut set: HashMap<&str, usize> = HashMap::new();
    let mut found: HashMap<(&str, String), usize> = HashMap::new();
    for (own, is) in all {
        count += 1;
        for name in own.map(field.path).keys() {
            *set.entry(name).or_default() += 1;
        }
        if own.get(field.path).is_some() && !field.form.is_map() {
            *set.entry("").or_default() += 1;
        }
        for (name, value) in unset_entries(field, own, is, live) {
            *found.entry((name, value)).or_default() += 1;
        }
    }
    let shared = found.into_iter().filter(|((name, _), found)| {
        let set = set.get(name).copied().unwrap_or_default();
        *found == count - set
    });
    shared.map(|(entry, _)| entry).collect()
}

/// The entries of a field that a container has and its file does not set.
fn unset_entries<'a>(
    field: &Field,
    own: &Values,
    is: &'a Values,
    live: &Live,
) -> impl Iterator<Item = (&'a str, String)> {
    let single = is
        .get(field.path)
        .filter(|_| own.get(field.path).is_none())
        .filter(|value| can_be_configured(field, value, live))
        .and_then(text)
        .map(|value| ("", value));
    let own = own.map(field.path);
    let entries = is
        .map(field.path)
        .iter()
        .filter(|(name, _)| !own.contains_key(*name))
        .filter_map(|(name, value)| {
            let value = value.as_ref()?.revealed();
            Some((name.as_str(), value.to_owned()))
        });
    single.into_iter().chain(entries)
}

/// Whether an engine can be configured to have a value as a default, and does not have it anyway.
fn can_be_configured(field: &Field, value: &Value, live: &Live) -> bool {
    let text = text(value).unwrap_or_default();
    let is_known = live.dialect.defaults.contains(&(field.path, &*text));
    !is_known && !is_known_default(field, value) && (field.path != "ipc" || text == "shareable")
}

#[cfg(test)]
mod tests {
    use crate::drift::{Comparison, Context, compare};
    use crate::fields::{Value, Values};
    use crate::redact::Sensitive;
    use crate::state::{Config, Container, Live, Network, Origin, Service, State};

    fn text(text: &str) -> Value {
        Value::Text(Sensitive::public(text))
    }

    fn map(entries: &[(&str, &str)]) -> Value {
        let entries = entries.iter();
        let entries =
            entries.map(|(name, value)| ((*name).to_owned(), Some(Sensitive::public(*value))));
        Value::Map(entries.collect())
    }

    type Fields<'a> = &'a [(&'static str, Value)];

    /// Compares services, each with its container.
    fn compared(services: &[(Fields<'_>, Fields<'_>)]) -> Comparison {
        let config = |fields: Fields<'_>| Config {
            fields: fields.iter().cloned().collect(),
            ..Config::default()
        };
        let name = |number: usize| format!("s{number}");
        let (mut expected, mut live) = (State::empty("p"), Live::default());
        live.engine.logging_driver = Some("json-file".into());
        live.image_fields = [(String::new(), Values::default())].into();
        for (number, (own, is)) in services.iter().enumerate() {
            let service = Service {
                replicas: 1,
                config: config(own),
                ..Service::default()
            };
            expected.services.insert(name(number), service);
            let mut container = Container {
                name: format!("p-s{number}-1"),
                project: Some("p".into()),
                service: Some(name(number)),
                number: Some(1),
                state: "running".into(),
                config: config(is),
                ..Container::default()
            };
            if container.config.fields.get("logging.driver").is_none() {
                let driver = [("logging.driver", text("json-file"))];
                let fields = is.iter().cloned().chain(driver);
                container.config.fields = fields.collect();
            }
            live.containers.push(container);
        }
        let observed = State {
            live: Some(live),
            ..State::empty("p")
        };
        compare(&expected, &observed, &Context::default())
    }

    /// The fields that differ, and what the engine may be configured to do.
    fn found(comparison: &Comparison) -> (Vec<String>, Vec<String>) {
        let mut fields: Vec<String> = comparison
            .findings
            .iter()
            .map(|one| {
                format!(
                    "{}: {}",
                    one.resource,
                    one.field.as_deref().unwrap_or_default()
                )
            })
            .collect();
        fields.sort();
        let unchecked = comparison
            .unchecked
            .iter()
            .filter(|one| one.why.contains("which may be the engine's"));
        (fields, unchecked.map(|one| one.what.clone()).collect())
    }

    #[test]
    fn what_all_have_may_be_a_default_of_the_engine() {
        let size = |bytes| [("shm_size", Value::Number(bytes))];
        let (usual, more) = (size(64 << 20), size(128 << 20));
        let unchecked = "`shm_size` of services that do not set it";
        for (services, expected) in [
            // Alone, or with others.
            (&[(&[][..], &more[..])][..], (&[][..], &[unchecked][..])),
            (&[(&[], &more), (&[], &more)], (&[], &[unchecked])),
            // What the engine does anyway.
            (&[(&[], &usual)], (&[], &[])),
            // Only some.
            (&[(&[], &more), (&[], &usual)], (&["s0: shm_size"], &[])),
            // Those that set it say nothing.
            (&[(&[], &more), (&usual, &usual)], (&[], &[unchecked])),
            (&[(&more, &usual)], (&["s0: shm_size"], &[])),
        ] {
            let comparison = compared(services);
            let (fields, unchecked) = found(&comparison);
            assert_eq!(fields, expected.0, "{services:?}");
            assert_eq!(unchecked, expected.1, "{services:?}");
            let left = comparison.coverage.of - comparison.coverage.compared;
            let is_unchecked = !expected.1.is_empty();
            assert_eq!(left > 0, is_unchecked, "{services:?}");
        }
    }

    #[test]
    fn a_namespace_of_the_host_is_never_a_default() {
        let ipc = |word| [("ipc", text(word))];
        let (shareable, host) = (ipc("shareable"), ipc("host"));
        assert_eq!(found(&compared(&[(&[], &shareable)])).0, [""; 0]);
        assert_eq!(found(&compared(&[(&[], &host)])).0, ["s0: ipc"]);
    }

    #[test]
    fn each_entry_is_a_default_of_its_own() {
        let limits = |entries: &[(&str, &str)]| [("ulimits", map(entries))];
        let open = ("nofile", "1:2");
        let (both, one) = (limits(&[open, ("nproc", "3:3")]), limits(&[open]));
        let own = limits(&[("nproc", "3:3")]);
        // Removed from every file, or set in none.
        let (fields, unchecked) = found(&compared(&[(&[], &one), (&own, &both)]));
        assert_eq!(fields, [""; 0]);
        assert_eq!(
            unchecked,
            ["`ulimits` (nofile) of services that do not set it"]
        );
        // Removed from one file.
        let fields = found(&compared(&[(&[], &both), (&[], &one)])).0;
        assert_eq!(fields, ["s0: ulimits.nproc"]);
        let other = limits(&[("nofile", "9:9")]);
        let fields = found(&compared(&[(&[], &other), (&[], &one)])).0;
        assert_eq!(fields, ["s0: ulimits.nofile", "s1: ulimits.nofile"]);
    }

    #[test]
    fn options_of_networks_are_defaults_of_one_driver() {
        let (mut expected, mut observed) = (State::empty("p"), State::empty("p"));
        let mut add = |name: &str, driver: &str, options: &[(&str, &str)]| {
            let network = |options: &[(&str, &str)]| Network {
                name: name.into(),
                fields: [("driver", text(driver)), ("driver_opts", map(options))]
                    .into_iter()
                    .filter(|(_, value)| !value.is_empty())
                    .collect(),
                origin: Some(Origin {
                    project: Some("p".into()),
                    ..Origin::default()
                }),
                ..Network::default()
            };
            expected.networks.insert(name.into(), network(&[]));
            observed.networks.insert(name.into(), network(options));
        };
        add("a", "bridge", &[("mtu", "1400"), ("icc", "false")]);
        add("b", "bridge", &[("mtu", "1400")]);
        add("c", "macvlan", &[("parent", "eth0")]);
        observed.live = Some(Live::default());
        let compared = |observed: &State| found(&compare(&expected, observed, &Context::default()));
        let (fields, unchecked) = compared(&observed);
        assert_eq!(fields, ["a: driver_opts.icc"]);
        assert_eq!(
            unchecked,
            [
                "`driver_opts` (mtu) of networks that do not set it",
                "`driver_opts` (parent) of networks that do not set it",
            ]
        );
        // An engine that has no such setting.
        observed.live.as_mut().unwrap().dialect.unknown_settings = &["default-network-opts"];
        assert_eq!(compared(&observed).0.len(), 4);
    }

    #[test]
    fn options_of_logging_are_defaults_of_one_driver() {
        let options = |driver, entries: &[(&str, &str)]| {
            [
                ("logging.driver", text(driver)),
                ("logging.options", map(entries)),
            ]
        };
        let size = [("max-size", "1m")];
        let (usual, journal) = (options("json-file", &size), options("journald", &[]));
        let driver = [("logging.driver", text("journald"))];
        let (fields, unchecked) = found(&compared(&[(&[], &usual), (&driver, &journal)]));
        assert_eq!(fields, [""; 0]);
        assert_eq!(
            unchecked,
            ["`logging.options` (max-size) of services that do not set it"]
        );
        let journal = options("journald", &size);
        let fields = found(&compared(&[(&[], &usual), (&driver, &journal)])).0;
        assert_eq!(fields, ["s1: logging.options.max-size"]);
    }
}
