//! A Compose file as rules see it, and where it runs.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::found::Found;
use crate::compose::Written;
use crate::orchestrator::Orchestrator;
use crate::spec::{ByHand, Environment, Host};
use crate::text::expression::{Operator, without_words};
use crate::text::path::clean;

/// A Compose file, and where it runs.
#[derive(Debug)]
pub struct Deployed<'a> {
    /// Whose it is, where a spec says so.
    pub of: Option<(&'a Environment, &'a Host)>,
    /// The file; several that are merged are one.
    pub file: Arc<Written>,
    /// What runs it.
    pub orchestrator: Orchestrator,
    /// The fixtures that its templates were given, by their paths below `fixtures/`.
    pub fixtures: BTreeSet<String>,
    /// The secrets among its values, which two rules look for.
    pub(super) secrets: OnceLock<Vec<Found>>,
}

impl Found {
    /// Whose it is, where a spec says so.
    pub(super) fn belonging(self, deployed: &Deployed<'_>) -> Self {
        match deployed.of {
            Some((environment, host)) => self.of(environment).on(host),
            None => self,
        }
    }
}

impl Deployed<'_> {
    /// What people call it: the host, or the file.
    #[must_use]
    pub fn title(&self) -> &str {
        match self.of {
            Some((_, host)) => host.name.as_str(),
            None => &self.file.source.name,
        }
    }

    /// A text of the file without the words of variables that have no effect: messages, and what stands for a variable without a
    /// value that has one. What an env file sets that is not here is not known.
    #[must_use]
    pub(super) fn without_unused_words(&self, text: &str) -> String {
        let by_hand = self.of.and_then(|(_, host)| host.by_hand());
        let is_open = by_hand.is_some_and(|by_hand| !by_hand.missing.is_empty());
        without_words(text, &|one| {
            let value = self.file.value(one.name);
            let is_set = value.map(|value| !value.is_empty() || !one.refuses_empty);
            match one.operator {
                Some(Operator::Default) => is_set.unwrap_or(is_open),
                Some(Operator::Alternative) => is_set == Some(false),
                Some(Operator::Required) => true,
                None => false,
            }
        })
    }

    /// Whether it is rendered from specs and templates.
    #[must_use]
    pub fn is_rendered(&self) -> bool {
        self.of.is_some_and(|(_, host)| host.output().is_some())
    }

    /// The env files below the folder `here`, relative to it; and whether a service gets all that is in one.
    pub(super) fn env_files(&self, here: &Path) -> Vec<(String, bool)> {
        let by_hand = self.of.and_then(|(_, host)| host.by_hand());
        let named = by_hand.into_iter().flat_map(ByHand::env_files);
        let mut all: Vec<_> = named.map(|file| (file.to_string(), false)).collect();
        // Compose reads the one beside the file by itself.
        if all.is_empty()
            && self.of.is_some()
            && !self.orchestrator.is_swarm()
            && let Some(folder) = &self.file.directory
            && let Ok(folder) = folder.strip_prefix(here)
        {
            let beside = clean(&folder.join(".env").to_string_lossy());
            all.push((beside, false));
        }
        let of_services = self.file.env_files(here).into_iter();
        all.extend(of_services.map(|file| (file, true)));
        all
    }

    /// The machine that it runs on; all files without a spec are assumed to run on one.
    #[must_use]
    pub fn machine(&self) -> &str {
        self.of.map_or("", |(_, host)| host.machine.as_str())
    }

    /// Whether somebody wrote it by hand.
    #[must_use]
    pub fn is_by_hand(&self) -> bool {
        self.of.is_none_or(|(_, host)| host.by_hand().is_some())
    }

    /// Whether two of them belong to one environment.
    #[must_use]
    pub fn is_with(&self, other: &Self) -> bool {
        match (self.of, other.of) {
            (Some((a, _)), Some((b, _))) => a.name == b.name,
            _ => self.file.source.name == other.file.source.name,
        }
    }
}
