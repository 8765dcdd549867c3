//! The values of specs that no template reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Unread;
use super::usage::Node;
use crate::source::{Place, Segment, TextPart};

/// The places of all spec values that none of the trees' readers read, in order, each once.
pub(super) fn unread<'a>(trees: impl IntoIterator<Item = &'a Arc<Node>>) -> Vec<Unread> {
    let mut leaves = Vec::new();
    for tree in trees {
        tree.leaves(&mut leaves);
    }
    // One place can be in several trees: a service of the catalogue does in every environment.
    let mut places: BTreeMap<(&str, String), (&Place, bool)> = BTreeMap::new();
    for leaf in leaves {
        let is_read = leaf.is_read();
        for origin in leaf.origins() {
            let TextPart::Value(path) = &origin.at else {
                continue;
            };
            let key = (origin.source.name.as_str(), path.to_string());
            places.entry(key).or_insert((origin, false)).1 |= is_read;
        }
    }
    let is_read = |(_, is_read): &&(&Place, bool)| *is_read;
    let read: BTreeSet<String> = places.values().filter(is_read).map(of_any_level).collect();
    let unread = places.values().filter(|one| !is_read(one));
    unread
        .map(|one| Unread {
            place: one.0.clone(),
            is_replaced: read.contains(&of_any_level(one)),
        })
        .collect()
}

/// The path of a value without the host that has it: that of what it replaces.
fn of_any_level((place, _): &(&Place, bool)) -> String {
    let path = place.path();
    let steps = path.segments();
    let of_host = matches!(steps.first(), Some(Segment::Key(key)) if key == "hosts");
    let own = steps.get(if of_host { 2 } else { 0 }..);
    let words = own.unwrap_or_default().iter().map(|step| match step {
        Segment::Key(key) => format!(".{key}"),
        Segment::Index(index) => format!("[{index}]"),
    });
    words.collect()
}
