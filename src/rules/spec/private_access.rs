//! Private domains.

use ipnet::IpNet;

use crate::rules::prelude::*;
use crate::spec::{Catalog, Environment, Key, Reach, Subnet};

pub(super) static RULE: Rule = Rule {
    code: "private-access",
    severity: Severity::Error,
    title: "A private domain is reachable from private networks only, with multi-factor authentication",
    why: "An operator can break the whole product, so a password alone, from anywhere, must not be enough.",
    bad: spec!("prod.yaml", "access: { office: { mfa: false } }\n"),
    good: spec!("prod.yaml", "access: { office: { mfa: true } }\n"),
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    for environment in &catalog.environments {
        let reach = environment.reach();
        if reach.is_none_or(|reach| reach.value != Reach::Public) {
            continue;
        }
        for domain in &catalog.private_domains {
            found.extend(open(environment, &domain.value).into_iter().map(|one| {
                one.related(&domain.place, "this domain must be private")
                    .of(environment)
            }));
        }
    }
    for environment in &catalog.environments {
        for (key, access) in &environment.access {
            let mut promised = catalog.private_domains.iter();
            if access.private.is_empty() || promised.any(|domain| domain.value == *key) {
                continue;
            }
            let message =
                format!("`{key}` is private here, but not a private domain of the catalog");
            found.push(
                Found::new(format!("access.{key}"), message, &access.place)
                    .label(format!(
                        "expected `{key}` in `private_domains` of catalog.yaml"
                    ))
                    .of(environment),
            );
        }
    }
    found
}

fn open(environment: &Environment, key: &Key) -> Vec<Found> {
    let Some(domain) = environment.domains.get(key) else {
        return Vec::new();
    };
    let what = format!("access.{key}");
    let Some(access) = environment.access.get(key) else {
        let message = format!("`{}` is open to everybody", domain.value);
        return vec![
            Found::new(what, message, &domain.place)
                .label(format!("expected an entry `{key}` under `access`")),
        ];
    };
    let mut found = Vec::new();
    if access.private.is_empty() {
        let message = format!("`{}` is reachable from everywhere", domain.value);
        found.push(
            Found::new(what.clone(), message, &access.place)
                .label("expected the networks that may reach it, under `private`"),
        );
    }
    if !access.mfa.as_ref().is_some_and(|mfa| mfa.value) {
        let place = access.mfa.as_ref().map_or(&access.place, |mfa| &mfa.place);
        let message = format!(
            "`{}` does not require multi-factor authentication",
            domain.value
        );
        found.push(Found::new(what.clone(), message, place).label("expected `mfa: true`"));
    }
    for network in access
        .private
        .iter()
        .filter(|network| !is_private(&network.value))
    {
        let message = format!("`{}` is not a private network", network.value);
        found.push(
            Found::new(what.clone(), message, &network.place)
                .label("expected a network that is not routed on the internet"),
        );
    }
    found
}

/// Networks that the internet does not route (RFC 1918, RFC 4193, RFC 6598, loopback).
const PRIVATE: [&str; 6] = [
    "10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7",
];

fn is_private(subnet: &Subnet) -> bool {
    PRIVATE
        .iter()
        .filter_map(|private| private.parse::<IpNet>().ok())
        .any(|private| private.contains(&subnet.0))
}
