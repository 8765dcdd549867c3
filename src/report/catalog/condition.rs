//! How a host is, as far as it was measured.

use serde::Serialize;
use strum::IntoStaticStr;

use super::table::Tone;
use crate::finding::Code;
use crate::report::drift::{HostReport, Status};

/// How a host is. Only a comparison with its engine, or with a snapshot of it, says anything else than
/// "not measured".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Condition {
    /// Nobody looked.
    NotMeasured,
    /// It runs what its spec says, and no service is unhealthy.
    InSync,
    /// It does not run what its spec says.
    Drifted,
    /// A service is unhealthy, or keeps restarting.
    Unhealthy,
    /// Its engine cannot be reached.
    Unreachable,
}

impl Condition {
    /// The condition of a host that was compared.
    pub(crate) fn of(host: &HostReport) -> Self {
        let is_unhealthy = |code: Code| code == Code::ServiceUnhealthy;
        match host.status {
            Status::Unreachable => Self::Unreachable,
            _ if host.findings.iter().any(|one| is_unhealthy(one.code)) => Self::Unhealthy,
            Status::Drifted => Self::Drifted,
            Status::InSync => Self::InSync,
        }
    }

    /// Whether somebody looked and saw.
    pub(crate) fn is_measured(self) -> bool {
        matches!(self, Self::InSync | Self::Drifted | Self::Unhealthy)
    }

    /// The words for it.
    pub(crate) fn words(self) -> String {
        let word: &'static str = self.into();
        word.replace('-', " ")
    }

    /// How it looks.
    pub(crate) fn tone(self) -> Tone {
        match self {
            Self::NotMeasured => Tone::Quiet,
            Self::InSync => Tone::Good,
            Self::Drifted => Tone::Warning,
            Self::Unhealthy | Self::Unreachable => Tone::Bad,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Condition;

    #[test]
    fn the_worst_condition_is_the_last_in_order() {
        let order = [
            Condition::NotMeasured,
            Condition::InSync,
            Condition::Drifted,
            Condition::Unhealthy,
            Condition::Unreachable,
        ];
        assert!(order.is_sorted());
        let words: Vec<String> = order.into_iter().map(Condition::words).collect();
        assert_eq!(
            words,
            [
                "not measured", "in sync", "drifted", "unhealthy", "unreachable"
            ]
        );
    }
}
