//! Ports that services of the file need, and that other services publish. A swarm refuses a spec with such a port
//! (moby/swarmkit, `controlapi/service.go`: `checkPortConflicts`), and the client sends the specs in no fixed order. So a port
//! that moves from one service of the file to another is refused, unless the other one is updated first.

use std::collections::{BTreeMap, BTreeSet};

use super::DeployOptions;
use crate::state::{Stack, StackService, scoped_name, stack_published};

/// A published port: its number, its protocol, and whether only the node of a task publishes it.
type Published<'a> = (&'a str, &'a str, bool);

/// A port that a service of the file needs, and that another service publishes.
#[derive(Debug, PartialEq, Eq)]
pub struct PortConflict<'a> {
    /// The service of the file.
    pub service: &'a str,
    /// The port, as the table of fields has it.
    pub port: &'a str,
    /// The other service, by its name on the swarm.
    pub other: String,
    /// When the deploy fails over it.
    pub fails: Fails,
}

/// When a deploy fails over a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fails {
    /// Always, as the other service keeps it.
    Kept,
    /// Always, as the other service cannot be updated before.
    Stuck,
    /// Always, as both services of the file publish it.
    Shared,
    /// If the other service, which gives it up, is not updated before.
    Order,
}

/// The ports of a file that a swarm may refuse.
#[must_use]
pub fn port_conflicts<'a>(
    project: &str,
    wanted: &'a Stack,
    is: &'a Stack,
    options: DeployOptions,
) -> Vec<PortConflict<'a>> {
    let live = live(project, wanted, is, options);
    let asked = asked(wanted);
    let needed = needed(wanted, is);
    let holders: Vec<Vec<Holder<'_>>> = needed
        .iter()
        .map(|need| need.holders(&live, &asked))
        .collect();
    let deployable = deployable(needed.iter().zip(&holders));
    let conflict = |(need, holders): (&Need<'a>, &Vec<Holder<'_>>)| {
        let is_deployable = deployable.contains(need.service);
        let sharing = || {
            let all = need.rivals().filter_map(|rival| asked.get(&rival));
            let mut others = all.flatten().filter(|other| deployable.contains(*other));
            others.find(|other| **other != need.service)
        };
        let sharing = if is_deployable { sharing() } else { None };
        let kept = holders.iter().find(|holder| holder.is_kept);
        let (other, fails) = match (kept, sharing, holders.first()) {
            (Some(kept), ..) => (kept.name.to_owned(), Fails::Kept),
            (None, Some(other), _) => (scoped_name(project, other), Fails::Shared),
            (None, None, Some(holder)) if is_deployable => (holder.name.to_owned(), Fails::Order),
            (None, None, Some(holder)) => (holder.name.to_owned(), Fails::Stuck),
            (None, None, None) => return None,
        };
        Some(PortConflict {
            service: need.service,
            port: need.port,
            other,
            fails,
        })
    };
    needed.iter().zip(&holders).filter_map(conflict).collect()
}

/// A port that a service of the file publishes, and that it does not publish yet.
struct Need<'a> {
    service: &'a str,
    port: &'a str,
    published: Published<'a>,
}

/// A service that publishes the port on the swarm.
struct Holder<'a> {
    name: &'a str,
    /// Its name in the file, where it is there.
    key: Option<&'a str>,
    /// Whether it publishes the port after the deploy too.
    is_kept: bool,
}

/// What is known of a service that publishes a port on the swarm.
struct Publisher<'a> {
    /// Its name in the file, where it is there.
    key: Option<&'a str>,
    /// Whether it keeps the port whatever the file publishes.
    is_kept: bool,
}

/// The services of the swarm that publish each port, by their names there.
type LivePorts<'a> = BTreeMap<Published<'a>, BTreeMap<String, Publisher<'a>>>;

/// The services of the file that publish each port.
type DeclaredPorts<'a> = BTreeMap<Published<'a>, BTreeSet<&'a str>>;

