//! A container name that two services have.

use std::collections::BTreeMap;

use super::each;
use crate::compose::Service;
use crate::rules::prelude::*;
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "container-name-taken",
    severity: Severity::Error,
    title: "No two services have the same container name",
    why: "Compose refuses a file in which two services that run together have one container name.",
    equivalents: &[dclint("no-duplicate-container-names").except(
        "Not for services of which only one runs, as each has profiles that the other has not.",
    )],
    bad: compose! {"
        services:
          web: { image: a:1, container_name: shop }
          api: { image: a:1, container_name: shop }
    "},
    good: compose! {"
        services:
          cpu: { image: a:1, container_name: shop, profiles: [cpu] }
          gpu: { image: a:1, container_name: shop, profiles: [gpu] }
    "},
    check: Check::File(check),
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let mut named: BTreeMap<String, Service<'_>> = BTreeMap::new();
    for service in deployed.file.services() {
        if let Some(name) = service.text("container_name") {
            named.entry(name).or_insert(service);
        }
    }
    each(deployed, |service| {
        let at = service.get("container_name")?;
        let first = named.get(&at.text()?)?;
        let first = (first.name != service.name && !first.replaces(service)).then_some(first)?;
        let message = format!(
            "`{}` and `{}` have the same container name",
            service.name, first.name
        );
        let (own, other) = (at.place(), first.get("container_name")?.place());
        let start = |place: &Place| place.range().map_or(0, |range| range.start);
        // The one that is written last, as readers and other linters have it.
        let (last, first) = if start(&own) < start(&other) {
            (other, own)
        } else {
            (own, other)
        };
        Some(
            Found::new(service.name, message, last)
                .label("expected a unique name")
                .related(first, "the other one"),
        )
    })
}
