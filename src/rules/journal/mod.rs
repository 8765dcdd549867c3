//! Rules on the release journal.

use super::rule::Rule;
use super::{Found, Subject};
use crate::spec::{Environment, Located, Requirement};

mod approval;
mod chain;
mod files;
mod stage;

/// The environments into which only what fulfils a demand is promoted, each with the demand.
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

/// The most that one rule says of a journal.
const MOST: usize = 50;

/// What was found, or the beginning of it with a note of how much more there is: every entry of a
/// long journal may be a finding. The note is of no environment, so none loses it.
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
