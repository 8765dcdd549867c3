//! One name that two projects answer to on one network.

use std::collections::{BTreeSet, HashMap};

use super::{each_shared, on_engine};
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

/// A network's name on the engine, and a name that is answered to there.
type Answer = (String, String);

/// What a file answers to, and where.
fn answers(file: &File) -> Vec<(Answer, (Answer, Place))> {
    let networks = file.networks();
    let by_key: HashMap<&str, String> = networks
        .iter()
        .map(|network| (network.key.as_str(), on_engine(file, network)))
        .collect();
    let mut answers = Vec::new();
    for service in file.services() {
        for (key, aliases, place) in service.networks() {
            let Some(network) = by_key.get(key.as_str()) else {
                continue;
            };
            let own = [service.name.to_owned()].into_iter();
            let named = ["container_name", "hostname"];
            let named = named.into_iter().filter_map(|key| service.text(key));
            // A resolver takes no note of the case.
            let all = own.chain(named).chain(aliases);
            let all: BTreeSet<String> = all.map(|name| name.to_ascii_lowercase()).collect();
            for name in all {
                let answer = (network.clone(), name);
                answers.push((answer.clone(), (answer, place.clone())));
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
    let answers = |deployed: &Deployed<'_>| answers(&deployed.file);
    let any = |_: &Deployed<'_>, _: &Deployed<'_>| true;
    each_shared(subject, answers, any, |second, theirs, first, ours| {
        let ((network, name), place) = theirs;
        let message = format!(
            "`{}` and `{}` both answer to `{name}` on the network `{network}`",
            first.title(),
            second.title()
        );
        found.push(
            Found::new(name.as_str(), message, place.clone())
                .label("expected a name of its own, or a network of its own")
                .related(ours.1.clone(), "the other one joins here")
                .belonging(second)
                .belonging(first),
        );
    });
    found
}
