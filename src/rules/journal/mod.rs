//! Rules on the release journal.

use super::rule::Rule;
use super::{Found, Subject};
use crate::spec::{Environment, Located, Requirement};

mod approval;
mod chain;
mod files;
mod stage;

/// The environments that require something for promotion, each with the requirement.
fn demanding<'a>(
    subject: &Subject<'a>,
    requirement: Requirement,
) -> impl Iterator<Item = (&'a Environment, &'a Located<Requirement>)> {
    let catalog = subject.catalog.into_iter();
    let environments = catalog.flat_map(|catalog| &catalog.environments);
    environments.filter_map(move |environment| {
        let promotion = environment.promotion.as_ref()?;
        Some((environment, promotion.demand(requirement)?))
    })
}

/// The most findings of one rule in a journal.
const MOST: usize = 50;

/// The first findings, and how many more there are: every entry of a long journal may be a finding. The
/// note belongs to no environment, so that no filter drops it.
fn few(mut found: Vec<Found>) -> Vec<Found> {
    let more = found.len().saturating_sub(MOST);
    if more > 1 {
        let place = found
            .get(MOST)
            .map(|first| first.diagnostic.place().clone());
        found.truncate(MOST);
        let message = format!("{more} more findings of this rule in the journal");
        found.extend(place.map(|place| Found::new("journal", message, place)));
    }
    found
}

pub(super) const RULES: &[&Rule] = &[&chain::RULE, &approval::RULE, &stage::RULE, &files::RULE];
