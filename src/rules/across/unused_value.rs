//! What the specs say and nothing uses.

use std::collections::HashSet;

use crate::render::Usage;
use crate::rules::prelude::*;
use crate::source::{Place, TextPart};
use crate::spec::{Catalog, Environment, UnusedDeclaration};

pub(super) static RULE: Rule = Rule {
    code: "unused-value",
    severity: Severity::Warning,
    title: "What the specs declare is used",
    why: "A value that nothing uses looks as if it mattered, but changing it changes nothing.",
    bad: spec! {"catalog.yaml", "
        services:
          spare: { image: nginx:1.29.1, role: web, limits: { cpus: 1, memory: 64M, pids: 50 } }
    "},
    good: spec! {"catalog.yaml", "
        values: {}
    "},
    check: Check::Across(check),
    ..Rule::DEFAULT
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let Some(catalog) = subject.catalog else {
        return Vec::new();
    };
    let mut found: Vec<Found> = catalog.unused.iter().map(declared).collect();
    let Some(usage) = &subject.usage else {
        return found;
    };
    found.extend(usage.unread.iter().map(|unread| {
        let place = &unread.place;
        let what = place_name(place);
        let owner = catalog
            .environments
            .iter()
            .find(|environment| environment.place.source.name == place.source.name);
        let (message, help) = if unread.is_replaced {
            (
                format!("wherever a template uses `{what}`, a spec replaces this value"),
                "remove it, or what replaces it",
            )
        } else {
            (
                format!("no template uses `{what}`"),
                "use it in a template, or remove it from the spec",
            )
        };
        let found = Found::new(what, message, place)
            .label("this value has no effect")
            .help(help);
        match owner {
            Some(owner) => found.of(owner),
            None => found,
        }
    }));
    let unread: HashSet<_> = usage
        .unread
        .iter()
        .map(|one| identity(&one.place))
        .collect();
    let promises = promises(subject, catalog, usage);
    let promises = promises
        .iter()
        .filter(|unused| !unread.contains(&identity(&unused.place)));
    found.extend(promises.map(declared));
    found.extend(usage.templates.iter().map(|template| {
        let name = &template.name;
        let message = format!("no host and no template uses `{name}`");
        Found::new(name.clone(), message, Place::whole(template))
            .label("never rendered")
            .help("remove it, or use it")
    }));
    found
}

/// What distinguishes a place of a spec from all others.
fn identity(place: &Place) -> (&str, String) {
    (&place.source.name, place_name(place))
}

/// What is declared and never used.
fn declared(unused: &UnusedDeclaration) -> Found {
    let mut found = Found::new(
        place_name(&unused.place),
        unused.message.clone(),
        &unused.place,
    )
    .label("declared here and never used")
    .help("remove it, or use it");
    found
        .environments
        .extend(unused.environment.iter().map(ToString::to_string));
    found
}

/// Whether templates read a name in a section of an environment.
type IsRead<'a> = &'a dyn Fn(&Environment, &'static str, &str) -> bool;
/// Whether a Compose file of an environment has a text, or may get it.
type IsWritten<'a> = &'a dyn Fn(&Environment, &str) -> bool;

/// What environments promise, and no service, route, template or Compose file of theirs has.
fn promises(subject: &Subject<'_>, catalog: &Catalog, usage: &Usage) -> Vec<UnusedDeclaration> {
    let is_read = |environment: &Environment, section: &'static str, name: &str| {
        let read = (environment.name.clone(), section, name.to_owned());
        usage.read.contains(&read)
    };
    // Files that are written by hand may get a name on the host.
    let is_written = |environment: &Environment, text: &str| {
        environment
            .hosts
            .iter()
            .any(|host| host.by_hand().is_some())
            || subject.deployed.iter().any(|one| {
                let is_own = one.of.is_some_and(|(of, _)| of.name == environment.name);
                let mut sources = one.file.sources().iter();
                is_own && sources.any(|source| source.text.contains(text))
            })
    };
    let mut found = unused_of_catalog(catalog, &is_read, &is_written);
    for environment in &catalog.environments {
        found.extend(unused_of_environment(environment, &is_read, &is_written));
    }
    found
}

/// Upstreams and kinds of namespaces.
fn unused_of_catalog(
    catalog: &Catalog,
    is_read: IsRead<'_>,
    is_written: IsWritten<'_>,
) -> Vec<UnusedDeclaration> {
    let mut found = Vec::new();
    let environments = &catalog.environments;
    for (name, levels) in &catalog.upstreams {
        let mut stated = environments
            .iter()
            .filter(|one| one.upstreams.contains_key(name))
            .peekable();
        // That no environment has it is said elsewhere.
        let is_stated = stated.peek().is_some();
        let is_used = stated.any(|environment| {
            environment.hosts.iter().any(|host| host.calls(name))
                || is_read(environment, "upstreams", name.as_str())
        });
        if is_stated && !is_used {
            found.push(UnusedDeclaration {
                message: format!("no service calls the upstream `{name}`"),
                place: levels.place.clone(),
                environment: None,
            });
        }
    }
    for kind in &catalog.namespaces {
        let is_used = environments.iter().any(|environment| {
            let name = environment.namespaces.get(&kind.value);
            name.is_some_and(|name| {
                is_read(environment, "namespaces", kind.as_str())
                    || is_written(environment, name.as_str())
            })
        });
        if !is_used {
            found.push(UnusedDeclaration {
                message: format!("no service uses a namespace of the kind `{}`", kind.value),
                place: kind.place.clone(),
                environment: None,
            });
        }
    }
    found
}

/// Domains, and where the secrets are.
fn unused_of_environment(
    environment: &Environment,
    is_read: IsRead<'_>,
    is_written: IsWritten<'_>,
) -> Vec<UnusedDeclaration> {
    let of = &environment.name;
    let mut found = Vec::new();
    let mut note = |message: String, place: &Place| {
        found.push(UnusedDeclaration {
            message,
            place: place.clone(),
            environment: Some(of.clone()),
        });
    };
    for (name, domain) in &environment.domains {
        let is_used = environment
            .hosts
            .iter()
            .any(|host| host.routes.contains_key(name))
            || is_read(environment, "domains", name.as_str())
            || is_written(environment, domain.as_str());
        if !is_used {
            let message = format!("no route and no service of `{of}` has the domain `{name}`");
            note(message, &domain.place);
        }
    }
    if let Some(directory) = environment.secret_directory() {
        let is_used = environment
            .services()
            .any(|service| !service.secrets.is_empty())
            || is_read(environment, "secrets", "directory")
            || is_written(environment, directory.as_str());
        if !is_used {
            let message = format!("no service of `{of}` has a secret");
            note(message, &directory.place);
        }
    }
    found
}

/// The path of a value of a spec.
fn place_name(place: &Place) -> String {
    match &place.at {
        TextPart::Value(path) | TextPart::Key(path) => path.to_string(),
        TextPart::Whole | TextPart::Bytes(_) => String::new(),
    }
}
