//! A config or secret whose name does not change with its content.

use crate::compose::At;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "stack-fixed-name",
    severity: Severity::Error,
    title: "The name of a config or secret changes with its content",
    why: "A swarm never changes a config or secret, so `docker stack deploy` fails at a file that changed, before it updates any service.",
    origin: "moby/moby 35803, docker/cli 203",
    bad: compose! {"
        services:
          web: { image: 'a:1', configs: [app] }
        configs: { app: { file: ./app.conf } }
    "},
    good: compose! {"
        services:
          web: { image: 'a:1', configs: [app] }
        configs: { app: { file: ./app.conf, name: app_2 } }
    "},
    check: Check::File(check),
    only: Some(Orchestrator::Swarm),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (section, kind) in [("configs", "config"), ("secrets", "secret")] {
        let section = deployed.file.text().get(section).into_iter();
        for (key, at) in section.flat_map(At::entries) {
            let name = at.field("name");
            let is_fixed = name.is_none_or(|name| name.text().is_none_or(|name| !has_part(&name)));
            if at.field("file").is_none() || !is_fixed {
                continue;
            }
            let message = format!("a change of the content of {kind} `{key}` cannot be deployed");
            let place = name.map_or_else(|| at.key_place(), |name| name.place());
            found.push(
                Found::new(key, message, place)
                    .label("the name stays the same when the content changes")
                    .help(format!(
                        "give it a name with a version or a digest, such as `name: {key}_2`, and change both together"
                    ))
                    .belonging(deployed),
            );
        }
    }
    found
}

/// Whether a name has a part that is meant to change: a variable, or a number or digest after a separator.
fn has_part(name: &str) -> bool {
    let last = name.rsplit(['_', '-', '.']).next().unwrap_or_default();
    name.contains('$') || (last.len() < name.len() && last.contains(|c: char| c.is_ascii_digit()))
}
