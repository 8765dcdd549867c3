//! A snapshot instead of the live host.

use std::fmt;
use std::path::Path;

use super::Target;
use crate::docker::translate;
use crate::drift::Commands;
use crate::files::{self, limits};
use crate::state::{State, VERSION};

/// Why a file cannot be compared as a snapshot of a target.
#[derive(Debug)]
pub(crate) struct SnapshotError(String);

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SnapshotError {}

impl Target {
    /// Reads what `composegen snapshot` wrote of it, and seals what is expected with the same salt.
    pub(crate) fn snapshot(&mut self, file: &Path) -> Result<State, SnapshotError> {
        let name = file.display();
        let refuse = |why: String| Err(SnapshotError(why));
        let text = match files::named(file, limits::SNAPSHOT) {
            Ok(text) => text,
            Err(error) => return refuse(format!("cannot read `{name}`: {error}")),
        };
        let mut observed: State = match serde_json::from_str(&text.text) {
            Ok(observed) => observed,
            // The parser's own words hold some of the text.
            Err(_) if text.is_outside => {
                return refuse(format!("`{name}` is not a composegen snapshot"));
            }
            Err(error) => return refuse(format!("`{name}` is not a composegen snapshot: {error}")),
        };
        if observed.version != VERSION || observed.live.is_none() {
            return refuse(format!(
                "`{name}` is not a composegen snapshot of version {VERSION}; take one: composegen snapshot -o {name}"
            ));
        }
        let Some(salt) = observed.salt.as_ref().filter(|salt| salt.is_valid()) else {
            return refuse(format!(
                "`{name}` was written by an older composegen, whose digests are no longer read; take a new one: composegen snapshot -o {name}"
            ));
        };
        if observed.stack.is_some() != self.orchestrator.is_swarm() {
            let is = if observed.stack.is_some() {
                "a swarm"
            } else {
                "a Docker Engine"
            };
            return refuse(format!(
                "`{name}` is a snapshot of {is}, and `{}` is not one",
                self.id.title()
            ));
        }
        self.expected = self.expected.clone().sealed(salt);
        if observed.project != self.expected.project {
            return refuse(format!(
                "`{name}` is a snapshot of project `{}`, and `{}` is project `{}`",
                observed.project,
                self.id.title(),
                self.expected.project
            ));
        }
        translate(&mut observed);
        if self.id.host.is_none() {
            // Without a spec, nothing says which engine it was taken of.
            self.context.commands = Commands::default();
        }
        Ok(observed)
    }
}
