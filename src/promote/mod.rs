//! Whether a branch, tag or release can be promoted to an environment, and why not.
//!
//! The decision itself is pure; `repository` is what git, the journal and the rendered files say.

mod repository;

use std::collections::BTreeSet;
use std::fmt::Write as _;

pub(crate) use repository::{PromoteError, ReleasedFile, released, resolve};

use repository::{moved_on, unsound};

use crate::files::Root;
use crate::git::{Commit, Git, RefName};
use crate::journal::{self, Entry, Journal, Time};
use crate::pattern;
use crate::spec::{Catalog, Environment, Requirement};
use crate::text::Invalid;
use crate::text::plural::counted;

/// What is to be promoted.
#[derive(Debug, Clone)]
pub(crate) struct Candidate<'a> {
    /// The branch, tag or release, as it was given.
    pub(crate) reference: &'a str,
    /// Its commit.
    pub(crate) commit: &'a Commit,
    /// Who approves it.
    pub(crate) approver: Option<&'a str>,
    /// The name by which it is recorded, or why there is none.
    pub(crate) name: &'a Result<RefName, String>,
}

impl Candidate<'_> {
    /// The entry that its promotion adds to the journal, under a name.
    pub(crate) fn entry(
        &self,
        name: &RefName,
        environment: &Environment,
        files: &[ReleasedFile],
        journal: &Journal,
    ) -> Result<Entry, Invalid> {
        let files = files.iter();
        let digests = files.map(|file| Ok((file.path.parse()?, file.digest.clone())));
        Ok(Entry {
            time: Time::now(),
            reference: name.clone(),
            commit: self.commit.clone(),
            environment: environment.name.clone(),
            files: digests.collect::<Result<_, Invalid>>()?,
            approver: self.approver.map(str::to_owned),
            previous: journal.head(),
        })
    }
}

/// What a promotion is decided by.
#[derive(Debug)]
pub(crate) struct Evidence<'a> {
    /// The project.
    pub(crate) root: &'a Root,
    /// Its specs.
    pub(crate) catalog: &'a Catalog,
    /// The environment to promote to.
    pub(crate) environment: &'a Environment,
    /// The release journal.
    pub(crate) journal: &'a Journal,
    /// Whether the files of the environment are what the specs render.
    pub(crate) is_rendered: bool,
    /// The env files that its hosts read, relative to the project's root.
    pub(crate) env_files: &'a BTreeSet<String>,
    /// The codes of the rules that report errors for the environment, one for each error.
    pub(crate) errors: &'a [&'static str],
}

/// The rule that a promotion itself fixes: that the files are not the released ones.
const FIXED_BY_PROMOTION: &str = "journal-files";

/// Why a candidate cannot be promoted; empty where it can.
pub(crate) fn decide(
    candidate: &Candidate<'_>,
    evidence: &Evidence<'_>,
) -> Result<Vec<String>, PromoteError> {
    let Evidence {
        root,
        catalog,
        environment,
        journal,
        ..
    } = *evidence;
    let (git, name) = (Git::of(root), &environment.name);
    let mut reasons: Vec<String> = candidate.name.as_ref().err().cloned().into_iter().collect();
    reasons.extend(refusals(catalog, environment, candidate, journal));
    reasons.extend(moved_on(
        root, git, candidate.commit, environment, evidence.env_files,
    )?);
    reasons.extend(unsound(root, git, journal)?);
    if !evidence.is_rendered {
        reasons.push(format!(
            "the files of `{name}` are out of date: composegen render {name}"
        ));
    }
    let errors = evidence
        .errors
        .iter()
        .filter(|code| **code != FIXED_BY_PROMOTION)
        .count();
    if errors > 0 {
        let errors = counted(errors, "error", "errors");
        reasons.push(format!("rules report {errors}: composegen check {name}"));
    }
    Ok(reasons)
}

