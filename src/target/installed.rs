//! What the installed Docker Compose prints: its version, and the hashes of the services of targets.
//!
//! `plan` and `drift` ask it alike, so that they never say different things about one host.

use std::collections::BTreeMap;
use std::iter;

use super::{Compared, Observation, Target};
use crate::docker::{compose_version, resource_hashes, service_hashes};
use crate::drift::Context;
use crate::parallel;
use crate::plan::{Compose, VersionSource};

/// What is asked about targets.
#[derive(Debug)]
pub(crate) struct Question {
    /// The files of each, in their order.
    files: Vec<Option<Files>>,
    /// Whether all are swarms, which Compose has nothing to do with.
    is_of_swarms: bool,
}

/// The files of a target, as they are named to the docker CLI.
#[derive(Debug)]
struct Files {
    options: Vec<String>,
    /// The services that take variables or labels of other files, each with its files of labels.
    taking: BTreeMap<String, Vec<String>>,
}

/// What the installed Compose answered.
#[derive(Debug, Default)]
pub(crate) struct Installed {
    /// Its version; `None` if it is not installed.
    compose: Option<Compose>,
    /// The hashes of the services of each target.
    hashes: Vec<BTreeMap<String, String>>,
}

impl Question {
    /// The question about targets; of those whose files are not what is compared, no hashes are asked.
    pub(crate) fn about<'a>(targets: impl IntoIterator<Item = &'a Target>) -> Self {
        let targets: Vec<&Target> = targets.into_iter().collect();
        let is_swarm = |target: &Target| target.orchestrator.is_swarm();
        let files = |target: &&Target| {
            let services = target.expected.services.iter();
            let taking = services.filter(|(_, service)| service.takes_variables);
            Some(Files {
                options: options(target)?,
                taking: taking
                    .map(|(name, service)| (name.clone(), service.label_files.clone()))
                    .collect(),
            })
        };
        Self {
            files: targets.iter().map(files).collect(),
            is_of_swarms: !targets.is_empty() && targets.into_iter().all(is_swarm),
        }
    }

    /// The answer, which may take a while. Nothing counts of a Compose whose version is not known.
    pub(crate) fn ask(&self) -> Installed {
        if self.is_of_swarms {
            return Installed::default();
        }
        let of_files = |files: &Option<Files>| match files {
            Some(files) => service_hashes(&files.options, &files.taking),
            None => BTreeMap::new(),
        };
        let hashes = || parallel::map(&self.files, of_files);
        let (hashes, version) = parallel::both(hashes, compose_version);
        let version = version.and_then(|version| version.parse::<Compose>().ok());
        match version {
            Some(version) => Installed {
                compose: Some(version.known_by(VersionSource::Cli)),
                hashes,
            },
            None => Installed::default(),
        }
    }
}

impl Installed {
    /// The version.
    pub(crate) fn compose(&self) -> Option<Compose> {
        self.compose.clone()
    }

    /// Gives each target what is known of it, in the order of the question.
    pub(crate) fn give_to<'a>(self, contexts: impl IntoIterator<Item = &'a mut Context>) {
        let hashes = self.hashes.into_iter().chain(iter::repeat(BTreeMap::new()));
        for (context, hashes) in contexts.into_iter().zip(hashes) {
            if let Some(compose) = &self.compose {
                context.up.compose = compose.clone();
            }
            context.hashes = hashes;
        }
    }
}

impl Compared {
    /// What was observed of hosts, compared. Where something differs, the installed Compose is asked about it; where
    /// nothing does it is not, as it takes longer than most engines.
    pub(crate) fn all(observations: Vec<Observation>) -> Vec<Self> {
        let mut compared: Vec<_> = observations.into_iter().map(Self::of).collect();
        let mut different: Vec<&mut Self> = compared
            .iter_mut()
            .filter(|one| one.is_different() && !one.target().orchestrator.is_swarm())
            .collect();
        if different.is_empty() {
            return compared;
        }
        let installed = Question::about(different.iter().map(|one| one.target())).ask();
        installed.give_to(different.iter_mut().map(|one| one.context()));
        for one in different.into_iter().filter(|one| one.is_outdated()) {
            one.again();
        }
        Self::settled(compared)
    }

    /// Adds what the installed Compose says of networks and volumes that differ: whether it would recreate them. Compose is asked
    /// only about hosts with such a difference, as it answers more slowly than most engines.
    pub(crate) fn settled(mut compared: Vec<Self>) -> Vec<Self> {
        let different = compared
            .iter_mut()
            .filter(|one| one.has_changed_resources());
        let mut different: Vec<&mut Self> = different.collect();
        let hashes = ask_for_resources(different.iter().map(|one| one.target()));
        for (one, hashes) in different.iter_mut().zip(hashes) {
            one.context().resource_hashes = hashes;
            one.again();
        }
        compared
    }
}

/// Gives each target the hashes of its networks and volumes, for many comparisons with the same files.
pub(crate) fn give_resource_hashes(targets: &mut [Target]) {
    let hashes = ask_for_resources(targets.iter());
    for (target, hashes) in targets.iter_mut().zip(hashes) {
        target.context.resource_hashes = hashes;
    }
}

/// The hashes of networks and volumes, by their sections and names.
type ResourceHashes = BTreeMap<&'static str, BTreeMap<String, String>>;

fn ask_for_resources<'a>(targets: impl Iterator<Item = &'a Target>) -> Vec<ResourceHashes> {
    let options: Vec<Option<Vec<String>>> = targets.map(options).collect();
    parallel::map(&options, |options| {
        options
            .as_deref()
            .map_or_else(BTreeMap::new, resource_hashes)
    })
}

/// How the files of a target are named to the docker CLI, if Compose has to do with it and they are what is compared.
fn options(target: &Target) -> Option<Vec<String>> {
    let commands = &target.context.commands;
    let is_asked = !target.orchestrator.is_swarm() && commands.before.is_none();
    commands.compose.clone().filter(|_| is_asked)
}
