//! Classes of secrets.

use std::collections::HashMap;

use crate::rules::MAX_NAMED;
use crate::rules::across::nested::Nested;
use crate::rules::prelude::*;
use crate::spec::{Catalog, Data, Environment};
use crate::text::path::is_in;

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

/// The class of an environment without secrets.
const NONE: &str = "none";

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    let mut classes: HashMap<String, Vec<usize>> = HashMap::new();
    let mut directories: Nested<&str, usize> = Nested::default();
    for (at, second) in catalog.environments.iter().enumerate() {
        found.extend(if second.data.value == Data::Own {
            unclassed(second)
        } else {
            needless(second)
        });
        let class = second.secrets.class.as_str().to_ascii_lowercase();
        let of_class = classes.entry(class).or_default();
        let mut others = of_class.clone();
        if of_class.len() < MAX_NAMED {
            of_class.push(at);
        }
        if let Some(directory) = &second.secrets.directory {
            let way = || directory.as_str().split('/');
            others.extend(directories.touching(way(), |_| true));
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

/// Secrets without a class belong to no environment.
fn unclassed(environment: &Environment) -> Option<Found> {
    let class = &environment.secrets.class;
    let directory = environment.secrets.directory.as_ref()?;
    let message = format!("the secrets of `{}` have no class", environment.name);
    (class.as_str() == NONE).then(|| {
        Found::new("secrets.class", message, &class.place)
            .label("expected its own class")
            .related(&directory.place, "its secrets are here")
            .of(environment)
    })
}

/// An environment with made-up data needs no secrets.
fn needless(environment: &Environment) -> Option<Found> {
    let class = &environment.secrets.class;
    let given = environment.secrets.directory.as_ref();
    if class.as_str() == NONE && given.is_none() {
        return None;
    }
    let place = if class.as_str() == NONE {
        given?.place.clone()
    } else {
        class.place.clone()
    };
    Some(
        Found::new(
            "secrets",
            format!("`{}` has secrets", environment.name),
            place,
        )
        .label("expected the class `none`, and no directory")
        .related(&environment.data.place, "its data is made up")
        .of(environment),
    )
}

fn between(first: &Environment, second: &Environment) -> Option<Found> {
    // The class or directory belongs to the environment whose name it contains.
    let order = |text: &str| {
        if text.contains(first.name.as_str()) {
            (second, first)
        } else {
            (first, second)
        }
    };
    let (a, b) = (&first.secrets, &second.secrets);
    if a.class.as_str() != NONE && a.class.as_str().eq_ignore_ascii_case(b.class.as_str()) {
        let (wrong, right) = order(a.class.as_str());
        return Some(
            Found::new(
                "secrets.class",
                format!(
                    "`{}` and `{}` share the secret class `{}`",
                    first.name, second.name, a.class.value
                ),
                &wrong.secrets.class.place,
            )
            .label("expected its own class")
            .related(
                &right.secrets.class.place,
                format!("used by `{}`", right.name),
            )
            .of(wrong)
            .of(right),
        );
    }
    let (Some(a), Some(b)) = (&a.directory, &b.directory) else {
        return None;
    };
    if !is_in(a.as_str(), b.as_str()) && !is_in(b.as_str(), a.as_str()) {
        return None;
    }
    let (wrong, right) = order(a.as_str());
    let place = |environment: &Environment| {
        let directory = environment.secrets.directory.as_ref();
        directory.map_or(environment.place.clone(), |directory| {
            directory.place.clone()
        })
    };
    Some(
        Found::new(
            "secrets.directory",
            format!(
                "`{}` and `{}` share a secret directory",
                first.name, second.name
            ),
            place(wrong),
        )
        .label("expected its own directory")
        .related(place(right), format!("used by `{}`", right.name))
        .of(wrong)
        .of(right),
    )
}
