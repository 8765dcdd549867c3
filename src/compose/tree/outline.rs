//! Where the values of a text are, from the tree that was read from it, so that the text need not be parsed once more.

use std::ops::Range;

use super::{Entry, Kind, Node};
use crate::source::Outline;

/// The outline of the text that this tree was read from; `None` where the tree is not in the order of the text, as with
/// aliases and merge keys.
pub(in super::super) fn outline(root: &Node) -> Option<Outline> {
    let mut outline = Outline::default();
    add(&mut outline, root)?;
    Some(outline)
}

fn add(outline: &mut Outline, node: &Node) -> Option<usize> {
    let span = node.at.range();
    match &node.kind {
        Kind::Map(map) => {
            let mut entries: Vec<(&String, &Entry)> = map.into_iter().collect();
            entries.sort_unstable_by_key(|(_, entry)| entry.key_at.start);
            let id = outline.open(span.clone());
            let mut from = span.start;
            let mut ids = Vec::with_capacity(entries.len());
            for (key, entry) in entries {
                let named = entry.key_at.range();
                follows(&mut from, &span, &named)?;
                follows(&mut from, &span, &entry.value.at.range())?;
                ids.push((outline.scalar(named, key), add(outline, &entry.value)?));
            }
            outline.mapping(id, ids);
            Some(id)
        }
        Kind::List(items) => {
            let id = outline.open(span.clone());
            let mut from = span.start;
            let mut ids = Vec::with_capacity(items.len());
            for item in items {
                follows(&mut from, &span, &item.at.range())?;
                ids.push(add(outline, item)?);
            }
            outline.sequence(id, ids);
            Some(id)
        }
        _ => Some(outline.scalar(span, "")),
    }
}

/// Moves on to the end of a part of a collection; `None` where it does not follow the part before.
fn follows(from: &mut usize, whole: &Range<usize>, part: &Range<usize>) -> Option<()> {
    let is_in_order = *from <= part.start && part.end <= whole.end;
    *from = part.end;
    is_in_order.then_some(())
}

#[cfg(test)]
mod tests {
    use super::super::documents;
    use super::outline;
    use crate::source::{Outline, Source};

    /// Compose files with every kind of value.
    const TEXTS: [&str; 3] = [
        include_str!("../../../generated/docker-compose.local.yml"),
        include_str!("../../../generated/compose/vps.preview-edge.yml"),
        include_str!("../../../generated/compose/vps.prod.yml"),
    ];

    #[test]
    fn it_is_that_of_the_marked_parse() {
        for text in TEXTS {
            let (documents, _) = documents(&Source::new("f", text), 0).unwrap();
            let (found, marked) = (outline(&documents[0].root).unwrap(), Outline::of(text));
            let mut compared = 0;
            for (at, character) in text.char_indices() {
                let path = found.path_at(at);
                let (one, other) = (found.find(&path).unwrap(), marked.find(&path).unwrap());
                let shown = |at| text.get(at).map(str::trim_end);
                // The parser of specs counts the `|` of a block to what is before it.
                if shown(one.value.clone()).is_some_and(|text| text.starts_with('|')) {
                    continue;
                }
                compared += 1;
                assert_eq!(one.key, other.key, "{path:?}");
                assert_eq!(shown(one.value.clone()), shown(other.value), "{path:?}");
                if !character.is_whitespace() && one.value.contains(&at) {
                    assert_eq!(path, marked.path_at(at), "{at}");
                }
            }
            assert!(compared > text.len() / 10, "{compared}");
        }
    }

    #[test]
    fn a_tree_in_another_order_than_its_text_has_none() {
        for text in ["a: &x {b: 1}\nc: *x\n", "a: &x {b: 1}\nc: {<<: *x}\n"] {
            let (documents, _) = documents(&Source::new("f", text), 0).unwrap();
            assert!(outline(&documents[0].root).is_none(), "{text}");
        }
    }
}
