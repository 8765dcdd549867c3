//! How much a finding matters: one scale for what hosts run and for what files say.

use anstyle::{AnsiColor, Style};
use serde::{Deserialize, Serialize};

/// How much a finding matters, the worst first. `drift` reports exposures, drift and notices,
/// `check` errors and warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something on a host can be reached, or is shared, that must not be.
    Exposure,
    /// A file exposes, shares or loses something that it must not, or cannot work.
    Error,
    /// A host does not run what its spec says.
    Drift,
    /// A file is weaker than it could be.
    Warning,
    /// Worth knowing; no reason to act by itself.
    Notice,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exposure => "exposure",
            Self::Error => "error",
            Self::Drift => "drift",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }

    /// How its word looks on a terminal.
    #[must_use]
    pub fn style(self) -> Style {
        let colour = match self {
            Self::Exposure | Self::Error => AnsiColor::Red,
            Self::Drift | Self::Warning => AnsiColor::Yellow,
            Self::Notice => AnsiColor::Cyan,
        };
        colour.on_default().bold()
    }
}