/// Why the specs and the journal do not let a candidate into an environment.
fn refusals(
    catalog: &Catalog,
    environment: &Environment,
    candidate: &Candidate<'_>,
    journal: &Journal,
) -> Vec<String> {
    let name = &environment.name;
    let Some(promotion) = &environment.promotion else {
        return vec![format!(
            "`{name}` takes no promotions: its spec has no `promotion`"
        )];
    };
    let mut reasons = Vec::new();
    if !fits(promotion.from.as_str(), candidate.reference) {
        let mut reason = format!(
            "`{}` cannot be promoted to `{name}`, which takes `{}`",
            candidate.reference, promotion.from.value
        );
        let fitting = catalog.environments.iter().find(|other| {
            let from = other
                .promotion
                .as_ref()
                .map(|promotion| promotion.from.as_str());
            from.is_some_and(|from| fits(from, candidate.reference))
        });
        if let Some(other) = fitting {
            // Writing to a `String` cannot fail.
            let _ = write!(reason, "; it can be promoted to `{}`", other.name);
        }
        reasons.push(reason);
    }
    if promotion.demand(Requirement::Approval).is_some() && candidate.approver.is_none() {
        reasons.push(format!(
            "`{name}` requires an approval: add --approved-by NAME"
        ));
    }
    let is_kept = promotion.demand(Requirement::Journal).is_some();
    for stage in stages_before(catalog, environment).filter(|_| is_kept) {
        if journal
            .entries()
            .any(|(entry, _)| entry.environment == stage.name && entry.commit == *candidate.commit)
        {
            continue;
        }
        reasons.push(format!(
            "`{}` has no promotion of commit {} to `{}`, which mirrors `{name}`: promote it there first, with --record, or \
             go on from the branch whose journal has it",
            journal::FILE,
            candidate.commit.short(),
            stage.name
        ));
    }
    reasons
}

/// The environments that a change goes through before this one: those that mirror it.
pub(crate) fn stages_before<'a>(
    catalog: &'a Catalog,
    environment: &'a Environment,
) -> impl Iterator<Item = &'a Environment> {
    catalog.environments.iter().filter(|other| {
        let mirrored = other.mirrors.as_ref();
        mirrored.is_some_and(|mirrored| mirrored.value == environment.name)
    })
}

/// How many environments a change goes through before this one, on the longest way.
pub(crate) fn stages(catalog: &Catalog, environment: &Environment) -> usize {
    // `most` is the end where environments mirror each other.
    fn count(catalog: &Catalog, environment: &Environment, most: usize) -> usize {
        let Some(most) = most.checked_sub(1) else {
            return 0;
        };
        let before = stages_before(catalog, environment);
        before
            .map(|stage| 1 + count(catalog, stage, most))
            .max()
            .unwrap_or(0)
    }
    count(catalog, environment, catalog.environments.len())
}

/// The words in a spec for "a tag that names a release candidate".
const CANDIDATE: &str = "release-candidate";

