//! A variable that may be empty.

use std::collections::HashSet;
use std::ops::Range;

use super::here::EnvFiles;
use super::unguarded::unguarded;
use super::{each, shell_variable};
use crate::compose::At;
use crate::rules::prelude::*;
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    code: "variable-may-be-empty",
    severity: Severity::Hardening,
    title: "A variable has a default or is required",
    why: "Compose replaces a variable that is not set with an empty string, and a service starts with an empty password, tag or address.",
    origin: "docker/compose 5505",
    bad: service!("environment: { MODE: '${MODE}' }"),
    good: service!("environment: { MODE: '${MODE:?say which}' }"),
    check: Check::File(check),
    fix: REQUIRES,
    ..Rule::DEFAULT
};

/// What is done about a variable without a default.
pub(super) const REQUIRES: &str = "requires the variable: `${NAME:?}`";

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    // `variable-not-set` reports those that no env file sets.
    let may_be_empty = |name: &str| !may_be_given(deployed, name) && !is_missing(deployed, name);
    each_unguarded(deployed, may_be_empty, |what, name, place| {
        // What a `$` makes a variable may be a part of a password, so that the label does not name it.
        Found::new(what, format!("`{name}` may be empty"), place)
            .label("expected `${NAME:?why}` or `${NAME:-default}`")
    })
}

/// Whether a variable is set nowhere that is known: there are env files, and none of them
/// sets it.
pub(super) fn is_missing(deployed: &Deployed<'_>, name: &str) -> bool {
    deployed.file.lacks(name) && !may_be_given(deployed, name)
}

/// Whether an env file sets a variable. A file of a host that is not here may set any.
pub(super) fn may_be_given(deployed: &Deployed<'_>, name: &str) -> bool {
    let by_hand = deployed.of.and_then(|(_, host)| host.by_hand());
    deployed.file.gives(name) || by_hand.is_some_and(|by_hand| !by_hand.missing.is_empty())
}

/// Reports the variables that have neither a default nor a `:?`: what each belongs to, its name and
/// its place.
pub(super) fn each_unguarded(
    deployed: &Deployed<'_>,
    keeps: impl Fn(&str) -> bool,
    report: impl Fn(&str, &str, Place) -> Found,
) -> Vec<Found> {
    let names = |at| {
        unguarded_in(deployed, at)
            .into_iter()
            .filter(|(name, ..)| keeps(name))
    };
    let files = EnvFiles::default();
    let mut found = each(deployed, |service| {
        let written = deployed.file.text().dig(&["services", service.name]);
        let fields = written.into_iter().flat_map(At::entries);
        // `random-port` finds those of host ports.
        let fields = fields.filter(|(key, _)| *key != "ports").map(|(_, at)| at);
        let addresses = service.ports().filter_map(|port| port.at.field("host_ip"));
        let names = fields.chain(addresses).flat_map(|at| names(at));
        let names: Vec<_> = names.collect();
        if names.is_empty() {
            return Vec::new();
        }
        // Those of the container are another rule's: given a value here, they would be replaced all the same.
        let of_container = shell_variable::of_container(deployed, service, &files);
        let of_container = of_container
            .into_iter()
            .map(|(name, at)| key(&name, &at.place()));
        let of_container: HashSet<_> = of_container.collect();
        let names = names
            .into_iter()
            .filter(|(name, place, _)| !of_container.contains(&key(name, place)));
        // Compose fills in the whole file: a variable that is required for a service that is not started is required for all.
        let is_always_on = service.get("profiles").is_none();
        names
            .map(|(name, place, fix)| {
                report(service.name, &name, place).fix(fix.filter(|_| is_always_on))
            })
            .collect::<Vec<_>>()
    });
    for (section, at) in deployed.file.text().entries() {
        // An extension is checked where it is used.
        if section == "services" || section.starts_with("x-") {
            continue;
        }
        let names = names(at);
        found.extend(names.map(|(name, place, fix)| {
            let found = report(&name, &name, place).fix(fix);
            found.belonging(deployed)
        }));
    }
    found
}

/// A variable at a place: the same one in two files has two places.
fn key(name: &str, place: &Place) -> (String, String, Option<Range<usize>>) {
    (name.to_owned(), place.source.name.clone(), place.range())
}

/// The variables below a value that have neither a default nor a `:?`, where, and how to require them.
fn unguarded_in(deployed: &Deployed<'_>, at: At<'_>) -> Vec<(String, Place, Option<Fix>)> {
    let mut found = Vec::new();
    at.each_scalar(&mut |_, text, at| {
        let names = unguarded(text);
        if names.is_empty() {
            return;
        }
        let mut fixes = Fix::require(&deployed.file, at);
        let names = names.into_iter();
        found.extend(names.map(|name| (name.to_owned(), at.place(), fixes.remove(name))));
    });
    found
}
