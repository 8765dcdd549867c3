//! What the specs declare of a host, and what was measured on it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::CatalogReport;
use super::condition::Condition;
use super::table::{Item, Table, named, plain};
use crate::files::folders::GENERATED;
use crate::orchestrator::Orchestrator;
use crate::redact;
use crate::render::Planned;
use crate::report::drift::HostReport;
use crate::spec::{
    ByHand, Catalog, Host, ImageSource, Located, Network, Published, Service, VolumeKind,
};
use crate::state;
use crate::text::plural::counted;

/// What the specs declare of a host, and what was measured on it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct HostView {
    pub(crate) name: String,
    pub(crate) machine: String,
    pub(crate) docker: Option<String>,
    /// What runs its Compose file.
    #[serde(rename = "engine")]
    orchestrator: Orchestrator,
    pub(crate) project: String,
    /// The Compose files, relative to the project's root.
    pub(crate) files: Vec<String>,
    /// Whether they are rendered, and not written by hand.
    pub(crate) rendered: bool,
    pub(crate) services: Vec<ServiceView>,
    pub(crate) networks: BTreeMap<String, NetworkView>,
    pub(crate) volumes: BTreeMap<String, VolumeView>,
    pub(crate) health: Measured,
}

/// A service of a host.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ServiceView {
    pub(crate) name: String,
    pub(crate) role: Option<String>,
    image: Option<String>,
    networks: Vec<String>,
    ports: Vec<String>,
    volumes: Vec<String>,
    needs: Vec<String>,
    secrets: Vec<String>,
    calls: Vec<String>,
    serves: Option<u16>,
    memory: Option<String>,
    cpus: Option<f64>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct NetworkView {
    internal: bool,
    external: bool,
    subnet: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct VolumeView {
    kind: &'static str,
    external: bool,
    source: Option<String>,
}

/// What was measured on a host.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Measured {
    status: Condition,
    /// How many findings there are, where it was compared.
    findings: Option<usize>,
    /// When it was observed.
    pub(crate) observed_at: Option<String>,
    from_snapshot: bool,
    /// Why it cannot be reached.
    error: Option<String>,
}

impl HostView {
    pub(super) fn of(
        catalog: &Catalog,
        planned: &Planned<'_>,
        measured: Option<&HostReport>,
    ) -> Self {
        let host = planned.host;
        let name = host.name.to_string();
        let files = match (host.output(), host.by_hand()) {
            (Some(output), _) => vec![format!("{GENERATED}/{}", output.pattern)],
            (None, by_hand) => by_hand
                .into_iter()
                .flat_map(ByHand::files)
                .map(ToString::to_string)
                .collect(),
        };
        Self {
            machine: host.machine.to_string(),
            docker: host.docker.as_ref().map(|docker| docker.to_string()),
            orchestrator: host.orchestrator.value,
            project: host.project_pattern.clone(),
            files,
            rendered: host.output().is_some(),
            services: host
                .services
                .values()
                .map(|service| ServiceView::of(catalog, service))
                .collect(),
            networks: host
                .networks
                .iter()
                .map(|(key, network)| (key.to_string(), NetworkView::of(network)))
                .collect(),
            volumes: volumes(host),
            health: measured.map_or(Measured::NOT, Measured::of),
            name,
        }
    }

    pub(crate) fn condition(&self) -> Condition {
        self.health.status
    }

    /// What was measured, in words.
    pub(crate) fn measured(&self) -> String {
        self.health.words()
    }

    /// The services with what any of them declares: the names of the columns, and the rows.
    pub(crate) fn service_table(&self) -> (Vec<&'static str>, Vec<ServiceRow<'_>>) {
        let mut rows: Vec<ServiceRow<'_>> = self
            .services
            .iter()
            .map(|service| (service, service.cells().into()))
            .collect();
        let is_filled = |column: usize| {
            rows.iter()
                .filter_map(|(_, cells)| cells.get(column))
                .any(|cell| !cell.is_empty())
        };
        let filled: Vec<bool> = (0..COLUMNS.len()).map(is_filled).collect();
        for (_, cells) in &mut rows {
            let mut filled = filled.iter();
            cells.retain(|_| filled.next() == Some(&true));
        }
        let columns = COLUMNS
            .iter()
            .zip(&filled)
            .filter(|(_, is_filled)| **is_filled);
        (columns.map(|(column, _)| *column).collect(), rows)
    }

