//! What the unit tests of comparisons have in common: a project `p` with a service `web`.

use super::{Comparison, Context, compare};
use crate::state::{Container, Live, Network, Service, State};

/// The running container of the service.
pub(super) fn web() -> Container {
    Container {
        id: "aa".into(),
        name: "p-web-1".into(),
        project: Some("p".into()),
        service: Some("web".into()),
        number: Some(1),
        state: "running".into(),
        image_id: "sha256:1".into(),
        ..Container::default()
    }
}

/// A host that runs these containers.
pub(super) fn running(containers: impl Into<Vec<Container>>) -> Live {
    Live {
        containers: containers.into(),
        ..Live::default()
    }
}

/// A file with this service.
pub(super) fn file(service: Service) -> State {
    let service = Service {
        replicas: 1,
        ..service
    };
    State {
        services: [("web".to_owned(), service)].into(),
        ..State::empty("p")
    }
}

/// Compares a file with a host.
pub(super) fn compared(expected: &State, live: Live, context: &Context) -> Comparison {
    let observed = State {
        live: Some(live),
        ..State::empty("p")
    };
    compare(expected, &observed, context)
}

/// Compares the network `n` of the file with the network of a host.
pub(super) fn compared_networks(expected: Network, observed: Network, live: Live) -> Comparison {
    let with = |network: Network, live: Option<Live>| State {
        networks: [("n".to_owned(), network)].into(),
        live,
        ..State::empty("p")
    };
    compare(
        &with(expected, None),
        &with(observed, Some(live)),
        &Context::default(),
    )
}

/// The fields that were found to differ.
pub(super) fn fields(comparison: &Comparison) -> Vec<&str> {
    comparison
        .findings
        .iter()
        .filter_map(|finding| finding.field.as_deref())
        .collect()
}
