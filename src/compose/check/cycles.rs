//! Services that wait for each other never start (compose-go, `graph/cycle.go`).

use std::collections::BTreeMap;

use crate::compose::notes::Notes;
use crate::compose::tree::Node;
use crate::cycles::{Needs, in_words};
use crate::diagnostic::Diagnostic;

/// Notes every way in which services depend on themselves.
pub(super) fn cycles(root: &Node, notes: &mut Notes) {
    let services: Vec<_> = root.section("services").collect();
    let numbered = services.iter().enumerate();
    let numbers: BTreeMap<&str, usize> = numbered.map(|(at, (name, _))| (*name, at)).collect();
    let needs = services.iter().map(|(_, service)| {
        let needs = service.value.get("depends_on");
        let needs = needs.into_iter().flat_map(Node::entries);
        needs
            .filter_map(|(name, _)| numbers.get(name).copied())
            .collect()
    });
    for cycle in Needs(needs.collect()).cycles() {
        let on_it = cycle.iter().filter_map(|at| services.get(*at));
        let names: Vec<&str> = on_it.clone().map(|(name, _)| *name).collect();
        let first = on_it.map(|(_, service)| service).next();
        let needs = first.and_then(|service| service.value.get("depends_on"));
        let need = needs.and_then(|needs| needs.entry(names.get(1)?));
        let Some(need) = need else {
            continue;
        };
        let message = format!("services depend on themselves: {}", in_words(&names));
        let expected = "expected services that can start one after the other";
        notes.push(Diagnostic::new(message, notes.place(need.key_at)).label(expected));
    }
}
