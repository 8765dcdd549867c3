//! Ports of a service.

use serde_json::{Value, json};

use super::values::{keys, short};
use super::{Edit, FindingToSettle, SkipReason, Tries};
use crate::finding::Code;
use crate::source::Segment;
use crate::state::Port;

impl FindingToSettle<'_> {
    /// A port: which item of the list it is, only the comparison tells.
    pub(super) fn port(&self, above: &[&str]) -> Result<Tries, SkipReason> {
        let finding = self.finding;
        let path = keys(above, &[]);
        let new = match finding.code {
            Code::PortMissing => None,
            Code::PortExtra => Some(self.whole_port().ok_or(SkipReason::NotSaid)?),
            _ => Some(self.changed_port().ok_or(SkipReason::NotSaid)?),
        };
        let new = new.map(|port| self.forms(&port)).unwrap_or_default();
        if finding.code == Code::PortExtra {
            let tries = new.into_iter();
            return Ok(tries
                .map(|port| vec![Edit::Add(path.clone(), port)])
                .collect());
        }
        let count = self.editor.items(&path).map_or(0, |items| items.len());
        let items = (0..count).map(|at| [path.clone(), vec![Segment::Index(at)]].concat());
        let mut is_variable = false;
        let mut tries = Tries::new();
        for item in items {
            if self.is_variable(&item) {
                is_variable = true;
                continue;
            }
            if finding.code == Code::PortMissing {
                tries.push(vec![Edit::Remove(item)]);
                continue;
            }
            for port in &new {
                tries.push(vec![Edit::Set(item.clone(), port.clone())]);
                let add = Edit::Add(path.clone(), port.clone());
                tries.push(vec![add, Edit::Remove(item.clone())]);
            }
        }
        if tries.is_empty() && is_variable {
            return Err(SkipReason::Variable);
        }
        Ok(tries)
    }

    /// What a file may say so that a port is published: what the container was created with comes first.
    fn forms(&self, port: &Port) -> Vec<Value> {
        let written = |port: &Port| json!(short(&port.to_string()));
        if port.host_ip.is_none_or(|ip| !ip.is_unspecified()) {
            return vec![written(port)];
        }
        // Without an address it is bound to all of them, of both versions of IP.
        let everywhere = Port {
            host_ip: None,
            ..*port
        };
        let name = self.finding.container.as_deref();
        let mut containers = self.observed.live.iter().flat_map(|live| &live.containers);
        let container = containers.find(|one| Some(one.name.as_str()) == name);
        if container.is_some_and(|one| one.ports.contains(port)) {
            vec![written(port), written(&everywhere)]
        } else {
            vec![written(&everywhere), written(port)]
        }
    }

    /// The port of a finding that shows all of it.
    fn whole_port(&self) -> Option<Port> {
        self.finding.observed.as_str()?.parse().ok()
    }

    /// The port of a finding, as it is published.
    pub(super) fn changed_port(&self) -> Option<Port> {
        if self.finding.field.as_deref() == Some("ports") {
            return self.whole_port();
        }
        let mut port: Port = self.finding.subject.as_deref()?.parse().ok()?;
        let observed = &self.finding.observed;
        match self.finding.field.as_deref()? {
            "host_ip" => port.host_ip = serde_json::from_value(observed.clone()).ok()?,
            "published" => port.published = serde_json::from_value(observed.clone()).ok()?,
            "target" => port.target = serde_json::from_value(observed.clone()).ok()?,
            _ => return None,
        }
        Some(port)
    }
}
