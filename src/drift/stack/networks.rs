//! The networks of a stack. The client creates those that are missing, and leaves others as they are.

use serde_json::Value;

use super::{Stacks, is_label_of_stack};
use crate::drift::coverage::CoverageTracker;
use crate::drift::difference::Difference;
use crate::drift::forms::Sides;
use crate::drift::table::{Rules, differing, is_known_default};
use crate::fields::{Field, NETWORK, Value as FieldValue};
use crate::finding::{Code, Severity};
use crate::redact::Sensitive;
use crate::state::Network;

/// Compares every network of the file with the one of its name, and finds those that are left over or shared.
pub(super) fn networks(stacks: Stacks<'_>, coverage: &mut CoverageTracker) -> Vec<Difference> {
    let mut differences = Vec::new();
    let expected = &stacks.expected.networks;
    for (key, wanted) in expected {
        if stacks.is_unset("networks", key, "name") {
            continue;
        }
        match stacks.observed.networks.get(key) {
            None => differences.push(missing(key, wanted)),
            Some(_) if wanted.external => {}
            Some(is) if stacks.live.local_networks.contains(key) => {
                differences.push(local(key, is));
            }
            Some(is) => differences.extend(network(key, wanted, is, stacks, coverage)),
        }
    }
    let unused = &stacks.expected.unused.networks;
    for (key, is) in &stacks.observed.networks {
        if !expected.contains_key(key) && !unused.contains(&is.name) {
            let message = format!(
                "network `{}` of the stack is not in the Compose file",
                is.name
            );
            let extra = Difference::new(Code::NetworkExtra, key, message).values(
                "name",
                Value::Null,
                is.name.as_str(),
            );
            differences.push(extra.at(&["networks", key]));
        }
    }
    for (service, networks) in &stacks.live.foreign {
        for network in networks {
            let message = format!(
                "service `{service}`, which is not of the stack, is attached to network `{network}`"
            );
            let foreign = Difference::new(Code::NetworkForeign, service, message)
                .by_hand()
                .severity(Severity::Exposure)
                .values("networks", Value::Null, network.as_str());
            differences.push(foreign.at(&["foreign", service, "networks", network]));
        }
    }
    differences
}

fn missing(key: &str, wanted: &Network) -> Difference {
    let message = if wanted.external {
        format!(
            "external network `{}` is missing, or is not one of the swarm",
            wanted.name
        )
    } else {
        format!("network `{}` is missing", wanted.name)
    };
    Difference::new(Code::NetworkMissing, key, message)
        .values("name", wanted.name.as_str(), Value::Null)
        .at(&["networks", key])
}

/// A network that the client takes for that of the stack, as it has its label, and that no service can join (moby,
/// `daemon/cluster/networks.go`, `populateNetworkID`).
fn local(key: &str, is: &Network) -> Difference {
    let message = format!(
        "network `{}` has the label of the stack, but only the manager has it: services cannot join it",
        is.name
    );
    Difference::new(Code::NetworkChanged, key, message)
        .by_hand()
        .values("scope", "swarm", "local")
        .at(&["networks", key, "scope"])
}

fn network(
    key: &str,
    wanted: &Network,
    is: &Network,
    stacks: Stacks<'_>,
    coverage: &mut CoverageTracker,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    let owner = is.origin.as_ref().and_then(|origin| origin.owner());
    if owner != Some(stacks.expected.project.as_str()) {
        let message = stacks.taken(&format!("network `{}`", is.name), owner);
        let unlabelled = Difference::new(Code::NetworkUnlabelled, key, message)
            .by_hand()
            .values("labels", stacks.expected.project.as_str(), owner);
        differences.push(unlabelled.at(&["networks", key, "project"]));
    }
    let sides = Sides {
        wanted: &wanted.fields,
        is: &is.fields,
    };
    for field in NETWORK {
        coverage.count(!stacks.is_unset("networks", key, field.path));
    }
    for (field, one) in differing(NETWORK, sides, &FilledStackNetwork { wanted }) {
        if stacks.is_unset("networks", key, &one.field) {
            continue;
        }
        let is_open = field.path == "internal" && wanted.is_internal();
        let message = one.message(&format!("network `{}`", wanted.name));
        differences.push(
            Difference::new(Code::NetworkChanged, key, message)
                .exposure_if(is_open)
                .of(&["networks", key], field, one),
        );
    }
    differences
}

/// What a swarm makes of a network.
struct FilledStackNetwork<'a> {
    wanted: &'a Network,
}

impl Rules for FilledStackNetwork<'_> {
    fn is_default(&self, field: &Field, value: &FieldValue) -> bool {
        match field.path {
            "driver" => matches!(value, FieldValue::Text(text) if text.revealed() == "overlay"),
            // The swarm chooses one.
            "ipam.config.subnet" => self.wanted.fields.get(field.path).is_none(),
            _ => is_known_default(field, value),
        }
    }

    fn is_made_up(&self, field: &Field, key: &str, _value: &Sensitive) -> bool {
        match field.path {
            "ipam.config.gateway" => true,
            "driver_opts" => key == "com.docker.network.driver.overlay.vxlanid_list",
            _ => false,
        }
    }

    fn is_left_out(&self, field: &Field, key: &str) -> bool {
        is_label_of_stack(field, key)
    }
}
