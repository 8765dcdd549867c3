//! How much a finding matters: one scale for what hosts run and for what files say.

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoStaticStr};

use crate::text::plural::counted;

/// How much a finding matters, the worst first. `drift` reports exposures, drift and notices, `check`
/// errors, warnings and hardening suggestions, which are its levels.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Severity {
    /// Something on a host can be reached, or is shared, that must not be.
    Exposure,
    /// A file exposes, shares or loses something that it must not, or cannot work.
    Error,
    /// A host does not run what its spec says.
    Drift,
    /// A file is likely not what was meant.
    Warning,
    /// A file lacks a good practice that most files lack.
    Hardening,
    /// Worth knowing; no reason to act by itself.
    Notice,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// How its word looks on a terminal.
    #[must_use]
    pub fn style(self) -> Style {
        let colour = match self {
            Self::Exposure | Self::Error => AnsiColor::Red,
            Self::Drift | Self::Warning => AnsiColor::Yellow,
            Self::Hardening | Self::Notice => AnsiColor::Cyan,
        };
        colour.on_default().bold()
    }
}

/// A level of `check`: its findings of one severity, and of those that are worse.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumIter, IntoStaticStr, ValueEnum,
)]
#[strum(serialize_all = "lowercase")]
pub enum Level {
    /// Broken, exposed or leaking
    Error,
    /// Likely a mistake
    Warning,
    /// Good practices that most files lack
    Hardening,
}

impl Level {
    /// The lowest severity of the level.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Hardening => Severity::Hardening,
        }
    }

    /// Whether a finding of this severity is of the level.
    #[must_use]
    pub fn includes(self, severity: Severity) -> bool {
        severity <= self.severity()
    }
}

/// The level of the findings that make `check` fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr, ValueEnum)]
#[strum(serialize_all = "lowercase")]
pub enum FailOn {
    /// Errors
    Error,
    /// Errors and warnings
    Warning,
    /// Everything
    Hardening,
    /// Nothing
    Never,
}

impl FailOn {
    /// Whether a finding of this severity makes `check` fail.
    #[must_use]
    pub fn includes(self, severity: Severity) -> bool {
        let level = match self {
            Self::Error => Level::Error,
            Self::Warning => Level::Warning,
            Self::Hardening => Level::Hardening,
            Self::Never => return false,
        };
        level.includes(severity)
    }
}

/// How many findings there are of each severity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<Severity, usize>);

impl FromIterator<Severity> for Tally {
    fn from_iter<I: IntoIterator<Item = Severity>>(severities: I) -> Self {
        let mut tally = Self::default();
        for severity in severities {
            *tally.0.entry(severity).or_default() += 1;
        }
        tally
    }
}

impl Tally {
    /// The number of one severity.
    #[must_use]
    pub fn of(&self, severity: Severity) -> usize {
        self.0.get(&severity).copied().unwrap_or_default()
    }

    /// The number of one severity alone.
    #[must_use]
    pub fn only(&self, severity: Severity) -> Self {
        let own = self.0.get_key_value(&severity);
        Self(
            own.map(|(severity, number)| (*severity, *number))
                .into_iter()
                .collect(),
        )
    }

    /// The number of all severities.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.values().sum()
    }

    /// Every number that is not zero, with its noun, the worst first.
    pub fn counted(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(severity, number)| {
            let word = match severity {
                Severity::Hardening => "hardening suggestion",
                other => other.as_str(),
            };
            counted(*number, word, &format!("{word}s"))
        })
    }
}
