//! The path of a value in a document: `services.web.ports[0]`. A pass extends it while it descends, and
//! allocates only where a message shows it.

use std::fmt;

use crate::redact;

/// The path of a value that is being visited.
#[derive(Clone, Copy)]
pub(super) struct Trail<'a> {
    parent: Option<&'a Trail<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> Trail<'a> {
    pub(super) const ROOT: Trail<'static> = Trail {
        parent: None,
        step: Step::Root,
    };

    pub(super) fn key(&'a self, key: &'a str) -> Self {
        Self {
            parent: Some(self),
            step: Step::Key(key),
        }
    }

    /// The keys that lead to the value, without the numbers of items.
    pub(super) fn keys(&self) -> Vec<String> {
        let mut keys = self.parent.map(Self::keys).unwrap_or_default();
        if let Step::Key(key) = self.step {
            keys.push(key.to_owned());
        }
        keys
    }

    /// Whether the values of the field are hidden.
    fn is_hidden(&self) -> bool {
        matches!(self.step, Step::Key(key) if redact::is_hidden_path(key))
    }

    pub(super) fn index(&'a self, index: usize) -> Self {
        Self {
            parent: Some(self),
            step: Step::Index(index),
        }
    }
}

impl fmt::Display for Trail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(parent) = self.parent else {
            return Ok(());
        };
        parent.fmt(f)?;
        match self.step {
            Step::Key(key) if parent.parent.is_none() => f.write_str(key),
            // The names below such a field are the user's own, or what a slip made one.
            Step::Key(key) if parent.is_hidden() => write!(f, ".{}", redact::name(key, false)),
            Step::Key(key) => write!(f, ".{key}"),
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Root => Ok(()),
        }
    }
}
