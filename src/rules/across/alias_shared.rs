//! Names that two projects use on one network.

use std::collections::BTreeSet;

use super::each_shared;
use crate::compose::{At, Written};
use crate::rules::prelude::*;
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "alias-shared",
    severity: Severity::Error,
    title: "A name on a shared network belongs to one project",
    why: "A service has its own name on every network that it is attached to, and the engine's DNS picks one of the two at random.",
    origin: "docker/compose 8223",
    bad: compose! {
        r#"
            name: a
            services:
              api: { image: "a:1", networks: [proxy] }
            networks: { proxy: { external: true } }
        "#,
        r#"
            name: b
            services:
              api: { image: "a:1", networks: [proxy] }
            networks: { proxy: { external: true } }
        "#,
    },
    good: compose! {
        r#"
            name: a
            services:
              api: { image: "a:1", networks: [proxy] }
            networks: { proxy: { external: true } }
        "#,
        r#"
            name: b
            services:
              web: { image: "a:1", networks: [proxy] }
            networks: { proxy: { external: true } }
        "#,
    },
    check: Check::Across(check),
    ..Rule::DEFAULT
};

/// A network's name on the engine, and a name that is used on it.
type Alias = (String, String);

/// The names that the services of a file have on their networks, and where.
fn aliases(file: &Written) -> Vec<(Alias, (Alias, Place))> {
    let mut answers = Vec::new();
    for service in file.services() {
        for (key, at) in service.networks() {
            let network = file.declared("networks", key);
            let name = network.and_then(|network| network.get("name")?.text());
            let Some(network) = name else { continue };
            let own = [service.name.to_owned()].into_iter();
            let named = ["container_name", "hostname"]
                .into_iter()
                .filter_map(|key| service.text(key));
            let aliases = at
                .get("aliases")
                .into_iter()
                .flat_map(At::texts)
                .map(|(alias, _)| alias);
            // DNS ignores case.
            let all: BTreeSet<String> = own
                .chain(named)
                .chain(aliases)
                .map(|name| name.to_ascii_lowercase())
                .collect();
            for name in all {
                let answer = (network.clone(), name);
                answers.push((answer.clone(), (answer, at.key_place())));
            }
        }
    }
    answers
}

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    if subject.deployed.len() < 2 {
        return found;
    }
    let of_file = |deployed: &Deployed<'_>| aliases(&deployed.file);
    let any = |_: &Deployed<'_>, _: &Deployed<'_>| true;
    each_shared(subject, of_file, any, |second, theirs, first, ours| {
        let ((network, name), place) = theirs;
        let message = format!(
            "`{}` and `{}` both use the name `{name}` on the network `{network}`",
            first.title(),
            second.title()
        );
        found.push(
            Found::new(name, message, place)
                .label("expected its own name, or its own network")
                .related(ours.1.clone(), "the other one is attached here")
                .belonging(second)
                .belonging(first),
        );
    });
    found
}
