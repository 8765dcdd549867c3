//! What to write in the Compose files of a project so that they say what a host runs.
//!
//! Each edit is tried: the edited files are read again and compared with the host, and an edit stays only if the
//! finding is gone and there is no new one. Findings without an edit are named, each with the reason.

mod edits;
mod live;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;

use crate::compose::Editor;
use crate::drift::{Context, IgnoreRule, Select, compare, suppress};
use crate::finding::{Code, Finding, Severity};
use crate::redact::{Mask, TextForm};
use crate::render;
use crate::source::Source;
use crate::state::State;
use crate::target::Target;
use edits::Edit;
pub(crate) use live::{LiveFile, has_services, other_projects};

/// Reads files of these texts.
type Reader<'a> = dyn Fn(&[Arc<Source>]) -> Option<State> + 'a;

/// A project, and what its host runs.
pub(crate) struct PatchInput<'a> {
    /// Its Compose files, in the order in which they are merged.
    pub(crate) files: Vec<Arc<Source>>,
    /// What files of these texts ask for; nothing where Compose refuses them.
    pub(crate) read: Box<Reader<'a>>,
    /// What the host runs.
    pub(crate) observed: &'a State,
    pub(crate) context: &'a Context,
    pub(crate) ignore: &'a [IgnoreRule],
    pub(crate) select: &'a Select,
    pub(crate) today: Date,
    /// What becomes of a value that is never shown.
    pub(crate) hidden: Hidden,
}

/// What becomes of a value that is never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hidden {
    /// It is left out.
    LeftOut,
    /// A variable that has to be set takes its place.
    Variable,
}

/// The edited files.
#[derive(Debug, Default)]
pub(crate) struct Patched {
    /// Each file that changes: what it was, and what it is to be.
    pub(crate) files: Vec<(Arc<Source>, Arc<Source>)>,
    /// The findings that the files then no longer have.
    pub(crate) accepted: usize,
    /// The findings that are left.
    pub(crate) left: Vec<(Finding, SkipReason)>,
}

/// Why a finding is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SkipReason {
    /// Its value is never shown.
    Hidden,
    /// What is written comes from a variable, which other hosts may set otherwise.
    Variable,
    /// No Compose file says such a thing.
    NotSaid,
    /// It is a seccomp profile, of which a Compose file names the file.
    Profile,
    /// It is a service of which the file has nothing.
    Service,
    /// The file would declare a network or volume without settings that it cannot say.
    Settings,
    /// Each edit that was tried would change more, or nothing.
    TooMuch,
    /// There are too many.
    TooMany,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hidden => "its value may be secret and is never shown",
            Self::Variable => "the file takes the value from a variable: change that",
            Self::NotSaid => "no Compose file says this",
            Self::Profile => {
                "a Compose file names the file of a seccomp profile, which the engine does not show"
            }
            Self::Service => "`composegen state --live` writes what such a service runs",
            Self::Settings => {
                "some of its settings cannot be written, and `up -d` would recreate it without them"
            }
            Self::TooMuch => "no edit of the file gives exactly this value",
            Self::TooMany => "there are too many findings; apply this patch and run it again",
        })
    }
}

/// How many findings are dealt with in one run.
const MOST: usize = 500;

/// How often the first edits of all findings are tried, each time without those that had no effect.
const MOST_BATCHES: usize = 3;

/// How deep findings that come to light when others are settled are followed.
const DEEPEST: usize = 4;

/// How much may still be tried.
#[derive(Clone, Copy)]
struct Budget<'a> {
    /// How many findings can still be dealt with.
    turns: &'a Cell<usize>,
    depth: usize,
}

impl Budget<'_> {
    fn take(self) -> bool {
        let left = self.turns.get();
        self.turns.set(left.saturating_sub(1));
        left > 0
    }

    fn deeper(self) -> Option<Self> {
        let depth = self.depth + 1;
        (depth <= DEEPEST).then_some(Self { depth, ..self })
    }
}

/// Edited files after what came to light was settled.
struct Settled {
    files: Vec<Arc<Source>>,
    findings: Vec<Finding>,
    /// What could not be settled.
    unsettled: Vec<(Finding, SkipReason)>,
}

