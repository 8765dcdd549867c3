//! What of a graph differs on the live host: the findings of `drift`, by what they are about.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Drift, DriftKind};
use super::ports::Entry;
use crate::finding::{Code, Finding};
use crate::state::Port;

/// What a finding is about: an entry of a section of a state, or a container of others in `foreign`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OverlayKey<'a> {
    section: &'a str,
    name: &'a str,
}

impl<'a> OverlayKey<'a> {
    pub(super) const fn service(name: &'a str) -> Self {
        let section = "services";
        Self { section, name }
    }

    pub(super) const fn foreign(name: &'a str) -> Self {
        let section = "foreign";
        Self { section, name }
    }

    pub(super) const fn network(name: &'a str) -> Self {
        let section = "networks";
        Self { section, name }
    }

    pub(super) const fn volume(name: &'a str) -> Self {
        let section = "volumes";
        Self { section, name }
    }
}

/// The findings of a host.
#[derive(Debug, Default)]
pub(super) struct Overlay<'a> {
    of: BTreeMap<OverlayKey<'a>, Vec<&'a Finding>>,
    /// That nothing of the project is there.
    missing: Option<&'a Finding>,
}

impl<'a> Overlay<'a> {
    pub(super) fn new(findings: &'a [Finding]) -> Self {
        let mut overlay = Self::default();
        for finding in findings {
            if finding.code == Code::ProjectMissing {
                overlay.missing = Some(finding);
            } else if let [section, name, ..] = finding.place.as_slice() {
                let key = OverlayKey { section, name };
                overlay.of.entry(key).or_default().push(finding);
            }
        }
        overlay
    }

    /// The names in a section that something was found about.
    pub(super) fn named(&self, section: &'a str) -> impl Iterator<Item = &'a str> {
        self.of
            .keys()
            .filter(move |key| key.section == section)
            .map(|key| key.name)
    }

    /// What was found about something.
    fn at<'b>(&'b self, key: OverlayKey<'b>) -> &'b [&'a Finding] {
        self.of.get(&key).map_or(&[], Vec::as_slice)
    }

    /// How something differs as a whole; of a service, besides its networks and ports.
    pub(super) fn whole(&self, key: OverlayKey<'_>) -> Option<Drift> {
        let is_part = |finding: &Finding| {
            let part = finding.place.get(2).map(String::as_str);
            key.section == "services" && matches!(part, Some("networks" | "ports"))
        };
        let own = self
            .at(key)
            .iter()
            .copied()
            .filter(|finding| !is_part(finding));
        let missing = self.missing.filter(|_| key.section == "services");
        worst(
            own.chain(missing)
                .map(|finding| (finding, change(finding.code))),
        )
    }

    /// The networks, volumes and the like that something is attached to, or is not: each with its name.
    pub(super) fn parts(&self, key: OverlayKey<'_>, part: &str) -> BTreeMap<&'a str, Drift> {
        let mut found: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in self.at(key) {
            if let [_, _, of, entry, ..] = finding.place.as_slice()
                && of == part
            {
                // What follows a comma is an option of an entry of a stack.
                let entry = entry
                    .split_once(',')
                    .map_or(entry.as_str(), |(entry, _)| entry);
                found.entry(entry).or_default().push(finding);
            }
        }
        let drift = |(key, found): (&'a str, Vec<&'a Finding>)| {
            let all = found.into_iter();
            Some((key, worst(all.map(|one| (one, change(one.code))))?))
        };
        found.into_iter().filter_map(drift).collect()
    }

    /// What a network is on the host, where that is not what the file says.
    pub(super) fn internal(&self, network: &str) -> Option<bool> {
        let found = self.at(OverlayKey::network(network)).iter();
        let of_field = |finding: &&&Finding| {
            finding
                .place
                .get(2)
                .is_some_and(|field| field == "internal")
        };
        found
            .filter(of_field)
            .find_map(|finding| finding.observed.as_bool())
    }

    /// The ports that the containers of a service really have, and those that are missing.
    pub(super) fn ports(&self, key: OverlayKey<'_>, expected: &[Port]) -> Vec<Entry> {
        let mut entries: Vec<Entry> = expected.iter().copied().map(Entry::of).collect();
        let mut extra = BTreeSet::new();
        for finding in self.at(key) {
            let [_, _, part, text, ..] = finding.place.as_slice() else {
                continue;
            };
            if part != "ports" {
                continue;
            }
            let is = expected.iter().position(|port| port.to_string() == *text);
            if let Some(entry) = is.and_then(|at| entries.get_mut(at)) {
                entry.differs(finding);
            } else if let Ok(port) = text.parse::<Port>()
                && extra.insert(port)
            {
                entries.push(Entry {
                    drift: worst([(*finding, DriftKind::Extra)]),
                    ..Entry::of(port)
                });
            }
        }
        entries
    }
}

impl Entry {
    /// Takes over what a finding says about the port.
    fn differs(&mut self, finding: &Finding) {
        let is_missing = matches!(finding.code, Code::PortMissing | Code::PortTaken);
        let change = if is_missing {
            DriftKind::Missing
        } else {
            DriftKind::Differs
        };
        let observed = &finding.observed;
        let text = observed.as_str();
        match finding.place.get(4).map(String::as_str) {
            Some("host_ip") => self.port.host_ip = text.and_then(|text| text.parse().ok()),
            Some("published") => self.port.published = text.and_then(|text| text.parse().ok()),
            Some("target") => {
                let target = observed.as_u64().and_then(|port| port.try_into().ok());
                self.port.target = target.unwrap_or(self.port.target);
            }
            _ => {}
        }
        match &mut self.drift {
            Some(drift) => drift.add(finding, change),
            None => self.drift = worst([(finding, change)]),
        }
    }
}

/// The kind of difference that a finding reports.
fn change(code: Code) -> DriftKind {
    match code {
        Code::ProjectMissing
        | Code::ServiceMissing
        | Code::NetworkMissing
        | Code::NetworkDetached
        | Code::VolumeMissing
        | Code::PortMissing => DriftKind::Missing,
        Code::ServiceOrphan
        | Code::ServiceProfile
        | Code::NetworkExtra
        | Code::NetworkAttached
        | Code::NetworkForeign
        | Code::VolumeExtra
        | Code::VolumeForeign
        | Code::PortExtra
        | Code::PortForeign => DriftKind::Extra,
        _ => DriftKind::Differs,
    }
}

/// What several findings about one thing say: the worst severity, and that it is missing before all else.
pub(super) fn worst<'a>(
    found: impl IntoIterator<Item = (&'a Finding, DriftKind)>,
) -> Option<Drift> {
    let mut found = found.into_iter();
    let (first, change) = found.next()?;
    let mut drift = Drift {
        severity: first.severity,
        change,
        messages: vec![first.message.clone()],
    };
    for (finding, change) in found {
        drift.add(finding, change);
    }
    Some(drift)
}

impl Drift {
    fn add(&mut self, finding: &Finding, change: DriftKind) {
        self.severity = self.severity.min(finding.severity);
        self.change = self.change.min(change);
        if !self.messages.contains(&finding.message) {
            self.messages.push(finding.message.clone());
        }
    }
}
