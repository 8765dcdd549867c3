//! Rules: what specs and Compose files must not do.
//!
//! A rule is a file with its code, its reason, and two examples that are its test: a bad one and a good
//! one. There are four kinds, by what they check:
//!
//! - [`spec`]: the specs, and what environments share;
//! - [`across`]: several Compose files, and what they share;
//! - [`journal`]: the release journal, beside the specs;
//! - [`file`]: one Compose file, whoever wrote it.
//!
//! A rule only reports what it finds. Allowances, limits and order are applied after all rules.

mod across;
mod allow;
mod baseline;
mod checked;
mod custom;
mod deployed;
mod equivalent;
mod error;
mod file;
mod fix;
mod fixed;
mod found;
mod identity;
mod inline;
mod journal;
mod mounted;
pub mod others;
pub mod parity;
mod prelude;
mod project;
mod rule;
mod scope;
mod selection;
mod spec;
mod subject;
mod violation;

pub use baseline::{Baseline, KnownFinding, Split};
pub use checked::Checked;
pub use custom::CustomRules;
pub use deployed::Deployed;
pub use equivalent::Equivalent;
pub(crate) use error::CheckError;
pub(crate) use fixed::{FileEdit, Fixed, changes, fixed};
pub use found::Found;
pub use mounted::MountedFiles;
pub(crate) use project::Project;
pub use rule::{Check, Example, Rule, Severity};
pub use scope::Scope;
pub use selection::RuleSelection;
pub(crate) use selection::no_rule;
pub use subject::{EnvFile, Subject};
pub use violation::{Allowed, Violation};

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use allow::Allowances;

use crate::parallel;

/// The most earlier users that are reported for a thing: all users share it with the first one, and the
/// number of pairs would grow with the square.
const MAX_NAMED: usize = 8;

/// Every rule, in the order in which they are explained.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [spec::RULES, across::RULES, journal::RULES, file::RULES]
        .into_iter()
        .flatten()
        .copied()
}

/// Rules by their codes.
type Codes = BTreeMap<&'static str, &'static Rule>;

/// All rules by code, including custom rules.
fn codes(custom: &[&'static Rule]) -> Codes {
    let all = all().chain(custom.iter().copied());
    all.map(|rule| (rule.code, rule)).collect()
}

/// The built-in rule with a code.
#[must_use]
pub fn by_code(code: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.code == code)
}

/// The result of all rules.
#[derive(Debug, Default)]
pub struct CheckOutcome {
    /// Findings that are not allowed, the worst first, then by place.
    pub findings: Vec<Violation>,
    /// Findings that a spec or a file allows.
    pub allowed: Vec<Violation>,
}

/// Checks a subject against every rule. Custom rules have been checked already.
#[must_use]
pub fn judge(subject: &Subject<'_>, custom: &CustomRules) -> CheckOutcome {
    let rules: Vec<&Rule> = all().collect();
    // What compares files with each other takes longest.
    let size = |rule: &&Rule| usize::from(matches!(rule.check, Check::Across(_)));
    let found = parallel::map_largest_first(&rules, size, |rule| {
        let mut found = match rule.check {
            Check::Spec(check) => subject.catalog.map(check).unwrap_or_default(),
            Check::Across(check) => check(subject),
            Check::File(check) => {
                let each = subject.deployed.iter().enumerate();
                let each =
                    each.filter(|(_, one)| rule.only.is_none_or(|only| only == one.orchestrator));
                let found = each.flat_map(|(number, deployed)| {
                    check(deployed).into_iter().map(move |found| Found {
                        deployed: Some(number),
                        ..found
                    })
                });
                found.collect()
            }
            Check::Allowances | Check::Custom { .. } => Vec::new(),
        };
        if subject.catalog.is_none() {
            cut(&mut found);
        }
        let found = found.into_iter();
        found
            .map(|found| Violation::of(rule, found, subject.places.as_ref()))
            .collect::<Vec<_>>()
    });
    let of_custom = custom
        .found
        .iter()
        .map(|(rule, found)| Violation::of(rule, found.clone(), subject.places.as_ref()));
    let mut found: Vec<Violation> = found.into_iter().flatten().chain(of_custom).collect();
    Violation::sort(&mut found);
    let catalog = subject.catalog;
    let has_many = catalog.is_some_and(|catalog| catalog.hosts().nth(1).is_some());
    let once = |found| {
        let mut once = each_once(found);
        once.iter_mut().for_each(Violation::name_services);
        once.iter_mut()
            .filter(|_| has_many)
            .for_each(Violation::name_hosts);
        once
    };
    let of_custom: Vec<_> = custom.rules().collect();
    let mut allowances = Allowances::of(subject, codes(&of_custom));
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
    let unused = allowances.unused(&findings);
    findings.extend(unused);
    Violation::sort(&mut findings);
    CheckOutcome {
        findings: once(findings),
        allowed: once(allowed),
    }
}

/// The most findings of a rule that are shown without a spec: a small file may have hundreds of
/// thousands.
const MAX_FOUND: usize = 10_000;

/// Keeps the first findings, and adds how many are left out.
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

/// Merges the findings of several environments, or of several services, on one line into one.
fn each_once(findings: Vec<Violation>) -> Vec<Violation> {
    let mut once: Vec<Violation> = Vec::new();
    // The findings at the current place, by message. Making a message is slow, so it is done only where a place has several.
    let mut said: HashMap<String, usize> = HashMap::new();
    let mut from = 0;
    for finding in findings {
        if once.last().is_none_or(|last| !last.is_beside(&finding)) {
            said.clear();
            from = once.len();
            once.push(finding);
            continue;
        }
        if said.is_empty() {
            let first = once.iter().enumerate().skip(from);
            said.extend(first.map(|(at, one)| (one.says(), at)));
        }
        match said.entry(finding.says()) {
            Entry::Occupied(known) => {
                if let Some(first) = once.get_mut(*known.get()) {
                    first.merge(finding);
                }
            }
            Entry::Vacant(unknown) => {
                unknown.insert(once.len());
                once.push(finding);
            }
        }
    }
    once
}
