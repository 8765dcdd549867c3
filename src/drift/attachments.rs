//! How the project's containers are on networks.

use std::collections::HashSet;

use serde_json::Value;

use super::Comparer;
use super::services::{Pair, is_running, short_id};
use crate::finding::{AfterUp, Cause, Code, Finding, Severity};
use crate::state::{Attached, Attachment};

impl Comparer<'_> {
    /// Compares the networks of a container with those of its service.
    pub(super) fn attachments(&mut self, pair: Pair<'_>) {
        if pair.service.network_mode.is_some() || pair.container.network_mode.is_some() {
            return self.network_mode(pair);
        }
        if self.is_unset(&format!("services.{}.networks", pair.name)) {
            return;
        }
        let mut wanted = HashSet::new();
        for (key, attachment) in &pair.service.networks {
            let Some(network) = self.expected.networks.get(key) else {
                continue;
            };
            wanted.insert(network.name.as_str());
            match pair.container.networks.get(&network.name) {
                Some(attached) if self.is_of_a_gone_network(&network.name, attached) => {
                    self.detached(pair, key);
                }
                Some(attached) => self.attachment(pair, key, attachment, attached),
                None => self.detached(pair, key),
            }
        }
        for name in pair
            .container
            .networks
            .keys()
            .filter(|name| !wanted.contains(name.as_str()))
        {
            self.attached(pair, name);
        }
    }

    /// Whether a container was made on a network that was removed since, and made again under the
    /// same name: a container keeps a network by its ID.
    fn is_of_a_gone_network(&self, name: &str, attached: &Attached) -> bool {
        let network = self.index.network(name);
        let id = network
            .and_then(|n| n.origin.as_ref())
            .map(|o| o.id.as_str());
        // Podman writes the name.
        let was = attached.network.as_str();
        !was.is_empty() && was != name && id.is_some_and(|id| !id.is_empty() && id != was)
    }

    /// Whether the container is not on a network that is there and that it should be on.
    pub(super) fn has_lost_a_network(&self, pair: Pair<'_>) -> bool {
        pair.service.network_mode.is_none()
            && pair.container.network_mode.is_none()
            && pair.service.networks.keys().any(|key| {
                let network = self.expected.networks.get(key);
                network.is_some_and(|network| !pair.container.networks.contains_key(&network.name))
            })
    }

    /// Whether a container cannot be started any more, as it knows a network by an ID of old.
    pub(super) fn is_on_a_gone_network(&self, pair: Pair<'_>) -> bool {
        let mut networks = pair.container.networks.iter();
        networks.any(|(name, attached)| self.is_of_a_gone_network(name, attached))
    }

    /// Whether a container uses the network of one that came before its parent's of now. Compose
    /// writes the parent's ID into the definition, and so sees that it is another one.
    pub(super) fn has_lost_its_parent(&self, pair: Pair<'_>) -> bool {
        let mode = pair.service.network_mode.as_deref();
        let Some(parent) = mode.and_then(|mode| mode.strip_prefix("service:")) else {
            return false;
        };
        let mode = pair.container.network_mode.as_deref();
        let Some(id) = mode.and_then(|mode| mode.strip_prefix("container:")) else {
            return false;
        };
        let mut parents = self.index.containers(parent).iter();
        let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
        let own = time(&pair.container.created);
        // A container that is younger than its parent was made by hand, in the network of another.
        parents.all(|parent| parent.id != id && parent.name != id && time(&parent.created) > own)
    }

    fn detached(&mut self, pair: Pair<'_>, key: &str) {
        let name = pair.name;
        let after_up = match pair.after_up {
            AfterUp::Heals => AfterUp::Heals,
            _ if self.is_on_a_gone_network(pair) => AfterUp::Fails,
            _ => AfterUp::Ignores,
        };
        self.note(
            Finding::new(
                Code::NetworkDetached,
                Severity::Drift,
                name,
                format!("service `{name}` is not on network `{key}`"),
            )
            .field("networks", key, Value::Null)
            .cause(pair.cause)
            .after_up(after_up)
            .help(pair.remedy()),
        );
    }

    fn attached(&mut self, pair: Pair<'_>, network: &str) {
        let name = pair.name;
        let found = self.index.network(network);
        let owner = found
            .and_then(|n| n.origin.as_ref())
            .and_then(|origin| origin.owner());
        let is_others = owner.is_some_and(|owner| owner != self.expected.project);
        let has_way_out = found.is_some_and(|network| !network.internal);
        let (severity, why) = match owner {
            Some(owner) if is_others => (
                Severity::Exposure,
                format!(", which belongs to the project `{owner}`"),
            ),
            _ if has_way_out => (Severity::Exposure, ", which has a way out".to_owned()),
            _ => (Severity::Drift, String::new()),
        };
        self.note(
            Finding::new(
                Code::NetworkAttached,
                severity,
                name,
                match self.one_of_many(pair) {
                    Some(one) => format!("{one} is on network `{network}`{why}"),
                    None => format!("service `{name}` is on network `{network}`{why}"),
                },
            )
            .field("networks", Value::Null, network)
            .cause(pair.cause)
            .after_up(pair.after_up)
            .help(format!(
                "docker network disconnect {network} {}",
                pair.container.name
            )),
        );
    }

    fn attachment(&mut self, pair: Pair<'_>, key: &str, wanted: &Attachment, attached: &Attached) {
        let name = pair.name;
        // Compose gives each container the name of its service, besides those that the file lists.
        let mut names: Vec<&str> = wanted.aliases.iter().map(String::as_str).collect();
        names.push(name);
        names.sort_unstable();
        names.dedup();
        let known: HashSet<&str> = attached.aliases.iter().map(String::as_str).collect();
        let is_known = |alias: &str| known.contains(alias);
        if !names.iter().all(|alias| is_known(alias)) {
            let lost: Vec<String> = names
                .iter()
                .filter(|alias| !is_known(alias))
                .map(|a| format!("`{a}`"))
                .collect();
            // The container's own ID is one of its names on every engine.
            let own_id = short_id(&pair.container.id);
            let known: Vec<&str> = attached
                .aliases
                .iter()
                .map(String::as_str)
                .filter(|alias| *alias != own_id)
                .collect();
            self.note(
                Finding::new(
                    Code::NetworkAlias,
                    Severity::Drift,
                    name,
                    format!(
                        "service `{name}` does not answer to {} on network `{key}`",
                        lost.join(", ")
                    ),
                )
                .field("aliases", names, known)
                .cause(pair.cause)
                .after_up(pair.after_up)
                .help(pair.remedy()),
            );
        }
        for (field, wanted, is) in [
            ("ipv4", &wanted.ipv4, &attached.ipv4),
            ("ipv6", &wanted.ipv6, &attached.ipv6),
        ] {
            // Podman, which knows networks by their names, shows no address of what does not run.
            let is_known = is.is_some()
                || is_running(pair.container)
                || self
                    .expected
                    .networks
                    .get(key)
                    .is_none_or(|n| n.name != attached.network);
            if wanted.is_some() && !is_known {
                self.cannot_check(
                    format!(
                        "the address of `{}` on network `{key}`",
                        pair.container.name
                    ),
                    "the engine shows none of a container that does not run",
                );
            } else if wanted.is_some() && address(wanted.as_deref()) != address(is.as_deref()) {
                self.note(
                    Finding::new(
                        Code::NetworkChanged,
                        Severity::Drift,
                        name,
                        format!("service `{name}` has another address on network `{key}`"),
                    )
                    .field(field, wanted.clone(), is.clone())
                    .cause(pair.cause)
                    .after_up(pair.after_up)
                    .help(pair.remedy()),
                );
            }
        }
    }

    /// Whether `container:NAME` is the `container:ID` that the engine says.
    fn is_container(&mut self, wanted: &str, is: Option<&str>) -> bool {
        let (_, name) = wanted.split_once(':').unwrap_or_default();
        let Some(id) = is.and_then(|is| is.strip_prefix("container:")) else {
            return false;
        };
        self.index.is_named(id, name).unwrap_or_else(|| {
            let what = format!("whether `{}` is the container `{name}`", short_id(id));
            self.cannot_check(what, "it has nothing else to do with the project");
            true
        })
    }

    /// Compares what a container has in place of networks of its own.
    fn network_mode(&mut self, pair: Pair<'_>) {
        let Pair {
            name,
            service,
            container,
            ..
        } = pair;
        if self.cannot_tell("services", name, "network_mode") {
            return;
        }
        let wanted = service.network_mode.as_deref();
        let is = container.network_mode.as_deref();
        let differs = |observed: Value, cause: Cause, after_up: AfterUp| {
            Finding::new(
                Code::ServiceConfig,
                Severity::Drift,
                name,
                format!("service `{name}` has another network mode"),
            )
            .field("network_mode", wanted, observed)
            .cause(cause)
            .after_up(after_up)
            .help(pair.remedy())
        };
        let parent = wanted.and_then(|mode| mode.strip_prefix("service:"));
        let (Some(parent), Some(id)) =
            (parent, is.and_then(|mode| mode.strip_prefix("container:")))
        else {
            let is_same = match wanted {
                // The engine's default network is no mode of its own to the engine.
                Some("bridge" | "default") => is.is_none(),
                Some(mode) if mode.starts_with("container:") => self.is_container(mode, is),
                wanted => wanted == is,
            };
            if !is_same {
                let observed = is.map_or(Value::Null, Value::from);
                self.note(differs(observed, pair.cause, pair.after_up));
            }
            return;
        };
        let mut parents = self.index.containers(parent).iter();
        let Some(parent_container) = parents.find(|c| c.id == id || c.name == id) else {
            let observed = format!("container:{} (not of service `{parent}`)", short_id(id));
            let mut finding = differs(observed.into(), Cause::OutOfBand, pair.after_up);
            if self.has_lost_its_parent(pair) {
                finding.message = format!(
                    "service `{name}` uses the network of a container that `{parent}` no longer has"
                );
            }
            self.note(finding);
            return;
        };
        let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
        let (Some(parents), Some(own)) =
            (time(&parent_container.started), time(&container.started))
        else {
            return;
        };
        if is_running(container) && is_running(parent_container) && parents > own {
            let observed = format!("service:{parent}, as it was before it was restarted");
            let mut finding = differs(observed.into(), Cause::OutOfBand, AfterUp::Ignores);
            finding.message = format!(
                "service `{name}` has no network: `{parent}`, whose network it uses, was restarted since"
            );
            finding.help = Some(format!("docker restart {}", container.name));
            self.note(finding);
        }
    }
}

/// An address, however it is written.
fn address(text: Option<&str>) -> Option<Result<std::net::IpAddr, &str>> {
    text.map(|text| text.parse().map_err(|_| text))
}
