//! What is refused of networks, configs and secrets.

use std::collections::BTreeMap;

use ipnet::IpNet;

use super::Size;
use super::refusal::{Refusal, known};
use crate::compose::view::At;
use crate::compose::written::Written;
use crate::source::Place;
use crate::state::DeployStep;

/// The longest name of a service or network: a label of DNS.
const LABEL: usize = 63;

/// The longest name of a config or secret.
const FILE_NAME: usize = 64;

/// Why a name is not one of a service or network (moby/swarmkit, `controlapi/common.go`: `validateAnnotations`).
pub(super) fn bad_label(name: &str) -> Option<&'static str> {
    let is_valid = is_name(name, "-_");
    if !is_valid {
        Some("expected letters, digits, `-` and `_`, with a letter or digit first and last")
    } else if name.len() > LABEL {
        Some("expected at most 63 characters, together with the name of the stack")
    } else {
        None
    }
}

/// Whether a name has no characters but letters, digits and these, and begins and ends with a letter or digit.
fn is_name(name: &str, others: &str) -> bool {
    let is_end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let mut chars = name.chars();
    chars.all(|c| c.is_ascii_alphanumeric() || others.contains(c))
        && is_end(name.chars().next())
        && is_end(name.chars().last())
}

/// The networks that the client creates: those that services join.
pub(super) fn networks(file: &Written, found: &mut Vec<Refusal>) {
    for network in file.networks() {
        let at = network.at;
        let mut add = |path: &str, at: At<'_>, message: String, expected: &str| {
            found.push(Refusal {
                step: DeployStep::Networks,
                of: Some(("networks", network.key.clone())),
                path: path.to_owned(),
                place: at.place(),
                message,
                expected: expected.to_owned(),
            });
        };
        if network.is_external {
            continue;
        }
        if let Some((name, at)) = known(at.get("name"))
            && let Some(expected) = bad_label(&name)
        {
            let message = format!("`{name}` is not a valid name of a network on a swarm");
            add("name", at, message, expected);
        }
        // Every node has those of its own already.
        if let Some((driver, at)) = known(at.get("driver"))
            && matches!(driver.as_str(), "host" | "null" | "none")
        {
            let message = format!(
                "network `{}` cannot have the driver `{driver}`",
                network.key
            );
            add("driver", at, message, "expected `overlay`");
        }
        let configs = at.dig(&["ipam", "config"]);
        for config in configs.into_iter().flat_map(At::items) {
            if let Some((subnet, at)) = known(config.get("subnet"))
                && subnet.parse::<IpNet>().is_err()
            {
                let message = format!("`{subnet}` is not a valid subnet");
                add(
                    "ipam.config",
                    at,
                    message,
                    "expected a subnet such as 10.0.0.0/24",
                );
            }
        }
    }
}

/// The configs or secrets that the client creates: all that are not external, used or not.
pub(super) fn files(
    section: &'static str,
    entries: Option<At<'_>>,
    size: &dyn Fn(&str) -> Size,
    found: &mut Vec<Refusal>,
) {
    // How many bytes one cannot have (moby/swarmkit, `api/validation/secrets.go` and `controlapi/config.go`).
    let (step, kind, limit) = match section {
        "secrets" => (DeployStep::Secrets, "secret", 500 * 1024),
        _ => (DeployStep::Configs, "config", 1000 * 1024),
    };
    for (key, at) in entries.into_iter().flat_map(At::entries) {
        if at
            .get("external")
            .is_some_and(|at| at.flag() != Some(false))
        {
            continue;
        }
        let mut add = |path: &str, at: At<'_>, message: String, expected: String| {
            found.push(Refusal {
                step,
                of: Some((section, key.to_owned())),
                path: path.to_owned(),
                place: at.place(),
                message,
                expected,
            });
        };
        if let Some((name, at)) = known(at.get("name")) {
            let message = format!("`{name}` is not a valid name of a {kind}");
            if !is_name(&name, "-_.") {
                let expected = "expected letters, digits, `-`, `_` and `.`, with a letter or digit first and last";
                add("name", at, message, expected.to_owned());
            } else if name.len() > FILE_NAME {
                let expected =
                    "expected at most 64 characters, together with the name of the stack";
                add("name", at, message, expected.to_owned());
            }
        }
        let has_driver = section == "secrets" && at.field("driver").is_some();
        if let Some((path, at)) = known(at.get("file")).filter(|_| !has_driver)
            && let Some(is) = match size(&path) {
                Size::Bytes(0) => Some("empty"),
                Size::Bytes(bytes) if bytes >= limit => Some("too large"),
                // That of a secret may be where it is deployed from alone.
                Size::Missing if section == "configs" => Some("missing"),
                Size::Bytes(_) | Size::Missing | Size::Unknown => None,
            }
        {
            let message = format!("the file of the {kind} `{key}` is {is}");
            add(
                "file",
                at,
                message,
                format!(
                    "expected a file with at least 1 byte and less than {} KiB",
                    limit / 1024
                ),
            );
        }
    }
}

/// The services, networks, configs and secrets of a stack whose names differ from that of another in case alone: a swarm takes
/// them for one (moby/swarmkit, `manager/state/store`: indices of names in lower case).
pub(super) fn same_names(file: &Written, found: &mut Vec<Refusal>) {
    let services = file.services().map(|service| {
        let name = service.name.to_owned();
        (service.name.to_owned(), name, service.place())
    });
    same("services", DeployStep::Services, services, found);
    let networks = file.networks();
    let networks = networks.iter().filter(|network| !network.is_external);
    let networks = networks.filter_map(|network| {
        let (name, _) = known(network.at.get("name"))?;
        Some((network.key.clone(), name, network.at.key_place()))
    });
    same("networks", DeployStep::Networks, networks, found);
    for (section, step) in [
        ("secrets", DeployStep::Secrets),
        ("configs", DeployStep::Configs),
    ] {
        let entries = file.model().get(section).into_iter().flat_map(At::entries);
        let created = entries.filter(|(_, at)| !at.is_on("external"));
        let created = created.filter_map(|(key, at)| {
            let (name, _) = known(at.get("name"))?;
            Some((key.to_owned(), name, at.key_place()))
        });
        same(section, step, created, found);
    }
}

/// Those of one kind: each with its key, its name, and its place.
fn same(
    section: &'static str,
    step: DeployStep,
    all: impl Iterator<Item = (String, String, Place)>,
    found: &mut Vec<Refusal>,
) {
    let mut seen: BTreeMap<String, (String, String)> = BTreeMap::new();
    for (key, name, place) in all {
        let (first, first_name) = seen
            .entry(name.to_lowercase())
            .or_insert_with(|| (key.clone(), name.clone()));
        if *first_name == name {
            continue;
        }
        found.push(Refusal {
            step,
            message: format!("the name of `{key}` differs from that of `{first}` in case alone"),
            of: Some((section, key)),
            path: "name".to_owned(),
            place,
            expected: "expected another name, as a swarm does not distinguish upper and lower case"
                .to_owned(),
        });
    }
}
