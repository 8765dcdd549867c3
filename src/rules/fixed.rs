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

/// A fix with the code of its rule.
type Coded<'a> = (&'static str, &'a Fix);

/// The Compose files in which findings can be fixed, by their names, and how many findings are left because their
/// fixes would change more than they say. A file that a template writes is never one of them.
pub(crate) fn fixed(subject: &Subject<'_>, findings: &[Violation]) -> (Vec<Fixed>, usize) {
    let mut files: BTreeMap<&str, (&Path, Vec<Coded<'_>>)> = BTreeMap::new();
    for deployed in subject.deployed.iter().filter(|one| one.is_by_hand()) {
        let Some(directory) = &deployed.file.directory else {
            continue;
        };
        let own = deployed.file.sources().iter();
        for source in own.filter(|source| !source.is_outside) {
            let name = source.name.as_str();
            files.entry(name).or_insert((directory, Vec::new()));
        }
    }
    for finding in findings {
        if let Some(fix) = &finding.found.fix
            && let Some((_, fixes)) = files.get_mut(fix.source.name.as_str())
        {
            fixes.push((finding.rule.code, fix.as_ref()));
        }
    }
    let mut left = 0;
    let mut fixed = Vec::new();
    for (directory, fixes) in files.into_values() {
        let Some((_, first)) = fixes.first() else {
            continue;
        };
        let file = File {
            source: &first.source,
            flow: compose::flow(&first.source),
        };
        let mut tries = MOST_TRIES;
        let sound = file.sound(&fixes, &mut tries);
        left += fixes.len() - sound.len();
        if sound.is_empty() {
            continue;
        }
        let mut codes = BTreeMap::new();
        for (code, _) in &sound {
            *codes.entry(*code).or_default() += 1;
        }
        fixed.push(Fixed {
            source: Arc::clone(file.source),
            directory: directory.to_owned(),
            text: file.with(&sound),
            codes,
        });
    }
    (fixed, left)
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
    fn sound<'a>(&self, fixes: &[Coded<'a>], tries: &mut usize) -> Vec<Coded<'a>> {
        if fixes.is_empty() || *tries == 0 {
            return Vec::new();
        }
        *tries -= 1;
        let is_sound =
            |fixes: &[Coded<'_>]| compose::says_the_same(&self.source.text, &self.with(fixes));
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
    fn with(&self, fixes: &[Coded<'_>]) -> String {
        let edits: BTreeSet<&Edit> = fixes.iter().flat_map(|(_, fix)| &fix.edits).collect();
        let text = self.source.text.as_str();
        let mut new = String::with_capacity(text.len());
        let mut done = 0;
        for edit in edits {
            let is_needed = edit.needed == Needed::Always || self.is_in_flow(edit.start);
            if edit.start < done || !is_needed {
                continue;
            }
            new.push_str(text.get(done..edit.start).unwrap_or_default());
            new.push_str(&edit.new);
            done = edit.end;
        }
        new.push_str(text.get(done..).unwrap_or_default());
        new
    }

    fn is_in_flow(&self, at: usize) -> bool {
        let next = self.flow.partition_point(|range| range.end < at);
        self.flow.get(next).is_some_and(|range| range.start < at)
    }
}
