//! Allowances that are written in a file itself: comments, and `x-composegen`.
//!
//! - `# composegen: ignore[CODE, CODE] reason`, at the end of a line or on the line above;
//! - `x-composegen: { allow: { CODE: reason } }` of a file or of a service.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::found::Found;
use super::subject::Subject;
use super::violation::Violation;
use crate::compose::{At, EXTENSION, Written};
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
    /// Those at a line.
    Line(usize),
    /// Those about a service of the file.
    Service(String),
    /// All of the file.
    File,
}

/// The allowances in files.
#[derive(Debug, Default)]
pub(super) struct Inlines {
    pub(super) all: Vec<Inline>,
    /// The allowances of a code by the texts in which they count.
    by_source: HashMap<(String, String), Vec<usize>>,
}

impl Inlines {
    /// Those of everything that is checked.
    pub(super) fn of(subject: &Subject<'_>) -> Self {
        let mut inlines = Self::default();
        let mut texts: BTreeMap<&str, (&Arc<Source>, bool)> = BTreeMap::new();
        let specs = subject.catalog.map_or(&[][..], |catalog| &catalog.sources);
        texts.extend(specs.iter().map(|source| (&*source.name, (source, false))));
        for deployed in &subject.deployed {
            let is_rendered = deployed.of.is_some_and(|(_, host)| host.output().is_some());
            let sources = deployed.file.sources().iter();
            texts.extend(sources.map(|source| (&*source.name, (source, is_rendered))));
            inlines.extensions(&deployed.file, is_rendered);
        }
        for (source, is_rendered) in texts.into_values() {
            for comment in comments(source, is_rendered) {
                inlines.add(comment, std::iter::once(&*source.name));
            }
        }
        inlines
    }

    fn add<'a>(&mut self, inline: Inline, sources: impl Iterator<Item = &'a str>) {
        // Nothing of a text outside the project is shown, and its reasons would be.
        if inline.place.source.is_outside {
            return;
        }
        for source in sources {
            let key = (source.to_owned(), inline.code.clone());
            self.by_source.entry(key).or_default().push(self.all.len());
        }
        self.all.push(inline);
    }

    /// Those in the `x-composegen` of a file and of its services.
    fn extensions(&mut self, file: &Written, is_rendered: bool) {
        let root = file.text().field(EXTENSION).map(|at| (at, None));
        let services = file.every_service();
        let services = services.filter_map(|one| Some((one.get(EXTENSION)?, Some(one.name))));
        for (extension, service) in root.into_iter().chain(services) {
            for (code, reason) in extension.get("allow").into_iter().flat_map(At::entries) {
                let inline = Inline {
                    code: code.to_owned(),
                    reason: reason.text().unwrap_or_default().trim().to_owned(),
                    place: reason.key_place(),
                    reach: service.map_or(Reach::File, |name| Reach::Service(name.to_owned())),
                    is_rendered,
                };
                let sources = file.sources().iter().map(|source| source.name.as_str());
                self.add(inline, sources);
            }
        }
    }

    /// Those that are for a finding.
    pub(super) fn fitting(&self, finding: &Violation) -> Vec<usize> {
        let found = &finding.found;
        let place = found.diagnostic.place();
        let key = (place.source.name.clone(), finding.rule.code.to_owned());
        let Some(candidates) = self.by_source.get(&key) else {
            return Vec::new();
        };
        let line = place.line_column().map(|(line, _)| line);
        let fits = |index: &usize| {
            self.all.get(*index).is_some_and(|one| match &one.reach {
                Reach::Line(of) => line == Some(*of),
                Reach::Service(name) => found.service.as_ref() == Some(name),
                Reach::File => true,
            })
        };
        candidates.iter().copied().filter(fits).collect()
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
            format!("{} {:?} {}", self.code, self.reach.service(), self.reason)
        } else {
            format!("{} {}", self.place.display(), self.code)
        }
    }
}

impl Reach {
    fn service(&self) -> Option<&str> {
        match self {
            Self::Service(name) => Some(name),
            Self::Line(_) | Self::File => None,
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
