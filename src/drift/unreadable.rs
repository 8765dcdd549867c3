//! What the engine answered and could not be read: it is never taken for what was expected.

use super::services::same_id;
use super::{Comparer, Unchecked};
use crate::finding::{AfterUp, Code, Finding, Severity};
use crate::state::{Answered, Unreadable};

impl Comparer<'_> {
    /// Reports every field of an answer that could not be read. It may differ, so it is drift where it
    /// is about the project or the engine, and a notice where it is about something of others.
    pub(super) fn unreadable(&mut self) {
        let live = self.live;
        for field in &live.unreadable {
            let Unreadable {
                kind,
                name,
                field: path,
                expected,
                found,
            } = field;
            let (resource, severity) = match self.in_the_file(field) {
                Some(resource) => (resource, Severity::Drift),
                None => (name.clone(), Severity::Notice),
            };
            let of = match kind {
                Answered::Engine => format!("the answer to `{name}`"),
                kind => format!("{} `{name}`", kind.as_str()),
            };
            let why = format!("expected {expected}, found {found}");
            self.unchecked.insert(Unchecked {
                what: format!("`{path}` of {of}"),
                why: format!("the engine's answer is not readable: {why}"),
            });
            self.note(
                Finding::new(
                    Code::AnswerUnreadable,
                    severity,
                    resource,
                    format!("`{path}` of {of} is not readable and was not compared: {why}"),
                )
                .field(path.as_str(), expected.as_str(), found.as_str())
                .after_up(AfterUp::Unknown),
            );
        }
    }

    /// What a thing is called in the Compose file, where it is the project's or the engine itself.
    fn in_the_file(&self, field: &Unreadable) -> Option<String> {
        let name = &field.name;
        let own = &self.live.containers;
        match field.kind {
            Answered::Container => {
                let mut own = own
                    .iter()
                    .filter(|own| own.name == *name || own.id == *name);
                own.next()
                    .map(|own| own.service.clone().unwrap_or_else(|| name.clone()))
            }
            Answered::Network => {
                let mut networks = self.observed.networks.iter();
                let known = networks.find(|(_, network)| network.name == *name);
                known.map(|(key, _)| key.clone())
            }
            Answered::Volume => {
                let mut volumes = self.observed.volumes.iter();
                let known = volumes.find(|(_, volume)| volume.name == *name);
                known.map(|(key, _)| key.clone())
            }
            Answered::Image => own
                .iter()
                .any(|container| same_id(&container.image_id, name))
                .then(|| name.clone()),
            Answered::Engine => Some(self.observed.project.clone()),
        }
    }
}
