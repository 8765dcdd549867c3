//! What a document takes out of the files before it.

use std::collections::BTreeMap;

use super::{Kind, Node};

/// The values that a document resets or overrides, below the keys that lead to them. `*` stands for
/// any key.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Resets {
    is_reset: bool,
    below: BTreeMap<String, Resets>,
}

impl Resets {
    pub(super) fn of(paths: &[Vec<String>]) -> Self {
        let mut root = Self::default();
        for path in paths {
            let mut at = &mut root;
            for key in path {
                at = at.below.entry(key.clone()).or_default();
            }
            at.is_reset = true;
        }
        root
    }

    /// Whether there are none.
    pub(in super::super) fn is_empty(&self) -> bool {
        !self.is_reset && self.below.is_empty()
    }

    /// Drops what is reset from the value at a path.
    pub(in super::super) fn apply(&self, path: &[&str], node: &mut Node) {
        let mut resets = vec![self];
        for key in path {
            resets = step(&resets, key);
            if resets.iter().any(|reset| reset.is_reset) {
                *node = Node::default();
                return;
            }
        }
        drop_below(node, &resets);
    }
}

/// The resets below a key.
fn step<'a>(resets: &[&'a Resets], key: &str) -> Vec<&'a Resets> {
    let any = (key != "*").then_some("*");
    resets
        .iter()
        .flat_map(|reset| [Some(key), any].map(|key| reset.below.get(key?)))
        .flatten()
        .collect()
}

fn drop_below(node: &mut Node, resets: &[&Resets]) {
    if resets.is_empty() {
        return;
    }
    match &mut node.kind {
        Kind::Map(map) => map.retain(|key, entry| {
            let resets = step(resets, key);
            let is_kept = !resets.iter().any(|reset| reset.is_reset);
            if is_kept {
                drop_below(&mut entry.value, &resets);
            }
            is_kept
        }),
        Kind::List(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                drop_below(item, &step(resets, &format!("[{index}]")));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, Node};
    use super::Resets;

    #[test]
    fn a_value_is_reset_by_its_path_or_by_a_star() {
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        let resets = Resets::of(&[path("a.b"), path("a.*.c")]);
        for (text, is_reset) in [
            ("a.b", true),
            ("a.x.c", true),
            ("a", false),
            ("a.c", false),
            ("a.x.d", false),
        ] {
            let path: Vec<&str> = text.split('.').collect();
            let mut node = Node::new(Kind::Bool(true), super::super::Mark::default());
            resets.apply(&path, &mut node);
            assert_eq!(node.is_null(), is_reset, "{text}");
        }
        assert!(Resets::default().is_empty());
    }
}
