//! Services that wait for each other never start (compose-go, `graph/cycle.go`).

use std::collections::BTreeMap;

use crate::compose::notes::Notes;
use crate::compose::tree::Node;
use crate::cycles::{Needs, in_words};
use crate::diagnostic::Diagnostic;

/// Notes every dependency cycle.
pub(super) fn cycles(root: &Node, notes: &mut Notes) {
    let services: Vec<_> = root.section("services").collect();
    let numbers: BTreeMap<&str, usize> = services
        .iter()
        .enumerate()
        .map(|(at, (name, _))| (*name, at))
        .collect();
    let needs = services.iter().map(|(_, service)| {
        service
            .value
            .section("depends_on")
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
        let message = format!(
            "services depend on each other in a cycle: {}",
            in_words(&names)
        );
        let expected = "expected dependencies without a cycle";
        notes.push(Diagnostic::new(message, notes.place(need.key_at)).label(expected));
    }
}
