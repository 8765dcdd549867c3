//! Fields of a spec that are one of a few words.

use strum::{EnumIter, IntoEnumIterator as _, IntoStaticStr};

use super::read::Readable;
use crate::diagnostic::Diagnostics;
use crate::yaml::Cursor;

/// Whose data an environment works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Data {
    /// Scrubbed fixtures, and nothing else.
    Fixtures,
    /// Made-up answers, or a read-only part of another environment's.
    Mocked,
    /// Stores of its own.
    Own,
}

/// What an environment's messages to the outside reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Channels {
    /// Nothing.
    None,
    /// The channels' sandboxes.
    Sandbox,
    /// Real people.
    Live,
}

/// Whether an environment's health is measured or made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Health {
    /// Made up.
    Mock,
    /// Measured.
    Live,
}

/// From where an environment's published ports may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Reach {
    /// From the machine itself only.
    Loopback,
    /// Also from the machine's private networks.
    Private,
    /// Also from the internet.
    Public,
}

/// What a promotion requires besides its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Requirement {
    /// A person's approval.
    Approval,
    /// An entry in the release journal.
    Journal,
}

/// What a service is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Role {
    /// The entrance from outside.
    Edge,
    /// Keeps data that must survive.
    State,
    /// Serves pages.
    Web,
    /// Serves requests of other programs.
    Api,
    /// Works on its own.
    Worker,
    /// Monitors the others.
    Monitor,
    /// Serves models.
    Model,
    /// Replaces a backend.
    Mock,
}

/// What a service calls outside its own project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Call {
    /// The environment's models.
    Compute,
    /// The environment's external channels.
    Channels,
}

macro_rules! words {
    ($($name:ident),+) => {$(
        impl $name {
            #[allow(dead_code, reason = "some of these words are only matched")]
            pub(crate) fn as_str(self) -> &'static str {
                self.into()
            }
        }

        impl Readable for $name {
            fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
                let words: Vec<(&str, Self)> = Self::iter().map(|word| (word.into(), word)).collect();
                cursor.one_of(&words, problems)
            }
        }
    )+};
}

words!(Data, Channels, Health, Reach, Requirement, Role, Call);
