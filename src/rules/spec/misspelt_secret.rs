//! Secrets whose names differ by a letter.

use std::collections::{BTreeMap, BTreeSet};

use crate::rules::prelude::*;
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
        let mut one = Found::new(
            secret.as_str(),
            format!(
                "the secret `{name}` of `{}` is nearly `{other}`",
                service.name
            ),
            &secret.place,
        )
        .label("expected a secret of its own name, or the other one")
        .help(format!("did you mean `{other}`?"))
        .of_service(environment, host, service);
        if let Some((_, service, secret)) = others.first() {
            one = one.related(&secret.place, format!("a secret of `{}`", service.name));
        }
        found.push(one);
    }
    found
}

/// Whether two names differ by one letter: another one, one that is missing, or two in the wrong order. Names that are
/// counted differ by a digit.
fn is_one_slip(a: &str, b: &str) -> bool {
    let start = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let (a, b) = (a.as_bytes().get(start..), b.as_bytes().get(start..));
    let (Some(a), Some(b)) = (a, b) else {
        return false;
    };
    let end = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (a, b) = (a.get(..a.len() - end), b.get(..b.len() - end));
    let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
    let are_letters = a.iter().chain(b).all(u8::is_ascii_alphabetic);
    are_letters
        && match (a, b) {
            ([_], [_] | []) | ([], [_]) => true,
            ([first, second], [other, another]) => first == another && second == other,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::is_one_slip;

    #[test]
    fn a_slip_is_one_letter() {
        for (a, b) in [
            ("db_password", "db_pasword"),
            ("token", "tokne"),
            ("key", "kex"),
            ("a", "ab"),
        ] {
            assert!(is_one_slip(a, b) && is_one_slip(b, a), "{a} {b}");
        }
        for (a, b) in [
            ("key_1", "key_2"),
            ("key", "key_2"),
            ("key", "key"),
            ("rails_key", "meili_key"),
        ] {
            assert!(!is_one_slip(a, b), "{a} {b}");
        }
    }
}
