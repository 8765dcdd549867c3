//! Names that belong to another environment.

mod search;
mod texts;

use self::search::Names;
use self::texts::{Text, of_file, of_variables};
use super::owned::{Owned, machines, names};
use crate::rules::prelude::*;
use crate::spec::{Environment, Host};

pub(super) static RULE: Rule = Rule {
    code: "foreign-name",
    severity: Severity::Error,
    title: "No file of an environment refers to another's database, bucket, queue, domain, models, machine, project or secrets",
    why: "A preview that uses prod's database breaks no spec: one value in a template is enough.",
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
    ..Rule::DEFAULT
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let Some(catalog) = subject.catalog else {
        return Vec::new();
    };
    let mut owned: Vec<Owned<'_>> = catalog.environments.iter().flat_map(names).collect();
    owned.extend(machines(catalog));
    let Some(names) = Names::of(&owned, catalog.product.as_str()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for deployed in &subject.deployed {
        let Some((environment, host)) = deployed.of else {
            continue;
        };
        let read = subject
            .variables
            .iter()
            .filter(|file| file.hosts.contains(host.name.as_str()));
        let in_variables = read.flat_map(|file| of_variables(file, &deployed.file));
        for text in of_file(&deployed.file).into_iter().chain(in_variables) {
            let mut reported: Vec<String> = Vec::new();
            for (one, hit) in names.foreign(environment, deployed, &text) {
                // A machine may belong to several environments.
                if !reported.contains(&hit) {
                    found.push(naming(environment, host, one, &text, &hit));
                    reported.push(hit);
                }
            }
        }
    }
    found
}

fn naming(
    environment: &Environment,
    host: &Host,
    one: &Owned<'_>,
    text: &Text<'_>,
    hit: &str,
) -> Found {
    let kind = one.kind.as_str();
    let is_own = one.owner.name == environment.name;
    let owner = if is_own {
        "another pull request".to_owned()
    } else {
        format!("`{}`", one.owner.name)
    };
    let mut message = format!("`{}` refers to the {kind} of {owner}, `{hit}`", host.name);
    let mut place = text.place_of(hit);
    if let Some(variable) = &text.variable {
        message = format!("{message}, by `{variable}` in `{}`", place.source.name);
        // At its own line every word of the value would be hidden.
        place = host.place.clone();
    }
    let mut found = Found::new(hit, message, place)
        .label(format!("expected a name of `{}`", environment.name))
        .related(one.place, format!("it belongs to `{}`", one.owner.name))
        .of(environment)
        .on(host);
    if !is_own {
        found = found.of(one.owner);
    }
    match text.service {
        Some(service) => found.service(service),
        None => found,
    }
}