impl<'a> Need<'a> {
    /// What no other service can publish beside it: ports of nodes do not get in each other's way.
    fn rivals(&self) -> impl Iterator<Item = Published<'a>> + use<'a> {
        let (published, protocol, is_of_node) = self.published;
        let of_others = [false, true]
            .into_iter()
            .filter(move |other| !(is_of_node && *other));
        of_others.map(move |other| (published, protocol, other))
    }

    /// The other services that publish it.
    fn holders<'b>(
        &'b self,
        live: &'b LivePorts<'a>,
        asked: &DeclaredPorts<'_>,
    ) -> Vec<Holder<'b>> {
        let others = self
            .rivals()
            .filter_map(|rival| live.get(&rival))
            .flatten()
            .filter(|(_, publisher)| publisher.key != Some(self.service));
        let holders = others.map(|(name, Publisher { key, is_kept })| {
            let mut asked = self.rivals().filter_map(|rival| asked.get(&rival));
            let is_asked = key.is_some_and(|key| asked.any(|services| services.contains(key)));
            Holder {
                name,
                key: *key,
                is_kept: *is_kept || is_asked,
            }
        });
        holders.collect()
    }
}

fn published(service: &StackService) -> impl Iterator<Item = (&str, Published<'_>)> {
    service
        .fields
        .list("ports")
        .iter()
        .filter_map(|port| Some((port.as_str(), stack_published(port)?)))
}

/// The ports that services of the file are to publish for the first time.
fn needed<'a>(wanted: &'a Stack, is: &Stack) -> Vec<Need<'a>> {
    let mut needed = Vec::new();
    for (name, service) in &wanted.services {
        let is = is.services.get(name).into_iter().flat_map(published);
        let has: BTreeSet<&str> = is.map(|(port, _)| port).collect();
        let new = published(service).filter(|(port, _)| !has.contains(port));
        needed.extend(new.map(|(port, published)| Need {
            service: name,
            port,
            published,
        }));
    }
    needed
}

fn asked(wanted: &Stack) -> DeclaredPorts<'_> {
    let mut asked = DeclaredPorts::new();
    for (name, service) in &wanted.services {
        for (_, port) in published(service) {
            asked.entry(port).or_default().insert(name);
        }
    }
    asked
}

/// What is published when the specs are sent: services that are pruned are gone by then.
fn live<'a>(
    project: &str,
    wanted: &'a Stack,
    is: &'a Stack,
    options: DeployOptions,
) -> LivePorts<'a> {
    let own = is.services.iter().flat_map(|(key, service)| {
        let name = scoped_name(project, key);
        published(service).map(move |(_, port)| (port, name.clone(), false))
    });
    let others = is.live.iter().flat_map(|live| &live.ports);
    let others = others.flat_map(|(name, ports)| {
        let ports = ports.iter().filter_map(|port| stack_published(port));
        ports.map(move |port| (port, name.clone(), true))
    });
    let mut live = LivePorts::new();
    for (port, name, is_chosen) in own.chain(others) {
        let key = name.strip_prefix(&format!("{project}_"));
        let key = key.filter(|key| is.services.contains_key(*key));
        let of_file = key.and_then(|key| wanted.services.get_key_value(key));
        if key.is_some() && of_file.is_none() && options.prune {
            continue;
        }
        // A service keeps what the swarm chose for it, as long as it asks for that.
        let asks = |service: &StackService| {
            service
                .fields
                .list("ports")
                .iter()
                .any(|port| stack_published(port).is_none())
        };
        let publisher = Publisher {
            key: of_file.map(|(key, _)| key.as_str()),
            is_kept: of_file.is_none_or(|(_, service)| is_chosen && asks(service)),
        };
        live.entry(port).or_default().insert(name, publisher);
    }
    live
}

