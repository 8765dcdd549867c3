//! The files in which findings are fixed.
//!
//! No rule is believed: the new text is read again, and has to say the same, but for what every rule may change
//! ([`compose::says_the_same`]).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::fix::{Edit, Fix, Needed};
use super::subject::Subject;
use super::violation::Violation;
use crate::compose;
use crate::source::Source;

/// A Compose file whose findings are fixed.
#[derive(Debug)]
pub(crate) struct Fixed {
    /// The file as it was read.
    pub(crate) source: Arc<Source>,
    /// The folder of its project, which it is in or below.
    pub(crate) directory: PathBuf,
    /// What is to be written.
    pub(crate) text: String,
    /// How many findings of which rules are fixed.
    pub(crate) codes: BTreeMap<&'static str, usize>,
}

/// What would be written to fix a finding.
#[derive(Debug, Clone)]
pub(crate) struct FileEdit {
    /// The file as it was read.
    pub(crate) source: Arc<Source>,
    /// Parts of its text, in bytes, and what is written instead of each.
    pub(crate) parts: Vec<(Range<usize>, String)>,
}

/// The fix of a finding, by its number.
#[derive(Debug, Clone, Copy)]
struct Candidate<'a> {
    number: usize,
    code: &'static str,
    fix: &'a Fix,
}

/// The fixes of a file that together change no more than they say.
struct Sound<'a> {
    directory: &'a Path,
    file: File<'a>,
    fixes: Vec<Candidate<'a>>,
    /// How many findings have no fix, or one that would change more than it says.
    left: usize,
}

/// The Compose files in which findings can be fixed, by their names, and how many findings of rules with a fix are
/// left because no fix of theirs is safe. A file that a template writes is never one of them.
pub(crate) fn fixed(subject: &Subject<'_>, findings: &[Violation]) -> (Vec<Fixed>, usize) {
    let all = sound(subject, findings);
    let left = all.iter().map(|one| one.left).sum();
    let fixed = all.iter().filter(|one| !one.fixes.is_empty()).map(|one| {
        let mut codes = BTreeMap::new();
        for fix in &one.fixes {
            *codes.entry(fix.code).or_default() += 1;
        }
        Fixed {
            source: Arc::clone(one.file.source),
            directory: one.directory.to_owned(),
            text: one.file.with(&one.fixes),
            codes,
        }
    });
    (fixed.collect(), left)
}

/// What would be written for findings, by their numbers, where that is safe.
pub(crate) fn changes(subject: &Subject<'_>, findings: &[Violation]) -> BTreeMap<usize, FileEdit> {
    let mut changes = BTreeMap::new();
    for Sound { file, fixes, .. } in sound(subject, findings) {
        for candidate in fixes {
            let edits = candidate.fix.edits.iter().filter(|edit| file.needs(edit));
            let parts = edits.map(|edit| (edit.start..edit.end, edit.new.clone()));
            let source = Arc::clone(file.source);
            let parts = parts.collect();
            changes.insert(candidate.number, FileEdit { source, parts });
        }
    }
    changes
}

/// The fixes of each file that has any.
fn sound<'a>(subject: &'a Subject<'_>, findings: &'a [Violation]) -> Vec<Sound<'a>> {
    let mut files: BTreeMap<&str, Fixable<'_>> = BTreeMap::new();
    for deployed in subject.deployed.iter().filter(|one| one.is_by_hand()) {
        let Some(directory) = &deployed.file.directory else {
            continue;
        };
        let own = deployed.file.sources().iter();
        for source in own.filter(|source| !source.is_outside) {
            let name = source.name.as_str();
            files.entry(name).or_insert_with(|| Fixable {
                directory,
                source,
                fixes: Vec::new(),
                without: 0,
            });
        }
    }
    for (number, finding) in findings.iter().enumerate() {
        let code = finding.rule.code;
        let source = &finding.found.diagnostic.place().source;
        match &finding.found.fix {
            Some(fix) => {
                if let Some(file) = files.get_mut(fix.source.name.as_str()) {
                    file.fixes.push(Candidate { number, code, fix });
                }
            }
            None if finding.rule.fix.is_empty() => {}
            None => {
                if let Some(file) = files.get_mut(source.name.as_str()) {
                    file.without += 1;
                }
            }
        }
    }
    let any = |file: &Fixable<'_>| file.without > 0 || !file.fixes.is_empty();
    let all = files.into_values().filter(any).map(|one| {
        let file = File {
            source: one.source,
            flow: compose::flow(one.source),
        };
        let mut tries = MOST_TRIES;
        let sound = file.sound(&one.fixes, &mut tries);
        Sound {
            directory: one.directory,
            file,
            left: one.without + one.fixes.len() - sound.len(),
            fixes: sound,
        }
    });
    all.collect()
}

/// A file whose findings may be fixed.
struct Fixable<'a> {
    directory: &'a Path,
    source: &'a Arc<Source>,
    fixes: Vec<Candidate<'a>>,
    /// How many findings of rules with a fix have none.
    without: usize,
}

/// How often the new text of a file is read, to find the fixes that would change too much.
const MOST_TRIES: usize = 32;

struct File<'a> {
    source: &'a Arc<Source>,
    /// Where values are in brackets or braces.
    flow: Vec<Range<usize>>,
}

impl File<'_> {
    /// The fixes that together change no more than they say.
    fn sound<'a>(&self, fixes: &[Candidate<'a>], tries: &mut usize) -> Vec<Candidate<'a>> {
        if fixes.is_empty() || *tries == 0 {
            return Vec::new();
        }
        *tries -= 1;
        let is_sound =
            |fixes: &[Candidate<'_>]| compose::says_the_same(&self.source.text, &self.with(fixes));
        if is_sound(fixes) {
            return fixes.to_vec();
        }
        let Some((first, rest)) = fixes
            .split_at_checked(fixes.len() / 2)
            .filter(|_| fixes.len() > 1)
        else {
            return Vec::new();
        };
        let mut sound = self.sound(first, tries);
        sound.extend(self.sound(rest, tries));
        if is_sound(&sound) { sound } else { Vec::new() }
    }

    /// The text with the edits of fixes, each once: what several services share is found in each of them.
    fn with(&self, fixes: &[Candidate<'_>]) -> String {
        let edits: BTreeSet<&Edit> = fixes.iter().flat_map(|one| &one.fix.edits).collect();
        let text = self.source.text.as_str();
        let mut new = String::with_capacity(text.len());
        let mut done = 0;
        for edit in edits {
            if edit.start < done || !self.needs(edit) {
                continue;
            }
            new.push_str(text.get(done..edit.start).unwrap_or_default());
            new.push_str(&edit.new);
            done = edit.end;
        }
        new.push_str(text.get(done..).unwrap_or_default());
        new
    }

    fn needs(&self, edit: &Edit) -> bool {
        let at = edit.start;
        let next = self.flow.partition_point(|range| range.end < at);
        let is_in_flow = || self.flow.get(next).is_some_and(|range| range.start < at);
        edit.needed == Needed::Always || is_in_flow()
    }
}
