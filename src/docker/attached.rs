//! How a container is attached to its networks (Engine API, `EndpointSettings`).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;

use super::answer::Answer;
use super::{dialect, setup};
use crate::fields::{ATTACHMENT, Form, Value, Values, name_interface};
use crate::redact::Sensitive;
use crate::state::{Attached, Container};

/// The networks of a container, by their names. Compose sends an empty one for a service with an empty `network_mode` where no
/// service is on the default network; such a container cannot start.
pub(super) fn networks(answer: &Answer<'_>) -> BTreeMap<String, Attached> {
    answer
        .entries()
        .into_iter()
        .filter(|(name, _)| !name.is_empty())
        .map(|(name, answer)| (name.to_owned(), attached(&answer)))
        .collect()
}

fn attached(answer: &Answer<'_>) -> Attached {
    let asked = answer.at("IPAMConfig");
    let mut fields = Values::default();
    let mut pinned = Vec::new();
    for field in ATTACHMENT {
        match field.path {
            "aliases" => {
                let aliases = dialect::aliases(answer);
                if !aliases.is_empty() {
                    fields.set(field, Value::List(aliases));
                }
                continue;
            }
            "interface_name" => continue,
            "link_local_ips" => setup::set(&mut fields, field, &asked.at("LinkLocalIPs")),
            _ => setup::set(&mut fields, field, &answer.at(field.engine)),
        }
        if field.form == Form::Address {
            let name = if field.path == "ipv4_address" {
                "IPv4Address"
            } else {
                "IPv6Address"
            };
            let Some(address) = asked.at(name).parse::<IpAddr>("an IP address") else {
                continue;
            };
            let address = address.to_string();
            // It has one only while it runs.
            if fields.get(field.path).is_none() {
                fields.set(field, Value::Text(Sensitive::public(&address)));
            }
            pinned.push(address);
        }
    }
    name_interface(&mut fields);
    Attached {
        network: answer.must("NetworkID").string(),
        fields,
        pinned,
    }
}

/// Gives to the containers of others that share the network of another container what that one is attached to: Docker
/// lists nothing of it for them, Podman does.
pub(super) fn share(own: &[Container], others: &mut [Container]) {
    let all = || own.iter().chain(&*others);
    let mut known: HashMap<&str, &Container> = all().map(|one| (one.name.as_str(), one)).collect();
    known.extend(all().map(|one| (one.id.as_str(), one)));
    // The container at the end of each chain, by the IDs of those on the way there.
    let mut ends: HashMap<&str, &Container> = HashMap::new();
    let mut networks = Vec::new();
    for one in &*others {
        let (mut end, mut passed) = (one, HashSet::new());
        while passed.insert(end.id.as_str())
            && let Some(next) = end.joined().and_then(|id| known.get(id).copied())
        {
            end = ends.get(next.id.as_str()).copied().unwrap_or(next);
        }
        networks.push(end.networks.clone());
        ends.extend(passed.into_iter().map(|id| (id, end)));
    }
    for (one, networks) in others.iter_mut().zip(networks) {
        one.networks = networks;
    }
}
