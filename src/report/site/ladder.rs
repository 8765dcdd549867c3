//! How releases go through the environments: what each takes, and what the journal says.

use serde::Serialize;

use crate::journal::{Entry, Journal};
use crate::promote;
use crate::report::catalog::CatalogReport;
use crate::spec::Catalog;

/// How many entries of the journal are listed.
const MOST_ENTRIES: usize = 50;

/// An environment that takes promotions.
#[derive(Serialize)]
pub(super) struct Step {
    name: String,
    from: String,
    requires: Vec<&'static str>,
    /// The environment that it mirrors, and so comes before.
    leads_to: Option<String>,
    last: Option<Entries>,
}

/// An entry of the journal.
#[derive(Serialize)]
pub(super) struct Entries {
    time: String,
    environment: String,
    reference: String,
    commit: String,
    approver: Option<String>,
    files: usize,
}

/// The environments that take promotions, in the order in which a release reaches them.
pub(super) fn steps(specs: &Catalog, catalog: &CatalogReport, journal: &Journal) -> Vec<Step> {
    let mut steps: Vec<(usize, Step)> = catalog
        .environments
        .iter()
        .filter_map(|view| {
            let promotion = view.promotion.as_ref()?;
            let environment = specs
                .environments
                .iter()
                .find(|one| one.name.as_str() == view.name)?;
            let last = journal.last_of(&environment.name);
            let step = Step {
                name: view.name.clone(),
                from: promotion.from.clone(),
                requires: promotion.requires.clone(),
                leads_to: view.mirrors.clone(),
                last: last.map(|(entry, _)| entries(entry)),
            };
            let before = if view.per_pull_request {
                0
            } else {
                1 + promote::stages(specs, environment)
            };
            Some((before, step))
        })
        .collect();
    steps.sort_by_key(|(before, _)| *before);
    steps.into_iter().map(|(_, step)| step).collect()
}

/// The newest entries of the journal, the newest first, and how many there are beside them.
pub(super) fn journal(journal: &Journal) -> (Vec<Entries>, usize) {
    let all = journal.entries().count();
    let newest = journal
        .entries()
        .rev()
        .take(MOST_ENTRIES)
        .map(|(entry, _)| entries(entry))
        .collect();
    (newest, all.saturating_sub(MOST_ENTRIES))
}

fn entries(entry: &Entry) -> Entries {
    Entries {
        time: entry.time.to_string(),
        environment: entry.environment.to_string(),
        reference: entry.reference.to_string(),
        commit: entry.commit.short().to_owned(),
        approver: entry.approver.clone(),
        files: entry.files.len(),
    }
}
