//! Allowances that are written in a file itself: comments, and `x-composegen`.
//!
//! - `# composegen: ignore[CODE, CODE] reason`, at the end of a line or on the line above;
//! - `x-composegen: { allow: { CODE: reason } }` of a file or of a service.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::found::Found;
use super::subject::{Deployed, Subject};
use super::violation::Violation;
use crate::compose::{At, EXTENSION};
use crate::source::{Place, Source};

/// What a comment begins with that allows findings.
const MARK: &str = "composegen: ignore";

/// An allowance in a file.
#[derive(Debug)]
pub(super) struct Inline {
    /// The code.
    pub(super) code: String,
    /// Why; empty where none is given.
    pub(super) reason: String,
    /// Where it is written.
    pub(super) place: Place,
    reach: Reach,
    /// Whether a template wrote it, perhaps into several files.
    is_rendered: bool,
}

/// Which findings of its code an allowance is for.
#[derive(Debug)]
enum Reach {
    /// Those at a line of the text.
    Line(usize),
    /// Those about a file, or about one of its services.
    File { of: Owner, service: Option<String> },
}

/// Whose findings are those about a file.
#[derive(Debug)]
enum Owner {
    /// Those of a host. Their places may be in specs and templates.
    Host(String),
    /// Those in these texts.
    Texts(BTreeSet<String>),
}

/// The allowances in files.
#[derive(Debug, Default)]
pub(super) struct Inlines {
    pub(super) all: Vec<Inline>,
    by_code: HashMap<String, Vec<usize>>,
    /// The comments for a code, by text and line.
    by_line: HashMap<(String, String, usize), Vec<usize>>,
}

impl Inlines {
    /// Those of everything that is checked.
    pub(super) fn of(subject: &Subject<'_>) -> Self {
        let mut inlines = Self::default();
        let mut known = HashSet::new();
        let mut look = |source: &Arc<Source>, is_rendered| {
            if known.insert(source.name.clone()) {
                for comment in comments(source, is_rendered) {
                    inlines.add(comment);
                }
            }
        };
        let specs = subject.catalog.map_or(&[][..], |catalog| &catalog.sources);
        for source in specs {
            look(source, false);
        }
        // Before what is rendered from them: one that allows nothing is reported where it was written.
        for template in &subject.texts {
            look(template, true);
        }
        for deployed in &subject.deployed {
            let is_rendered = deployed.is_rendered();
            for source in deployed.file.sources() {
                look(source, is_rendered);
            }
        }
        for deployed in &subject.deployed {
            inlines.extensions(deployed);
        }
        inlines
    }

    fn add(&mut self, inline: Inline) {
        // Nothing of a text outside the project is shown, and its reasons would be.
        if inline.place.source.is_outside {
            return;
        }
        let (index, code) = (self.all.len(), inline.code.clone());
        let found = match &inline.reach {
            Reach::File { .. } => self.by_code.entry(code).or_default(),
            Reach::Line(line) => {
                let text = inline.place.source.name.clone();
                self.by_line.entry((code, text, *line)).or_default()
            }
        };
        found.push(index);
        self.all.push(inline);
    }

    /// Those in the `x-composegen` of a file and of its services.
    fn extensions(&mut self, deployed: &Deployed<'_>) {
        let file = &deployed.file;
        let root = file.text().field(EXTENSION).map(|at| (at, None));
        let services = file.every_service();
        let services = services.filter_map(|one| Some((one.get(EXTENSION)?, Some(one.name))));
        for (extension, service) in root.into_iter().chain(services) {
            for (code, reason) in extension.get("allow").into_iter().flat_map(At::entries) {
                let sources = file.sources().iter().map(|source| source.name.clone());
                let of = match deployed.of {
                    Some((_, host)) => Owner::Host(host.name.to_string()),
                    None => Owner::Texts(sources.collect()),
                };
                let service = service.map(str::to_owned);
                self.add(Inline {
                    code: code.to_owned(),
                    reason: reason.text().unwrap_or_default().trim().to_owned(),
                    place: reason.key_place(),
                    reach: Reach::File { of, service },
                    is_rendered: deployed.is_rendered(),
                });
            }
        }
    }

