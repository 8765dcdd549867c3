//! Ports that services of the file need, and that other services publish (moby/swarmkit, `controlapi/service.go`:
//! `checkPortConflicts`).

use std::collections::{BTreeMap, BTreeSet};

use super::{Stacks, at_service};
use crate::drift::difference::Difference;
use crate::finding::Code;
use crate::state::stack_published;

/// A published port: its number, its protocol, and whether only the node of a task publishes it.
type Published<'a> = (&'a str, &'a str, bool);

/// The ports that a deploy cannot have, as long as the other service is there.
pub(super) fn taken(stacks: Stacks<'_>) -> Vec<Difference> {
    let own = stacks.is.services.iter();
    let orphans = own
        .filter(|(name, _)| !stacks.wanted.services.contains_key(*name))
        .filter(|_| !stacks.context.deploy.prune)
        .map(|(name, is)| (stacks.full_name(name), is.fields.list("ports")));
    let others = stacks.live.ports.iter();
    let others = others.map(|(name, ports)| (name.clone(), ports.as_slice()));
    let mut publish: BTreeMap<Published<'_>, String> = BTreeMap::new();
    for (other, ports) in orphans.chain(others) {
        for port in ports.iter().filter_map(|port| stack_published(port)) {
            publish.entry(port).or_insert_with(|| other.clone());
        }
    }
    let mut differences = Vec::new();
    for (name, wanted) in &stacks.wanted.services {
        let is = stacks.is.services.get(name);
        let has: BTreeSet<&String> = is
            .into_iter()
            .flat_map(|is| is.fields.list("ports"))
            .collect();
        for port in wanted
            .fields
            .list("ports")
            .iter()
            .filter(|port| !has.contains(port))
        {
            let mut rivals = stack_published(port).into_iter().flat_map(rivals);
            let Some(other) = rivals.find_map(|rival| publish.get(&rival)) else {
                continue;
            };
            let message =
                format!("service `{other}` publishes port `{port}`, which service `{name}` needs");
            let taken = Difference::new(Code::PortTaken, name, message).subject(port.as_str());
            let taken = taken.values("ports", port.as_str(), other.as_str());
            differences.push(at_service(taken, name, "ports"));
        }
    }
    differences
}

/// What no other service can publish beside a port: those of nodes do not get in each other's way.
fn rivals((published, protocol, is_of_node): Published<'_>) -> impl Iterator<Item = Published<'_>> {
    let all = [false, true].into_iter();
    let of_others = all.filter(move |other| !(is_of_node && *other));
    of_others.map(move |other| (published, protocol, other))
}

#[cfg(test)]
mod tests {
    use super::rivals;
    use crate::state::stack_published;

    fn conflicts(port: &str, other: &str) -> bool {
        let other = stack_published(other);
        let mut rivals = stack_published(port).into_iter().flat_map(rivals);
        rivals.any(|rival| Some(rival) == other)
    }

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
