//! Secrets whose names differ by a letter.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::is_one_slip;
use crate::rules::prelude::*;
use crate::source::Place;
use crate::spec::{Catalog, Environment, Host, Key, Located, Service};

pub(super) static RULE: Rule = Rule {
    code: "misspelt-secret",
    severity: Severity::Warning,
    title: "No secret has nearly the name of another one",
    why: "composegen never reads the files of secrets, and a name that no file has makes the start of the service fail.",
    bad: spec! {"prod.yaml", "
        services:
          db: { secrets: [db_password] }
          app: { secrets: [db_pasword] }
    "},
    good: spec! {"prod.yaml", "
        services:
          db: { secrets: [db_password] }
          app: { secrets: [db_password] }
    "},
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

type Uses<'a> = Vec<(&'a Host, &'a Service, &'a Located<Key>)>;

/// Shorter names differ by a letter anyway.
const SHORTEST: usize = 4;

/// Whether one service uses both of two secrets, so that neither is a slip for the other.
fn is_used_with(uses: &Uses<'_>, others: &Uses<'_>) -> bool {
    let of = |(host, service, _): &(&Host, &Service, &Located<Key>)| {
        (host.name.to_string(), service.name.to_string())
    };
    let others: BTreeSet<_> = others.iter().map(of).collect();
    uses.iter().any(|one| others.contains(&of(one)))
}

fn check(catalog: &Catalog) -> Vec<Found> {
    catalog
        .environments
        .iter()
        .flat_map(of_environment)
        .collect()
}

fn of_environment(environment: &Environment) -> Vec<Found> {
    let mut all: BTreeMap<&str, Uses<'_>> = BTreeMap::new();
    for host in environment
        .hosts
        .iter()
        .filter(|host| host.by_hand().is_none())
    {
        for service in host.services.values() {
            for secret in &service.secrets {
                all.entry(secret.as_str())
                    .or_default()
                    .push((host, service, secret));
            }
        }
    }
    let mut found = Vec::new();
    for (name, uses) in &all {
        if let [(host, service, secret), ..] = uses[..]
            && let Some(declared) = declared_like(host, name)
        {
            let found_one = nearly(secret, service, declared.0)
                .related(&declared.1, "declared here")
                .of_service(environment, host, service);
            found.push(found_one);
            continue;
        }
        let like = all.iter().find(|(other, others)| {
            // Of two, the one that fewer use is the misspelt one.
            (uses.len(), *other) < (others.len(), name)
                && name.len().min(other.len()) >= SHORTEST
                && is_one_slip(name, other)
                && !is_used_with(uses, others)
        });
        let (Some((other, others)), [(host, service, secret), ..]) = (like, uses.as_slice()) else {
            continue;
        };
        let mut one = nearly(secret, service, other).of_service(environment, host, service);
        if let Some((_, service, secret)) = others.first() {
            one = one.related(&secret.place, format!("a secret of `{}`", service.name));
        }
        found.push(one);
    }
    found
}

fn nearly(secret: &Located<Key>, service: &Service, other: &str) -> Found {
    let message = format!(
        "the secret `{}` of `{}` is nearly `{other}`",
        secret.value, service.name
    );
    Found::new(secret.as_str(), message, &secret.place)
        .label("expected a secret of its own name, or the other one")
        .help(format!("did you mean `{other}`?"))
}

/// A secret that a host declares, where the name of one that it does not declare is nearly the same.
fn declared_like<'a>(host: &'a Host, name: &str) -> Option<(&'a str, Place)> {
    let declared = host.sections.get("secrets")?.entries();
    let is_declared = declared.iter().any(|(key, _)| key == name);
    let (key, tree) = declared.iter().find(|(key, _)| {
        !is_declared && name.len().min(key.len()) >= SHORTEST && is_one_slip(name, key)
    })?;
    Some((key, tree.key_place()))
}
