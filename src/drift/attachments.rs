//! How the project's containers are attached to networks.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value as Json;

use super::coverage::{CoverageTracker, NOT_SHOWN_BY_ENGINE, NOT_SUPPORTED_BY_ENGINE};
use super::difference::Difference;
use super::forms::Sides;
use super::names::short_id;
use super::pair::Pair;
use super::states::States;
use super::table::{Rules, differing};
use crate::fields::{ATTACHMENT, Field, Form, Value, Values};
use crate::finding::Code;
use crate::redact::Sensitive;
use crate::state::{Attached, Attachment};

/// Compares the networks of a container with those of its service.
pub(super) fn attachments(
    pair: Pair<'_>,
    states: &States<'_>,
    coverage: &mut CoverageTracker,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    if states.is_unset("services", pair.name, "networks") {
        return differences;
    }
    let (mut wanted, mut has_unnamed) = (HashSet::new(), false);
    for (key, attachment) in &pair.service.networks {
        let Some(network) = states.expected.networks.get(key) else {
            continue;
        };
        if states.is_unset("networks", key, "name") {
            has_unnamed = true;
            continue;
        }
        wanted.insert(network.name.as_str());
        match pair.container.networks.get(&network.name) {
            Some(attached) if !is_of_a_gone_network(&network.name, attached, states) => {
                differences.extend(place(pair, key, attachment, attached, states, coverage));
            }
            _ => differences.push(detached(pair, key)),
        }
    }
    let extra = pair
        .container
        .networks
        .keys()
        .filter(|name| !wanted.contains(name.as_str()));
    if has_unnamed {
        coverage.unchecked(
            format!(
                "what other networks `{}` is attached to",
                pair.container.name
            ),
            "the name of a network depends on a variable without a value",
        );
        return differences;
    }
    differences.extend(extra.map(|name| attached(pair, name, states)));
    differences
}

/// Whether a container was created on a network that was removed since and created again under the
/// same name: a container keeps a network by its ID.
pub(super) fn is_of_a_gone_network(name: &str, attached: &Attached, states: &States<'_>) -> bool {
    let network = states.index.network(name);
    let id = network
        .and_then(|network| network.origin.as_ref())
        .map_or("", |origin| &origin.id);
    let was = attached.network.as_str();
    !was.is_empty() && !id.is_empty() && id != was
}

/// The difference of a container that is not attached to a network.
pub(super) fn detached(pair: Pair<'_>, key: &str) -> Difference {
    let name = pair.name;
    let message = format!("service `{name}` is not attached to network `{key}`");
    Difference::new(Code::NetworkDetached, name, message)
        .values("networks", key, Json::Null)
        .container(&pair.container.name)
        .at(&["services", name, "networks", key])
}

/// The difference of a container that is attached to a network which its service does not name.
pub(super) fn attached(pair: Pair<'_>, network: &str, states: &States<'_>) -> Difference {
    let why = why_exposed(network, states);
    let message = format!(
        "service `{}` is attached to network `{network}`{}",
        pair.name,
        why.as_deref().unwrap_or_default()
    );
    Difference::new(Code::NetworkAttached, pair.name, message)
        .exposure_if(why.is_some())
        .values("networks", Json::Null, network)
        .container(&pair.container.name)
        .at(&["services", pair.name, "networks", network])
}

/// Why it exposes a container to be on a network that its service does not name.
pub(super) fn why_exposed(network: &str, states: &States<'_>) -> Option<String> {
    let network = states.index.network(network)?;
    let origin = network.origin.as_ref();
    match origin.and_then(|origin| origin.owner()) {
        Some(owner) if owner != states.expected.project => {
            Some(format!(", which belongs to the project `{owner}`"))
        }
        _ => (!network.is_internal()).then(|| ", which is not internal".to_owned()),
    }
}

