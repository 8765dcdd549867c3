//! The values of specs that no template reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Unread;
use super::usage::Node;
use crate::source::{Place, Segment, TextPart};

/// A value of a spec.
struct SpecValue<'a> {
    place: &'a Place,
    is_read: bool,
}

/// The places of all spec values that none of the trees' readers read, in order, each once.
pub(super) fn unread<'a>(trees: impl IntoIterator<Item = &'a Arc<Node>>) -> Vec<Unread> {
    let mut leaves = Vec::new();
    for tree in trees {
        tree.leaves(&mut leaves);
    }
    // One place can be in several trees: a service of the catalogue does in every environment.
    let mut values: BTreeMap<(&str, String), SpecValue<'_>> = BTreeMap::new();
    for leaf in leaves {
        let is_read = leaf.is_read();
        for origin in leaf.origins() {
            let TextPart::Value(path) = &origin.at else {
                continue;
            };
            let key = (origin.source.name.as_str(), path.to_string());
            let value = values.entry(key).or_insert(SpecValue {
                place: origin,
                is_read: false,
            });
            value.is_read |= is_read;
        }
    }
    let (read, unread): (Vec<_>, Vec<_>) = values.values().partition(|value| value.is_read);
    let read: BTreeSet<String> = read.into_iter().map(SpecValue::of_any_level).collect();
    unread
        .into_iter()
        .map(|value| Unread {
            place: value.place.clone(),
            is_replaced: read.contains(&value.of_any_level()),
        })
        .collect()
}

impl SpecValue<'_> {
    /// Its path without the host that has it: that of what it replaces.
    fn of_any_level(&self) -> String {
        let path = self.place.path();
        let steps = path.segments();
        let of_host = matches!(steps.first(), Some(Segment::Key(key)) if key == "hosts");
        let own = steps.get(if of_host { 2 } else { 0 }..);
        let words = own.unwrap_or_default().iter().map(|step| match step {
            Segment::Key(key) => format!(".{key}"),
            Segment::Index(index) => format!("[{index}]"),
        });
        words.collect()
    }
}
