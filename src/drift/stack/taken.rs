//! Ports that services of the file need, and that other services publish (moby/swarmkit, `controlapi/service.go`:
//! `checkPortConflicts`).

use super::{Stacks, at_service};
use crate::drift::difference::Difference;
use crate::finding::Code;

/// What `stack_port` adds to a port that only the node of a task publishes.
const ON_ITS_NODE: &str = " (host)";

/// The ports that a deploy cannot have, as long as the other service is there.
pub(super) fn taken(stacks: Stacks<'_>) -> Vec<Difference> {
    let mut differences = Vec::new();
    let own = stacks.is.services.iter();
    let orphans = own
        .filter(|(name, _)| !stacks.wanted.services.contains_key(*name))
        .filter(|_| !stacks.context.deploy.prune)
        .map(|(name, is)| (stacks.full_name(name), is.fields.list("ports")));
    let others = stacks.live.ports.iter();
    let others = others.map(|(name, ports)| (name.clone(), ports.as_slice()));
    let others: Vec<(String, &[String])> = orphans.chain(others).collect();
    for (name, wanted) in &stacks.wanted.services {
        let is = stacks.is.services.get(name);
        let has = |port: &String| is.is_some_and(|is| is.fields.list("ports").contains(port));
        for port in wanted.fields.list("ports").iter().filter(|port| !has(port)) {
            let mut others = others.iter();
            let other = others.find(|(_, ports)| ports.iter().any(|other| conflicts(port, other)));
            if let Some((other, _)) = other {
                let message = format!(
                    "service `{other}` publishes port `{port}`, which service `{name}` needs"
                );
                let taken = Difference::new(Code::PortTaken, name, message).subject(port.as_str());
                let taken = taken.values("ports", port.as_str(), other.as_str());
                differences.push(at_service(taken, name, "ports"));
            }
        }
    }
    differences
}

/// Whether only one of two services can publish these ports: those of nodes do not get in each other's way.
fn conflicts(port: &str, other: &str) -> bool {
    let is_of_node = |port: &str| port.ends_with(ON_ITS_NODE);
    let published = |port: &str| -> Option<(String, String)> {
        let port = port.strip_suffix(ON_ITS_NODE).unwrap_or(port);
        let (published, target) = port.split_once(':')?;
        let (_, protocol) = target.split_once('/')?;
        Some((published.to_owned(), protocol.to_owned()))
    };
    let (one, two) = (published(port), published(other));
    one.is_some() && one == two && !(is_of_node(port) && is_of_node(other))
}

#[cfg(test)]
mod tests {
    use super::conflicts;

    #[test]
    fn a_port_of_the_swarm_is_had_by_one_service() {
        assert!(conflicts("80:8080/tcp", "80:81/tcp"));
        assert!(conflicts("80:8080/tcp", "80:81/tcp (host)"));
        assert!(!conflicts("80:8080/tcp (host)", "80:81/tcp (host)"));
        assert!(!conflicts("80:8080/tcp", "80:8080/udp"));
        assert!(!conflicts("80:8080/tcp", "81:8080/tcp"));
        // The swarm chooses one that is free.
        assert!(!conflicts("8080/tcp", "8080/tcp"));
    }
}
