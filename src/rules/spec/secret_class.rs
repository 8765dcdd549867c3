//! Classes of secrets.

use std::collections::{BTreeSet, HashMap};

use crate::rules::MAX_NAMED;
use crate::rules::across::nested::Nested;
use crate::rules::prelude::*;
use crate::source::Place;
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
    shared_class(first, second).or_else(|| shared_directory(first, second))
}

/// Where an environment states its secrets.
struct Stated<'a> {
    environment: &'a Environment,
    place: &'a Place,
}

fn stated<'a>(environment: &'a Environment, place: &'a Place) -> Stated<'a> {
    Stated { environment, place }
}

/// The finding for a class or a directory that two environments share. The class or directory belongs to the environment whose name it
/// contains, and the finding is of the other.
fn shared(
    subject: &str,
    message: String,
    text: &str,
    first: Stated<'_>,
    second: Stated<'_>,
) -> Found {
    let (wrong, right) = if text.contains(first.environment.name.as_str()) {
        (second, first)
    } else {
        (first, second)
    };
    let used = format!("used by `{}`", right.environment.name);
    Found::new(subject, message, wrong.place)
        .related(right.place, used)
        .of(wrong.environment)
        .of(right.environment)
}

fn shared_class(first: &Environment, second: &Environment) -> Option<Found> {
    let one = first.secrets.as_ref()?.own_class()?;
    let other = second.secrets.as_ref()?.own_class()?;
    if !one.as_str().eq_ignore_ascii_case(other.as_str()) {
        return None;
    }
    let message = format!(
        "`{}` and `{}` share the secret class `{}`",
        first.name, second.name, one.value
    );
    let (of_first, of_second) = (stated(first, &one.place), stated(second, &other.place));
    let found = shared("secrets.class", message, one.as_str(), of_first, of_second);
    Some(found.label("expected its own class"))
}

fn shared_directory(first: &Environment, second: &Environment) -> Option<Found> {
    let (a, b) = (first.secrets.as_ref()?, second.secrets.as_ref()?);
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
    let message = format!(
        "`{}` and `{}` share a secret directory",
        first.name, second.name
    );
    let (of_first, of_second) = (stated(first, &a.place), stated(second, &b.place));
    let found = shared(
        "secrets.directory",
        message,
        a.as_str(),
        of_first,
        of_second,
    );
    Some(found.label("expected its own directory"))
}
