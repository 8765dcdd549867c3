//! Ports that services of the file need, and that other services publish.

use super::{Stacks, at_service};
use crate::drift::difference::Difference;
use crate::finding::Code;
use crate::plan::stack::{Fails, PortConflict, port_conflicts};

/// The ports that a deploy may fail over.
pub(super) fn taken(stacks: Stacks<'_>) -> Vec<Difference> {
    let project = &stacks.expected.project;
    let conflicts = port_conflicts(
        project,
        stacks.declared,
        stacks.deployed,
        stacks.context.deploy,
    );
    let taken = conflicts.iter().map(|conflict| {
        let (service, port) = (conflict.service, conflict.port);
        let mut taken = Difference::new(Code::PortTaken, service, message(conflict)).subject(port);
        taken.depends_on_order = conflict.fails == Fails::Order;
        at_service(taken, service, "ports").values("ports", port, conflict.other.as_str())
    });
    taken.collect()
}

fn message(conflict: &PortConflict<'_>) -> String {
    let PortConflict {
        service,
        port,
        other,
        fails,
    } = conflict;
    let publishes =
        format!("service `{other}` publishes port `{port}`, which service `{service}` needs");
    match fails {
        Fails::Kept => publishes,
        Fails::Stuck => {
            format!("{publishes}: they exchange ports, so no order of updates works")
        }
        Fails::Shared => format!(
            "service `{other}` of the file publishes port `{port}` too: the second of them is refused"
        ),
        Fails::Order => format!(
            "{publishes}: it is refused unless `{other}`, which no longer needs it, is updated first"
        ),
    }
}
