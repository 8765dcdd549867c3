//! How much a finding matters: one scale for what hosts run and for what files say.

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use crate::text::plural::counted;

/// How much a finding matters, the worst first. `drift` reports exposures, drift and notices, `check`
/// errors, warnings and hardening suggestions, which are its levels.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    IntoStaticStr,
    EnumString,
)]
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
