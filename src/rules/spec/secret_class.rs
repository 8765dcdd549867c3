//! A class of secrets belongs to one environment.

use std::collections::HashMap;

use super::known::MAX_TOLD;
use crate::rules::Found;
use crate::rules::across::nested::Nested;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::spec::{Catalog, Data, Environment};

pub(super) static RULE: Rule = Rule {
    code: "secret-class",
    severity: Severity::Error,
    title: "Secrets of one environment are of no use in another",
    why: "A secret that opens two environments is lost for both where the weaker of them leaks it.",
    origin: "",
    bad: Example::Spec {
        file: "staging.yaml",
        text: "secrets: { class: prod }\n",
    },
    good: Example::Spec {
        file: "staging.yaml",
        text: "secrets: { class: staging }\n",
    },
    check: Check::Spec(check),
};

/// The class that means that there are no secrets.
const NONE: &str = "none";

fn check(catalog: &Catalog) -> Vec<Found> {
    let mut found = Vec::new();
    let mut classes: HashMap<String, Vec<usize>> = HashMap::new();
    let mut directories: Nested<&str, usize> = Nested::default();
    for (at, second) in catalog.environments.iter().enumerate() {
        found.extend(if second.data.value == Data::Own {
            unclassed(second)
        } else {
            below(second)
        });
        let class = second.secrets.class.as_str().to_ascii_lowercase();
        let of_class = classes.entry(class).or_default();
        let mut others = of_class.clone();
        if of_class.len() < MAX_TOLD {
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

/// Secrets that are of no class belong to nobody.
fn unclassed(environment: &Environment) -> Option<Found> {
    let class = &environment.secrets.class;
    let directory = environment.secrets.directory.as_ref()?;
    let message = format!("the secrets of `{}` are of no class", environment.name);
    (class.as_str() == NONE).then(|| {
        Found::new("secrets.class", message, class.place.clone())
            .label("expected a class of its own")
            .related(directory.place.clone(), "its secrets are here")
            .of(environment)
    })
}

/// What works on made-up data has nothing to unlock.
fn below(environment: &Environment) -> Option<Found> {
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
            format!("`{}` is given secrets", environment.name),
            place,
        )
        .label("expected the class `none`, and no directory")
        .related(environment.data.place.clone(), "it works on made-up data")
        .of(environment),
    )
}

fn between(first: &Environment, second: &Environment) -> Option<Found> {
    // The environment whose name the class or directory bears is the one that it belongs to.
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
                    "`{}` and `{}` have one class of secrets, `{}`",
                    first.name, second.name, a.class.value
                ),
                wrong.secrets.class.place.clone(),
            )
            .label("expected a class of its own")
            .related(
                right.secrets.class.place.clone(),
                format!("that of `{}`", right.name),
            )
            .of(wrong)
            .of(right),
        );
    }
    let (Some(a), Some(b)) = (&a.directory, &b.directory) else {
        return None;
    };
    let is_inside = |inner: &str, outer: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if !is_inside(a.as_str(), b.as_str()) && !is_inside(b.as_str(), a.as_str()) {
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
                "`{}` and `{}` share a directory of secrets",
                first.name, second.name
            ),
            place(wrong),
        )
        .label("expected a directory of its own")
        .related(place(right), format!("that of `{}`", right.name))
        .of(wrong)
        .of(right),
    )
}
