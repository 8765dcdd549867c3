//! The project's networks.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::{Value, json};

use super::configured;
use super::coverage::{CoverageTracker, NOT_SHOWN_BY_ENGINE};
use super::difference::Difference;
use super::option_names::with_options_as_written;
use super::resource::{Resource as _, changed, count, extra, missing};
use super::states::States;
use super::subnets::{chosen_subnets, may_be_chosen, without_subnets};
use super::table::{Rules, is_known_default};
use crate::fields::{Field, Form, Value as FieldValue, one_spelling};
use crate::finding::{Code, Severity};
use crate::redact::Sensitive;
use crate::state::{DEFINITION, LOCAL_DRIVERS, Network, STACK_LABEL, is_label_of_compose};

/// Compares every network of the file with the one of its name, and finds others that belong to the
/// project.
pub(super) fn networks(states: &States<'_>, coverage: &mut CoverageTracker) -> Vec<Difference> {
    let mut differences = Vec::new();
    let expected = &states.expected.networks;
    let is_named = |key: &str| !states.is_unset("networks", key, "name");
    for (key, network) in expected.iter().filter(|(key, _)| is_named(key)) {
        differences.extend(ambiguous(key, network, states));
        match states.index.network(&network.name) {
            None => differences.push(missing(Code::NetworkMissing, key, network)),
            Some(observed) if network.external => {
                differences.extend(external(key, network, observed, states));
            }
            Some(observed) => {
                differences.extend(owner(key, network, observed, states));
                differences.extend(fields(key, network, observed, states, coverage));
            }
        }
    }
    let unused = &states.expected.unused.networks;
    let observed = &states.observed.networks;
    let extra = extra(Code::NetworkExtra, states, expected, unused, observed);
    differences.extend(extra);
    differences
}

/// Docker before 25 creates networks of a name that is taken, and then starts no new container on any of them.
fn ambiguous(key: &str, expected: &Network, states: &States<'_>) -> Option<Difference> {
    let name = expected.name.as_str();
    let count = states.index.networks(name).len();
    (count > 1).then(|| {
        let message = format!(
            "{count} networks have the name `{name}`, so the engine cannot tell which one is meant"
        );
        Difference::new(Code::NetworkAmbiguous, key, message)
            .values("networks", 1, count)
            .by_hand()
    })
}

/// Compose refuses a network that it knows by its name and not by its labels.
fn owner(
    key: &str,
    expected: &Network,
    observed: &Network,
    states: &States<'_>,
) -> Option<Difference> {
    let (name, project) = (&expected.name, states.expected.project.as_str());
    let (mut wanted, mut is) = (project, observed.owner());
    let (severity, message) = match is {
        Some(owner) if owner == project => {
            let labelled = observed.origin.as_ref()?.key.as_deref()?;
            if labelled == key {
                return None;
            }
            (wanted, is) = (key, Some(labelled));
            let message = format!("network `{name}` is labelled as network `{labelled}`");
            (Severity::Drift, message)
        }
        Some(owner) => (
            Severity::Exposure,
            format!("network `{name}` belongs to the project `{owner}`"),
        ),
        None => {
            let message = match observed.stack() {
                Some(stack) => format!(
                    "network `{name}` belongs to the stack `{}` of a swarm; compare a stack with `--engine swarm`",
                    stack.shown()
                ),
                None => format!("network `{name}` has no Compose labels"),
            };
            (Severity::Drift, message)
        }
    };
    Some(
        Difference::new(Code::NetworkUnlabelled, key, message)
            .severity(severity)
            .values("labels", wanted, is)
            .by_hand()
            .at(&["networks", key, "project"]),
    )
}

fn fields(
    key: &str,
    expected: &Network,
    observed: &Network,
    states: &States<'_>,
    coverage: &mut CoverageTracker,
) -> Vec<Difference> {
    let subnets = |network: &Network| -> BTreeSet<String> {
        network
            .fields
            .list("ipam.config.subnet")
            .iter()
            .map(|subnet| one_spelling(subnet))
            .collect()
    };
    let chosen = chosen_subnets(expected, observed, states);
    let observed = &without_subnets(observed, &chosen);
    let observed = &with_options_as_written(expected, observed, states);
    let mut configured = states.configured.options(expected, observed, states.live);
    configured.retain(|option| !is_own_option(option, states));
    let rules = FilledNetwork {
        expected,
        observed,
        states,
        one_sided: &subnets(expected) ^ &subnets(observed),
        configured,
    };
    let mut not_compared = Vec::new();
    let mut differences = Vec::new();
    for mut difference in changed(key, expected, observed, states, &rules) {
        let field = difference.field.as_deref().unwrap_or_default();
        if field == "internal" {
            // What is not internal lets its containers reach out, and be reached.
            difference.message = if expected.is_internal() {
                difference.severity = Severity::Exposure;
                format!(
                    "network `{}` is not internal; expected `internal: true`",
                    expected.name
                )
            } else {
                internal(&expected.name)
            };
        }
        if let Some(why) = rules.why_hidden(field, &difference.observed) {
            coverage.unchecked(format!("`{field}` of network `{}`", expected.name), why);
            not_compared.push(field.to_owned());
            continue;
        }
        differences.push(difference);
    }
    let dialect = &states.live.dialect;
    count(key, expected, states, coverage, |field, coverage| {
        let is_hidden = dialect.hidden_of_networks.contains(&field.path)
            && (field.form.is_map() || observed.fields.get(field.path).is_none());
        if is_hidden {
            let what = format!("`{}` that a network does not set", field.path);
            coverage.unchecked(what, NOT_SHOWN_BY_ENGINE);
        }
        let is_configured = field.configured_by.is_some() && !rules.configured.is_empty();
        if is_configured {
            let (what, why) = configured::unchecked(field, &rules.configured, "networks");
            coverage.unchecked(what, why);
        }
        let is_field = |path: &String| {
            let rest = path.strip_prefix(field.path);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        !is_hidden && !is_configured && !not_compared.iter().any(is_field)
    });
    differences
}

/// The owner of an external network decides how it is created. But on an internal one, no port can be
/// published.
fn external(
    key: &str,
    expected: &Network,
    observed: &Network,
    states: &States<'_>,
) -> Option<Difference> {
    let is_useless =
        observed.is_internal() && !expected.is_internal() && states.index.publishes_on(key);
    is_useless.then(|| {
        Difference::new(Code::NetworkChanged, key, internal(&expected.name))
            .values("internal", false, true)
            .by_hand()
            .at(&["networks", key, "internal"])
    })
}

fn internal(name: &str) -> String {
    format!("network `{name}` is internal: containers attached only to it cannot publish ports")
}

/// What an engine makes of a network.
struct FilledNetwork<'a> {
    expected: &'a Network,
    observed: &'a Network,
    states: &'a States<'a>,
    /// The subnets that only one of them has.
    one_sided: BTreeSet<String>,
    /// The driver options that may be defaults which the engine is configured to have.
    configured: BTreeSet<&'a str>,
}

