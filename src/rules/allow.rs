//! What the specs allow, and which of their allowances match nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::found::Found;
use super::rule::Check;
use super::spec::allowance;
use super::violation::Violation;
use crate::source::{At, Place};
use crate::spec::Catalog;
use crate::suppression::{Scope, Suppressions};

/// Every allowance of the specs.
pub(super) struct Allowances<'a> {
    all: Vec<One<'a>>,
    suppressions: Suppressions<'a>,
}

struct One<'a> {
    rule: &'a str,
    /// The environment; `None` means all of them.
    environment: Option<&'a str>,
    /// The service, or a pattern for what findings are about.
    subject: Subject<'a>,
    reason: &'a str,
    place: &'a Place,
}

enum Subject<'a> {
    Service(&'a str),
    Pattern(&'a str),
}

impl<'a> Allowances<'a> {
    pub(super) fn of(catalog: &'a Catalog) -> Self {
        let mut all = Vec::new();
        for allowance in &catalog.allow {
            all.push(One {
                rule: &allowance.rule.value,
                environment: None,
                subject: Subject::Pattern(&allowance.what.value),
                reason: &allowance.reason.value,
                place: &allowance.rule.place,
            });
        }
        for environment in &catalog.environments {
            for allowance in &environment.allow {
                all.push(One {
                    rule: &allowance.rule.value,
                    environment: Some(environment.name.as_str()),
                    subject: Subject::Pattern(&allowance.what.value),
                    reason: &allowance.reason.value,
                    place: &allowance.rule.place,
                });
            }
            for service in environment.services() {
                for (rule, reason) in &service.allow {
                    all.push(One {
                        rule: rule.as_str(),
                        environment: Some(environment.name.as_str()),
                        subject: Subject::Service(service.name.as_str()),
                        reason: &reason.value,
                        place: &reason.place,
                    });
                }
            }
        }
        let mut suppressions = Suppressions::default();
        for (index, one) in all.iter().enumerate() {
            let (is_service, pattern) = match one.subject {
                Subject::Service(name) => (true, name),
                Subject::Pattern(pattern) => (false, pattern),
            };
            let scope = Scope {
                code: one.rule,
                environment: one.environment,
                is_service,
            };
            suppressions.add(index, scope, pattern);
        }
        Self { all, suppressions }
    }

    /// Why a finding is allowed, if it is.
    pub(super) fn reason(&mut self, finding: &Violation) -> Option<String> {
        if matches!(finding.rule.check, Check::Allowances) {
            return None;
        }
        let found = &finding.found;
        let service = found.service.as_deref();
        let environments = found.environments.iter().map(|name| Some(name.as_str()));
        let subjects = environments.chain([None]).flat_map(|environment| {
            let scope = |is_service| Scope {
                code: finding.rule.code,
                environment,
                is_service,
            };
            std::iter::once((scope(false), found.what.as_str()))
                .chain(service.map(|service| (scope(false), service)))
                .chain(service.map(|service| (scope(true), service)))
        });
        // Of several, the first one says why.
        let first = self.all.get(self.suppressions.first(subjects)?)?;
        Some(first.reason.to_owned())
    }

    /// Allowances that match no finding.
    pub(super) fn unused(&self) -> Vec<Violation> {
        // What several environments have in common is written once, and used where one of them uses it.
        let used: BTreeSet<String> = self
            .all
            .iter()
            .enumerate()
            .filter(|(index, _)| self.suppressions.is_used(*index))
            .map(|(_, one)| key(one.place))
            .collect();
        let mut idle: BTreeMap<String, &One<'_>> = BTreeMap::new();
        for one in &self.all {
            let key = key(one.place);
            if !used.contains(&key) {
                idle.insert(key, one);
            }
        }
        let found = idle.into_values().map(|one| {
            let place = match one.subject {
                Subject::Service(_) => one.place.to_key(),
                Subject::Pattern(_) => one.place.clone(),
            };
            let known = || super::all().map(|rule| rule.code);
            let mut found = if known().any(|code| code == one.rule) {
                Found::new(
                    one.rule,
                    format!("there is no finding of `{}` to allow", one.rule),
                    place,
                )
                .label("this allows nothing")
                .help("remove it: the finding that it allowed is gone")
            } else {
                let mut found =
                    Found::new(one.rule, format!("there is no rule `{}`", one.rule), place)
                        .label("expected a rule code");
                found.diagnostic = found.diagnostic.did_you_mean(one.rule, known());
                found.help("`composegen rules` lists all codes")
            };
            found
                .environments
                .extend(one.environment.map(str::to_owned));
            Violation::of(&allowance::RULE, found)
        });
        found.collect()
    }
}

fn key(place: &Place) -> String {
    let path = match &place.at {
        At::Value(path) | At::Key(path) => path.to_string(),
        At::Whole | At::Bytes(_) => String::new(),
    };
    format!("{}#{path}", place.source.name)
}
