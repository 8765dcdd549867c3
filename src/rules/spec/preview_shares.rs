//! What two pull requests would share.

use crate::rules::prelude::*;
use crate::source::Place;
use crate::spec::{Catalog, Environment, Numbered, PLACEHOLDER, VolumeKind};

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
    check: Check::Spec(check),
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

fn check(catalog: &Catalog) -> Vec<Found> {
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
        for service in host.services.values() {
            for port in service
                .ports
                .iter()
                .filter(|port| port.fixed_port().is_some())
            {
                note(
                    service.name.as_str(),
                    format!("two pull requests would share the port of `{}`", port.value),
                    &port.place,
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