/// What a finding is about; its values are not part of it, as an earlier edit may have changed them.
type FindingIdentity = (Code, String, Option<String>, Option<String>, Vec<String>);

impl<'a> PatchInput<'a> {
    /// The files of a target, and what its host runs.
    pub(crate) fn of_target(
        target: &'a Target,
        files: Vec<Arc<Source>>,
        observed: &'a State,
        select: &'a Select,
        today: Date,
    ) -> Self {
        Self {
            files,
            read: Box::new(|texts| target.texts.read(texts)),
            observed,
            context: &target.context,
            ignore: &target.ignore,
            select,
            today,
            hidden: Hidden::LeftOut,
        }
    }

    /// Edits the files as far as that can be done; nothing where Compose refuses them as they are.
    pub(crate) fn patch(&self) -> Option<Patched> {
        let mut patched = Patched::default();
        let mut files = self.files.clone();
        let mut findings = self.findings(&files)?;
        let at_first = findings.clone();
        let mut left: BTreeSet<FindingIdentity> = BTreeSet::new();
        let turns = Cell::new(MOST);
        let budget = Budget {
            turns: &turns,
            depth: 0,
        };
        if let Some((edited, rest)) = self.all_at_once(&files, &findings, budget) {
            (files, findings) = (edited, rest);
        }
        loop {
            let next = findings.iter().find(|finding| is_to_do(finding, &left));
            let Some(finding) = next.cloned() else { break };
            match self.fix(&finding, &files, &findings, budget) {
                Ok((edited, rest)) => {
                    (files, findings) = (edited, rest);
                    // What could not be written before may be possible now: a range of a subnet.
                    patched.left.retain(|(_, why)| *why != SkipReason::TooMuch);
                    left = patched.left.iter().map(|(one, _)| identity(one)).collect();
                }
                Err(why) => {
                    left.insert(identity(&finding));
                    patched.left.push((finding, why));
                }
            }
        }
        let rest: BTreeSet<FindingIdentity> = findings.iter().map(identity).collect();
        let settled = at_first.iter().filter(|one| is_to_do(one, &rest));
        patched.accepted = settled.count();
        let both = self.files.iter().zip(files);
        patched.files = both
            .filter(|(old, new)| old.text != new.text)
            .map(|(old, new)| (Arc::clone(old), new))
            .collect();
        Some(patched)
    }

    /// What a comparison with the host finds; nothing where Compose refuses the files.
    fn findings(&self, files: &[Arc<Source>]) -> Option<Vec<Finding>> {
        let mut expected = (self.read)(files)?;
        if let Some(salt) = &self.observed.salt {
            expected = expected.sealed(salt);
        }
        let mut comparison = compare(&expected, self.observed, self.context);
        suppress(&mut comparison, self.ignore, self.today);
        self.select.apply(&mut comparison.findings);
        Some(comparison.findings)
    }

    /// Whether a line that changes must not be shown. Where variables take the place of values, none is.
    fn hides(&self, old: &str, new: &str) -> bool {
        self.hidden == Hidden::LeftOut && hides(old, new)
    }