    fn services(&self) -> Vec<Item> {
        let names: Vec<&str> = self.services.iter().map(|one| one.name.as_str()).collect();
        let count = counted(names.len(), "service", "services");
        vec![plain(count), plain(names.join(", "))]
    }

    fn networks(&self) -> Vec<Item> {
        self.networks
            .iter()
            .map(|(key, network)| {
                let mut words = vec![key.clone()];
                words.extend(network.subnet.clone());
                words.extend(network.internal.then(|| "(internal)".to_owned()));
                words.extend(network.external.then(|| "(external)".to_owned()));
                plain(words.join(" "))
            })
            .collect()
    }

    fn volumes(&self) -> Vec<Item> {
        let volumes =
            self.volumes
                .iter()
                .map(|(key, volume)| match (&volume.source, volume.kind) {
                    (Some(source), _) => named(key, source),
                    (None, "memory") => plain(format!("{key} (in memory)")),
                    (None, _) if volume.external => plain(format!("{key} (external)")),
                    (None, _) => plain(key),
                });
        volumes.collect()
    }

    fn ports(&self) -> Vec<Item> {
        self.services
            .iter()
            .flat_map(|service| service.ports.iter().map(|port| named(&service.name, port)))
            .collect()
    }
}

impl Measured {
    const NOT: Self = Self {
        status: Condition::NotMeasured,
        findings: None,
        observed_at: None,
        from_snapshot: false,
        error: None,
    };

    fn of(host: &HostReport) -> Self {
        Self {
            status: Condition::of(host),
            findings: host.error.is_none().then_some(host.findings.len()),
            observed_at: host.from.observed_at.clone(),
            from_snapshot: host.from.is_snapshot,
            error: host
                .error
                .as_deref()
                .map(|error| redact::text(error).into_owned()),
        }
    }

    fn words(&self) -> String {
        let mut words = self.status.words();
        if let Some(findings) = self.findings.filter(|findings| *findings > 0) {
            words = format!("{words}, {}", counted(findings, "finding", "findings"));
        }
        match self.observed_at.as_ref().filter(|_| self.from_snapshot) {
            Some(time) => format!("{words} (snapshot of {time})"),
            None => words,
        }
    }
}

/// A service with its cells in a table, each of several lines.
type ServiceRow<'a> = (&'a ServiceView, Vec<Vec<String>>);

/// What the columns of the table of services are.
const COLUMNS: [&str; 8] = [
    "Image", "Networks", "Ports", "Volumes", "Needs", "Secrets", "Calls", "Limits",
];

impl ServiceView {
    /// What it declares, in the order of [`COLUMNS`].
    fn cells(&self) -> [Vec<String>; COLUMNS.len()] {
        let cpus = self.cpus.map(|cpus| format!("{cpus} CPU"));
        [
            self.image.iter().cloned().collect(),
            self.networks.clone(),
            self.ports.clone(),
            self.volumes.clone(),
            self.needs.clone(),
            self.secrets.clone(),
            self.calls.clone(),
            cpus.into_iter().chain(self.memory.clone()).collect(),
        ]
    }

