//! Fields of a spec that are one of a few words.

use strum::{EnumIter, IntoEnumIterator as _, IntoStaticStr};

use super::read::Readable;
use crate::diagnostic::Diagnostics;
use crate::orchestrator::Orchestrator;
use crate::severity::{FailOn, Level};
use crate::state::{COMPLETED, HEALTHY, STARTED};
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

/// What is true of every service with a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Trait {
    /// It may be reached from the internet.
    Public,
    /// It keeps data that must survive a deployment.
    KeepsData,
    /// It replaces a backend with made-up answers.
    StandsIn,
    /// It works on the environment's data.
    Backend,
    /// It runs once, and ends.
    Job,
}

/// When a service starts after one that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum StartCondition {
    /// Once that one has been started.
    Started,
    /// Once its health check passes.
    Healthy,
    /// Once it has ended without an error.
    Completed,
}

impl StartCondition {
    /// The condition that Compose calls so.
    pub(crate) fn of_compose(word: &str) -> Option<Self> {
        Self::iter().find(|condition| condition.in_compose() == word)
    }

    /// What Compose calls it.
    pub(crate) fn in_compose(self) -> &'static str {
        match self {
            Self::Started => STARTED,
            Self::Healthy => HEALTHY,
            Self::Completed => COMPLETED,
        }
    }
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

            #[cfg(test)]
            fn schema() -> serde_json::Value {
                let words: Vec<&str> = Self::iter().map(Into::into).collect();
                serde_json::json!({ "enum": words })
            }
        }
    )+};
}

words!(
    Data, Health, Reach, Requirement, Trait, StartCondition, Level, FailOn, Orchestrator
);