    /// The first edits of all findings at once, where that makes it better and nothing worse. Most of the time
    /// it does, and the files are compared once.
    fn all_at_once(
        &self,
        files: &[Arc<Source>],
        findings: &[Finding],
        budget: Budget<'_>,
    ) -> Option<(Vec<Arc<Source>>, Vec<Finding>)> {
        let known: BTreeSet<FindingIdentity> = findings.iter().map(identity).collect();
        let (last, others) = files.split_last()?;
        let mut without_effect: BTreeSet<FindingIdentity> = BTreeSet::new();
        for _ in 0..MOST_BATCHES {
            let (mut now, mut tried) = (Arc::clone(last), BTreeSet::new());
            let to_do = findings.iter().filter(|one| {
                one.severity != Severity::Notice && !without_effect.contains(&identity(one))
            });
            for finding in to_do {
                let edits = Editor::of(&now)
                    .and_then(|editor| edits::of(finding, &editor, self).ok())
                    .and_then(|tries| tries.into_iter().next());
                let edited = edits.and_then(|edits| applied(&now, &edits));
                if let Some(text) = edited.filter(|text| !self.hides(&now.text, text)) {
                    now = Source::new(now.name.as_str(), text);
                    tried.insert(identity(finding));
                }
            }
            let mut edited = others.to_vec();
            edited.push(now);
            let rest = self.findings(&edited)?;
            let left: BTreeSet<FindingIdentity> = rest.iter().map(identity).collect();
            let vain: BTreeSet<FindingIdentity> = tried.intersection(&left).cloned().collect();
            let is_tried = |one: &&Finding| tried.contains(&identity(one));
            let parents: Vec<&Finding> = findings.iter().filter(is_tried).collect();
            let mut new = rest.iter().filter(|one| !known.contains(&identity(one)));
            let is_sound = new.all(|one| parents.iter().any(|old| follows(one, old)));
            if !vain.is_empty() {
                without_effect.extend(vain);
                continue;
            }
            if !is_sound || tried.is_empty() {
                return None;
            }
            let is_new = |one: &Finding| one.is_of_setting() && is_to_do(one, &known);
            let (edited, rest) = Some(budget)
                .filter(|_| rest.iter().any(is_new))
                .and_then(Budget::deeper)
                .and_then(|deeper| self.all_at_once(&edited, &rest, deeper))
                .unwrap_or((edited, rest));
            let done = self.settle(edited, rest, &known, budget);
            if done.unsettled.is_empty() {
                return Some((done.files, done.findings));
            }
            let is_parent = |old: &&&Finding| {
                let mut unsettled = done.unsettled.iter();
                unsettled.any(|(one, _)| follows(one, old))
            };
            without_effect.extend(parents.iter().filter(is_parent).map(|old| identity(old)));
        }
        None
    }

    /// Settles what came to light of networks and volumes when others were settled.
    fn settle(
        &self,
        files: Vec<Arc<Source>>,
        findings: Vec<Finding>,
        known: &BTreeSet<FindingIdentity>,
        budget: Budget<'_>,
    ) -> Settled {
        let mut now = Settled {
            files,
            findings,
            unsettled: Vec::new(),
        };
        let mut left = known.clone();
        loop {
            let is_next = |one: &&Finding| one.is_of_setting() && is_to_do(one, &left);
            let Some(next) = now.findings.iter().find(is_next).cloned() else {
                return now;
            };
            let fixed = match budget.deeper() {
                Some(deeper) => self.fix(&next, &now.files, &now.findings, deeper),
                None => Err(SkipReason::TooMuch),
            };
            match fixed {
                Ok((files, findings)) => {
                    (now.files, now.findings) = (files, findings);
                    // What could not be written before may be possible now: a range of a subnet.
                    now.unsettled.retain(|(one, why)| {
                        let is_final = *why != SkipReason::TooMuch;
                        if !is_final {
                            left.remove(&identity(one));
                        }
                        is_final
                    });
                }
                Err(why) => {
                    left.insert(identity(&next));
                    now.unsettled.push((next, why));
                }
            }
        }
    }

    /// The files with one finding less, and the findings that they then have.
    fn fix(
        &self,
        finding: &Finding,
        files: &[Arc<Source>],
        known: &[Finding],
        budget: Budget<'_>,
    ) -> Result<(Vec<Arc<Source>>, Vec<Finding>), SkipReason> {
        if !budget.take() {
            return Err(SkipReason::TooMany);
        }
        let known: BTreeSet<FindingIdentity> = known.iter().map(identity).collect();
        let mut why = SkipReason::TooMuch;
        // Of merged files, the last one wins.
        for (at, file) in files.iter().enumerate().rev() {
            let tries = Editor::of(file)
                .ok_or(SkipReason::TooMuch)
                .and_then(|editor| edits::of(finding, &editor, self));
            let tries = match tries {
                Ok(tries) => tries,
                Err(reason) => {
                    why = reason;
                    continue;
                }
            };
            for edits in tries {
                let Some(text) = applied(file, &edits) else {
                    continue;
                };
                if self.hides(&file.text, &text) {
                    why = SkipReason::Hidden;
                    continue;
                }
                let mut edited = files.to_vec();
                if let Some(file) = edited.get_mut(at) {
                    *file = Source::new(file.name.as_str(), text);
                }
                let Some(rest) = self.findings(&edited) else {
                    continue;
                };
                let about = identity(finding);
                let is_sound = rest.iter().all(|one| {
                    identity(one) != about
                        && (known.contains(&identity(one)) || follows(one, finding))
                });
                if !is_sound {
                    continue;
                }
                let done = self.settle(edited, rest, &known, budget);
                if done.unsettled.is_empty() {
                    return Ok((done.files, done.findings));
                }
                why = SkipReason::Settings;
            }
        }
        Err(why)
    }
}