    /// Those that are for a finding.
    pub(super) fn fitting(&self, finding: &Violation) -> Vec<usize> {
        let found = &finding.found;
        let (code, place) = (finding.rule.code, found.diagnostic.place());
        let is_of = |of: &Owner| match of {
            Owner::Host(host) => found.hosts.contains(host),
            Owner::Texts(texts) => texts.contains(&place.source.name),
        };
        let fits = |index: &usize| match self.all.get(*index).map(|one| &one.reach) {
            Some(Reach::File { of, service }) => {
                is_of(of) && (service.is_none() || *service == found.service)
            }
            _ => false,
        };
        let of_files = self.by_code.get(code).into_iter().flatten();
        let mut fitting: Vec<usize> = of_files.copied().filter(fits).collect();
        if !self.by_line.is_empty()
            && let Some((line, _)) = place.line_column()
        {
            let key = (code.to_owned(), place.source.name.clone(), line);
            fitting.extend(self.by_line.get(&key).into_iter().flatten());
        }
        fitting
    }

    /// Those that match no finding, for which `unused` is the finding, and those without a reason.
    pub(super) fn unused(
        &self,
        used: &BTreeSet<usize>,
        unused: impl Fn(&str, Place) -> Found,
    ) -> Vec<Found> {
        let used = used.iter().filter_map(|index| self.all.get(*index));
        let used: BTreeSet<String> = used.map(Inline::identity).collect();
        let mut known = BTreeSet::new();
        let each_once = self.all.iter().filter(|one| known.insert(one.identity()));
        let found = each_once.filter_map(|one| {
            let place = one.place.clone();
            if one.reason.is_empty() {
                let message = format!("`{}` is allowed without a reason", one.code);
                let found = Found::new(one.code.clone(), message, place);
                return Some(found.label("expected a reason"));
            }
            let is_used = used.contains(&one.identity());
            (!is_used).then(|| unused(&one.code, place))
        });
        found.collect()
    }
}

impl Inline {
    /// What is one allowance: a template may write the same into several files.
    pub(super) fn identity(&self) -> String {
        if self.is_rendered {
            let service = match &self.reach {
                Reach::File { service, .. } => service.as_deref(),
                Reach::Line(_) => None,
            };
            format!("{} {service:?} {}", self.code, self.reason)
        } else {
            format!("{} {}", self.place.display(), self.code)
        }
    }
}

/// The comments of a text that allow findings, each with the line that it is for.
fn comments(source: &Arc<Source>, is_rendered: bool) -> Vec<Inline> {
    let mut found = Vec::new();
    for (at, _) in source.text.match_indices(MARK) {
        let (number, line) = source.line(at);
        let text = source.text.get(line.clone()).unwrap_or_default();
        let before = source.text.get(line.start..at).unwrap_or_default();
        let Some(content) = before.trim_end().strip_suffix('#') else {
            continue;
        };
        let is_comment = content.is_empty() || content.ends_with([' ', '\t']);
        if !is_comment || source.is_in_scalar(at) {
            continue;
        }
        let rest = text.get(at - line.start + MARK.len()..).unwrap_or_default();
        let Some((codes, reason)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        else {
            continue;
        };
        let of = if content.trim().is_empty() {
            next_line(source, line.end).unwrap_or(number)
        } else {
            number
        };
        let place = Place::bytes(source, at..line.end);
        let reason = place.without_hidden(reason.trim());
        found.extend(codes.split(',').map(|code| Inline {
            code: code.trim().to_owned(),
            reason: reason.clone(),
            place: place.clone(),
            reach: Reach::Line(of),
            is_rendered,
        }));
    }
    found
}

/// The first line after a byte that is neither blank nor a comment.
fn next_line(source: &Source, after: usize) -> Option<usize> {
    let mut at = after + 1;
    for line in source.text.get(at..)?.split_inclusive('\n') {
        let content = line.trim_start();
        if !content.is_empty() && !content.starts_with('#') {
            return Some(source.line(at).0);
        }
        at += line.len();
    }
    None
}
