//! One name that two projects answer to on one network.

use std::collections::BTreeSet;

use super::{each_pair, on_engine};
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::File;
use crate::rules::{Deployed, Found, Subject};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "alias-shared",
    severity: Severity::Error,
    title: "A name on a shared network is answered by one project",
    why: "Every service answers to its own name on every network that it joins, and the engine's DNS gives either of two at random.",
    origin: "docker/compose 8223",
    bad: Example::Compose(&[
        "name: a\nservices:\n  api: { image: \"a:1\", networks: [proxy] }\nnetworks: { proxy: { external: true } }\n",
        "name: b\nservices:\n  api: { image: \"a:1\", networks: [proxy] }\nnetworks: { proxy: { external: true } }\n",
    ]),
    good: Example::Compose(&[
        "name: a\nservices:\n  api: { image: \"a:1\", networks: [proxy] }\nnetworks: { proxy: { external: true } }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", networks: [proxy] }\nnetworks: { proxy: { external: true } }\n",
    ]),
    check: Check::Across(check),
};

/// The network's name on the engine, the name that is answered to, and where.
fn answers(file: &File) -> Vec<(String, String, Place)> {
    let networks = file.networks();
    let mut answers = Vec::new();
    for service in file.services() {
        for (key, aliases, place) in service.networks() {
            let Some(network) = networks.iter().find(|network| network.key == key) else {
                continue;
            };
            let own = [service.name.to_owned()].into_iter();
            let named = ["container_name", "hostname"];
            let named = named.into_iter().filter_map(|key| service.text(key));
            // A resolver takes no note of the case.
            let all = own.chain(named).chain(aliases);
            let all: BTreeSet<String> = all.map(|name| name.to_ascii_lowercase()).collect();
            for name in all {
                answers.push((on_engine(file, network), name, place.clone()));
            }
        }
    }
    answers
}

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let answers = |deployed: &Deployed<'_>| answers(&deployed.file);
    each_pair(subject, answers, |second, theirs, first, ours| {
        for (network, name, place) in theirs {
            let Some((.., other)) = ours.iter().find(|(n, a, _)| n == network && a == name) else {
                continue;
            };
            let message = format!(
                "`{}` and `{}` both answer to `{name}` on the network `{network}`",
                first.title(),
                second.title()
            );
            found.push(
                Found::new(name.as_str(), message, place.clone())
                    .label("expected a name of its own, or a network of its own")
                    .related(other.clone(), "the other one joins here")
                    .belonging(second)
                    .belonging(first),
            );
        }
    });
    found
}
