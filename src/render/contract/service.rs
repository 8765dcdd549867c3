//! What a service is attached to, mounts and publishes is what its spec declares.

use std::collections::BTreeSet;

use super::{Contract, Owner};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::state::{self, MountKind, Port};
use crate::text::expression::in_braces;
use crate::text::path::SECRETS_FOLDER;

impl Contract<'_> {
    pub(super) fn service(
        &self,
        name: &str,
        asked: &state::Service,
        rendered: &state::Service,
        problems: &mut Diagnostics,
    ) {
        let owner = self.owner("service", name);
        if asked.image.is_some() && rendered.image != asked.image {
            let image = asked.image.as_deref().unwrap_or_default();
            self.differs(&owner, "image", &format!("expected `{image}`"), problems);
        }
        if let Some(mode) = &rendered.network_mode
            && rendered.network_mode != asked.network_mode
        {
            problems.push(
                Diagnostic::new(
                    format!("service `{name}` has `network_mode: {mode}` instead of its networks"),
                    self.at(&owner.path.key("network_mode")),
                )
                .label("expected `networks`")
                .related(owner.place.clone(), "the service"),
            );
            return;
        }
        if asked.network_mode != rendered.network_mode {
            let mode = asked.network_mode.as_deref().unwrap_or_default();
            let expected = format!("expected `network_mode: {mode}`");
            self.differs(&owner, "network_mode", &expected, problems);
            return;
        }
        let networks = |service: &state::Service| -> Vec<String> {
            service.networks.keys().cloned().collect()
        };
        self.sets(
            &owner,
            "network",
            "networks",
            networks(asked),
            networks(rendered),
            problems,
        );
        let (ours, theirs) = (mounts(asked), mounts(rendered));
        self.sets(&owner, "mount", "volumes", ours, theirs, problems);
        let (ours, theirs) = (ports(asked), ports(rendered));
        self.sets(&owner, "port", "ports", ours, theirs, problems);
        self.rest(&owner, asked, rendered, problems);
    }

    /// Compares what a template may add to.
    fn rest(
        &self,
        owner: &Owner<'_>,
        asked: &state::Service,
        rendered: &state::Service,
        problems: &mut Diagnostics,
    ) {
        for (network, attachment) in &asked.networks {
            if let Some(written) = rendered.networks.get(network) {
                let prefix = format!("networks.{network}.");
                self.fields(
                    owner, &prefix, &attachment.fields, &written.fields, problems,
                );
            }
        }
        self.mounts(owner, asked, rendered, problems);
        self.dependencies(owner, asked, rendered, problems);
        // A template may say how many, where the spec does not, but for none.
        let is_stopped = rendered.replicas == 0;
        if asked.replicas != rendered.replicas && (is_stopped || self.is_set(owner, "replicas")) {
            let expected = format!("expected {}", asked.replicas);
            self.differs(owner, "replicas", &expected, problems);
        }
        let (ours, theirs) = (
            &asked.config.container_name,
            &rendered.config.container_name,
        );
        if ours.is_some() && ours != theirs {
            let name = ours.as_deref().unwrap_or_default();
            self.differs(
                owner,
                "container_name",
                &format!("expected `{name}`"),
                problems,
            );
        }
        self.fields(
            owner,
            "",
            &asked.config.fields,
            &rendered.config.fields,
            problems,
        );
    }

    /// Compares the settings of mounts, and whether secrets are still given.
    fn mounts(
        &self,
        owner: &Owner<'_>,
        asked: &state::Service,
        rendered: &state::Service,
        problems: &mut Diagnostics,
    ) {
        for mount in &asked.mounts {
            // Where a secret may come from is for a rule to say.
            let same = |other: &&state::Mount| {
                other.target == mount.target
                    && (other.source == mount.source || is_own_section(mount))
            };
            let is_copied = || {
                let mut copies = rendered.copies.iter();
                is_own_section(mount) && copies.any(|copy| copy.target == mount.target)
            };
            match rendered.mounts.iter().find(same) {
                Some(written) => {
                    self.fields(owner, "volumes.", &mount.fields, &written.fields, problems);
                    if written.is_read_only() && !mount.is_read_only() {
                        let expected = format!("expected `{}` to be writable", mount.target);
                        self.differs(owner, "volumes", &expected, problems);
                    }
                }
                // A missing mount of the others is reported as one.
                None if is_copied() => {}
                None if is_own_section(mount) => {
                    self.left_out(
                        owner,
                        &format!("secret at `{}`", mount.target),
                        "secrets",
                        problems,
                    );
                }
                None => {}
            }
        }
    }

    /// Compares for what a service waits.
    fn dependencies(
        &self,
        owner: &Owner<'_>,
        asked: &state::Service,
        rendered: &state::Service,
        problems: &mut Diagnostics,
    ) {
        let needs = self.host.services.get(owner.name);
        let needs = needs.map(|service| service.needs.as_slice());
        for (need, condition) in &asked.depends_on {
            let written = rendered.depends_on.get(need);
            // Where the spec does not say when, the template may.
            let may_be_any = needs.unwrap_or_default().iter().any(|own| {
                own.service.as_str() == need && own.until.is_none() && written.is_some()
            });
            if written != Some(condition) && !may_be_any {
                let expected = format!("expected `{need}` with `condition: {condition}`");
                self.differs(owner, "depends_on", &expected, problems);
            }
        }
    }

    /// Compares what a service has of a kind with what the spec declares for it.
    fn sets(
        &self,
        owner: &Owner<'_>,
        what: &str,
        section: &str,
        declared: Vec<String>,
        written: Vec<String>,
        problems: &mut Diagnostics,
    ) {
        let (declared, written): (BTreeSet<String>, BTreeSet<String>) = (
            declared.into_iter().collect(),
            written.into_iter().collect(),
        );
        let name = owner.name;
        let at = self.at(&owner.path.key(section));
        for thing in written.difference(&declared) {
            problems.push(
                Diagnostic::new(
                    format!("the template adds the {what} `{thing}` to service `{name}`"),
                    at.clone(),
                )
                .label("not declared in the spec")
                .related(owner.place.clone(), "the service"),
            );
        }
        for thing in declared.difference(&written) {
            problems.push(
                Diagnostic::new(
                    format!("the template leaves out the {what} `{thing}`"),
                    self.socket(owner, thing)
                        .unwrap_or_else(|| self.spec_place(owner, section)),
                )
                .of(owner.what, name)
                .label("declared here")
                .related(at.clone(), "expected it here"),
            );
        }
    }
}

/// Whether a mount is a secret or config, which have sections of their own.
fn is_own_section(mount: &state::Mount) -> bool {
    mount.kind == MountKind::Bind && mount.target.starts_with(SECRETS_FOLDER)
}

/// What a service mounts of its own accord: a tmpfs belongs to the service alone.
fn mounts(service: &state::Service) -> Vec<String> {
    service
        .mounts
        .iter()
        .filter(|mount| mount.kind != MountKind::Tmpfs && !is_own_section(mount))
        .map(|mount| format!("{}:{}", mount.source.as_deref().unwrap_or(""), mount.target))
        .collect()
}

fn ports(service: &state::Service) -> Vec<String> {
    let unset = service.unset_ports.iter();
    let unset = unset.map(|port| in_braces(&port.to_string()));
    service.ports.iter().map(port).chain(unset).collect()
}

fn port(port: &Port) -> String {
    let address = port
        .host_ip
        .map_or_else(|| "*".to_owned(), |address| address.to_string());
    let published = port
        .published
        .map_or_else(String::new, |range| range.to_string());
    let protocol = port.protocol.as_str();
    format!("{address}:{published}:{}/{protocol}", port.target)
}
