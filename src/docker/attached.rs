//! How a container is attached to its networks (Engine API, `EndpointSettings`).

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::answer::Answer;
use super::{dialect, setup};
use crate::fields::{ATTACHMENT, Form, Value, Values, name_interface};
use crate::redact::Sensitive;
use crate::state::Attached;

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
