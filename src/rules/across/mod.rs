//! Rules on several Compose files: what two of them would share.
//!
//! Names, ports and directories are compared between files that run on one machine; files that no
//! spec describes are taken to run on one.

use std::collections::HashMap;
use std::hash::Hash;

use super::rule::Rule;
use super::{Deployed, MAX_NAMED, Subject};

mod alias_shared;
mod bind_shared;
mod edge_only;
mod foreign_name;
mod ledger;
mod literal_secret;
mod loopback_only;
mod mirror;
mod misplaced_fixture;
mod name_shared;
pub(super) mod nested;
mod owned;
mod past_ports;
mod port_collision;
mod preview_shares;
mod preview_teardown;
mod project_shared;
mod secret_elsewhere;
mod subnet_overlap;
mod unknown_name;
mod unscrubbed_fixture;
mod unused_value;

/// Compares what the projects on one machine have of something: calls `shared` for every thing of a
/// later file that an earlier one has as well, with the first such thing of each of those. Two files of
/// one project have the same things, which is the finding of `project-shared`.
fn each_shared<'s, 'a, K: Eq + Hash, T>(
    subject: &'s Subject<'a>,
    things: impl Fn(&'s Deployed<'a>) -> Vec<(K, T)>,
    may_share: impl Fn(&Deployed<'a>, &Deployed<'a>) -> bool,
    mut shared: impl FnMut(&'s Deployed<'a>, &T, &'s Deployed<'a>, &T),
) {
    let mut earlier: HashMap<(&str, K), Vec<(usize, T)>> = HashMap::new();
    let deployed: Vec<_> = subject
        .deployed
        .iter()
        .map(|one| (one, one.file.project.as_str()))
        .collect();
    for (at, (second, project)) in deployed.iter().enumerate() {
        let mut own = Vec::new();
        for (key, thing) in things(second) {
            let key = (second.machine(), key);
            let others = earlier
                .get(&key)
                .into_iter()
                .flatten()
                .filter_map(|(at, thing)| {
                    let (first, other) = deployed.get(*at)?;
                    let may_share = project != other && may_share(first, second);
                    may_share.then_some((*first, thing))
                });
            for (first, other) in others.take(MAX_NAMED) {
                shared(second, &thing, first, other);
            }
            own.push((key, thing));
        }
        for (key, thing) in own {
            let known = earlier.entry(key).or_default();
            // One more than are reported, as one of them may be the file itself.
            if known.len() <= MAX_NAMED && known.last().is_none_or(|(last, _)| *last != at) {
                known.push((at, thing));
            }
        }
    }
}

pub(super) const RULES: &[&Rule] = &[
    &loopback_only::RULE,
    &edge_only::RULE,
    &literal_secret::RULE,
    &secret_elsewhere::RULE,
    &unscrubbed_fixture::RULE,
    &misplaced_fixture::RULE,
    &mirror::RULE,
    &foreign_name::RULE,
    &port_collision::RULE,
    &project_shared::RULE,
    &name_shared::RULE,
    &alias_shared::RULE,
    &bind_shared::RULE,
    &subnet_overlap::RULE,
    &preview_shares::RULE,
    &preview_teardown::RULE,
    &unused_value::RULE,
    &unknown_name::RULE,
];
