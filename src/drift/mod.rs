//! Comparing what is expected with what is observed, both ways.
//!
//! The comparison is a pure function of two states and a little context: no input, no output, so
//! every case is a plain test. A module per kind of thing returns the differences (`difference`);
//! `explain` adds why each is there, what `docker compose up -d` would do about it, and the command
//! that fixes it. Where an engine fills in what a file leaves open, there is no difference; what a
//! state cannot tell is listed as unchecked.

mod alike;
mod attachments;
mod binds;
mod by_id;
mod capabilities;
mod cause;
mod changes;
mod commands;
mod config;
mod configured;
mod container;
mod content;
mod context;
mod coverage;
mod difference;
mod expected;
mod explain;
mod facts;
mod foreign;
mod forms;
mod held;
mod ignore;
mod index;
mod links;
mod missing;
mod mount;
mod mounts;
mod names;
mod network_mode;
mod networks;
mod option_names;
mod pair;
mod ports;
mod priority;
mod reasons;
mod refused;
mod resource;
mod running;
mod select;
mod services;
mod sources;
mod stack;
mod states;
mod status;
mod subnets;
mod table;
#[cfg(test)]
mod testing;
mod unchecked;
mod unreadable;
mod variables;
mod volumes;

pub use commands::Commands;
pub use context::Context;
pub use coverage::{Coverage, Unchecked};
pub use ignore::{IgnoreRule, Suppressed, suppress};
pub use select::Select;
pub(crate) use status::Status;

use crate::finding::Finding;
use crate::plan::{self, Compose, Input, Plan, VersionSource};
use crate::state::{Live, State};
use configured::Configured;
use coverage::CoverageTracker;
use difference::Difference;
use index::Index;
use pair::Pair;
use stack::StackState;
use states::States;

/// What a comparison found.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// The differences, the worst first, and among equals the one that a person would act on.
    pub findings: Vec<Finding>,
    /// What could not be compared.
    pub unchecked: Vec<Unchecked>,
    /// How much was compared.
    pub coverage: Coverage,
    /// What `docker compose up -d`, or `docker stack deploy`, would do.
    pub plan: Plan,
}

/// Compares an expected state with an observed one.
#[must_use]
pub fn compare(expected: &State, observed: &State, context: &Context) -> Comparison {
    if let (Some(expected), Some(observed)) = (StackState::of(expected), StackState::of(observed)) {
        return stack::compare(expected, observed, context);
    }
    let named = by_id::named_by_id(expected, observed);
    let observed = named.as_ref().unwrap_or(observed);
    let nothing = Live::default();
    let live = observed.live.as_ref().unwrap_or(&nothing);
    let index = Index::of(expected, observed, live);
    let newer = cause::of_changed_file(expected, &index, context);
    let context = newer.as_ref().unwrap_or(context);
    let mut states = States {
        expected,
        observed,
        live,
        context,
        configured: if context.counts_defaults {
            Configured::default()
        } else {
            Configured::of(expected, &index, live)
        },
        index,
        plan: Plan::default(),
    };
    let mut coverage = CoverageTracker::default();
    let mut differences = networks::networks(&states, &mut coverage);
    differences.extend(volumes::volumes(&states, &mut coverage));
    differences.extend(services::services(&states));
    differences.extend(foreign::foreign(&states));
    differences.extend(unreadable::unreadable(&states, &mut coverage));
    let pairs = states.pairs();
    let of_containers: Vec<(Pair<'_>, Vec<Difference>)> = pairs
        .map(|pair| (pair, container(pair, &states, &mut coverage)))
        .collect();
    let up = plan::Options {
        compose: compose(&context.up.compose, live),
        ..context.up.clone()
    };
    states.plan = Plan::of(Input {
        expected,
        observed,
        live,
        facts: &facts::facts(&differences, &of_containers, &states),
        options: &up,
    });
    let mut findings: Vec<Finding> = differences
        .into_iter()
        .map(|difference| explain::other(difference, &states))
        .collect();
    let of_containers = of_containers
        .into_iter()
        .flat_map(|(pair, differences)| {
            differences
                .into_iter()
                .map(move |difference| (difference, pair))
        })
        .map(|(difference, pair)| {
            let finding = explain::of_container(difference, pair, &states);
            (finding, pair)
        })
        .collect();
    findings.extend(alike::fold(of_containers, &states));
    missing::fold(&mut findings, &states);
    explain::blocked(&mut findings, &states);
    unchecked::unset(expected, &mut coverage);
    unchecked::not_shown(&states, &mut coverage);
    sort(&mut findings);
    Comparison {
        findings,
        coverage: coverage.coverage(),
        unchecked: coverage.into_unchecked(),
        plan: states.plan,
    }
}

/// The worst first, and among equals the one that a person would act on.
fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (finding.severity, finding.code);
        key(a)
            .cmp(&key(b))
            .then_with(|| a.resource.cmp(&b.resource))
            .then_with(|| a.field.cmp(&b.field))
    });
}

/// The version of Compose that is foreseen: where nothing says which, that of the newest container.
fn compose(known: &Compose, live: &Live) -> Compose {
    let newest = live.containers.iter().max_by_key(|one| &one.created);
    let label = newest.and_then(|newest| newest.compose_version.as_deref());
    let created = label.and_then(|label| label.parse::<Compose>().ok());
    match created {
        Some(created) if known.origin == VersionSource::Default => {
            created.known_by(VersionSource::Label)
        }
        _ => known.clone(),
    }
}

/// Compares a service with one of its containers.
fn container(
    pair: Pair<'_>,
    states: &States<'_>,
    coverage: &mut CoverageTracker,
) -> Vec<Difference> {
    // The networks, the ports and the mounts.
    for field in ["networks", "ports", "volumes"] {
        coverage.count(!states.is_unset("services", pair.name, field));
    }
    let mut differences = if network_mode::is_used(pair) {
        network_mode::network_mode(pair, states, coverage)
    } else {
        attachments::attachments(pair, states, coverage)
    };
    differences.extend(priority::first_network(pair, states));
    differences.extend(ports::ports(pair, states));
    differences.extend(mounts::mounts(pair, states, coverage));
    differences.extend(config::config(pair, states, coverage));
    differences.extend(content::copies(pair, states, coverage));
    differences.extend(running::image(pair, states, coverage));
    if differences.is_empty() {
        differences.extend(running::definition(pair));
    }
    differences.extend(binds::newer(pair, coverage));
    differences.extend(binds::contents(pair, states, coverage));
    differences.extend(changes::changes(pair, coverage));
    differences.extend(running::state(pair, states));
    differences.extend(running::name(pair, states));
    differences
}
