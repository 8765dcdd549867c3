//! Environment variables that look like they name a host, but have no effect.

use std::collections::BTreeSet;
use std::path::Path;

use super::host::{Hosts, OVERRIDE, override_of};
use crate::diagnostic::DidYouMean;
use crate::docker::Surroundings;
use crate::render::{Planned, RenderPlan};

impl Hosts<'_> {
    /// A warning for each variable that looks like the engine of a host and matches no host.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let hosts = self.catalog.hosts();
        let known: BTreeSet<String> = hosts.map(|(_, host)| override_of(host)).collect();
        let surroundings = Surroundings::of_process();
        let names = surroundings.variables.names();
        names
            .filter(|name| name.starts_with(OVERRIDE) && !known.contains(*name))
            .map(|name| {
                let meant = DidYouMean::behind(OVERRIDE, name, known.iter().map(String::as_str));
                format!("`{name}` does not match any host{meant}")
            })
            .collect()
    }

    /// What is ignored although the docker CLI or Compose would use it.
    pub(crate) fn ignored(&self, plan: &RenderPlan<'_>) -> Vec<String> {
        let mut ignored = Vec::new();
        let surroundings = Surroundings::of_process();
        let engines = plan
            .hosts
            .iter()
            .filter_map(|planned| self.engine_of(planned, &surroundings));
        if super::ignores_docker_host(&surroundings, engines) {
            ignored.push(
                "DOCKER_HOST is ignored: the spec says which engine a host has (--docker overrides it)"
                    .to_owned(),
            );
        }
        let here = std::env::current_dir().unwrap_or_default();
        let has_file = |folder: &Path| folder.join(".env").is_file();
        let is_rendered = |planned: &Planned<'_>| planned.host.by_hand().is_none();
        let reads_none = plan.hosts.iter().any(is_rendered) && self.env_files.is_empty();
        if reads_none && (has_file(&here) || has_file(self.root.path())) {
            ignored.push(
                "`.env` is ignored: the host may have another; use it with --env-file .env"
                    .to_owned(),
            );
        }
        ignored
    }
}
