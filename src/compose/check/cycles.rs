//! Services that wait for each other in a circle never start (compose-go, `graph/cycle.go`).

use std::collections::BTreeSet;

use crate::compose::notes::Notes;
use crate::compose::tree::{Mark, Node};
use crate::diagnostic::Diagnostic;

/// Notes one way in which services depend on themselves.
pub(super) fn cycles(root: &Node, notes: &mut Notes) {
    let needs = |name: &str| -> Vec<(&str, Mark)> {
        let service = root.get("services").and_then(|services| services.get(name));
        let needs = service.and_then(|service| service.get("depends_on"));
        let needs = needs.into_iter().flat_map(Node::entries);
        needs.map(|(name, entry)| (name, entry.key_at)).collect()
    };
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for (start, _) in root.section("services") {
        let mut route = vec![(start, needs(start))];
        let mut on_route: BTreeSet<&str> = [start].into();
        while let Some((name, rest)) = route.last_mut() {
            let name = *name;
            let Some((next, at)) = rest.pop() else {
                on_route.remove(name);
                done.insert(name);
                route.pop();
                continue;
            };
            if on_route.contains(next) {
                let names = route.iter().map(|(name, _)| *name);
                let mut circle: Vec<&str> = names.skip_while(|name| *name != next).collect();
                // Told from the first of them by name, wherever the search began.
                let first = circle.iter().min().copied().unwrap_or_default();
                let begin = circle.iter().position(|name| *name == first);
                circle.rotate_left(begin.unwrap_or_default());
                circle.push(first);
                let second = circle.get(1).copied().unwrap_or_default();
                let known = needs(first).into_iter().find(|(name, _)| *name == second);
                let diagnostic = Diagnostic::new(
                    format!("services depend on themselves: {}", circle.join(" → ")),
                    notes.place(known.map_or(at, |(_, at)| at)),
                )
                .label("expected services that can start one after the other");
                notes.push(diagnostic);
                return;
            }
            if !done.contains(next) {
                on_route.insert(next);
                route.push((next, needs(next)));
            }
        }
    }
}
