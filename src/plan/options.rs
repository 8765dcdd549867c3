//! The options of `up`.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use super::Compose;

/// The options of `docker compose up -d`.
#[derive(Debug, Clone, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub struct Options {
    /// The version of Compose.
    pub compose: Compose,
    /// The services that are named; none means all.
    pub services: BTreeSet<String>,
    /// `--force-recreate`
    pub force_recreate: bool,
    /// `--no-deps`
    pub no_deps: bool,
    /// `--remove-orphans`
    pub remove_orphans: bool,
    /// `--yes`
    pub assume_yes: bool,
    /// `--pull`
    pub pull: Option<Pull>,
    /// `--scale`
    pub scale: BTreeMap<String, u32>,
}

/// When images are pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pull {
    /// Each time.
    Always,
    /// Where the engine has no such image.
    Missing,
    /// Not at all.
    Never,
}

/// A value of `--scale`: `SERVICE=N`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    /// The service.
    pub service: String,
    /// How many containers of it.
    pub replicas: u32,
}

impl FromStr for Scale {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let scale = text.split_once('=').and_then(|(service, replicas)| {
            Some(Self {
                service: service.to_owned(),
                replicas: replicas.parse().ok()?,
            })
        });
        scale
            .filter(|scale| !scale.service.is_empty())
            .ok_or("expected SERVICE=NUMBER, such as `web=3`")
    }
}