/// The services whose specs are accepted in some order, of those that need ports.
fn deployable<'a: 'b, 'b>(
    needed: impl Iterator<Item = (&'b Need<'a>, &'b Vec<Holder<'b>>)>,
) -> BTreeSet<&'a str> {
    let mut waiting: BTreeMap<&'a str, Vec<&Holder<'_>>> = BTreeMap::new();
    for (need, holders) in needed {
        waiting.entry(need.service).or_default().extend(holders);
    }
    let mut deployable = BTreeSet::new();
    loop {
        let gives_up = |holder: &&Holder<'_>| {
            let is_waiting = holder.key.is_some_and(|key| waiting.contains_key(key));
            !holder.is_kept && !is_waiting
        };
        let ready = waiting
            .iter()
            .filter(|(_, holders)| holders.iter().all(gives_up));
        let ready: BTreeSet<&'a str> = ready.map(|(service, _)| *service).collect();
        if ready.is_empty() {
            return deployable;
        }
        waiting.retain(|service, _| !ready.contains(service));
        deployable.extend(ready);
    }
}

#[cfg(test)]
mod tests {
    use super::{Fails, port_conflicts};
    use crate::fields::{Value, Values};
    use crate::plan::stack::DeployOptions;
    use crate::state::{Stack, StackService, Swarm};

    /// A stack whose services publish these ports.
    fn stack(services: &[(&str, &[&str])]) -> Stack {
        let services = services.iter().map(|(name, ports)| {
            let ports = ports.iter().map(|&port| port.to_owned()).collect();
            let service = StackService {
                fields: [("ports", Value::List(ports))]
                    .into_iter()
                    .collect::<Values>(),
                ..StackService::default()
            };
            ((*name).to_owned(), service)
        });
        Stack {
            services: services.collect(),
            ..Stack::default()
        }
    }

    fn conflicts(is: &[(&str, &[&str])], wanted: &[(&str, &[&str])]) -> Vec<(String, Fails)> {
        brief(&stack(is), wanted, false)
    }

    fn brief(is: &Stack, wanted: &[(&str, &[&str])], prune: bool) -> Vec<(String, Fails)> {
        let options = DeployOptions {
            prune,
            ..DeployOptions::default()
        };
        let wanted = stack(wanted);
        let found = port_conflicts("s", &wanted, is, options);
        found
            .iter()
            .map(|one| (format!("{} {}", one.service, one.other), one.fails))
            .collect()
    }

    fn all(found: &[(&str, Fails)]) -> Vec<(String, Fails)> {
        found
            .iter()
            .map(|(who, fails)| ((*who).to_owned(), *fails))
            .collect()
    }

    #[test]
    fn a_port_of_the_swarm_is_had_by_one_service() {
        let is_refused = |port: &str, other: &str| {
            !conflicts(&[("old", &[other])], &[("new", &[port])]).is_empty()
        };
        assert!(is_refused("80:8080/tcp", "80:81/tcp"));
        assert!(is_refused("80:8080/tcp", "80:81/tcp (host)"));
        assert!(is_refused("80:8080/tcp (host)", "80:81/tcp"));
        assert!(!is_refused("80:8080/tcp (host)", "80:81/tcp (host)"));
        assert!(!is_refused("80:8080/tcp", "80:8080/udp"));
        assert!(!is_refused("80:8080/tcp", "81:8080/tcp"));
        // The swarm chooses one that is free.
        assert!(!is_refused("8080/tcp", "8080/tcp"));
    }

    #[test]
    fn a_port_of_a_service_that_is_pruned_is_free() {
        let (is, wanted) = (
            stack(&[("old", &["80:1/tcp"])]),
            &[("a", &["80:1/tcp"][..])],
        );
        assert_eq!(brief(&is, wanted, false), all(&[("a s_old", Fails::Kept)]));
        assert_eq!(brief(&is, wanted, true), []);
        let mut others = stack(&[]);
        others.live = Some(Swarm {
            ports: [("other".to_owned(), vec!["80:2/tcp".to_owned()])].into(),
            ..Swarm::default()
        });
        assert_eq!(
            brief(&others, wanted, true),
            all(&[("a other", Fails::Kept)])
        );
    }

