//! The names that belong to environments, and that others must not use.

use crate::source::Place;
use crate::spec::{Catalog, Environment, Host, Located, Name, Numbered, VolumeKind};

/// A name that belongs to an environment.
pub(super) struct Owned<'a> {
    pub(super) owner: &'a Environment,
    pub(super) kind: NameKind<'a>,
    /// As it is written, in lower case, as DNS and some stores ignore case.
    pub(super) name: Numbered,
    /// The name as it is written, with the number that its files were rendered for.
    pub(super) value: String,
    /// What may follow it and still belong to it: `_data` or `-web` of a project.
    pub(super) ends: Vec<String>,
    pub(super) place: &'a Place,
}

/// The kind of thing that has the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameKind<'a> {
    /// A name in a store, by its kind in the catalogue.
    Namespace(&'a Name),
    Domain,
    Upstream,
    Secrets,
    Project,
    Directory,
    Machine,
}

impl NameKind<'_> {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Namespace(kind) => kind.as_str(),
            Self::Domain => "domain",
            Self::Upstream => "upstream",
            Self::Secrets => "secrets",
            Self::Project => "project",
            Self::Directory => "directory",
            Self::Machine => "machine",
        }
    }
}

/// The machines of the hosts of each environment, by address and by name.
pub(super) fn machines(catalog: &Catalog) -> Vec<Owned<'_>> {
    let mut found = Vec::new();
    for (owner, host) in catalog.hosts() {
        let mut push = |name: String, place| {
            found.push(Owned {
                owner,
                kind: NameKind::Machine,
                name: Numbered::new(name.as_str()),
                value: name,
                ends: Vec::new(),
                place,
            });
        };
        let machine = catalog.machines.get(&host.machine.value);
        for address in machine
            .iter()
            .flat_map(|machine| machine.addresses.values())
        {
            push(address.value.to_string(), &address.place);
        }
        // `live` is an ordinary word, `vps-prod` is a name.
        if !is_plain(host.machine.as_str()) {
            push(host.machine.to_string(), &host.machine.place);
        }
    }
    found
}

pub(super) fn names(owner: &Environment) -> Vec<Owned<'_>> {
    fn owned<'a, T: std::fmt::Display>(
        owner: &'a Environment,
        kind: NameKind<'a>,
        name: &'a Located<T>,
    ) -> Owned<'a> {
        Owned {
            owner,
            kind,
            name: owner.as_written(name).to_lowercase(),
            value: name.value.to_string().to_ascii_lowercase(),
            ends: Vec::new(),
            place: &name.place,
        }
    }
    let mut names: Vec<Owned<'_>> = owner
        .namespaces
        .iter()
        .map(|(kind, name)| owned(owner, NameKind::Namespace(kind), name))
        .collect();
    let domains = owner.domains.values();
    names.extend(domains.map(|domain| owned(owner, NameKind::Domain, domain)));
    let routes = owner.upstreams.values();
    names.extend(
        routes
            .filter_map(|upstream| upstream.route.as_ref())
            .map(|route| {
                let name = route.host.as_str().to_ascii_lowercase();
                Owned {
                    name: Numbered::new(name.as_str()),
                    value: name,
                    ..owned(owner, NameKind::Upstream, route)
                }
            }),
    );
    let directory = owner.secret_directory();
    // What a relative path means depends on where it is used.
    let directory = directory.filter(|directory| directory.as_str().starts_with('/'));
    names.extend(directory.map(|directory| owned(owner, NameKind::Secrets, directory)));
    for host in &owner.hosts {
        names.push(Owned {
            name: Numbered::new(host.project_pattern.to_lowercase()),
            ends: ends(host),
            ..owned(owner, NameKind::Project, &host.project)
        });
        names.extend(
            host.volumes
                .values()
                .filter_map(|volume| match &volume.kind {
                    VolumeKind::Bind(path) if path.as_str().starts_with('/') => {
                        Some(owned(owner, NameKind::Directory, path))
                    }
                    _ => None,
                }),
        );
    }
    names.retain(|one| one.value != "localhost");
    names
}

/// What the engine appends to a project name.
fn ends(host: &Host) -> Vec<String> {
    let volumes = host.named_volumes().map(|(key, _)| key);
    let resources = host
        .networks
        .keys()
        .chain(volumes)
        .map(|key| format!("_{key}").to_ascii_lowercase());
    let services = host.services.keys().map(|name| format!("-{name}"));
    resources.chain(services).collect()
}

/// Whether a name is an ordinary word, so that a text that contains it need not refer to it.
pub(super) fn is_plain(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphabetic())
}
