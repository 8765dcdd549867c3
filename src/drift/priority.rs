//! Which of its networks a container was created on: that of the highest `priority`.

use super::difference::Difference;
use super::pair::Pair;
use super::states::States;
use crate::finding::Code;

/// Compares the network that a container was created on, where the file decides it: which of several networks
/// with the highest priority comes first depends on the version of Compose. A network that a container is not
/// attached to is another difference.
pub(super) fn first_network(pair: Pair<'_>, states: &States<'_>) -> Option<Difference> {
    let (name, container) = (pair.name, pair.container);
    let networks = &pair.service.networks;
    let is_unset = |key: &String| {
        states.is_unset("services", name, &format!("networks.{key}.priority"))
            || states.is_unset("networks", key, "name")
    };
    if states.is_unset("services", name, "networks") || networks.keys().any(is_unset) {
        return None;
    }
    let highest = networks.values().map(|one| one.priority).max()?;
    let mut first = networks.iter().filter(|(_, one)| one.priority == highest);
    let key = first.next()?.0;
    let is_decided = first.next().is_none();
    let wanted = &states.expected.networks.get(key)?.name;
    let is = container.first_network.as_ref()?;
    let is_attached = container.networks.contains_key(wanted);
    if !is_decided || !is_attached || is == wanted {
        return None;
    }
    let message = format!(
        "service `{name}` was created on network `{is}`; expected `{wanted}`, which has the highest `priority`"
    );
    Some(
        Difference::new(Code::NetworkChanged, name, message)
            .values(
                &format!("networks.{key}.priority"),
                wanted.as_str(),
                is.as_str(),
            )
            .container(&container.name)
            .at(&["services", name, "networks", key, "priority"]),
    )
}

#[cfg(test)]
mod tests {
    use crate::drift::Context;
    use crate::drift::testing::{compared, file, running, web};
    use crate::state::{Attached, Attachment, Container, Network, Service};

    /// The fields of what is found for a service with these networks and priorities, whose container was created on one.
    fn found(networks: &[(&str, i64)], first: &str) -> Vec<String> {
        let attach = |priority| Attachment {
            priority,
            ..Attachment::default()
        };
        let joined = networks
            .iter()
            .map(|(key, priority)| ((*key).to_owned(), attach(*priority)));
        let mut expected = file(Service {
            networks: joined.collect(),
            ..Service::default()
        });
        for (key, _) in networks {
            let network = Network {
                name: format!("p_{key}"),
                ..Network::default()
            };
            expected.networks.insert((*key).to_owned(), network);
        }
        let attached = networks
            .iter()
            .map(|(key, _)| (format!("p_{key}"), Attached::default()));
        let container = Container {
            networks: attached.collect(),
            first_network: Some(format!("p_{first}")),
            ..web()
        };
        let compared = compared(&expected, running([container]), &Context::default());
        let fields = compared.findings.into_iter().filter_map(|one| one.field);
        fields
            .filter(|field| field.ends_with(".priority"))
            .collect()
    }

    #[test]
    fn a_container_is_created_on_the_network_with_the_highest_priority() {
        assert_eq!(
            found(&[("n1", 0), ("n2", 10)], "n1"),
            ["networks.n2.priority"]
        );
        assert_eq!(found(&[("n1", 0), ("n2", 10)], "n2"), [""; 0]);
        assert_eq!(found(&[("n1", 0), ("n2", 0)], "n2"), [""; 0]);
        assert_eq!(
            found(&[("n1", 0), ("n2", -1)], "n2"),
            ["networks.n1.priority"]
        );
    }
}
