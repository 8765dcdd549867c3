//! What specs and files allow, and which of their allowances match nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::found::Found;
use super::inline::{Inline, Inlines};
use super::rule::{Check, Rule};
use super::spec::allowance;
use super::subject::Subject;
use super::violation::{Allowed, Violation};
use super::{Codes, selection};
use crate::source::{Place, TextPart};
use crate::spec::{Allowance, Catalog};
use crate::suppression::{SuppressionScope, Suppressions};

/// Every allowance of the specs and of the files.
pub(super) struct Allowances<'a> {
    all: Vec<One<'a>>,
    suppressions: Suppressions<'a>,
    inlines: Inlines,
    rules: Codes,
}

struct One<'a> {
    scope: SuppressionScope<'a>,
    /// The service, or a pattern for what findings are about.
    subject: &'a str,
    reason: &'a str,
    place: &'a Place,
}

impl<'a> Allowances<'a> {
    pub(super) fn of(subject: &Subject<'a>, rules: Codes) -> Self {
        let all = subject.catalog.map(of_specs).unwrap_or_default();
        let mut suppressions = Suppressions::default();
        for (index, one) in all.iter().enumerate() {
            suppressions.add(index, one.scope, one.subject);
        }
        Self {
            all,
            suppressions,
            inlines: Inlines::of(subject, &rules),
            rules,
        }
    }

    /// Why a finding is allowed, if it is.
    pub(super) fn reason(&mut self, finding: &Violation) -> Option<Allowed> {
        if matches!(finding.rule.check, Check::Allowances) {
            return None;
        }
        let of_files = self.inlines.reason(finding);
        self.of_specs(finding).or(of_files.map(Allowed::by_file))
    }

    /// Why the specs allow a finding, if they do.
    fn of_specs(&mut self, finding: &Violation) -> Option<Allowed> {
        let found = &finding.found;
        let service = found.service.as_deref();
        let environments = found.environments.iter().map(|name| Some(name.as_str()));
        let subjects = environments.chain([None]).flat_map(|environment| {
            let scope = |is_service| SuppressionScope {
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
        Some(Allowed::by_spec(first.reason, first.place))
    }

    /// Allowances that match no finding; `left` are the findings that are not allowed.
    pub(super) fn unused(&self, left: &[Violation]) -> Vec<Violation> {
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
        let in_files = self.inlines.idle();
        let of_files = in_files.iter().filter_map(|(one, _)| one.code.as_deref());
        let idle_codes = idle.values().map(|one| one.scope.code).chain(of_files);
        let left = Left::of(left, &self.rules, idle_codes);
        let of_specs = idle.into_values().map(|one| {
            let place = if one.scope.is_service {
                one.place.to_key()
            } else {
                one.place.clone()
            };
            let mut found = left.unused(one.scope.code, place, false);
            let environment = one.scope.environment;
            found.environments.extend(environment.map(str::to_owned));
            found
        });
        let of_files = in_files.into_iter().map(|(one, owner)| {
            let mut found = left.idle(one);
            found.environments = owner.environments;
            found.hosts = owner.hosts;
            found
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
        scope: SuppressionScope {
            code: &allowance.rule.value,
            environment,
            is_service: false,
        },
        subject: &allowance.what.value,
        reason: &allowance.reason.value,
        place: &allowance.rule.place,
    };
    let mut all: Vec<_> = catalog
        .allow
        .iter()
        .map(|one| pattern(None, &one.value))
        .collect();
    for environment in &catalog.environments {
        let name = Some(environment.name.as_str());
        let own = environment.allow.iter();
        all.extend(own.map(|one| pattern(name, &one.value)));
        for service in environment.services() {
            all.extend(service.allow.iter().map(|(rule, reason)| One {
                scope: SuppressionScope {
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

/// Where the first findings of rules are that are not allowed.
struct Left<'a> {
    places: HashMap<&'static str, Vec<String>>,
    rules: &'a Codes,
}

impl<'a> Left<'a> {
    /// Only of the rules with these codes: saying where a finding is takes a search of the whole file for secrets.
    fn of<'c>(
        findings: &[Violation],
        rules: &'a Codes,
        codes: impl Iterator<Item = &'c str>,
    ) -> Self {
        /// So many are named.
        const MOST: usize = 3;
        let mut places: HashMap<&str, Vec<String>> = codes
            .filter_map(|code| Some((rules.get(code)?.code, Vec::new())))
            .collect();
        for finding in findings {
            let Some(named) = places.get_mut(finding.rule.code) else {
                continue;
            };
            if named.len() < MOST {
                let diagnostic = &finding.found.diagnostic;
                let what = diagnostic.place().without_hidden(&finding.found.what);
                named.push(format!("`{what}` ({})", diagnostic.place().display()));
            }
        }
        Self { places, rules }
    }

    fn rule(&self, code: &str) -> Option<&'static Rule> {
        self.rules.get(code).copied()
    }

    /// An allowance in a file that allows nothing.
    fn idle(&self, one: &Inline) -> Found {
        let place = one.place.clone();
        let Some(code) = &one.code else {
            let message = "this comment cannot be read";
            return Found::new("composegen", message, place)
                .label("expected `# composegen: ignore[CODE] reason`");
        };
        match self.rule(code) {
            Some(rule) if !one.has_reason => {
                let message = if one.is_comment {
                    format!("`ignore[{}]` has no reason", rule.code)
                } else {
                    format!("`allow` of `{}` has no reason", rule.code)
                };
                Found::new(rule.code, message, place).label("it allows nothing without a reason")
            }
            _ => self.unused(code, place, one.is_comment),
        }
    }

    /// An allowance that matches no finding.
    fn unused(&self, code: &str, place: Place, is_comment: bool) -> Found {
        let Some(rule) = self.rule(code) else {
            let what = selection::close(code, self.rules).unwrap_or("unknown rule");
            let mut found = Found::new(what, "", place.clone());
            found.diagnostic = selection::unknown(code, place, self.rules);
            return found;
        };
        let message = if is_comment {
            format!("`ignore[{}]` matches no finding", rule.code)
        } else {
            format!("`allow` of `{}` matches no finding", rule.code)
        };
        let found = Found::new(rule.code, message, place).label("this allows nothing");
        let code = rule.code;
        let Some(left) = self.places.get(code).filter(|left| !left.is_empty()) else {
            return found.help("remove it");
        };
        let left = left.join(", ");
        found.help(if is_comment {
            format!("remove it, or move it to the line of the finding: {left}")
        } else {
            format!("the findings of `{code}` are about {left}")
        })
    }
}

fn key(place: &Place) -> String {
    let path = match &place.at {
        TextPart::Value(path) | TextPart::Key(path) => path.to_string(),
        TextPart::Whole | TextPart::Bytes(_) => String::new(),
    };
    format!("{}#{path}", place.source.name)
}