/// How a service's place on a network differs from that of its container.
fn place(
    pair: Pair<'_>,
    key: &str,
    wanted: &Attachment,
    attached: &Attached,
    states: &States<'_>,
    coverage: &mut CoverageTracker,
) -> Vec<Difference> {
    let (name, container) = (pair.name, pair.container);
    let rules = FilledAttachment {
        pair,
        attached,
        is_of_swarm: is_of_swarm(key, states),
    };
    let (wanted, is) = (
        with_own_name(&wanted.fields, name),
        without_own_names(&attached.fields, &wanted.fields, pair, states),
    );
    let sides = Sides {
        wanted: &wanted,
        is: &is,
    };
    let mut differences = Vec::new();
    let mut not_compared = Vec::new();
    for (field, mut one) in differing(ATTACHMENT, sides, &rules) {
        let path = format!("networks.{key}.{}", one.field);
        if states.is_unset("services", name, &path) {
            continue;
        }
        if let Some(why) = why_not(field, pair, attached, states) {
            let what = format!(
                "`{}` of `{}` on network `{key}`",
                field.path, container.name
            );
            coverage.unchecked(what, why);
            not_compared.push(field.path);
            continue;
        }
        let (code, message) = if field.path == ALIASES {
            (Code::NetworkAlias, aliases(pair, key, sides))
        } else {
            let of = format!("service `{name}` on network `{key}`");
            (Code::NetworkChanged, one.message(&of))
        };
        one.field = path;
        differences.push(
            Difference::new(code, name, message)
                .container(&container.name)
                .of(&["services", name, "networks", key], field, one),
        );
    }
    count(name, key, &wanted, &not_compared, states, coverage);
    differences
}

/// Counts the fields of a place on a network as compared or not.
fn count(
    service: &str,
    key: &str,
    wanted: &Values,
    not_compared: &[&str],
    states: &States<'_>,
    coverage: &mut CoverageTracker,
) {
    let dialect = &states.live.dialect;
    for field in ATTACHMENT {
        let is_set = wanted.get(field.path).is_some();
        let mut unknown = dialect.unknown.iter().chain(dialect.unknown_of_attachments);
        if !is_set && unknown.any(|path| *path == field.path) {
            continue;
        }
        // An address that was asked for is not told from one that the engine chose.
        let is_chosen = dialect.hides_addresses && field.form == Form::Address && !is_set;
        let is_hidden = is_chosen || dialect.hidden_of_attachments.contains(&field.path);
        if is_hidden && !is_set {
            coverage.unchecked(
                format!("`{}` of attachments that do not set it", field.path),
                NOT_SHOWN_BY_ENGINE,
            );
        }
        let path = format!("networks.{key}.{}", field.path);
        let is_known = !states.is_unset("services", service, &path);
        coverage.count(is_known && !is_hidden && !not_compared.contains(&field.path));
    }
}

const ALIASES: &str = "aliases";

/// Whether the engine does not decide the addresses on a network by itself.
fn is_of_swarm(key: &str, states: &States<'_>) -> bool {
    let network = states
        .expected
        .networks
        .get(key)
        .and_then(|network| states.index.network(&network.name));
    network.is_some_and(|network| network.fields.text("driver") == Some("overlay"))
}

/// Why a field that seems to differ cannot be compared.
fn why_not(
    field: &Field,
    pair: Pair<'_>,
    attached: &Attached,
    states: &States<'_>,
) -> Option<&'static str> {
    let (dialect, container) = (&states.live.dialect, pair.container);
    if dialect.hidden_of_attachments.contains(&field.path) {
        return Some(NOT_SHOWN_BY_ENGINE);
    }
    if dialect.unknown_of_attachments.contains(&field.path) {
        return Some(NOT_SUPPORTED_BY_ENGINE);
    }
    if let Some(why) = states.why_unsupported(field.path) {
        return Some(why);
    }
    let is_shown = container.is_running() || attached.fields.get(field.path).is_some();
    let is_hidden = match field.form {
        Form::Address => dialect.hides_addresses && attached.network.is_empty(),
        // What was asked for is shown of one network.
        Form::Mac => dialect.hidden.contains(&field.path) || container.networks.len() > 1,
        _ => false,
    };
    (is_hidden && !is_shown)
        .then_some("the engine shows no address of a container that is not running")
}

/// What an engine makes of a place on a network.
struct FilledAttachment<'a> {
    pair: Pair<'a>,
    attached: &'a Attached,
    is_of_swarm: bool,
}

impl Rules for FilledAttachment<'_> {
    fn is_default(&self, field: &Field, value: &Value) -> bool {
        let is_shown = self.attached.fields.get(field.path) == Some(value);
        match (field.form, value) {
            // One that was not asked for is chosen out of the subnet.
            (Form::Address, Value::Text(address)) => {
                let is_pinned = |pinned: &String| pinned == address.revealed();
                is_shown && (self.is_of_swarm || !self.attached.pinned.iter().any(is_pinned))
            }
            (Form::Mac, _) => {
                is_shown || self.pair.container.config.fields.get(field.path) == Some(value)
            }
            _ => false,
        }
    }

    fn is_made_up(&self, _field: &Field, key: &str, value: &Sensitive) -> bool {
        let sysctls = self.pair.service.config.fields.map("sysctls");
        key == "com.docker.network.endpoint.sysctls" && are_moved(sysctls, value.revealed())
    }
}

