//! Classes of secrets.

use std::collections::{BTreeSet, HashMap};

use crate::rules::MAX_NAMED;
use crate::rules::across::nested::Nested;
use crate::rules::prelude::*;
use crate::spec::{Catalog, Environment, Secrets};
use crate::text::path::{clean, is_in};

pub(super) static RULE: Rule = Rule {
    code: "secret-class",
    severity: Severity::Error,
    title: "Environments do not share secrets",
    why: "If two environments share a secret, a leak in the weaker one exposes both.",
    bad: spec!("staging.yaml", "secrets: { class: prod }\n"),
    good: spec!("staging.yaml", "secrets: { class: staging }\n"),
    check: Check::Spec(check),
    ..Rule::DEFAULT
};

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    let mut classes: HashMap<String, Vec<usize>> = HashMap::new();
    let mut directories: Nested<String, usize> = Nested::default();
    for (at, second) in catalog.environments.iter().enumerate() {
        let Some(secrets) = &second.secrets else {
            continue;
        };
        found.extend(if second.has_made_up_data() == Some(true) {
            needless(second, secrets)
        } else {
            unclassed(second, secrets)
        });
        let mut others = Vec::new();
        if let Some(class) = &secrets.class {
            let of_class = classes
                .entry(class.as_str().to_ascii_lowercase())
                .or_default();
            others.extend(of_class.iter().copied());
            if of_class.len() < MAX_NAMED {
                of_class.push(at);
            }
        }
        for path in paths(second, secrets) {
            let way = || path.split('/').map(str::to_owned);
            others.extend(directories.touching(way(), |owner| owner != at));
            directories.add(way(), at, at);
        }
        others.sort_unstable();
        others.dedup();
        let firsts = others
            .into_iter()
            .filter_map(|at| catalog.environments.get(at));
        found.extend(firsts.filter_map(|first| between(first, second)));
    }
    found
}

/// The paths of a directory of secrets: a relative one starts from the rendered file of each host.
fn paths(environment: &Environment, secrets: &Secrets) -> BTreeSet<String> {
    let Some(directory) = &secrets.directory else {
        return BTreeSet::new();
    };
    let directory = directory.as_str();
    if directory.starts_with(['/', '~']) {
        return BTreeSet::from([directory.to_owned()]);
    }
    let files = environment
        .hosts
        .iter()
        .filter_map(|host| Some(host.output()?.file()));
    files
        .map(|file| clean(&format!("{file}/../{directory}")))
        .collect()
}

/// Secrets without a class belong to no environment.
fn unclassed(environment: &Environment, secrets: &Secrets) -> Option<Found> {
    let none = secrets.none()?;
    let directory = secrets.directory.as_ref()?;
    let message = format!("the secrets of `{}` have no class", environment.name);
    Some(
        Found::new("secrets.class", message, none)
            .label("expected its own class")
            .related(&directory.place, "its secrets are here")
            .of(environment),
    )
}

/// An environment with made-up data needs no secrets.
fn needless(environment: &Environment, secrets: &Secrets) -> Option<Found> {
    let class = secrets.own_class();
    let directory = secrets.directory.as_ref();
    let place = class
        .map(|class| &class.place)
        .or(directory.map(|directory| &directory.place))?;
    let data = environment.data.as_ref()?;
    Some(
        Found::new(
            "secrets",
            format!("`{}` has secrets", environment.name),
            place,
        )
        .label("expected the class `none`, and no directory")
        .related(&data.place, "its data is made up")
        .of(environment),
    )
}

fn between(first: &Environment, second: &Environment) -> Option<Found> {
    let (a, b) = (first.secrets.as_ref()?, second.secrets.as_ref()?);
    // The class or directory belongs to the environment whose name it contains.
    let is_first_wrong = |text: &str| !text.contains(first.name.as_str());
    if let (Some(one), Some(other)) = (a.own_class(), b.own_class())
        && one.as_str().eq_ignore_ascii_case(other.as_str())
    {
        let (wrong, right) = if is_first_wrong(one.as_str()) {
            ((first, one), (second, other))
        } else {
            ((second, other), (first, one))
        };
        return Some(
            Found::new(
                "secrets.class",
                format!(
                    "`{}` and `{}` share the secret class `{}`",
                    first.name, second.name, one.value
                ),
                &wrong.1.place,
            )
            .label("expected its own class")
            .related(&right.1.place, format!("used by `{}`", right.0.name))
            .of(wrong.0)
            .of(right.0),
        );
    }
    let (of_first, of_second) = (paths(first, a), paths(second, b));
    let (a, b) = (a.directory.as_ref()?, b.directory.as_ref()?);
    let shares = |one: &String| {
        of_second
            .iter()
            .any(|other| is_in(one, other) || is_in(other, one))
    };
    if !of_first.iter().any(shares) {
        return None;
    }
    // The same path on two machines is two directories, unless it has the name of one of the environments.
    let machines = |environment: &Environment| -> BTreeSet<String> {
        environment
            .hosts
            .iter()
            .map(|host| host.machine.to_string())
            .collect()
    };
    let is_named = |environment: &Environment| {
        let name = environment.name.as_str();
        a.as_str().contains(name) || b.as_str().contains(name)
    };
    if machines(first).is_disjoint(&machines(second)) && !is_named(first) && !is_named(second) {
        return None;
    }
    let (wrong, right) = if is_first_wrong(a.as_str()) {
        ((first, a), (second, b))
    } else {
        ((second, b), (first, a))
    };
    Some(
        Found::new(
            "secrets.directory",
            format!(
                "`{}` and `{}` share a secret directory",
                first.name, second.name
            ),
            &wrong.1.place,
        )
        .label("expected its own directory")
        .related(&right.1.place, format!("used by `{}`", right.0.name))
        .of(wrong.0)
        .of(right.0),
    )
}
