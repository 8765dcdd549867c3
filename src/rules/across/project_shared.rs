//! Two Compose files of one project.

use std::collections::HashMap;

use super::MAX_TOLD;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found, Subject};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "project-shared",
    severity: Severity::Error,
    title: "Two environments on one machine are two projects",
    why: "`docker compose down` of one takes the containers of the other with it, for Compose knows them by the project's name alone.",
    origin: "docker/compose 2120, 7969",
    bad: Example::Compose(&[
        "name: app.staging\nservices:\n  web: { image: \"a:1\" }\n",
        "name: appstaging\nservices:\n  api: { image: \"a:1\" }\n",
    ]),
    good: Example::Compose(&[
        "name: app-staging\nservices:\n  web: { image: \"a:1\" }\n",
        "name: app-prod\nservices:\n  api: { image: \"a:1\" }\n",
    ]),
    check: Check::Across(check),
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut earlier: HashMap<(&str, String), Vec<&Deployed<'_>>> = HashMap::new();
    for second in &subject.deployed {
        let project = second.file.project_name();
        if project.is_empty() {
            continue;
        }
        let known = earlier
            .entry((second.machine(), project.clone()))
            .or_default();
        let others = known.iter().filter(|first| !first.is_with(second));
        for first in others.take(MAX_TOLD) {
            found.push(
                Found::new(
                    "project",
                    format!(
                        "`{}` and `{}` are one project, `{project}`",
                        first.title(),
                        second.title()
                    ),
                    place(second),
                )
                .label("expected a project of its own; what is written is normalised")
                .related(place(first), "the same project")
                .belonging(second)
                .belonging(first),
            );
        }
        if known.len() <= MAX_TOLD {
            known.push(second);
        }
    }
    found
}

/// Where a project gets its name.
fn place(deployed: &Deployed<'_>) -> Place {
    if let Some((_, host)) = deployed.of {
        return host.project.place.clone();
    }
    let name = deployed.file.project();
    name.map_or_else(|| Place::whole(&deployed.file.source), |(_, place)| place)
}
