//! Changing the text of a file, and knowing what that changes.

use std::ops::Range;

use super::tree::{self, Kind, Node, documents};
use crate::source::Source;
use crate::text::expression::requiring;

/// The bytes in which values are in brackets or braces, from each of the outermost to its end, in the order of
/// the text.
pub(crate) fn flow(source: &Source) -> Vec<Range<usize>> {
    tree::flow(&source.text)
}

/// Whether a new text of a file says the same as the old one, but for what every reader may change: there need
/// be no `version`, and variables without a default may be required.
pub(crate) fn says_the_same(old: &str, new: &str) -> bool {
    let read = |text: &str| {
        let (documents, _) = documents(&Source::new("", text), 0).ok()?;
        let roots = documents.into_iter().map(|document| {
            let mut root = document.root;
            if let Some(map) = root.as_map_mut() {
                map.remove("version");
            }
            require(&mut root);
            root
        });
        Some(roots.collect::<Vec<_>>())
    };
    read(old).is_some_and(|old| read(new).is_some_and(|new| old == new))
}

fn require(node: &mut Node) {
    match &mut node.kind {
        Kind::Text(text) if text.contains('$') => *text = requiring(text),
        Kind::List(items) => items.iter_mut().for_each(require),
        Kind::Map(map) => map.values_mut().for_each(|entry| require(&mut entry.value)),
        _ => {}
    }
}
