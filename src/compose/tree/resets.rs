//! What a document takes out of the files before it.

use std::collections::HashSet;

/// The paths of the values that a document resets or overrides.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Resets {
    exact: HashSet<Vec<String>>,
    /// Those in which a key is `*`, which stands for any.
    patterns: Vec<Vec<String>>,
}

impl Resets {
    pub(super) fn of(paths: Vec<Vec<String>>) -> Self {
        let is_pattern = |path: &Vec<String>| path.iter().any(|key| key == "*");
        let (patterns, exact): (Vec<_>, Vec<_>) = paths.into_iter().partition(is_pattern);
        Self {
            exact: exact.into_iter().collect(),
            patterns,
        }
    }

    /// Whether there are none.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.patterns.is_empty()
    }

    /// Whether they name the value at a path.
    pub(in super::super) fn name(&self, path: &[String]) -> bool {
        let fits = |pattern: &Vec<String>| {
            let mut pairs = pattern.iter().zip(path);
            pattern.len() == path.len() && pairs.all(|(key, own)| key == own || key == "*")
        };
        self.exact.contains(path) || self.patterns.iter().any(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::Resets;

    #[test]
    fn a_path_is_named_as_it_is_or_by_a_star() {
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        let resets = Resets::of(vec![path("a.b"), path("a.*.c")]);
        for (text, is_named) in [
            ("a.b", true),
            ("a.x.c", true),
            ("a", false),
            ("a.c", false),
            ("a.b.c.d", false),
        ] {
            assert_eq!(resets.name(&path(text)), is_named, "{text}");
        }
        assert!(Resets::default().is_empty());
    }
}
