//! What `up` does not come to, as it fails before: it starts no service whose dependency it cannot
//! start, and nothing at all where a network or a volume is not one that it may use.

use std::collections::{BTreeSet, HashMap};

use super::Comparer;
use crate::finding::{AfterUp, Code, Finding};

impl Comparer<'_> {
    /// Takes back that `up` heals what it does not come to.
    pub(super) fn blocked(&mut self) {
        let fails = |finding: &&Finding| finding.after_up == AfterUp::Fails;
        let is_refused = self.findings.iter().filter(fails).any(|finding| {
            let (networks, volumes) = (&self.expected.networks, &self.expected.volumes);
            let resource = &finding.resource;
            match finding.code {
                Code::NetworkUnlabelled => true,
                Code::NetworkMissing => networks.get(resource).is_some_and(|n| n.external),
                Code::VolumeMissing => volumes.get(resource).is_some_and(|v| v.external),
                _ => false,
            }
        });
        let failing = self.findings.iter().filter(fails);
        let failing = failing.filter(|finding| is_of_a_service(finding));
        let mut blocked: BTreeSet<&str> = failing.map(|f| f.resource.as_str()).collect();
        // Those that depend on one, on one of those, and so on.
        let mut users: HashMap<&str, Vec<&str>> = HashMap::new();
        for (name, service) in &self.expected.services {
            for dependency in service.depends_on.keys() {
                users.entry(dependency).or_default().push(name);
            }
        }
        let mut ahead: Vec<&str> = blocked.iter().copied().collect();
        while let Some(name) = ahead.pop() {
            let users = users.get(name).into_iter().flatten();
            ahead.extend(users.filter(|user| blocked.insert(user)));
        }
        let blocked: BTreeSet<String> = blocked.into_iter().map(str::to_owned).collect();
        for finding in &mut self.findings {
            if finding.after_up == AfterUp::Heals
                && is_of_a_service(finding)
                && (is_refused || blocked.contains(&finding.resource))
            {
                finding.after_up = AfterUp::Fails;
            }
        }
    }
}

/// Whether what is found is about a service, rather than a network or volume of its own.
fn is_of_a_service(finding: &Finding) -> bool {
    match finding.code {
        Code::NameTaken
        | Code::PortTaken
        | Code::NetworkDetached
        | Code::NetworkAttached
        | Code::NetworkAlias
        | Code::PortExtra
        | Code::PortChanged
        | Code::PortMissing
        | Code::MountChanged
        | Code::ServiceMissing
        | Code::ServiceReplicas
        | Code::ServiceConfig
        | Code::ServiceImage
        | Code::ServiceStopped
        | Code::ServiceUnhealthy => true,
        Code::NetworkChanged => matches!(finding.field.as_deref(), Some("ipv4" | "ipv6")),
        _ => false,
    }
}
