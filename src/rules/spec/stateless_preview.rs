//! State in previews.

use crate::rules::prelude::*;
use crate::spec::{Catalog, Host, Service, Trait, Volume, VolumeKind};

pub(super) static RULE: Rule = Rule {
    code: "stateless-preview",
    severity: Severity::Error,
    title: "A preview keeps no state",
    why: "It is removed when the pull request closes, and its data would be lost, or stay on the disk forever.",
    bad: spec! {"preview.yaml", "
        services:
          mock: { volumes: { data: /data } }
        hosts:
          preview: { volumes: { data: {} } }
    "},
    good: spec! {"preview.yaml", r#"
        services:
          mock: { volumes: { data: /data } }
        hosts:
          preview: { volumes: { data: { ephemeral: { size: 64M, user: 1000, mode: "0700" } } } }
    "#},
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

/// Whether all that a service keeps is gone with its containers.
fn is_in_memory(host: &Host, service: &Service) -> bool {
    service.mounts.iter().all(|mount| {
        let volume = mount
            .volume
            .as_ref()
            .and_then(|key| host.volumes.get(&key.value));
        mount.is_tmpfs || volume.is_some_and(Volume::is_in_memory)
    })
}

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for (environment, host) in catalog.hosts() {
        if !environment.per_pull_request {
            continue;
        }
        for (key, volume) in &host.volumes {
            if matches!(volume.kind, VolumeKind::Ephemeral(_)) {
                continue;
            }
            let message = format!("the volume `{key}` outlives the pull request");
            let help = if host.by_hand().is_some() {
                "use a `tmpfs` of the service in the Compose file instead, or allow it where `docker compose down \
                 --volumes` removes it"
                    .to_owned()
            } else {
                format!(
                    "say `volumes: {{ {key}: {{ ephemeral: {{ size: 1G, user: 999, mode: \"0700\" }} }} }}` of host \
                     `{}`, with the user that the service runs as",
                    host.name
                )
            };
            found.push(
                Found::new(key, message, &volume.place)
                    .label("expected an `ephemeral` volume, or none")
                    .help(help)
                    .per_pull_request(environment)
                    .of(environment)
                    .on(host),
            );
        }
        for service in host.services.values() {
            let Some(place) = host.listed.get(&service.name) else {
                continue;
            };
            let role = service
                .role
                .as_ref()
                .filter(|role| role.has(Trait::KeepsData));
            if let Some(role) = role.filter(|_| !is_in_memory(host, service)) {
                let message = format!("`{}` keeps state in a preview", service.name);
                found.push(
                    Found::new(&service.name, message, place)
                        .label("expected a mock instead")
                        .related(&role.place, "its role")
                        .help(format!(
                            "say `services: {{ {}: {{ role: null }} }}` in this environment, where its data goes with the \
                             pull request; or run a service with `role: mock` instead",
                            service.name
                        ))
                        .of_service(environment, host, service),
                );
            }
        }
    }
    found
}
