//! What the specs allow, and which of their allowances match nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::found::{Finding, Found};
use super::spec::allowance;
use crate::pattern;
use crate::source::{At, Place};
use crate::spec::Catalog;

/// Every allowance of the specs.
pub(super) struct Allowances<'a> {
    all: Vec<One<'a>>,
    used: BTreeSet<String>,
}

struct One<'a> {
    rule: &'a str,
    /// The environment; nothing means all of them.
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
            for service in environment
                .hosts
                .iter()
                .flat_map(|host| host.services.values())
            {
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
        Self {
            all,
            used: BTreeSet::new(),
        }
    }

    /// Why a finding is allowed, if it is.
    pub(super) fn reason(&mut self, finding: &Finding) -> Option<String> {
        if finding.rule.code == allowance::RULE.code {
            return None;
        }
        let found = &finding.found;
        let fits = |one: &&One<'_>| {
            one.rule == finding.rule.code
                && one.environment.is_none_or(|environment| {
                    found.environments.iter().any(|name| name == environment)
                })
                && match one.subject {
                    Subject::Service(name) => found.service.as_deref() == Some(name),
                    Subject::Pattern(pattern) => {
                        pattern::matches(pattern, &found.what)
                            || found
                                .service
                                .as_deref()
                                .is_some_and(|service| pattern::matches(pattern, service))
                    }
                }
        };
        let mut reason = None;
        for one in self.all.iter().filter(fits) {
            self.used.insert(key(one.place));
            reason.get_or_insert_with(|| one.reason.to_owned());
        }
        reason
    }

    /// Those that nothing matched.
    pub(super) fn unused(&self) -> Vec<Finding> {
        let mut idle: BTreeMap<String, &One<'_>> = BTreeMap::new();
        for one in &self.all {
            let key = key(one.place);
            if !self.used.contains(&key) {
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
                    format!("nothing breaks `{}` here", one.rule),
                    place,
                )
                .label("this allows nothing")
                .help("take it out: what it allowed is mended")
            } else {
                let mut found =
                    Found::new(one.rule, format!("there is no rule `{}`", one.rule), place)
                        .label("expected the code of a rule");
                found.diagnostic = found.diagnostic.did_you_mean(one.rule, known());
                found.help("`composegen rules` lists them")
            };
            found
                .environments
                .extend(one.environment.map(str::to_owned));
            Finding::of(&allowance::RULE, found)
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