/// The text of a file with edits, one after the other.
fn applied(file: &Arc<Source>, edits: &[Edit]) -> Option<String> {
    let mut now = Arc::clone(file);
    for edit in edits {
        let editor = Editor::of(&now)?;
        let text = edit.apply(&editor)?;
        now = Source::new(file.name.as_str(), text);
    }
    Some(now.text.clone())
}

/// Whether a line that changes holds what a name or a shape tells to be secret.
fn hides(old: &str, new: &str) -> bool {
    let is_hidden = |text: &str| -> Vec<bool> {
        let mask = Mask::of(text, TextForm::Spec);
        let shown = mask.shown(text).split('\n');
        text.split('\n')
            .zip(shown)
            .map(|(line, shown)| line != shown)
            .collect()
    };
    let (old_hidden, new_hidden) = (is_hidden(old), is_hidden(new));
    let (old, new) = (render::lines(old), render::lines(new));
    let diff = similar::TextDiff::from_slices(&old, &new);
    diff.iter_all_changes().any(|change| {
        let at = |hidden: &[bool], index: Option<usize>| {
            index.is_some_and(|index| hidden.get(index).copied().unwrap_or_default())
        };
        match (change.old_index(), change.new_index()) {
            (Some(_), Some(_)) => false,
            (old, new) => at(&old_hidden, old) || at(&new_hidden, new),
        }
    })
}

/// Whether a finding is to be settled, and is not one of those that are left.
fn is_to_do(finding: &Finding, left: &BTreeSet<FindingIdentity>) -> bool {
    finding.severity != Severity::Notice && !left.contains(&identity(finding))
}

/// Whether a finding only comes to light because another one is settled: how a container is attached to a network is
/// compared once the file attaches it, and a gateway once the file says which addresses there are.
fn follows(one: &Finding, settled: &Finding) -> bool {
    let is_of_pool = |finding: &Finding| {
        let field = finding.field.as_deref();
        field.is_some_and(|field| field.starts_with("ipam.config."))
    };
    // A network is compared once a service of the file is attached to it.
    let is_attached = || {
        let name = settled.observed.as_str().unwrap_or_default();
        one.is_of_setting() && name.ends_with(&one.resource)
    };
    let is_later = match settled.code {
        Code::NetworkAttached if is_attached() => return true,
        Code::NetworkAttached => matches!(one.code, Code::NetworkAlias | Code::NetworkChanged),
        Code::NetworkChanged => is_of_pool(settled) && is_of_pool(one),
        Code::NetworkExtra => one.code == Code::NetworkChanged,
        Code::VolumeExtra => one.code == Code::VolumeChanged,
        // A volume that is mounted is declared with it.
        Code::MountChanged if one.code == Code::VolumeChanged => return true,
        _ => false,
    };
    is_later && one.resource == settled.resource
}

fn identity(finding: &Finding) -> FindingIdentity {
    let mut place = finding.place.clone();
    // A port is at its own text, which changes with it.
    if matches!(finding.code, Code::PortChanged) {
        place.truncate(3);
    }
    (
        finding.code,
        finding.resource.clone(),
        finding.field.clone(),
        finding.container.clone(),
        place,
    )
}

#[cfg(test)]
mod tests;
