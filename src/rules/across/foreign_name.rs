//! What an environment's files say of another's.

use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{File, every_scalar};
use crate::rules::{Found, Subject};
use crate::source::Place;
use crate::spec::{Catalog, Environment, Route, VolumeKind};

pub(super) static RULE: Rule = Rule {
    code: "foreign-name",
    severity: Severity::Error,
    title: "No file of an environment names another's database, bucket, queue, domain, models, machine, project or secrets",
    why: "A preview that works on prod's database breaks no spec: it is one value in a template.",
    origin: "coollabsio/coolify 5290",
    bad: Example::Template {
        file: "app.yml.j2",
        text: "      DATABASE_COPY: postgres://db/shop_prod\n",
    },
    good: Example::Template {
        file: "app.yml.j2",
        text: "      DATABASE_COPY: {{ namespaces.database }}\n",
    },
    check: Check::Across(check),
};

/// A name that belongs to an environment.
struct Owned<'a> {
    owner: &'a Environment,
    kind: &'static str,
    name: &'a str,
    place: &'a Place,
}

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let Some(catalog) = subject.catalog else {
        return Vec::new();
    };
    let addresses = addresses(catalog);
    let mut owned: Vec<Owned<'_>> = catalog.environments.iter().flat_map(names).collect();
    owned.extend(addresses.iter().map(|(owner, address, place)| Owned {
        owner,
        kind: "machine",
        name: address,
        place,
    }));
    let mut found = Vec::new();
    for deployed in &subject.deployed {
        let Some((environment, host)) = deployed.of else {
            continue;
        };
        let own: Vec<&str> = owned
            .iter()
            .filter(|one| one.owner.name == environment.name)
            .map(|one| one.name)
            .collect();
        let foreign: Vec<&Owned<'_>> = owned
            .iter()
            .filter(|one| one.owner.name != environment.name && !own.contains(&one.name))
            .collect();
        for (text, place, service, is_variable) in texts(&deployed.file) {
            for one in &foreign {
                let Some(at) = named(one.kind, one.name, &text, is_variable) else {
                    continue;
                };
                let message = format!(
                    "`{}` names the {} of `{}`, `{}`",
                    host.name, one.kind, one.owner.name, one.name
                );
                let place = exact(&deployed.file, &place, &text, one.name, at);
                let found_here = Found::new(one.name, message, place)
                    .label(format!("expected what is `{}`'s own", environment.name))
                    .related(
                        one.place.clone(),
                        format!("it is that of `{}`", one.owner.name),
                    )
                    .help(format!(
                        "it comes from `templates/{}`, or from what it includes",
                        host.template.value
                    ))
                    .of(environment)
                    .of(one.owner)
                    .on(host);
                found.push(match &service {
                    Some(service) => found_here.service(service.as_str()),
                    None => found_here,
                });
            }
        }
    }
    found
}

/// Every text of a file, with the service that it belongs to, and whether it is the value of a
/// variable.
fn texts(file: &File) -> Vec<(String, Place, Option<String>, bool)> {
    let mut scalars = Vec::new();
    every_scalar(&file.root(), &mut scalars);
    let texts = scalars.into_iter().map(|(path, text, place)| {
        let shown = path.to_string();
        let service = shown
            .strip_prefix("services.")
            .map(|rest| rest.split(['.', '[']).next().unwrap_or_default().to_owned());
        let is_variable = shown.contains(".environment");
        (text, place, service, is_variable)
    });
    texts.collect()
}

/// The line of a long text that holds the name, where it can be found in the file.
fn exact(file: &File, place: &Place, text: &str, name: &str, at: usize) -> Place {
    let Some(line) = text.get(..at).map(|before| before.matches('\n').count()) else {
        return place.clone();
    };
    let Some(start) = place
        .range()
        .map(|range| range.start)
        .filter(|_| text.contains('\n'))
    else {
        return place.clone();
    };
    let rest = file.source.text.get(start..).unwrap_or_default();
    let mut offset = start;
    for (seen, written) in rest.split_inclusive('\n').enumerate() {
        if let Some(column) = written.find(name).filter(|_| seen >= line) {
            return Place::bytes(&file.source, offset + column..offset + column + name.len());
        }
        offset += written.len();
    }
    place.clone()
}

