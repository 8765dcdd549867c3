//! Services that wait for each other.

use std::collections::{BTreeMap, VecDeque};

use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{Service, entries, scalars};
use crate::rules::{Deployed, Found};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "dependency-cycle",
    severity: Severity::Error,
    title: "No service waits for itself",
    why: "Services that wait for each other never start, and Compose refuses the file.",
    origin: "dclint, `docker compose config`",
    bad: Example::Compose(&[
        "services:\n  a: { image: a:1, depends_on: [b] }\n  b: { image: a:1, depends_on: [a] }\n",
    ]),
    good: Example::Compose(&[
        "services:\n  a: { image: a:1, depends_on: [b] }\n  b: { image: a:1 }\n",
    ]),
    check: Check::File(check),
};

/// What a service waits for, be it by sharing something of it.
fn needs(service: &Service<'_>) -> Vec<(String, Place)> {
    let mut needs = match service.get("depends_on") {
        Some(at) if at.is_mapping() => entries(&at)
            .into_iter()
            .map(|(name, at)| (name.to_owned(), at.key_place()))
            .collect(),
        Some(at) => scalars(&at),
        None => Vec::new(),
    };
    for key in ["network_mode", "pid", "ipc"] {
        if let (Some(at), Some(text)) = (service.get(key), service.text(key))
            && let Some(name) = text.strip_prefix("service:")
        {
            needs.push((name.to_owned(), at.place()));
        }
    }
    for (link, place) in service.list("links") {
        let name = link.split(':').next().unwrap_or_default();
        needs.push((name.to_owned(), place));
    }
    needs
}

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let services = deployed.file.services();
    let needs: Vec<Vec<(String, Place)>> = services.iter().map(needs).collect();
    let numbers: BTreeMap<&str, usize> = (services.iter().enumerate())
        .map(|(number, service)| (service.name, number))
        .collect();
    let number = |(name, _): &(String, Place)| numbers.get(name.as_str()).copied();
    let graph = Graph {
        to: needs
            .iter()
            .map(|needs| needs.iter().filter_map(number).collect())
            .collect(),
    };
    let mut found = Vec::new();
    for circle in graph.circles() {
        let name = |at: &usize| services.get(*at).map_or("", |service| service.name);
        let way: Vec<&str> = circle.iter().map(name).collect();
        let (Some(first), Some(second)) = (circle.first(), way.get(1)) else {
            continue;
        };
        let needs = needs.get(*first).into_iter().flatten();
        let Some((_, place)) = needs.into_iter().find(|(need, _)| need == second) else {
            continue;
        };
        let first = name(first);
        found.push(
            Found::new(first, format!("`{first}` waits for itself"), place.clone())
                .label(way.join(" → "))
                .service(first)
                .belonging(deployed),
        );
    }
    found
}

/// Who waits for whom, by number.
struct Graph {
    to: Vec<Vec<usize>>,
}

impl Graph {
    /// The shortest circle through the first service that is on one; that service taken out, through
    /// the first of those that are left, and so on. A circle begins and ends with the first in it.
    fn circles(&self) -> Vec<Vec<usize>> {
        let mut from: Vec<Vec<usize>> = vec![Vec::new(); self.to.len()];
        for (number, to) in self.to.iter().enumerate() {
            for next in to {
                if let Some(users) = from.get_mut(*next) {
                    users.push(number);
                }
            }
        }
        let mut left = vec![true; self.to.len()];
        let mut circles = Vec::new();
        let mut loose: Vec<usize> = (0..self.to.len()).collect();
        for first in 0..self.to.len() {
            self.take_loose(&from, &mut left, &mut loose);
            if left.get(first) == Some(&true) {
                circles.extend(self.way_back(first, &left));
                take(&mut left, first);
                loose.extend(self.to.get(first).into_iter().flatten());
                loose.extend(from.get(first).into_iter().flatten());
            }
        }
        circles
    }

    /// Takes out whoever waits for nobody that is left, or for whom nobody does: they are on no
    /// circle, and are most of all services.
    fn take_loose(&self, from: &[Vec<usize>], left: &mut [bool], loose: &mut Vec<usize>) {
        while let Some(number) = loose.pop() {
            let is_left = |number: &usize| left.get(*number) == Some(&true);
            let (to, users) = (self.to.get(number), from.get(number));
            let has = |ends: Option<&Vec<usize>>| ends.into_iter().flatten().any(is_left);
            if is_left(&number) && !(has(to) && has(users)) {
                take(left, number);
                loose.extend(to.into_iter().chain(users).flatten());
            }
        }
    }

    fn way_back(&self, first: usize, left: &[bool]) -> Option<Vec<usize>> {
        let mut came_from: BTreeMap<usize, usize> = BTreeMap::new();
        let mut ahead = VecDeque::from([first]);
        while let Some(number) = ahead.pop_front() {
            for next in self.to.get(number).into_iter().flatten() {
                if *next == first {
                    let mut way = vec![first, number];
                    while let Some(before) = way.last().and_then(|last| came_from.get(last)) {
                        way.push(*before);
                    }
                    way.reverse();
                    return Some(way);
                }
                if left.get(*next) == Some(&true) && !came_from.contains_key(next) {
                    came_from.insert(*next, number);
                    ahead.push_back(*next);
                }
            }
        }
        None
    }
}

fn take(left: &mut [bool], number: usize) {
    if let Some(one) = left.get_mut(number) {
        *one = false;
    }
}

#[cfg(test)]
mod tests {
    use super::Graph;

    fn circles(to: &[&[usize]]) -> Vec<Vec<usize>> {
        let to = to.iter().map(|to| to.to_vec()).collect();
        Graph { to }.circles()
    }

    #[test]
    fn circles_are_found_once_and_the_shortest() {
        for (to, expected) in [
            (&[&[1][..], &[2], &[]][..], &[][..]),
            (&[&[0]], &[&[0, 0][..]]),
            (&[&[1], &[0]], &[&[0, 1, 0]]),
            (&[&[1, 2], &[2], &[0]], &[&[0, 2, 0]]),
            (&[&[1], &[2], &[1]], &[&[1, 2, 1]]),
            (&[&[1], &[0, 2], &[3], &[2]], &[&[0, 1, 0], &[2, 3, 2]]),
            (&[&[1], &[1, 0], &[9]], &[&[0, 1, 0], &[1, 1]]),
        ] {
            assert_eq!(circles(to), expected, "{to:?}");
        }
    }

    #[test]
    fn long_rows_take_no_time() {
        let row: Vec<Vec<usize>> = (0..50_000).map(|number| vec![number + 1]).collect();
        assert_eq!(Graph { to: row.clone() }.circles(), [[0; 0]; 0]);
        let mut round = row;
        round.push(vec![0]);
        assert_eq!(Graph { to: round }.circles()[0].len(), 50_002);
    }
}
