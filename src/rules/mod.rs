//! Rules: what the environments promise, held against the specs and against Compose files.
//!
//! A rule is a file with its code, its reason, and the two examples that are its test: one that
//! breaks it and one that keeps it. There are four kinds, by what they look at:
//!
//! - [`spec`]: what the specs say, and what one environment says of another;
//! - [`across`]: what several Compose files would share;
//! - [`journal`]: the release journal, beside the specs;
//! - [`file`]: one Compose file, whoever wrote it.
//!
//! A rule only looks and says what it found. What is allowed, and what people are shown, is
//! decided after it.

mod across;
mod allow;
mod file;
mod found;
mod journal;
pub mod others;
pub mod parity;
mod rule;
mod spec;
mod subject;
mod view;

pub use found::{Found, Violation};
pub use rule::{Check, Example, Rule, Severity};
pub use subject::{Deployed, Subject};

use allow::Allowances;

/// Every rule, in the order in which they are explained.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [spec::RULES, across::RULES, journal::RULES, file::RULES]
        .into_iter()
        .flatten()
        .copied()
}

/// The rule with a code.
#[must_use]
pub fn by_code(code: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.code == code)
}

/// What a run of all rules gave.
#[derive(Debug, Default)]
pub struct Judgement {
    /// What is wrong, by place.
    pub findings: Vec<Violation>,
    /// What would be, if a spec did not allow it.
    pub allowed: Vec<Violation>,
}

/// Holds every rule against what there is.
#[must_use]
pub fn judge(subject: &Subject<'_>) -> Judgement {
    let mut found: Vec<Violation> = all()
        .flat_map(|rule| {
            let mut found = match rule.check {
                Check::Spec(check) => subject.catalog.map(check).unwrap_or_default(),
                Check::Across(check) => check(subject),
                Check::File(check) => subject.deployed.iter().flat_map(check).collect(),
            };
            if subject.catalog.is_none() {
                cut(&mut found);
            }
            found
                .into_iter()
                .map(move |found| Violation::of(rule, found))
        })
        .collect();
    found.sort_by_cached_key(Violation::key);
    let Some(catalog) = subject.catalog else {
        return Judgement {
            findings: each_once(found),
            allowed: Vec::new(),
        };
    };
    let mut allowances = Allowances::of(catalog);
    let (mut findings, mut allowed) = (Vec::new(), Vec::new());
    for mut finding in found {
        match allowances.reason(&finding) {
            Some(reason) => {
                finding.allowed = Some(reason);
                allowed.push(finding);
            }
            None => findings.push(finding),
        }
    }
    findings.extend(allowances.unused());
    findings.sort_by_cached_key(Violation::key);
    Judgement {
        findings: each_once(findings),
        allowed: each_once(allowed),
    }
}

/// How many findings of a rule are told of where no spec allows any: nobody reads more of them, and a
/// small file may give hundreds of thousands.
const MAX_FOUND: usize = 10_000;

/// Leaves as many findings as are told, and says how many are left out.
fn cut(found: &mut Vec<Found>) {
    let more = found.len().saturating_sub(MAX_FOUND);
    let Some(first) = found.get(MAX_FOUND) else {
        return;
    };
    let message = format!("{more} more like this are not shown");
    let last = Found::new(
        first.what.clone(),
        message,
        first.diagnostic.place().clone(),
    )
    .label(format!("at most {MAX_FOUND} findings of a rule are shown"));
    found.truncate(MAX_FOUND);
    found.shrink_to_fit();
    found.push(last);
}

/// One finding for all environments that a line is wrong for: what they have in common is written
/// once, and told once.
fn each_once(findings: Vec<Violation>) -> Vec<Violation> {
    let mut once: Vec<Violation> = Vec::new();
    for finding in findings {
        match once.last_mut() {
            Some(last) if last.is_same(&finding) => last.take_in(finding),
            _ => once.push(finding),
        }
    }
    once
}
