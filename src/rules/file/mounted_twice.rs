//! Two mounts of a service at one path.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "mounted-twice",
    severity: Severity::Error,
    title: "A service has one mount at each path",
    why: "Compose silently drops all but the last mount at a path.",
    bad: compose! {"
        services:
          db: { image: a:1, volumes: ['data:/data', 'data:/data:ro'] }
        volumes:
          data: {}
    "},
    good: compose! {"
        services:
          db: { image: a:1, volumes: ['data:/data', 'data:/copy:ro'] }
        volumes:
          data: {}
    "},
    check: Check::File(check),
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let twice = deployed.file.mounted_twice();
    twice
        .map(|twice| {
            let (service, field) = (twice.service, twice.field);
            let message = format!("`{service}` has two of its `{field}` at one path");
            Found::new(service, message, twice.place)
                .label("Compose drops the one before it")
                .help("remove one of them, or mount it at another path")
                .service(service)
                .belonging(deployed)
        })
        .collect()
}