/// Whether the sysctls of an interface are those that the service sets: Docker 27 moves `net.ipv4.conf.eth0.rp_filter` to the endpoint,
/// as `net.ipv4.conf.IFNAME.rp_filter` (moby, `daemon/server/router/container`, `handleSysctlBC`).
fn are_moved(set: &BTreeMap<String, Option<Sensitive>>, moved: &str) -> bool {
    let of_interface = |name: &str| {
        let is_interface = |part: &&str| {
            let number = part.strip_prefix("eth");
            number.is_some_and(|number| number.parse::<u32>().is_ok())
        };
        let interface = name.split('.').find(is_interface)?;
        Some(name.replacen(interface, "IFNAME", 1))
    };
    let set: BTreeMap<String, &str> = set
        .iter()
        .filter_map(|(name, value)| Some((of_interface(name)?, value.as_ref()?.revealed())))
        .collect();
    moved.split(',').all(|one| {
        let pair = one.split_once('=');
        pair.is_some_and(|(name, value)| set.get(name).is_some_and(|set| *set == value))
    })
}

/// Compose gives each container the name of its service, besides the aliases that the file lists.
fn with_own_name(fields: &Values, name: &str) -> Values {
    let mut aliases: BTreeSet<String> = fields.list(ALIASES).iter().cloned().collect();
    aliases.insert(name.to_owned());
    with_aliases(fields, aliases)
}

/// The names that every container has by itself are not aliases: its own, its ID, its host name.
fn without_own_names(
    fields: &Values,
    wanted: &Values,
    pair: Pair<'_>,
    states: &States<'_>,
) -> Values {
    let container = pair.container;
    let project = &states.expected.project;
    let number = container.number.unwrap_or(1);
    let numbered = pair.service.container_names(project, pair.name, number);
    let mut own: Vec<&str> = vec![&container.name, short_id(&container.id)];
    own.extend(container.config.fields.text("hostname"));
    own.extend(numbered.iter().map(String::as_str));
    let wanted = wanted.list(ALIASES);
    let is_own = |alias: &String| own.contains(&alias.as_str()) && !wanted.contains(alias);
    let aliases = fields.list(ALIASES).iter().filter(|alias| {
        // Compose starts a new container under the name of the old one with its ID before.
        let bare = alias.split_once('_').map(|(_, rest)| rest.to_owned());
        **alias == pair.name || !is_own(alias) && !bare.is_some_and(|bare| is_own(&bare))
    });
    with_aliases(fields, aliases.cloned().collect())
}

fn with_aliases(fields: &Values, aliases: BTreeSet<String>) -> Values {
    let mut fields = fields.clone();
    fields.take(ALIASES);
    if let Some(field) = ATTACHMENT.iter().find(|field| field.path == ALIASES)
        && !aliases.is_empty()
    {
        fields.set(field, Value::List(aliases.into_iter().collect()));
    }
    fields
}

fn aliases(pair: Pair<'_>, key: &str, sides: Sides<'_>) -> String {
    let set = |fields: &'_ Values| fields.list(ALIASES).iter().cloned().collect();
    let (wanted, is): (BTreeSet<String>, BTreeSet<String>) = (set(sides.wanted), set(sides.is));
    let named = |some: &BTreeSet<String>, others: &BTreeSet<String>| {
        let some: Vec<String> = some
            .difference(others)
            .map(|alias| format!("`{alias}`"))
            .collect();
        let noun = if some.len() == 1 { "alias" } else { "aliases" };
        (!some.is_empty()).then(|| format!("{noun} {}", some.join(", ")))
    };
    let (service, missing) = (pair.name, named(&wanted, &is));
    match (missing, named(&is, &wanted)) {
        (Some(missing), None) => {
            format!("service `{service}` is missing the {missing} on network `{key}`")
        }
        (Some(missing), Some(extra)) => format!(
            "service `{service}` is missing the {missing} on network `{key}` and has the {extra} instead"
        ),
        (None, extra) => format!(
            "service `{service}` has the {} on network `{key}`, not in the Compose file",
            extra.unwrap_or_default()
        ),
    }
}

#[cfg(test)]
mod tests;
