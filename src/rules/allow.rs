//! What specs and files allow, and which of their allowances match nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::found::Found;
use super::inline::Inlines;
use super::own::Own;
use super::rule::Check;
use super::spec::allowance;
use super::subject::Subject;
use super::violation::Violation;
use crate::source::{At, Place};
use crate::spec::{Allowance, Catalog};
use crate::suppression::{Scope, Suppressions};

/// Every allowance of the specs and of the files.
pub(super) struct Allowances<'a> {
    all: Vec<One<'a>>,
    suppressions: Suppressions<'a>,
    inlines: Inlines,
    used_inlines: BTreeSet<usize>,
}

struct One<'a> {
    scope: Scope<'a>,
    /// The service, or a pattern for what findings are about.
    subject: &'a str,
    reason: &'a str,
    place: &'a Place,
}

impl<'a> Allowances<'a> {
    pub(super) fn of(subject: &Subject<'a>) -> Self {
        let all = subject.catalog.map(of_specs).unwrap_or_default();
        let mut suppressions = Suppressions::default();
        for (index, one) in all.iter().enumerate() {
            suppressions.add(index, one.scope, one.subject);
        }
        Self {
            all,
            suppressions,
            inlines: Inlines::of(subject),
            used_inlines: BTreeSet::new(),
        }
    }

    /// Why a finding is allowed, if it is.
    pub(super) fn reason(&mut self, finding: &Violation) -> Option<String> {
        if matches!(finding.rule.check, Check::Allowances) {
            return None;
        }
        let fitting = self.inlines.fitting(finding);
        self.used_inlines.extend(&fitting);
        let of_specs = self.reason_of_specs(finding);
        of_specs.or_else(|| {
            let first = self.inlines.all.get(*fitting.first()?)?;
            Some(first.reason.clone())
        })
    }

    /// Why the specs allow a finding, if they do.
    fn reason_of_specs(&mut self, finding: &Violation) -> Option<String> {
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

    /// Allowances that match no finding; `left` are the findings that are not allowed.
    pub(super) fn unused(&self, left: &[Violation], own: &Own) -> Vec<Violation> {
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
        let of_specs = idle.into_values().map(|one| {
            let place = if one.scope.is_service {
                one.place.to_key()
            } else {
                one.place.clone()
            };
            let mut found = unused(one.scope.code, place, left, own);
            let environment = one.scope.environment;
            found.environments.extend(environment.map(str::to_owned));
            found
        });
        let of_files = self.inlines.unused(&self.used_inlines, |code, place| {
            unused(code, place, left, own)
        });
        let found = of_specs.chain(of_files);
        found
            .map(|found| Violation::of(&allowance::RULE, found, None))
            .collect()
    }
}

/// The allowances of the specs.
fn of_specs<'a>(catalog: &'a Catalog) -> Vec<One<'a>> {
    let pattern = |environment: Option<&'a str>, allowance: &'a Allowance| One {
        scope: Scope {
            code: &allowance.rule.value,
            environment,
            is_service: false,
        },
        subject: &allowance.what.value,
        reason: &allowance.reason.value,
        place: &allowance.rule.place,
    };
    let everywhere = catalog.allow.iter();
    let mut all: Vec<_> = everywhere.map(|one| pattern(None, &one.value)).collect();
    for environment in &catalog.environments {
        let name = Some(environment.name.as_str());
        let own = environment.allow.iter();
        all.extend(own.map(|one| pattern(name, &one.value)));
        for service in environment.services() {
            all.extend(service.allow.iter().map(|(rule, reason)| One {
                scope: Scope {
                    code: rule.as_str(),
                    environment: name,
                    is_service: true,
                },
                subject: service.name.as_str(),
                reason: &reason.value,
                place: &reason.place,
            }));
        }
    }
    all
}

/// An allowance that matches no finding; `left` are the findings that are not allowed.
fn unused(code: &str, place: Place, left: &[Violation], own: &Own) -> Found {
    let all = || super::all().chain(own.rules());
    if all().any(|rule| rule.code == code) {
        let message = format!("there is no finding of `{code}` to allow");
        return Found::new(code, message, place)
            .label("this allows nothing")
            .help(remedy(code, left));
    }
    let mut found =
        Found::new(code, format!("there is no rule `{code}`"), place).label("expected a rule code");
    let known = all().map(|rule| rule.code);
    found.diagnostic = found.diagnostic.did_you_mean(code, known);
    found.help("`composegen rules` lists all codes")
}

/// What to do about an allowance that matches no finding of its rule.
fn remedy(code: &str, left: &[Violation]) -> String {
    const MOST: usize = 3;
    let about: BTreeSet<&str> = left
        .iter()
        .filter(|finding| finding.rule.code == code)
        .map(|finding| finding.found.what.as_str())
        .collect();
    if about.is_empty() {
        return "remove it: the finding that it allowed is gone".to_owned();
    }
    let names: Vec<String> = about
        .into_iter()
        .take(MOST)
        .map(|what| format!("`{what}`"))
        .collect();
    format!("the findings of `{code}` are about {}", names.join(", "))
}

fn key(place: &Place) -> String {
    let path = match &place.at {
        At::Value(path) | At::Key(path) => path.to_string(),
        At::Whole | At::Bytes(_) => String::new(),
    };
    format!("{}#{path}", place.source.name)
}
