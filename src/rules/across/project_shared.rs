//! Compose files with the same project name.

use std::collections::HashMap;

use crate::rules::MAX_NAMED;
use crate::rules::prelude::*;
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "project-shared",
    severity: Severity::Error,
    title: "Two environments on one machine have different project names",
    why: "Compose identifies containers by their project name alone, so `docker compose down` of one environment removes the containers of the other.",
    origin: "docker/compose 2120, 7969",
    bad: compose! {
        r#"
            name: app.staging
            services:
              web: { image: "a:1" }
        "#,
        r#"
            name: appstaging
            services:
              api: { image: "a:1" }
        "#,
    },
    good: compose! {
        r#"
            name: app-staging
            services:
              web: { image: "a:1" }
        "#,
        r#"
            name: app-prod
            services:
              api: { image: "a:1" }
        "#,
    },
    check: Check::Across(check),
    ..Rule::DEFAULT
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut earlier: HashMap<(&str, &str), Vec<&Deployed<'_>>> = HashMap::new();
    for second in &subject.deployed {
        let project = second.file.project.as_str();
        if project.is_empty() {
            continue;
        }
        let known = earlier.entry((second.machine(), project)).or_default();
        let others = known.iter().filter(|first| !first.is_with(second));
        for first in others.take(MAX_NAMED) {
            let finding = Found::new(
                "project",
                format!(
                    "`{}` and `{}` have the same project name, `{project}`",
                    first.title(),
                    second.title()
                ),
                place(second),
            )
            .label("expected a project name of its own; Compose normalizes it")
            .related(place(first), "the other one")
            .belonging(second)
            .belonging(first);
            found.push(match second.of {
                Some(_) => finding,
                None => finding.help(
                    "if these are files of one project, of which one overrides the other, check them with --merge",
                ),
            });
        }
        if known.len() <= MAX_NAMED {
            known.push(second);
        }
    }
    found
}

/// Where a project gets its name.
fn place(deployed: &Deployed<'_>) -> Place {
    match deployed.of {
        Some((_, host)) => host.project.place.clone(),
        None => deployed.file.project_place(),
    }
}