/// The addresses of machines that are one environment's alone.
fn addresses(catalog: &Catalog) -> Vec<(&Environment, String, &Place)> {
    let mut found = Vec::new();
    for (name, machine) in &catalog.machines {
        let mut owners = catalog
            .hosts()
            .filter(|(_, host)| host.machine.value == *name);
        let Some((owner, _)) = owners.next() else {
            continue;
        };
        if owners.any(|(other, _)| other.name != owner.name) {
            continue;
        }
        for address in machine.addresses.values() {
            found.push((owner, address.value.to_string(), &address.place));
        }
    }
    found
}

fn names(owner: &Environment) -> Vec<Owned<'_>> {
    let mut names = Vec::new();
    let mut push = |kind, name, place| {
        names.push(Owned {
            owner,
            kind,
            name,
            place,
        });
    };
    let namespaces = &owner.namespaces;
    for (kind, name) in [
        ("database", &namespaces.database),
        ("vector store", &namespaces.vectors),
        ("bucket", &namespaces.bucket),
        ("queue", &namespaces.queue),
    ] {
        push(kind, name.value.as_str(), &name.place);
    }
    for domain in owner.domains.values() {
        push("domain", domain.value.as_str(), &domain.place);
    }
    if let Route::Address { host, .. } = &owner.compute.route.value {
        push("models", host.as_str(), &owner.compute.route.place);
    }
    if let Some(directory) = &owner.secrets.directory {
        push("secrets", directory.value.as_str(), &directory.place);
    }
    for host in &owner.hosts {
        push("project", host.project.value.as_str(), &host.project.place);
        for volume in host.volumes.values() {
            if let VolumeKind::Bind(path) = &volume.kind {
                push("directory", path.value.as_str(), &path.place);
            }
        }
    }
    names.retain(|one| one.name != "localhost");
    names
}

/// Where a text names it. A plain word (`prod`) counts only where it is all of a variable's value;
/// anything else as a word of its own.
fn named(kind: &str, name: &str, text: &str, is_variable: bool) -> Option<usize> {
    let is_plain = name.chars().all(|c| c.is_ascii_alphabetic());
    if is_plain && !matches!(kind, "domain" | "models") {
        return (is_variable && text == name).then_some(0);
    }
    let is_domain = kind == "domain";
    let continues = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find(name) {
        let at = from + found;
        let before = text.get(..at)?.chars().next_back();
        let after: Vec<char> = text.get(at + name.len()..)?.chars().take(2).collect();
        // `staging.shop.example` is not `shop.example`.
        let starts = !before.is_some_and(|c| continues(c) || (is_domain && c == '.'));
        let ends = match after.as_slice() {
            [] => true,
            ['.', next, ..] if is_domain => !next.is_ascii_alphanumeric(),
            [next, ..] => !continues(*next),
        };
        if starts && ends {
            return Some(at);
        }
        from = at + name.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_name_is_a_word_of_its_own() {
        assert_eq!(
            named("database", "shop_prod", "postgres://db/shop_prod?x", true),
            Some(14)
        );
        assert_eq!(
            named("database", "shop_prod", "shop_production", true),
            None
        );
        assert_eq!(named("queue", "prod", "prod", true), Some(0));
        assert_eq!(named("queue", "prod", "is prod", true), None);
        assert_eq!(
            named("domain", "shop.example", "staging.shop.example", true),
            None
        );
        assert_eq!(
            named("domain", "shop.example", "https://shop.example/", true),
            Some(8)
        );
        assert_eq!(
            named("domain", "shop.example", "shop.example.org", true),
            None
        );
    }
}
