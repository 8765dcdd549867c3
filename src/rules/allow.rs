//! What the specs allow, and which of their allowances match nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::found::Found;
use super::rule::Check;
use super::spec::allowance;
use super::violation::Violation;
use crate::pattern;
use crate::source::{At, Place};
use crate::spec::Catalog;

/// Every allowance of the specs.
pub(super) struct Allowances<'a> {
    all: Vec<One<'a>>,
    /// Those of a rule in an environment that name one thing, by its name.
    named: HashMap<(Scope<'a>, &'a str), Vec<usize>>,
    /// Those that name anything that fits a pattern.
    patterns: HashMap<Scope<'a>, Vec<usize>>,
    used: BTreeSet<usize>,
}

/// A rule, and the environment; `None` means all of them.
type Scope<'a> = (&'a str, Option<&'a str>);

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
        let mut named: HashMap<_, Vec<usize>> = HashMap::new();
        let mut patterns: HashMap<_, Vec<usize>> = HashMap::new();
        for (at, one) in all.iter().enumerate() {
            let scope = (one.rule, one.environment);
            match one.subject {
                Subject::Pattern(pattern) if pattern.contains('*') => {
                    patterns.entry(scope).or_default().push(at);
                }
                Subject::Service(name) | Subject::Pattern(name) => {
                    named.entry((scope, name)).or_default().push(at);
                }
            }
        }
        Self {
            all,
            named,
            patterns,
            used: BTreeSet::new(),
        }
    }

    /// Why a finding is allowed, if it is.
    pub(super) fn reason(&mut self, finding: &Violation) -> Option<String> {
        if matches!(finding.rule.check, Check::Allowances) {
            return None;
        }
        let found = &finding.found;
        let (what, service) = (found.what.as_str(), found.service.as_deref());
        let own = found.environments.iter().map(|name| Some(name.as_str()));
        let mut fitting = BTreeSet::new();
        for environment in own.chain([None]) {
            let scope = (finding.rule.code, environment);
            for name in std::iter::once(what).chain(service) {
                let named = self.named.get(&(scope, name)).into_iter().flatten();
                fitting.extend(named.copied().filter(|at| self.fits(*at, what, service)));
            }
            let patterns = self.patterns.get(&scope).into_iter().flatten();
            fitting.extend(patterns.copied().filter(|at| self.fits(*at, what, service)));
        }
        self.used.extend(&fitting);
        // Of several, the first one says why.
        let first = self.all.get(*fitting.first()?)?;
        Some(first.reason.to_owned())
    }

    /// Whether what an allowance names is what a finding is about.
    fn fits(&self, at: usize, what: &str, service: Option<&str>) -> bool {
        self.all.get(at).is_some_and(|one| match one.subject {
            Subject::Service(name) => service == Some(name),
            Subject::Pattern(pattern) => {
                pattern::matches(pattern, what)
                    || service.is_some_and(|service| pattern::matches(pattern, service))
            }
        })
    }

    /// Allowances that match no finding.
    pub(super) fn unused(&self) -> Vec<Violation> {
        // What several environments have in common is written once, and used where one of them uses it.
        let used: BTreeSet<String> = self
            .used
            .iter()
            .filter_map(|at| self.all.get(*at))
            .map(|one| key(one.place))
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
