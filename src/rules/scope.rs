//! Which findings a run reports: by rule, level, owner and file.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use super::rule::Rule;
use super::selection::RuleSelection;
use super::violation::Violation;
use crate::severity::{Level, Tally};
use crate::spec::Catalog;

/// What is reported where nothing is set.
const DEFAULT_LEVEL: Level = Level::Warning;

/// What a run reports of all that the rules find.
#[derive(Debug, Default)]
pub struct Scope {
    /// Which rules and levels are reported.
    pub selection: RuleSelection,
    levels: Levels,
    /// The hosts and environments that are reported; none means all.
    names: Vec<String>,
    /// The environments of the hosts among them.
    owners: Vec<String>,
    /// The files that are checked, where these are not all of a project.
    pub(super) files: Option<BTreeSet<String>>,
    /// The folder that the names of files start from.
    pub(super) folder: Option<PathBuf>,
}

/// The lowest levels that are reported of hosts, of environments, and of everything else.
#[derive(Debug, Default)]
struct Levels {
    hosts: HashMap<String, Level>,
    environments: HashMap<String, Level>,
}

impl Scope {
    /// The scope of a run on a project in a folder, for hosts and environments with these names.
    #[must_use]
    pub fn of_project(
        selection: RuleSelection,
        catalog: &Catalog,
        names: &[String],
        folder: PathBuf,
    ) -> Self {
        let is_named = |name: &str| names.iter().any(|one| one == name);
        let owners = catalog
            .hosts()
            .filter(|(_, host)| is_named(host.name.as_str()))
            .map(|(environment, _)| environment.name.to_string());
        let mut levels = Levels::default();
        if selection.level.is_none() {
            let level = |of, host| catalog.level(Some(of), host).unwrap_or(DEFAULT_LEVEL);
            let environments = catalog.environments.iter();
            levels.environments = environments
                .map(|one| (one.name.to_string(), level(one, None)))
                .collect();
            levels.hosts = catalog
                .hosts()
                .map(|(of, host)| (host.name.to_string(), level(of, Some(host))))
                .collect();
        }
        Self {
            owners: owners.collect(),
            names: names.to_vec(),
            levels,
            selection,
            files: None,
            folder: Some(folder),
        }
    }

    /// The scope of a run on files, whose names start from a folder.
    #[must_use]
    pub fn of_files(selection: RuleSelection, files: BTreeSet<String>, folder: PathBuf) -> Self {
        Self {
            selection,
            files: Some(files),
            folder: Some(folder),
            ..Self::default()
        }
    }

    /// Whether something of these environments and hosts is of those that are named. What is about an environment as a
    /// whole is about each of its hosts.
    pub(super) fn is_about<'a>(
        &self,
        environments: impl IntoIterator<Item = &'a String> + Copy,
        hosts: impl IntoIterator<Item = &'a String> + Copy,
    ) -> bool {
        let is_empty = |these: &mut dyn Iterator<Item = &'a String>| these.next().is_none();
        let is_whole = is_empty(&mut hosts.into_iter());
        let any = |mut these: &mut dyn Iterator<Item = &'a String>, of: &[String]| {
            Iterator::any(&mut these, |one| of.contains(one))
        };
        self.names.is_empty()
            || (is_whole && is_empty(&mut environments.into_iter()))
            || any(&mut environments.into_iter(), &self.names)
            || any(&mut hosts.into_iter(), &self.names)
            || (is_whole && any(&mut environments.into_iter(), &self.owners))
    }

    /// Whether a rule's findings about these environments and hosts are of a level that is reported. Of several levels, the
    /// lowest counts.
    pub(super) fn reports<'a>(
        &self,
        rule: &Rule,
        environments: impl IntoIterator<Item = &'a String>,
        hosts: impl IntoIterator<Item = &'a String>,
    ) -> bool {
        let lowest = |names: &mut dyn Iterator<Item = &'a String>, of: &HashMap<String, Level>| {
            names.filter_map(|name| of.get(name)).copied().max()
        };
        let level = lowest(&mut hosts.into_iter(), &self.levels.hosts)
            .or_else(|| lowest(&mut environments.into_iter(), &self.levels.environments))
            .or(self.selection.level)
            .or(self.selection.default_level)
            .unwrap_or(DEFAULT_LEVEL);
        level.includes(rule.severity)
    }

    /// The findings of the rules that are selected, about what is named.
    #[must_use]
    pub fn selected(&self, mut findings: Vec<Violation>) -> Vec<Violation> {
        let mut selected: HashMap<&str, bool> = HashMap::new();
        findings.retain(|finding| {
            let (code, found) = (finding.rule.code, &finding.found);
            self.is_about(&found.environments, &found.hosts)
                && *selected
                    .entry(code)
                    .or_insert_with(|| self.selection.selects(code))
        });
        findings
    }

    /// The findings that are reported, and how many are not because of their level.
    #[must_use]
    pub fn apply(&self, findings: Vec<Violation>) -> (Vec<Violation>, Tally) {
        let (shown, hidden): (Vec<_>, Vec<_>) =
            self.selected(findings).into_iter().partition(|finding| {
                let found = &finding.found;
                self.reports(finding.rule, &found.environments, &found.hosts)
            });
        let hidden = hidden.iter().map(|finding| finding.rule.severity).collect();
        (shown, hidden)
    }
}
