//! When the image of a service is pulled or built.

use super::{Options, Pull};
use crate::state::Service;

/// When the image of a service is pulled or built (compose-go, `types.ServiceConfig.GetPullPolicy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    Always,
    Missing,
    Never,
    Build,
    /// When it was pulled some time ago: daily, weekly.
    Aged,
}

impl Policy {
    /// That of a service, which `--pull` goes before.
    pub(super) fn of(service: &Service, options: &Options) -> Self {
        if let Some(pull) = options.pull {
            return match pull {
                Pull::Always => Self::Always,
                Pull::Missing => Self::Missing,
                Pull::Never => Self::Never,
            };
        }
        match service.pull_policy.as_deref().unwrap_or_default() {
            "always" => Self::Always,
            "never" => Self::Never,
            "build" => Self::Build,
            "daily" | "weekly" => Self::Aged,
            policy if policy.starts_with("every_") => Self::Aged,
            _ => Self::Missing,
        }
    }
}

/// An image that the engine does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Absent {
    /// It is pulled or built, as the word says.
    Fetched(&'static str),
    /// It is neither.
    Never,
}
