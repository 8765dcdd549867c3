//! Domains that two environments share.

use super::known::Known;
use crate::rules::prelude::*;
use crate::spec::Catalog;

pub(super) static RULE: Rule = Rule {
    code: "domain-shared",
    severity: Severity::Error,
    title: "A domain belongs to one environment",
    why: "Cookies, certificates and links cannot tell two environments on one domain apart.",
    bad: spec!("staging.yaml", "domains: { site: shop.example }\n"),
    good: spec!("staging.yaml", "domains: { site: staging.shop.example }\n"),
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let all: Vec<_> = catalog
        .environments
        .iter()
        .flat_map(|environment| {
            environment
                .domains
                .iter()
                .map(move |(key, domain)| (environment, key, domain))
        })
        .collect();
    let mut found = Vec::new();
    let mut known = Known::default();
    for (at, (environment, key, domain)) in all.iter().enumerate() {
        let written = environment.as_written(domain).to_lowercase();
        let same = known.meeting(&written).into_iter().next();
        known.add(&written, at);
        let same = same.and_then(|(at, shared)| {
            let (other, key, first) = all.get(at)?;
            Some((other, key, first, shared))
        });
        let Some((other, other_key, first, shared)) = same else {
            continue;
        };
        // Staging is read after prod, and the environment that the domain contains is right.
        let is_first_right = shared.contains(other.name.as_str())
            || other.name != environment.name && !shared.contains(environment.name.as_str());
        let (wrong, right, owner, key) = if is_first_right {
            (domain, first, environment, key)
        } else {
            (first, domain, other, other_key)
        };
        found.push(
            Found::new(
                format!("domains.{key}"),
                format!("the domain `{shared}` is used twice"),
                &wrong.place,
            )
            .label("expected its own domain")
            .related(&right.place, "also used here")
            .of(owner)
            .of(if owner.name == other.name {
                environment
            } else {
                other
            }),
        );
    }
    found
}