/// What a name that was given to a promotion names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given<'a> {
    Branch(&'a str),
    Tag(&'a str),
    /// A name alone, of which git itself would take a tag before a branch.
    Either(&'a str),
}

impl<'a> Given<'a> {
    fn read(reference: &'a str) -> Self {
        let branch = ["refs/heads/", "refs/remotes/origin/", "origin/"]
            .iter()
            .find_map(|head| reference.strip_prefix(head));
        match (branch, reference.strip_prefix("refs/tags/")) {
            (Some(name), _) => Self::Branch(name),
            (None, Some(name)) => Self::Tag(name),
            (None, None) => Self::Either(reference),
        }
    }
}

/// Whether a branch, tag or release is one that a spec's `from` means. A tag is a release candidate
/// or nothing: otherwise, anyone who may set a tag could call it `main`.
pub(crate) fn fits(from: &str, reference: &str) -> bool {
    let is_release = |name| from == CANDIDATE && (is_candidate(name) || name == CANDIDATE);
    match Given::read(reference) {
        Given::Branch(name) => pattern::matches(from, name),
        Given::Tag(name) => is_release(name),
        Given::Either(name) => is_release(name) || pattern::matches(from, name),
    }
}

/// Whether some name may be what both of two sources mean.
pub(crate) fn may_overlap(a: &str, b: &str) -> bool {
    // The text around the stars must be part of the name of a release candidate.
    let may_be_release = |from: &str| {
        let is_part =
            |c: char| c.is_ascii_digit() || matches!(c, 'v' | '.' | '-' | 'r' | 'c' | '*');
        from.contains('*')
            && from.chars().all(is_part)
            && from.starts_with(|c: char| c.is_ascii_digit() || matches!(c, 'v' | '*'))
    };
    pattern::may_overlap(a, b)
        || (a == CANDIDATE && (is_candidate(b) || may_be_release(b)))
        || (b == CANDIDATE && (is_candidate(a) || may_be_release(a)))
}

/// The full names that a name may stand for, the likeliest first. A release candidate is a tag,
/// and anything else is a branch.
pub(crate) fn full_names(reference: &str) -> Vec<String> {
    let tag = |name: &str| format!("refs/tags/{name}");
    let local = |name: &str| format!("refs/heads/{name}");
    let remote = |name: &str| format!("refs/remotes/origin/{name}");
    match Given::read(reference) {
        Given::Tag(name) => vec![tag(name)],
        Given::Either(name) if is_candidate(name) => vec![tag(name)],
        Given::Either(name) if name == CANDIDATE => vec![tag(name), local(name), remote(name)],
        Given::Either(name) => vec![local(name), remote(name)],
        Given::Branch(name) if reference.starts_with("refs/heads/") => vec![local(name)],
        Given::Branch(name) => vec![remote(name)],
    }
}

/// Whether a text can be somebody's name, and not only look like one.
pub(crate) fn is_name(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// `1.4.0-rc.1`, with or without a `v` (Semantic Versioning 2.0.0, 9).
fn is_candidate(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let Some((version, pre)) = name.strip_prefix('v').unwrap_or(name).split_once("-rc") else {
        return false;
    };
    let parts: Vec<&str> = version.split('.').collect();
    parts.len() == 3 && parts.into_iter().all(is_number) && is_number(pre.trim_start_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::{fits, full_names, may_overlap};

    #[test]
    fn a_release_candidate_is_a_version_with_rc() {
        for name in [
            "v1.4.0-rc.1",
            "1.4.0-rc2",
            "refs/tags/v1.4.0-rc.10",
            "release-candidate",
        ] {
            assert!(fits("release-candidate", name), "{name}");
        }
        for name in ["v1.4.0", "main", "v1.4-rc.1", "v1.4.0-rc.x", "v1.4.0-rc"] {
            assert!(!fits("release-candidate", name), "{name}");
        }
    }

    #[test]
    fn a_branch_fits_its_pattern() {
        assert!(fits("feature/*", "refs/heads/feature/x"));
        assert!(fits("main", "origin/main"));
        assert!(!fits("main", "maintenance"));
        assert!(!fits("main", "refs/tags/main"));
        assert!(!fits("main", "refs/heads/refs/heads/main"));
        assert!(!fits("main", "origin/origin/main"));
        assert!(!fits("release-candidate", "refs/heads/v1.0.0-rc.1"));
    }

    #[test]
    fn sources_overlap_where_a_name_fits_both() {
        for (a, b) in [
            ("release-candidate", "v*"),
            ("*-rc.*", "release-candidate"),
            ("release-candidate", "v1.0.0-rc.1"),
            ("feature/*", "f*"),
        ] {
            assert!(may_overlap(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("release-candidate", "main"),
            ("release-candidate", "feature/*"),
            ("release-candidate", "rc*"),
            ("release-candidate", "v1"),
        ] {
            assert!(!may_overlap(a, b), "{a} {b}");
        }
    }

    #[test]
    fn a_name_is_looked_for_where_it_may_be_meant() {
        assert_eq!(full_names("v1.0.0-rc.1"), ["refs/tags/v1.0.0-rc.1"]);
        assert_eq!(
            full_names("main"),
            ["refs/heads/main", "refs/remotes/origin/main"]
        );
        assert_eq!(full_names("origin/main"), ["refs/remotes/origin/main"]);
        assert_eq!(full_names("refs/tags/main"), ["refs/tags/main"]);
    }
}
