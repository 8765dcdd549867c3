//! Allowances that are written in a file itself: comments, and `x-composegen`.
//!
//! - `# composegen: ignore[CODE, CODE] reason`, at the end of a line or on the line above;
//! - `x-composegen: { allow: { CODE: reason } }` of a file or of a service.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Codes;
use super::deployed::Deployed;
use super::found::Found;
use super::subject::Subject;
use super::violation::Violation;
use crate::compose::{At, EXTENSION};
use crate::source::{Place, Source};

/// An allowance in a file, or a comment that was meant to be one.
#[derive(Debug)]
pub(super) struct Inline {
    /// Its code; `None` for a comment that cannot be read.
    pub(super) code: Option<String>,
    /// Whether it is a comment, and not in `x-composegen`.
    pub(super) is_comment: bool,
    /// Whether it says why.
    pub(super) has_reason: bool,
    /// Where somebody wrote it.
    pub(super) place: Place,
    /// Whose it is, where that is known.
    owner: Owner,
    /// Whether it is reported where it allows nothing: what others only extend may be for them.
    is_reported: bool,
    /// Its findings, where there can be any.
    key: Option<Key>,
}

/// The environments and the hosts that a text is of; none means all.
#[derive(Debug, Clone, Default)]
pub(super) struct Owner {
    pub(super) environments: Vec<String>,
    pub(super) hosts: Vec<String>,
}

/// Which findings of a code an allowance is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum AllowanceScope {
    /// Those at a line of a text.
    Line(String, usize),
    /// Those of a Compose file with all that it brings in, by its number among all that are checked.
    Whole(usize),
    /// Those of it that are in one text.
    Text(usize, String),
    /// Those of it that are about a service.
    Service(usize, String),
}