impl FilledNetwork<'_> {
    /// Why a field that the engine does not show is not compared.
    fn why_hidden(&self, field: &str, observed: &Value) -> Option<&'static str> {
        let dialect = &self.states.live.dialect;
        let is_hidden = |row: &&str| {
            let rest = field.strip_prefix(*row);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if let Some(why) = self.states.why_unsupported(field) {
            return Some(why);
        }
        let is_absent = observed.is_null() || *observed == json!(false);
        let mut subnets = self.observed.fields.list("ipam.config.subnet").iter();
        if field == "enable_ipv6"
            && dialect.ipv6_follows_subnets
            && subnets.any(|subnet| subnet.contains(':'))
        {
            return Some("on this engine, a network with such a subnet has IPv6");
        }
        // The engine shows those for which it has its own names.
        let is_shown = field.strip_prefix("driver_opts.").is_some_and(|option| {
            let mut names = dialect.option_names.iter();
            names.any(|(name, own)| [*name, *own].contains(&option))
        });
        let hides = !is_shown && dialect.hidden_of_networks.iter().any(is_hidden);
        (is_absent && hides).then_some("the engine does not show whether it applied it")
    }

    /// Whether the subnets are from pools that the engine does not report: those of a swarm, or of an
    /// IPAM driver other than its own.
    fn has_other_pools(&self) -> bool {
        let fields = &self.observed.fields;
        let (driver, ipam) = (fields.text("driver"), fields.text("ipam.driver"));
        driver.is_some_and(|driver| !LOCAL_DRIVERS.contains(&driver))
            || ipam.is_some_and(|ipam| ipam != "default")
    }

    /// Whether a gateway is the one that the engine chooses: the first address of the subnet, or of
    /// the range in it.
    fn is_first(&self, subnet: &str, gateway: &str) -> bool {
        let ranges = self.observed.fields.map("ipam.config.ip_range");
        let range = ranges.get(subnet).and_then(Option::as_ref);
        let mut pools = std::iter::once(subnet)
            .chain(range.map(Sensitive::revealed))
            .filter_map(|pool| pool.parse::<IpNet>().ok());
        let Ok(gateway) = gateway.parse::<IpAddr>() else {
            return false;
        };
        pools.any(|pool| {
            // Those of IPv6 begin with the address of the network itself.
            let first = pool.hosts().find(|host| *host != pool.network());
            pool.network() == gateway || first == Some(gateway)
        })
    }
}

impl Rules for FilledNetwork<'_> {
    fn is_default(&self, field: &Field, value: &FieldValue) -> bool {
        match (field.form, value) {
            // It chooses any subnets.
            (Form::Subnets, FieldValue::List(subnets)) => {
                let is_chosen = |subnet: &String| may_be_chosen(subnet, self.states);
                self.expected.fields.get(field.path).is_none()
                    && (self.has_other_pools() || subnets.iter().all(is_chosen))
            }
            _ => is_known_default(field, value),
        }
    }

    fn is_made_up(&self, field: &Field, key: &str, value: &Sensitive) -> bool {
        match field.path {
            "ipam.config.gateway" => self.is_first(key, value.revealed()),
            "ipam.options" | "driver_opts" => is_own_option(key, self.states),
            _ => false,
        }
    }

    fn is_implied(&self, field: &Field, key: &str, value: &Sensitive) -> bool {
        field.path == "ipam.config.gateway" && self.is_first(key, value.revealed())
    }

    fn is_left_out(&self, field: &Field, key: &str) -> bool {
        if self.configured.contains(key) && field.configured_by.is_some() {
            return true;
        }
        if field.form == Form::Pools {
            // Of a subnet that is only on one side, the subnet itself is the difference.
            return self.expected.fields.get("ipam.config.subnet").is_some()
                && self.one_sided.contains(key);
        }
        // That it belongs to a stack is a difference of its own.
        let is_of_stack = key == STACK_LABEL && self.observed.owner().is_none();
        key == DEFINITION || field.path == "labels" && (is_of_stack || is_label_of_compose(key))
    }
}

/// Whether an option is one that the engine sets itself.
fn is_own_option(option: &str, states: &States<'_>) -> bool {
    let own = states.live.dialect.own_options;
    own.iter().any(|own| option.starts_with(own))
}

#[cfg(test)]
mod tests;
