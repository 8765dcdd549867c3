//! What two pull requests would share.

use std::collections::HashMap;

use super::past_ports::unpublished;
use crate::rules::prelude::*;
use crate::source::Place;
use crate::spec::{Catalog, Environment, Host, Numbered, OpenPort, PLACEHOLDER, VolumeKind};
use crate::state::MountKind;
use crate::text::expression::{literal_matches, nested_expressions};

pub(super) static RULE: Rule = Rule {
    code: "preview-shares",
    severity: Severity::Error,
    title: "Previews of two pull requests share no name, port, subnet or directory",
    why: "The second preview would fail to start, replace the first one, or use its data.",
    bad: spec! {"preview.yaml", r#"
        hosts:
          preview: { ports: { app: ["127.0.0.1:3000:3000"] } }
    "#},
    good: spec! {"preview.yaml", r#"
        hosts:
          preview: { ports: { app: ["127.0.0.1:20000-20999:3000"] } }
    "#},
    check: Check::Across(check),
    ..Rule::DEFAULT
};

/// Names that do not contain the number of the pull request.
fn names(environment: &Environment) -> Vec<Found> {
    let mut found = Vec::new();
    let mut note = |what: String, written: &Numbered, place: &Place| {
        if !written.is_numbered() {
            let message = format!("two pull requests would share `{what}`");
            found.push(
                Found::new(what, message, place)
                    .label(format!("expected `{PLACEHOLDER}` in it"))
                    .per_pull_request(environment)
                    .of(environment),
            );
        }
    };
    for (key, domain) in &environment.domains {
        let written = environment.as_written(domain);
        note(format!("domains.{key}"), &written, &domain.place);
    }
    for (key, name) in &environment.namespaces {
        let written = environment.as_written(name);
        note(format!("namespaces.{key}"), &written, &name.place);
    }
    for host in &environment.hosts {
        let written = Numbered::new(host.project_pattern.as_str());
        let what = format!("hosts.{}.project", host.name);
        note(what, &written, &host.project.place);
    }
    found
}

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let Some(catalog) = subject.catalog else {
        return Vec::new();
    };
    let mut found = of_specs(subject, catalog);
    for deployed in &subject.deployed {
        if let Some((environment, host)) = deployed.of.filter(|(own, _)| own.per_pull_request) {
            found.extend(of_file(subject, deployed, environment, host));
        }
    }
    found
}

/// Something that a file gives a name of its own, or that is where it says.
struct Shared<'a> {
    /// The key of what has it.
    key: String,
    /// What is shared: `the container name`.
    kind: &'static str,
    /// The name or the path, and how it is written.
    value: String,
    written: &'a str,
    place: Place,
    expected: &'static str,
    service: Option<&'a str>,
}

/// What the file of a host gives to all pull requests alike.
fn of_file(
    subject: &Subject<'_>,
    deployed: &Deployed<'_>,
    environment: &Environment,
    host: &Host,
) -> Vec<Found> {
    let number = number(host);
    let is_shared = |one: &Shared<'_>| {
        if may_have_number(deployed, one.written) {
            return false;
        }
        // Nothing else puts the number into a file that is written by hand.
        if host.output().is_none() || !number.is_some_and(|number| has_number(&one.value, number)) {
            return true;
        }
        // A digit that happens to be the number is in the spec or the template as it is.
        let places = subject.places.as_ref();
        let origin = places.and_then(|places| places.written(&one.place));
        let text = origin
            .as_ref()
            .and_then(|origin| origin.source.text.get(origin.range()?));
        text.is_some_and(|text| text.contains(&one.value))
    };
    let is_of_spec = |one: &Shared<'_>| {
        let mut volumes = host.volumes.values();
        volumes.any(|volume| matches!(&volume.kind, VolumeKind::Bind(path) if path.value.to_string() == one.value))
    };
    let all = shared(deployed);
    let all = all
        .into_iter()
        .filter(|one| is_shared(one) && !is_of_spec(one));
    all.map(|one| {
        let message = format!("two pull requests would share {} `{}`", one.kind, one.value);
        let found = Found::new(one.key, message, one.place)
            .label(one.expected)
            .per_pull_request(environment)
            .belonging(deployed);
        match one.service {
            Some(service) => found.service(service),
            None => found,
        }
    })
    .collect()
}

/// Whether a text has a variable that no env file sets: it may have the number, also where it has a default, and the name of the
/// project has it.
fn may_have_number(deployed: &Deployed<'_>, written: &str) -> bool {
    if !written.contains('$') {
        return false;
    }
    let used = deployed.without_unused_words(written);
    let mut variables = nested_expressions(&used).into_iter();
    variables.any(|one| deployed.file.value(one.name).is_none())
}

/// What a port is published on, as it is written: the address and the port on the host.
fn published_on(place: &Place) -> Option<&str> {
    let written = place.source.text.get(place.whole_range()?)?;
    // The long form has keys for its parts.
    if written.contains("published") {
        return Some(written);
    }
    let end = literal_matches(written, ':').last();
    written.get(..end.unwrap_or(written.len()))
}

/// The number of the pull request that the files of a host are rendered for.
fn number(host: &Host) -> Option<&str> {
    let (before, after) = host.project_pattern.split_once(PLACEHOLDER)?;
    let project = host.project.as_str();
    project.strip_prefix(before)?.strip_suffix(after)
}

