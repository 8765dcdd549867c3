//! Rules on the release journal.

use super::Subject;
use super::rule::Rule;
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

pub(super) const RULES: &[&Rule] = &[&chain::RULE, &approval::RULE, &stage::RULE, &files::RULE];
