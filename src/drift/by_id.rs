//! External networks that a Compose file names by their IDs, which Compose and the engine accept as names: of several
//! networks of one name, nothing else tells which is meant.

use std::collections::HashSet;

use crate::state::{Attached, Container, State, is_digits};

/// What is there, with the IDs of such networks for their names; `None` where the file names none.
pub(super) fn named_by_id(expected: &State, observed: &State) -> Option<State> {
    let external = expected.networks.values().filter(|one| one.external);
    let ids: HashSet<&str> = external
        .map(|network| network.name.as_str())
        .filter(|name| is_digits(name))
        .collect();
    if ids.is_empty() {
        return None;
    }
    let mut named = observed.clone();
    for network in named.networks.values_mut() {
        if let Some(origin) = &network.origin
            && ids.contains(origin.id.as_str())
        {
            network.name.clone_from(&origin.id);
        }
    }
    let live = named.live.as_mut();
    let containers = live.map(|live| live.containers.iter_mut().chain(&mut live.foreign));
    for container in containers.into_iter().flatten() {
        name_attachments(container, &ids);
    }
    Some(named)
}

fn name_attachments(container: &mut Container, ids: &HashSet<&str>) {
    let attached = std::mem::take(&mut container.networks).into_iter();
    let named = attached.map(|(name, attached): (String, Attached)| {
        if ids.contains(attached.network.as_str()) {
            (attached.network.clone(), attached)
        } else {
            (name, attached)
        }
    });
    container.networks = named.collect();
}

#[cfg(test)]
mod tests {
    use crate::drift::testing::{file, running, web};
    use crate::drift::{Context, compare};
    use crate::fields::Value;
    use crate::state::{Attached, Attachment, Container, Network, Origin, Service, State};

    /// Two networks have the name `shared`, and the file says which.
    #[test]
    fn an_external_network_can_be_named_by_its_id() {
        let (ours, theirs) = ("a1".repeat(32), "b2".repeat(32));
        let network = |id: &str| Network {
            name: "shared".into(),
            origin: Some(Origin {
                id: id.into(),
                ..Origin::default()
            }),
            ..Network::default()
        };
        let found = |id: &str| {
            let service = Service {
                networks: [("x".to_owned(), Attachment::default())].into(),
                ..Service::default()
            };
            let external = Network {
                name: ours.clone(),
                external: true,
                ..Network::default()
            };
            let expected = State {
                networks: [("x".to_owned(), external)].into(),
                ..file(service)
            };
            let aliases = Value::List(vec!["web".to_owned()]);
            let attached = Attached {
                network: id.to_owned(),
                fields: [("aliases", aliases)].into_iter().collect(),
                ..Attached::default()
            };
            let container = Container {
                networks: [("shared".to_owned(), attached)].into(),
                ..web()
            };
            let observed = State {
                networks: [&ours, &theirs].map(|id| (id.clone(), network(id))).into(),
                live: Some(running([container])),
                ..State::empty("p")
            };
            let compared = compare(&expected, &observed, &Context::default());
            let codes = compared.findings.iter().map(|one| one.code.as_str());
            codes.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(found(&ours), [""; 0]);
        assert_eq!(found(&theirs), ["network-attached", "network-detached"]);
    }
}
