//! What removing a preview removes.

use crate::compose::{Service, Written, nanoseconds};
use crate::rules::prelude::*;
use crate::source::Place;
use crate::spec::{Environment, Host, Numbered};
use crate::state::CONTAINER;

pub(super) static RULE: Rule = Rule {
    code: "preview-teardown",
    severity: Severity::Error,
    title: "Removing a preview removes all of it, and nothing else",
    why: "Automation runs `down -v --remove-orphans`, which removes everything with the name of the project and leaves the rest.",
    origin: "docker/compose 2120, 7969; `pkg/compose/down.go`",
    bad: spec! {"local.yaml", "
        hosts:
          demo: { machine: farm, docker: default, project: shop-preview-7, template: host.yml.j2, output: demo.yml, services: [mock], networks: { back: { internal: true } } }
        services: { mock: {} }
    "},
    good: spec! {"local.yaml", "
        hosts:
          demo: { machine: farm, docker: default, project: shop-demo, template: host.yml.j2, output: demo.yml, services: [mock], networks: { back: { internal: true } } }
        services: { mock: {} }
    "},
    check: Check::Across(check),
    ..Rule::DEFAULT
};

/// The longest grace period of a preview in nanoseconds, as it has nothing to save.
const LONGEST_STOP: i64 = 60_000_000_000;

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let Some(catalog) = subject.catalog else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let hosts: Vec<_> = catalog
        .hosts()
        .map(|(environment, host)| (environment, host, names(host)))
        .collect();
    for (at, (environment, ..)) in hosts.iter().enumerate() {
        if environment.per_pull_request {
            found.extend(removed_too(&hosts, at));
        }
    }
    for deployed in &subject.deployed {
        let Some((environment, _)) = deployed.of.filter(|(own, _)| own.per_pull_request) else {
            continue;
        };
        let left = left_behind(&deployed.file).into_iter();
        found.extend(left.map(|one| one.per_pull_request(environment).belonging(deployed)));
    }
    found
}

/// A name on an engine, or of a file: the kind of what has it, and the name for every pull request.
type NameOfKind = (&'static str, Numbered);

/// The names of a host's project on its engine, the project itself first, so that a shared project is
/// reported once, not for each of its resources.
fn names(host: &Host) -> Vec<NameOfKind> {
    let project = Numbered::new(host.project_pattern.as_str());
    let mut names = vec![("project", project.clone())];
    for key in host.networks.keys() {
        names.push(("network", project.with(&format!("_{key}"))));
    }
    for (key, _) in host.named_volumes() {
        names.push(("volume", project.with(&format!("_{key}"))));
    }
    for name in host.services.keys() {
        names.push(("container", project.with(&format!("-{name}-1"))));
    }
    names
}

/// A host with its environment and the names of its project.
type HostNames<'a> = (&'a Environment, &'a Host, Vec<NameOfKind>);

/// Resources of other hosts that have the name of a resource of the preview, for some number.
fn removed_too(hosts: &[HostNames<'_>], at: usize) -> Vec<Found> {
    let mut found = Vec::new();
    let Some((environment, host, ours)) = hosts.get(at) else {
        return found;
    };
    for (number, (owner, other, theirs)) in hosts.iter().enumerate() {
        // Two previews are reported once.
        if number == at || owner.per_pull_request && number < at {
            continue;
        }
        let on_engine = || {
            let is_one_machine = other.machine.value == host.machine.value;
            let mut pairs = ours.iter().filter(|_| is_one_machine).flat_map(|our| {
                theirs
                    .iter()
                    .filter(|their| their.0 == our.0)
                    .map(move |their| (our, their))
            });
            pairs.find_map(|(our, their)| Some((our.0, our.1.meets(&their.1)?)))
        };
        let on_disk = || {
            let (own, other) = (host.output()?, other.output()?);
            let name = Numbered::new(own.pattern.as_str())
                .meets(&Numbered::new(other.pattern.as_str()))?;
            Some(("file", name))
        };
        for (kind, name) in [on_engine(), on_disk()].into_iter().flatten() {
            let (place, theirs) = match (host.output(), other.output()) {
                (Some(own), Some(other)) if kind == "file" => (&own.path.place, &other.path.place),
                _ => (&host.project.place, &other.project.place),
            };
            let message = format!(
                "for one pull request number, `{}` and `{}` have the same {kind}, `{name}`",
                host.name, other.name
            );
            found.push(
                Found::new(kind, message, theirs.clone())
                    .label("expected a name that no pull request number produces")
                    .related(place, "this becomes the same")
                    .help("removing or replacing one would remove or replace the other")
                    .of(owner)
                    .on(other)
                    .of(environment)
                    .on(host),
            );
        }
    }
    found
}

/// What `down` leaves behind or waits for, according to the file.
fn left_behind(file: &Written) -> Vec<Found> {
    let mut found = Vec::new();
    for network in file.networks() {
        let bridge = network.at.driver_option("com.docker.network.bridge.name");
        if let Some(bridge) = bridge {
            let message = format!(
                "the network `{}` has a bridge with a fixed name",
                network.key
            );
            found.push(
                Found::new(&network.key, message, bridge.place())
                    .label("expected no name: the engine creates one per pull request"),
            );
        }
    }
    for volume in file.volumes() {
        let option = |name: &str| {
            let at = volume.at.driver_option(name)?;
            Some((at.text()?, at.place()))
        };
        let is_memory = option("type").is_some_and(|(kind, _)| kind == "tmpfs");
        let driver = volume
            .at
            .get("driver")
            .and_then(|at| Some((at.text()?, at.place())));
        let elsewhere = option("device")
            .filter(|_| !is_memory)
            .or(driver.filter(|(driver, _)| driver != "local"));
        if let Some((what, place)) = elsewhere {
            let message = format!("the data of the volume `{}` is in `{what}`", volume.key);
            found.push(
                Found::new(&volume.key, message, place)
                    .label("`down -v` removes the volume, but not this"),
            );
        }
    }
    found.extend(file.services().flat_map(of_service));
    found
}

fn of_service(service: Service<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let name = service.name;
    let mut note = |message: String, place: Place, label: &'static str| {
        found.push(Found::new(name, message, place).label(label).service(name));
    };
    for (grace, at) in service.texts("stop_grace_period") {
        if nanoseconds(&grace).is_some_and(|grace| grace > LONGEST_STOP) {
            let message = format!("stopping `{name}` may take {grace}");
            note(message, at.place(), "expected at most 1m");
        }
    }
    if let Some(at) = service.get("profiles") {
        let message = format!("`{name}` is in a profile");
        let label = "`down` without the profile leaves its containers, and so its networks";
        note(message, at.place(), label);
    }
    for mount in service.mounts() {
        if let Some(path) = mount.host_path() {
            let message = format!("`{name}` mounts the host path `{path}`");
            note(
                message,
                mount.place(),
                "`down` does not remove it, and all pull requests share it unless its path has the number",
            );
        }
    }
    for (of, at) in service.texts("volumes_from") {
        if of.starts_with(CONTAINER) {
            let message =
                format!("`{name}` mounts the volumes of `{of}`, which belongs to another project");
            note(message, at.place(), "expected its own volumes");
        }
    }
    for (of, at) in service.texts("external_links") {
        let message = format!("`{name}` is linked to `{of}`, which belongs to another project");
        note(message, at.place(), "expected services of this project");
    }
    found
}
