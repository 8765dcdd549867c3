//! A route through a YAML document: `services.postgres.ports[0]`.

use std::fmt;
use std::sync::Arc;

/// One step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// The value of this key of a mapping.
    Key(String),
    /// The entry of a sequence, counted from zero.
    Index(usize),
}

/// A route from the root of a document to one of its nodes.
///
/// Children share their parents, so that holding a path with every value of a document costs one
/// small allocation per value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Path(Option<Arc<Step>>);

#[derive(Debug, PartialEq, Eq)]
struct Step {
    parent: Path,
    segment: Segment,
}

impl Path {
    /// The root of a document.
    pub(crate) fn root() -> Self {
        Self(None)
    }

    /// The path of the value of `key` in the mapping at this path.
    pub(crate) fn key(&self, key: impl Into<String>) -> Self {
        self.child(Segment::Key(key.into()))
    }

    /// The path of entry `index` of the sequence at this path.
    pub(crate) fn index(&self, index: usize) -> Self {
        self.child(Segment::Index(index))
    }

    /// The steps from the root.
    pub(crate) fn segments(&self) -> Vec<&Segment> {
        let mut segments = Vec::new();
        let mut at = self;
        while let Some(step) = &at.0 {
            segments.push(&step.segment);
            at = &step.parent;
        }
        segments.reverse();
        segments
    }

    /// The path so many steps above this one.
    pub(crate) fn above(&self, steps: usize) -> Self {
        let parent = |path: Self| path.0.map_or_else(Self::root, |step| step.parent.clone());
        (0..steps).fold(self.clone(), |path, _| parent(path))
    }

    fn child(&self, segment: Segment) -> Self {
        Self(Some(Arc::new(Step {
            parent: self.clone(),
            segment,
        })))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(step) = &self.0 else { return Ok(()) };
        // Recursion is safe, as documents have a maximum depth.
        step.parent.fmt(f)?;
        match &step.segment {
            Segment::Key(key) => {
                if step.parent.0.is_some() {
                    f.write_str(".")?;
                }
                f.write_str(key)
            }
            Segment::Index(index) => write!(f, "[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn reads_like_a_route() {
        let path = Path::root()
            .key("services")
            .key("postgres")
            .key("ports")
            .index(2);
        assert_eq!(path.to_string(), "services.postgres.ports[2]");
        assert_eq!(Path::root().to_string(), "");
    }
}
