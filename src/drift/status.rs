//! Whether a host runs what its spec says.

use anstyle::{AnsiColor, Style};
use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Severity};

/// Whether a host runs what its spec says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Status {
    /// It does; there may be notices.
    InSync,
    /// It does not.
    Drifted,
    /// It cannot be reached.
    Unreachable,
}

impl Status {
    /// The status of a host on which this was found.
    pub(crate) fn of(findings: &[Finding]) -> Self {
        let is_drift = |finding: &Finding| finding.severity != Severity::Notice;
        if findings.iter().any(is_drift) {
            Self::Drifted
        } else {
            Self::InSync
        }
    }

    /// How its words look on a terminal.
    pub(crate) fn style(self) -> Style {
        let colour = match self {
            Self::InSync => AnsiColor::Green,
            Self::Drifted | Self::Unreachable => AnsiColor::Red,
        };
        colour.on_default().bold()
    }

    /// The words for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::InSync => "in sync",
            Self::Drifted => "drifted",
            Self::Unreachable => "unreachable",
        }
    }
}