/// What findings are looked up by.
type Key = (AllowanceScope, &'static str);

/// The allowances in files.
#[derive(Debug, Default)]
pub(super) struct Inlines {
    all: Vec<Inline>,
    /// For which findings there is an allowance with a reason: the first one's, and whether there are any.
    by_key: HashMap<Key, InlineReason>,
    numbers: Numbers,
}

#[derive(Debug)]
struct InlineReason {
    text: Arc<str>,
    is_used: bool,
}

/// The Compose files that are checked, by what findings know of them.
#[derive(Debug, Default)]
struct Numbers {
    by_host: HashMap<String, usize>,
    /// By their texts; `None` for one that is part of several.
    by_text: HashMap<String, Option<usize>>,
}

impl Inlines {
    /// Those of everything that is checked.
    pub(super) fn of(subject: &Subject<'_>, rules: &Codes) -> Self {
        let mut inlines = Self::default();
        let owners = owners(subject);
        let mut known = HashSet::new();
        let hand_written = subject.deployed.iter().filter(|one| !one.is_rendered());
        let others = hand_written.flat_map(|one| one.file.sources());
        // Findings in rendered files are those of the lines of specs and templates behind them.
        for source in subject.texts.iter().chain(others) {
            if known.insert(source.name.as_str()) {
                inlines.comments(source, owners.get(&source.name), rules);
            }
        }
        for (number, deployed) in subject.deployed.iter().enumerate() {
            inlines.numbers.add(number, deployed);
            inlines.extensions(number, deployed, subject, rules);
        }
        inlines
    }

    fn add(&mut self, mut inline: Inline, scope: AllowanceScope, reason: &Arc<str>, rules: &Codes) {
        // Nothing of a text outside the project is shown, and its reasons would be.
        if inline.place.source.is_outside {
            return;
        }
        let rule = inline.code.as_deref().and_then(|code| rules.get(code));
        if let Some(rule) = rule.filter(|_| inline.has_reason) {
            let key = (scope, rule.code);
            self.by_key
                .entry(key.clone())
                .or_insert_with(|| InlineReason {
                    text: Arc::clone(reason),
                    is_used: false,
                });
            inline.key = Some(key);
        }
        self.all.push(inline);
    }

    /// Those in the comments of a text.
    fn comments(&mut self, source: &Arc<Source>, owner: Option<&Owner>, rules: &Codes) {
        for comment in source.comments() {
            let place = Place::bytes(source, comment.at.clone());
            let inline = |code: Option<&str>, has_reason| Inline {
                code: code.map(str::to_owned),
                is_comment: true,
                has_reason,
                place: place.clone(),
                owner: owner.cloned().unwrap_or_default(),
                is_reported: owner.is_some(),
                key: None,
            };
            let line = || AllowanceScope::Line(source.name.clone(), comment.line);
            let Some((codes, reason)) = comment.ignored(&source.text) else {
                self.add(inline(None, false), line(), &Arc::from(""), rules);
                continue;
            };
            let reason: Arc<str> = place.note(reason).into();
            for code in codes {
                self.add(
                    inline(Some(code), !reason.is_empty()),
                    line(),
                    &reason,
                    rules,
                );
            }
        }
    }

    /// Those in the `x-composegen` of the texts of a Compose file, and of its services.
    fn extensions(
        &mut self,
        number: usize,
        deployed: &Deployed<'_>,
        subject: &Subject<'_>,
        rules: &Codes,
    ) {
        let file = &deployed.file;
        let wholes: HashSet<&str> = file.wholes().map(|text| text.name.as_str()).collect();
        let texts = file.extensions().map(|(extension, is_own)| {
            let text = extension.place().source.name.clone();
            let scope = if is_own {
                AllowanceScope::Whole(number)
            } else {
                AllowanceScope::Text(number, text)
            };
            (extension, scope)
        });
        let services = file.every_service().filter_map(|service| {
            let scope = AllowanceScope::Service(number, service.name.to_owned());
            Some((service.get(EXTENSION)?, scope))
        });
        for (extension, scope) in texts.chain(services) {
            for (code, reason) in extension.get("allow").into_iter().flat_map(At::entries) {
                let place = reason.key_place();
                let text = reason.text().unwrap_or_default();
                let text: Arc<str> = place.note(text.trim()).into();
                let written = subject.places.as_ref().and_then(|all| all.written(&place));
                let inline = Inline {
                    code: Some(code.to_owned()),
                    is_comment: false,
                    has_reason: !text.is_empty(),
                    is_reported: wholes.contains(place.source.name.as_str()),
                    place: written.unwrap_or(place),
                    owner: Owner::of(deployed),
                    key: None,
                };
                self.add(inline, scope.clone(), &text, rules);
            }
        }
    }

    /// Why a finding is allowed, if it is. All allowances that are for it are used.
    pub(super) fn reason(&mut self, finding: &Violation) -> Option<Arc<str>> {
        if self.by_key.is_empty() {
            return None;
        }
        let (found, code) = (&finding.found, finding.rule.code);
        let place = found.diagnostic.place();
        let text = &place.source.name;
        let line = place
            .line_column()
            .map(|(line, _)| AllowanceScope::Line(text.clone(), line));
        let of_files = self.numbers.of(found).into_iter().flat_map(|number| {
            let service = found
                .service
                .clone()
                .map(|name| AllowanceScope::Service(number, name));
            let text = AllowanceScope::Text(number, text.clone());
            service
                .into_iter()
                .chain([text, AllowanceScope::Whole(number)])
        });
        let mut first = None;
        for scope in line.into_iter().chain(of_files) {
            if let Some(reason) = self.by_key.get_mut(&(scope, code)) {
                reason.is_used = true;
                first.get_or_insert_with(|| Arc::clone(&reason.text));
            }
        }
        first
    }

    /// Those that allow nothing, each once however many files it was written into.
    pub(super) fn idle(&self) -> Vec<(&Inline, Owner)> {
        let is_used = |one: &&Inline| {
            let reason = one.key.as_ref().and_then(|key| self.by_key.get(key));
            reason.is_some_and(|reason| reason.is_used)
        };
        let used: HashSet<_> = self
            .all
            .iter()
            .filter(is_used)
            .map(Inline::identity)
            .collect();
        let mut known = HashMap::new();
        let mut idle: Vec<(&Inline, Owner)> = Vec::new();
        for one in self.all.iter().filter(|one| one.is_reported) {
            let identity = one.identity();
            if used.contains(&identity) {
                continue;
            }
            let first = *known.entry(identity).or_insert(idle.len());
            match idle.get_mut(first) {
                Some((_, owner)) => owner.merge(&one.owner),
                None => idle.push((one, one.owner.clone())),
            }
        }
        idle
    }
}

impl Inline {
    /// What is one allowance: a template may write it into several files.
    fn identity(&self) -> (String, Option<(usize, usize)>, Option<&str>) {
        let (text, range) = self.place.identity();
        (text, range, self.code.as_deref())
    }
}

impl Owner {
    fn of(deployed: &Deployed<'_>) -> Self {
        let mut owner = Self::default();
        if let Some((environment, host)) = deployed.of {
            owner.environments.push(environment.name.to_string());
            owner.hosts.push(host.name.to_string());
        }
        owner
    }

    fn merge(&mut self, other: &Self) {
        for (own, others) in [
            (&mut self.environments, &other.environments),
            (&mut self.hosts, &other.hosts),
        ] {
            for name in others {
                if !own.contains(name) {
                    own.push(name.clone());
                }
            }
        }
    }
}

/// The texts whose allowances are reported where they allow nothing, and whose they are.
fn owners(subject: &Subject<'_>) -> HashMap<String, Owner> {
    let mut owners: HashMap<String, Owner> = subject
        .texts
        .iter()
        .map(|text| (text.name.clone(), Owner::default()))
        .collect();
    let environments = subject
        .catalog
        .into_iter()
        .flat_map(|all| &all.environments);
    for environment in environments {
        if let Some(owner) = owners.get_mut(&environment.place.source.name) {
            owner.environments = vec![environment.name.to_string()];
        }
    }
    for deployed in subject.deployed.iter().filter(|one| !one.is_rendered()) {
        let own = Owner::of(deployed);
        for text in deployed.file.wholes() {
            let owner = owners.entry(text.name.clone()).or_default();
            owner.merge(&own);
        }
    }
    owners
}

impl Numbers {
    fn add(&mut self, number: usize, deployed: &Deployed<'_>) {
        if let Some((_, host)) = deployed.of {
            self.by_host.insert(host.name.to_string(), number);
        }
        for text in deployed.file.sources() {
            let of = self.by_text.entry(text.name.clone());
            of.and_modify(|of| *of = of.filter(|of| *of == number))
                .or_insert(Some(number));
        }
    }

    /// Those that a finding is about.
    fn of(&self, found: &Found) -> Vec<usize> {
        if found.deployed.is_some() {
            return found.deployed.into_iter().collect();
        }
        if found.hosts.is_empty() {
            let text = &found.diagnostic.place().source.name;
            return self
                .by_text
                .get(text)
                .copied()
                .flatten()
                .into_iter()
                .collect();
        }
        found
            .hosts
            .iter()
            .filter_map(|host| self.by_host.get(host).copied())
            .collect()
    }
}
