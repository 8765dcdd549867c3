//! The lanes in the middle of a panel: networks, shared volumes, routes.

use std::collections::BTreeMap;

use super::shape::times;
use crate::graph::measure::Font;
use crate::graph::model::{Drift, Graph, Service, shared_with};

/// The space between two lanes.
pub(super) const PITCH: f64 = 22.0;
/// The height of a lane's label.
pub(super) const LABEL: f64 = 20.0;

/// What a lane is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Network,
    Volume,
    Route,
}

/// A lane.
#[derive(Debug, Clone)]
pub(super) struct Lane<'a> {
    pub(super) kind: Kind,
    /// Its place in the graph.
    pub(super) index: usize,
    pub(super) name: &'a str,
    /// What is said after its name.
    pub(super) detail: String,
    pub(super) drift: Option<&'a Drift>,
    /// The number of its colour.
    pub(super) colour: usize,
}

/// How many colours there are.
const COLOURS: usize = 8;

impl Lane<'_> {
    /// The width of its label.
    pub(super) fn label(&self) -> f64 {
        let detail = Font::Small.width(&self.detail);
        Font::Name.width(self.name) + detail + 8.0
    }

    /// The class of its colour.
    pub(super) fn class(&self) -> String {
        match self.kind {
            Kind::Network => format!("cg-c{}", self.colour),
            Kind::Volume => "cg-shared".to_owned(),
            Kind::Route => "cg-route".to_owned(),
        }
    }
}

/// Something that a service is attached to, by what it is and its name.
type Attached<'a> = ((Kind, &'a str), Option<&'a Drift>);

/// Something that a service is attached to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stub<'a> {
    pub(super) lane: usize,
    pub(super) drift: Option<&'a Drift>,
}

/// The lanes of a graph, and how each of its services is attached to them.
pub(super) struct Lanes<'a> {
    pub(super) all: Vec<Lane<'a>>,
    pub(super) of: Vec<Vec<Stub<'a>>>,
}

impl<'a> Lanes<'a> {
    /// `is_left` has, for each service, whether it is left of the lanes.
    pub(super) fn of(graph: &'a Graph, is_left: &[bool]) -> Self {
        let by_name: BTreeMap<&str, &Service> = graph
            .services
            .iter()
            .filter(|service| !service.foreign)
            .map(|service| (service.name.as_str(), service))
            .collect();
        let attached: Vec<Vec<Attached<'_>>> = graph
            .services
            .iter()
            .map(|service| attached(service, &by_name))
            .collect();
        let mut uses: BTreeMap<(Kind, &str), (usize, usize)> = BTreeMap::new();
        for (of, left) in attached.iter().zip(is_left) {
            for (key, _) in of {
                let (all, right) = uses.entry(*key).or_default();
                *all += 1;
                *right += usize::from(!left);
            }
        }
        let mut lanes = lanes(graph, &uses);
        // What few services on the right use is on the left, so that the lines of others need not cross it.
        lanes.sort_by_key(|lane| {
            let right = uses
                .get(&(lane.kind, lane.name))
                .map_or(0, |(_, right)| *right);
            (lane.kind, right, lane.name)
        });
        for (at, lane) in lanes.iter_mut().enumerate() {
            lane.colour = at % COLOURS;
        }
        let places: BTreeMap<(Kind, &str), usize> = lanes
            .iter()
            .enumerate()
            .map(|(at, lane)| ((lane.kind, lane.name), at))
            .collect();
        let stubs = |of: Vec<Attached<'a>>| {
            let stub = |(key, drift)| {
                let lane = *places.get(&key)?;
                Some(Stub { lane, drift })
            };
            let mut stubs: Vec<Stub<'a>> = of.into_iter().filter_map(stub).collect();
            stubs.sort_by_key(|stub| stub.lane);
            stubs
        };
        Self {
            of: attached.into_iter().map(stubs).collect(),
            all: lanes,
        }
    }

    /// The room that all of them take.
    pub(super) fn width(&self) -> f64 {
        times(self.all.len().saturating_sub(1), PITCH)
    }
}

/// What a service is attached to. One that shares the network of another is where that one is.
fn attached<'a>(service: &'a Service, by_name: &BTreeMap<&str, &'a Service>) -> Vec<Attached<'a>> {
    let mut root = service;
    // As many steps as there are services, for those that share with each other.
    for _ in 0..by_name.len() {
        match shared_with(root.network_mode.as_deref()).and_then(|name| by_name.get(name)) {
            Some(next) => root = next,
            None => break,
        }
    }
    let networks = root.networks.iter().map(|one| (Kind::Network, one));
    let volumes = service.volumes.iter().map(|one| (Kind::Volume, one));
    let drifted = networks
        .chain(volumes)
        .map(|(kind, one)| ((kind, one.name.as_str()), one.drift.as_ref()));
    let routes = service.routes.iter();
    drifted
        .chain(routes.map(|name| ((Kind::Route, name.as_str()), None)))
        .collect()
}

fn lanes<'a>(graph: &'a Graph, uses: &BTreeMap<(Kind, &str), (usize, usize)>) -> Vec<Lane<'a>> {
    let lane = |kind, index, name, detail: Vec<&str>, drift| Lane {
        kind,
        index,
        name,
        detail: detail.join(" · "),
        drift,
        colour: 0,
    };
    let networks = graph.networks.iter().enumerate().map(|(at, network)| {
        let mut detail = Vec::new();
        if network.internal {
            detail.push("internal: true");
        }
        if network.external {
            detail.push("external: true");
        }
        detail.extend(network.drift.as_ref().map(|drift| drift.change.as_str()));
        lane(
            Kind::Network,
            at,
            &network.name,
            detail,
            network.drift.as_ref(),
        )
    });
    // A volume of one service is in its box.
    let is_shared = |name: &str| {
        let numbers = uses.get(&(Kind::Volume, name));
        numbers.is_some_and(|(all, _)| *all > 1)
    };
    let volumes = graph
        .volumes
        .iter()
        .enumerate()
        .filter(|(_, volume)| is_shared(&volume.name) || volume.drift.is_some())
        .map(|(at, volume)| {
            let mut detail = vec![if is_shared(&volume.name) {
                "shared volume"
            } else {
                "volume"
            }];
            detail.extend(volume.drift.as_ref().map(|drift| drift.change.as_str()));
            lane(
                Kind::Volume,
                at,
                &volume.name,
                detail,
                volume.drift.as_ref(),
            )
        });
    let routes = graph.routes.iter().enumerate();
    let routes =
        routes.map(|(at, route)| lane(Kind::Route, at, &route.name, vec![&route.address], None));
    networks.chain(volumes).chain(routes).collect()
}