/// Whether a text has a number that is not a part of a longer one.
fn has_number(text: &str, number: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit())
        .any(|digits| digits == number)
}

/// What a file names itself, and the paths below the project that its services write to.
fn shared<'a>(deployed: &'a Deployed<'_>) -> Vec<Shared<'a>> {
    let file = &deployed.file;
    let is_stack = deployed.orchestrator.is_swarm();
    // A stack has no variable for its name.
    let name = if deployed.is_rendered() {
        "expected `<pr>` in a spec, `{{ project }}` in a template, or no name"
    } else if is_stack {
        "expected a variable in it that has the number, or no name"
    } else {
        "expected `${COMPOSE_PROJECT_NAME}` in it, or no name"
    };
    let mut all = Vec::new();
    for service in file.services() {
        let mut add = |kind, value, written, place, expected| {
            all.push(Shared {
                key: service.name.to_owned(),
                kind,
                value,
                written,
                place,
                expected,
                service: Some(service.name),
            });
        };
        let container = service.get("container_name").filter(|_| !is_stack);
        if let Some((at, text)) = container.and_then(|at| Some((at, at.text()?))) {
            add("the container name", text, at.written(), at.place(), name);
        }
        if let Some(place) = file.host_network(service, deployed.orchestrator) {
            let expected = "expected a network of the project: both would listen on one port";
            add("the network", "host".to_owned(), "", place, expected);
        }
        for mount in service.mounts().filter(|mount| !mount.read_only) {
            let source = mount.source.as_deref().unwrap_or_default();
            // Another path of the host is what `preview-teardown` reports.
            if mount.kind == MountKind::Bind && mount.host_path().is_none() {
                let expected = "expected a volume, or `:ro` if nothing writes to it";
                let written = mount.written();
                add(
                    "the path",
                    source.to_owned(),
                    written,
                    mount.place(),
                    expected,
                );
            }
        }
    }
    let mut add = |key: &str, kind, value, written, place| {
        all.push(Shared {
            key: key.to_owned(),
            kind,
            value,
            written,
            place,
            expected: name,
            service: None,
        });
    };
    for (kind, resources) in [
        ("the network", file.networks()),
        ("the volume", file.volumes()),
    ] {
        for one in resources.into_iter().filter(|one| !one.is_external) {
            // The project has the number, or is what is to be reported.
            if one.name != format!("{}_{}", file.project, one.key) {
                let written = one.at.get("name").map_or("", |at| at.written());
                add(&one.key, kind, one.name, written, one.place);
            }
        }
    }
    // Only a swarm creates them.
    for (section, kind) in [("configs", "the config"), ("secrets", "the secret")] {
        for (key, at) in file.entries(section).filter(|_| is_stack) {
            let own = at.field("name").filter(|_| !at.is_on("external"));
            if let Some((at, text)) = own.and_then(|at| Some((at, at.text()?))) {
                add(key, kind, text, at.written(), at.place());
            }
        }
    }
    all
}

/// What the specs give to all pull requests alike.
fn of_specs(subject: &Subject<'_>, catalog: &Catalog) -> Vec<Found> {
    let unpublished = unpublished(subject);
    let files = subject.deployed.iter();
    let by_host: HashMap<&str, &Deployed<'_>> = files
        .filter_map(|one| Some((one.of?.1.name.as_str(), one)))
        .collect();
    let per_pull_request = catalog
        .environments
        .iter()
        .filter(|environment| environment.per_pull_request);
    let mut found: Vec<Found> = per_pull_request.flat_map(names).collect();
    for (environment, host) in catalog.hosts() {
        if !environment.per_pull_request {
            continue;
        }
        let mut note = |what: &str, message: String, place: &Place, expected: &'static str| {
            found.push(
                Found::new(what, message, place)
                    .label(expected)
                    .per_pull_request(environment)
                    .of(environment)
                    .on(host),
            );
        };
        let published = host
            .services
            .values()
            .filter(|service| !unpublished.contains(&(host.name.as_str(), service.name.as_str())));
        let deployed = by_host.get(host.name.as_str()).copied();
        for service in published {
            // Where a variable decides the address, each may have its own.
            let ports = service.open_ports().filter(|port| port.address.is_some());
            let has_number = |port: &OpenPort<'_>| {
                let (deployed, written) = deployed.zip(published_on(port.place))?;
                Some(may_have_number(deployed, written))
            };
            let ports = ports.filter(|port| has_number(port) != Some(true));
            for port in ports.filter(|port| port.fixed_port().is_some()) {
                note(
                    service.name.as_str(),
                    format!("two pull requests would share the port of `{}`", port.what),
                    port.place,
                    "expected a range: the engine chooses a free port",
                );
            }
        }
        for (key, network) in &host.networks {
            if let Some(subnet) = &network.subnet {
                note(
                    key.as_str(),
                    format!("two pull requests would share the subnet {}", subnet.value),
                    &subnet.place,
                    "expected no subnet: the engine chooses a free one",
                );
            }
        }
        for (key, volume) in &host.volumes {
            if let VolumeKind::Bind(path) = &volume.kind {
                note(
                    key.as_str(),
                    format!(
                        "two pull requests would share the directory `{}`",
                        path.value
                    ),
                    &path.place,
                    "expected an `ephemeral` volume",
                );
            }
        }
    }
    found
}