    fn of(catalog: &Catalog, service: &Service) -> Self {
        Self {
            name: service.name.to_string(),
            role: service.role.as_ref().map(|role| role.name.to_string()),
            image: service
                .image
                .as_ref()
                .map(|image| image_text(catalog, &image.value)),
            networks: service
                .networks
                .iter()
                .map(|network| network.to_string())
                .collect(),
            ports: ports(service),
            volumes: service
                .mounts
                .iter()
                .map(|mount| match &mount.volume {
                    Some(volume) => format!("{}:{}", volume.value, mount.target.value),
                    None => mount.target.value.clone(),
                })
                .collect(),
            needs: service
                .needs
                .iter()
                .map(|need| need.service.to_string())
                .collect(),
            secrets: service
                .secrets
                .iter()
                .map(|secret| secret.to_string())
                .collect(),
            calls: service.calls.iter().map(|name| name.to_string()).collect(),
            serves: service.serves.as_ref().map(|port| port.value),
            memory: service
                .limits
                .memory
                .as_ref()
                .map(|memory| memory.to_string()),
            // A variable is given on the host.
            cpus: service
                .limits
                .cpus
                .as_ref()
                .and_then(|cpus| cpus.as_str().parse().ok()),
        }
    }
}

/// Ports as Compose writes them; several in a row are a range.
fn ports(service: &Service) -> Vec<String> {
    let rows = state::rows(&service.ports, |port, next| {
        port.value.as_port().precedes(&next.value.as_port())
    });
    let text = |(first, last): (&Located<Published>, &Located<Published>)| {
        first.value.through(&last.value)
    };
    let unset = service.unset_ports.iter().map(|port| port.to_string());
    rows.into_iter().map(text).chain(unset).collect()
}

/// An image for people; a release ends in the variable that holds its tag.
fn image_text(catalog: &Catalog, image: &ImageSource) -> String {
    match image {
        ImageSource::Named(image) => image.to_string(),
        ImageSource::Released(released) => {
            let registry = catalog.registry.as_ref();
            let shared = registry.and_then(|registry| Some(&registry.tag.as_ref()?.value));
            let tag = released.tag.as_ref().or(shared);
            let prefix = registry.map(|registry| format!("{}/", registry.prefix.value));
            let tag = tag.map(|tag| format!(":${{{tag}}}"));
            format!(
                "{}{}{}",
                prefix.unwrap_or_default(),
                released.image,
                tag.unwrap_or_default()
            )
        }
    }
}

impl NetworkView {
    fn of(network: &Network) -> Self {
        Self {
            internal: network.is_internal(),
            external: network.is_external,
            subnet: network.subnet.as_ref().map(|subnet| subnet.to_string()),
        }
    }
}

fn volumes(host: &Host) -> BTreeMap<String, VolumeView> {
    let volumes = host.volumes.iter().map(|(key, volume)| {
        let (kind, source) = match &volume.kind {
            VolumeKind::Named => ("named", None),
            VolumeKind::Ephemeral(_) => ("memory", None),
            VolumeKind::Bind(path) => ("bind", Some(path.to_string())),
        };
        let external = volume.is_external;
        let view = VolumeView {
            kind,
            external,
            source,
        };
        (key.to_string(), view)
    });
    volumes.collect()
}

/// The table of hosts.
pub(super) fn table(report: &CatalogReport) -> Table {
    let hosts = || report.hosts();
    let one = |text: &str| vec![plain(text)];
    let mut table = Table::new("Host", hosts().map(|host| host.name.clone()));
    let environments = report.environments.iter();
    table.row(
        "Environment",
        environments.flat_map(|environment| {
            environment
                .hosts
                .iter()
                .map(move |_| one(&environment.name))
        }),
    );
    table.row("Machine", hosts().map(|host| one(&host.machine)));
    table.row(
        "Engine",
        hosts().map(|host| {
            let swarm = host.orchestrator.is_swarm().then_some("a swarm");
            let docker = host.docker.as_deref();
            docker.into_iter().chain(swarm).map(plain).collect()
        }),
    );
    table.row("Project", hosts().map(|host| one(&host.project)));
    table.row(
        "Files",
        hosts().map(|host| host.files.iter().map(plain).collect()),
    );
    table.row("Services", hosts().map(HostView::services));
    table.row("Networks", hosts().map(HostView::networks));
    table.row("Volumes", hosts().map(HostView::volumes));
    table.row("Ports", hosts().map(HostView::ports));
    if report.is_measured {
        table.row(
            "Measured",
            hosts().map(|host| vec![Item::new(host.measured(), host.condition().tone())]),
        );
    }
    table
}