    #[test]
    fn a_port_that_the_swarm_chose_is_taken() {
        let mut is = stack(&[("a", &["1/tcp"])]);
        is.live = Some(Swarm {
            ports: [("s_a".to_owned(), vec!["30000:1/tcp".to_owned()])].into(),
            ..Swarm::default()
        });
        let other = &[("b", &["30000:1/tcp"][..])];
        let with = |ports: &'static [&'static str]| [&other[..], &[("a", ports)]].concat();
        assert_eq!(
            brief(&is, &with(&["1/tcp"]), false),
            all(&[("b s_a", Fails::Kept)])
        );
        assert_eq!(
            brief(&is, &with(&[]), false),
            all(&[("b s_a", Fails::Order)])
        );
        assert_eq!(brief(&is, other, true), []);
        assert_eq!(brief(&is, &[("a", &["30000:1/tcp"])], false), []);
    }

    #[test]
    fn a_port_that_moves_depends_on_the_order() {
        let is: &[(&str, &[&str])] = &[("a", &["80:1/tcp"]), ("b", &["81:1/tcp"])];
        assert_eq!(
            conflicts(is, &[("a", &[]), ("b", &["80:1/tcp"])]),
            all(&[("b s_a", Fails::Order)])
        );
        // One that stays where it is keeps another from it, whatever it is published as.
        assert_eq!(
            conflicts(is, &[("a", &["80:2/tcp"]), ("b", &["80:1/tcp"])]),
            all(&[("b s_a", Fails::Kept)])
        );
        assert_eq!(
            conflicts(is, &[("a", &["80:2/tcp"]), ("b", &["81:2/tcp"])]),
            []
        );
    }

    #[test]
    fn ports_are_not_swapped() {
        let is: &[(&str, &[&str])] = &[
            ("a", &["80:1/tcp"]),
            ("b", &["81:1/tcp"]),
            ("c", &["82:1/tcp"]),
        ];
        let swapped: &[(&str, &[&str])] = &[
            ("a", &["81:1/tcp"]),
            ("b", &["80:1/tcp"]),
            ("c", &["82:1/tcp"]),
        ];
        assert_eq!(
            conflicts(is, swapped),
            all(&[("a s_b", Fails::Stuck), ("b s_a", Fails::Stuck)])
        );
        // A row of moves needs the right order, and one that ends in a swap has none.
        let row: &[(&str, &[&str])] = &[("a", &[]), ("b", &["80:1/tcp"]), ("c", &["81:1/tcp"])];
        assert_eq!(
            conflicts(is, row),
            all(&[("b s_a", Fails::Order), ("c s_b", Fails::Order)])
        );
        let onto: &[(&str, &[&str])] = &[
            ("a", &["81:1/tcp"]),
            ("b", &["80:1/tcp"]),
            ("c", &["80:2/tcp"]),
        ];
        assert_eq!(
            conflicts(is, onto),
            all(&[
                ("a s_b", Fails::Stuck),
                ("b s_a", Fails::Stuck),
                ("c s_a", Fails::Stuck)
            ])
        );
    }

    #[test]
    fn two_services_of_the_file_never_get_one_port() {
        let both: &[(&str, &[&str])] = &[("a", &["80:1/tcp"]), ("b", &["80:2/tcp"])];
        assert_eq!(
            conflicts(&[], both),
            all(&[("a s_b", Fails::Shared), ("b s_a", Fails::Shared)])
        );
        assert_eq!(
            conflicts(&[("a", &["80:1/tcp"])], both),
            all(&[("b s_a", Fails::Kept)])
        );
        assert_eq!(
            conflicts(&[("c", &["80:3/tcp"])], &[both, &[("c", &[])]].concat()),
            all(&[("a s_b", Fails::Shared), ("b s_a", Fails::Shared)])
        );
        let hosts: &[(&str, &[&str])] = &[("a", &["80:1/tcp (host)"]), ("b", &["80:2/tcp (host)"])];
        assert_eq!(conflicts(&[], hosts), []);
    }
}
