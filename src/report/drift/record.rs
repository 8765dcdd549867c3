//! A report on a host as a run that is recorded. It holds what identifies findings, and no values.

use std::collections::BTreeMap;

use super::{HostReport, Status, which};
use crate::finding::Finding;
use crate::history::{RecordedFinding, Run};
use crate::redact;
use crate::state::Container;
use crate::text::hex::short_sha256;

/// How many digits of a digest identify something within a file.
const DIGITS: usize = 16;

impl HostReport {
    /// The run, as of a time where the report has none of its own. Secrets are hidden in reports already.
    pub(crate) fn run(&self, now: &str) -> Run {
        let time = self.from.observed_at.as_deref().unwrap_or(now);
        Run {
            version: 1,
            time: time.to_owned(),
            id: self.id.clone(),
            status: self.status,
            // Values that may be secret are not in it.
            spec: digest(&redact::to_json(&self.expected).unwrap_or_default()),
            created: self.created.clone(),
            containers: self.containers.clone(),
            content: self
                .expected
                .services
                .values()
                .any(|one| !one.bound.is_empty()),
            changes: self.has_changes,
            findings: match self.status {
                Status::Unreachable => Vec::new(),
                _ => self.findings.iter().map(|one| seen(one, time)).collect(),
            },
            ignored: self
                .suppressed
                .iter()
                .map(|one| identity(&one.finding))
                .collect(),
        }
    }
}

/// The digest of what a finding is about.
fn identity(finding: &Finding) -> String {
    let container = finding.container.as_deref().unwrap_or_default();
    let identity = [
        finding.code.as_str(),
        &finding.resource,
        container,
        &which(finding),
    ];
    digest(&identity.join("\0"))
}

fn seen(finding: &Finding, time: &str) -> RecordedFinding {
    RecordedFinding {
        id: identity(finding),
        code: finding.code,
        severity: finding.severity,
        resource: finding.resource.clone(),
        field: finding.field.clone(),
        service: finding.service().map(str::to_owned),
        container: finding.container.clone(),
        after_up: finding.after_up,
        first_seen: time.to_owned(),
    }
}

fn digest(text: &str) -> String {
    short_sha256(text, DIGITS)
}

/// When each container of a service was created, by its name.
pub(super) fn containers(containers: &[Container]) -> BTreeMap<String, String> {
    let own = containers.iter().filter(|one| one.serves().is_some());
    own.map(|one| (one.name.clone(), one.created.clone()))
        .collect()
}

/// When the newest container of each service was created.
pub(super) fn created(containers: &[Container]) -> BTreeMap<String, String> {
    let mut created: BTreeMap<String, String> = BTreeMap::new();
    for container in containers {
        let Some(service) = container.serves() else {
            continue;
        };
        let newest = created.entry(service.to_owned()).or_default();
        if container.created > *newest {
            newest.clone_from(&container.created);
        }
    }
    created
}
