//! The words of a message, and what they are made of.

use std::borrow::Cow;

/// Words for people. What they are made of decides what is hidden of them.
#[derive(Debug, Clone)]
pub(crate) enum Words {
    /// Literal text of the program.
    Literal(&'static str),
    /// Literal text and names: of environments, services, secrets, fields. They are shown as they are; a value among them is
    /// one that its place shows ([`Place::quote`](crate::source::Place::quote)).
    Named(String),
    /// Any other text, which may have values of the input in any spelling: the places of its message decide what is hidden.
    Built(String),
}

impl Words {
    /// Words that are made of names.
    pub(crate) fn named(words: impl Into<Self>) -> Self {
        match words.into() {
            Self::Built(text) => Self::Named(text),
            other => other,
        }
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Literal(text) => text,
            Self::Named(text) | Self::Built(text) => text,
        }
    }

    /// Whether they may have words of the input.
    pub(super) fn is_built(&self) -> bool {
        !matches!(self, Self::Literal(_))
    }
}

impl Default for Words {
    fn default() -> Self {
        Self::Literal("")
    }
}

impl From<&'static str> for Words {
    fn from(text: &'static str) -> Self {
        Self::Literal(text)
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self::Built(text)
    }
}

impl From<Cow<'static, str>> for Words {
    fn from(text: Cow<'static, str>) -> Self {
        match text {
            Cow::Borrowed(text) => text.into(),
            Cow::Owned(text) => text.into(),
        }
    }
}
