//! `composegen promote`

use std::collections::BTreeMap;
use std::path::Path;

use anstyle::AnsiColor;
use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use super::{Format, Global, Outcome, Terminal, check, project, write_json};
use crate::files::{self, Root};
use crate::git::{Commit, Git, GitError, RefName, Revision};
use crate::journal::{self, Digest, Entry, Journal, Time};
use crate::promote::{self, Candidate};
use crate::render::{self, Changes, Plan, Rendered, Selection};
use crate::rules::Severity;
use crate::spec::{self, Environment};

/// Say whether a branch, tag or release may go into an environment, and what it would change there.
///
/// It may where it is what the environment's `promotion` names, what that requires is there, no rule
/// is broken for the environment, and the files are rendered and committed. With --record the journal
/// (releases/journal.jsonl) notes it. Exit status 1 means that it may not.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The branch, tag or release
    #[arg(value_name = "REF|RELEASE")]
    reference: Revision,
    /// The environment that it is to go into
    #[arg(long, value_name = "ENV")]
    to: String,
    /// Note it in the release journal, where it may
    #[arg(long)]
    record: bool,
    /// Who says that it may
    #[arg(long, value_name = "NAME")]
    approved_by: Option<String>,
    /// The form of the answer
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

#[derive(Serialize)]
struct Answer<'a> {
    version: u8,
    #[serde(rename = "ref")]
    reference: &'a str,
    commit: &'a str,
    environment: &'a str,
    allowed: bool,
    refusals: &'a [String],
    files: &'a [Released],
    recorded: bool,
}

/// A file of the environment, beside what was released last.
#[derive(Serialize)]
struct Released {
    path: String,
    digest: Digest,
    change: &'static str,
    diff: String,
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let root = project::root(global)?;
    let git = Git::of(&root);
    // Two that record at once would both follow the same entry.
    let lock = project::lock_unless(!options.record, &root, terminal)?;
    let (catalog, templates) = project::load(&root, None)?;
    let environment = project::environment(catalog, &options.to)?;
    let journal = Journal::load(&root)?;
    let (commit, name) = resolve(git, &options.reference)?;
    let mut refusals: Vec<String> = name.as_ref().err().cloned().into_iter().collect();
    let candidate = Candidate {
        reference: options.reference.as_str(),
        commit: &commit,
        approver: options
            .approved_by
            .as_deref()
            .filter(|name| promote::is_name(name)),
    };
    refusals.extend(promote::refusals(
        catalog,
        environment,
        &candidate,
        &journal,
    ));
    let selection = Selection(vec![options.to.clone()]);
    let plan = Plan::of(catalog, &selection, None)?;
    let rendered = render::render(catalog, templates, &plan, None)?;
    refusals.extend(not_at(git, &commit)?);
    refusals.extend(unsound(&root, git, &journal)?);
    let changes = Changes::of(&root, catalog, &rendered, false)?;
    if !changes.is_empty() {
        refusals.push(format!(
            "the files of `{0}` are not what the specs give: composegen render {0}",
            environment.name
        ));
    }
    // That its files are not the released ones is what a promotion mends.
    let report = check::judge(&root, catalog, templates, std::slice::from_ref(&options.to))?;
    let broken = report.findings.iter().filter(|finding| {
        finding.rule.severity == Severity::Error && finding.rule.code != "journal-files"
    });
    let broken = broken.count();
    if broken > 0 {
        refusals.push(format!(
            "{broken} rules are broken: composegen check {}",
            environment.name
        ));
    }
    let files = released(git, &rendered, &journal, environment);
    let is_allowed = refusals.is_empty();
    let mut is_recorded = false;
    if let (Some(lock), true, Ok(reference)) = (&lock, is_allowed, name) {
        let digests = files.iter().map(|file| {
            let path: journal::Released = file.path.parse()?;
            Ok((path, file.digest.clone()))
        });
        let entry = Entry {
            time: Time::now(),
            reference,
            commit: commit.clone(),
            environment: environment.name.clone(),
            files: digests.collect::<anyhow::Result<_>>()?,
            approver: candidate.approver.map(str::to_owned),
            previous: journal.head(),
        };
        journal::append(&root, lock, &entry)
            .with_context(|| format!("cannot write `{}`", journal::FILE))?;
        is_recorded = true;
    }
    match options.format {
        Format::Human => {
            for file in &files {
                terminal.diff(&file.diff)?;
            }
            summarise(&candidate, environment, &refusals, &files, terminal);
            if is_recorded {
                terminal.say(&format!("noted in {}; commit it", journal::FILE));
            }
        }
        Format::Json => {
            let answer = Answer {
                version: 1,
                reference: options.reference.as_str(),
                commit: commit.as_str(),
                environment: &options.to,
                allowed: is_allowed,
                refusals: &refusals,
                files: &files,
                recorded: is_recorded,
            };
            write_json(&answer)?;
        }
    }
    Ok(if is_allowed {
        Outcome::Clean
    } else {
        Outcome::Findings
    })
}

/// The commit of a branch or tag, by its full name: of `main` alone git would take a tag of that name
/// before the branch. What is a commit and neither of the two is a reason to refuse.
fn resolve(
    git: Git<'_>,
    reference: &Revision,
) -> anyhow::Result<(Commit, Result<RefName, String>)> {
    if let Ok(given) = reference.as_str().parse::<RefName>() {
        // An exact name: `main~1` is no branch.
        for name in promote::full_names(given.as_str()) {
            let Ok(name) = name.parse::<RefName>() else {
                continue;
            };
            if git.has(&name)? {
                let commit = git.commit(&Revision::from(&name))?;
                let commit = commit.with_context(|| format!("`{name}` is not a commit"))?;
                return Ok((commit, Ok(given)));
            }
        }
    }
    let found = match git.commit(reference) {
        Err(GitError::Refused(_)) => None,
        found => found?,
    };
    let found = found.with_context(|| format!("git knows no commit `{reference}` here"))?;
    let reason = format!(
        "`{reference}` is no branch here, and no tag of a release candidate: name what it is on"
    );
    Ok((found, Err(reason)))
}

/// Why nothing may be added to a journal: lines of it that are no entries, an entry that is later than
/// now, or a committed past that was changed.
fn unsound(root: &Root, git: Git<'_>, journal: &Journal) -> anyhow::Result<Vec<String>> {
    let broken = journal.broken().take(3);
    let mut reasons: Vec<String> = broken
        .map(|(place, why)| format!("{} is not a valid journal entry: {why}", place.display()))
        .collect();
    if let Some((last, place)) = journal.entries().next_back()
        && last.time.at > Time::now().at
    {
        reasons.push(format!(
            "{}: this entry's time, {}, is later than the time now: check the clock",
            place.display(),
            last.time
        ));
    }
    let unix = |text: &str| text.replace("\r\n", "\n");
    // Where nothing is committed yet, there is no past.
    if let Some(committed) = git.committed(journal::FILE)? {
        let committed = String::from_utf8_lossy(&committed);
        let here = journal::text(root)?.unwrap_or_default();
        if !unix(&here).starts_with(&unix(&committed)) {
            reasons.push(format!(
                "`{}` does not begin with what is committed of it: its past was changed",
                journal::FILE
            ));
        }
    }
    Ok(reasons)
}

/// What is recorded is what lies here, so what lies here must be the commit's. The journal itself may
/// be ahead of it: that the commit was in one environment is noted after it.
fn not_at(git: Git<'_>, commit: &Commit) -> anyhow::Result<Option<String>> {
    let changed = git.changed(commit, &[spec::FOLDER, render::TEMPLATES, render::FOLDER])?;
    // What a killed render left is nothing that is released.
    let is_leftover = |name: &&String| {
        let path = Path::new(name);
        path.starts_with(render::FOLDER) && path.file_name().is_some_and(files::is_temporary)
    };
    let mut changed = changed.iter().filter(|name| !is_leftover(name));
    Ok(changed.next().map(|first| {
        format!(
            "what lies here is not commit {}: `{}` differs; check it out first",
            commit.short(),
            first
        )
    }))
}

fn released(
    git: Git<'_>,
    rendered: &[Rendered<'_>],
    journal: &Journal,
    environment: &Environment,
) -> Vec<Released> {
    let last = journal.last_of(&environment.name).map(|(entry, _)| entry);
    let none = BTreeMap::new();
    let before = last.map_or(&none, |entry| &entry.files);
    let mut files = Vec::new();
    for one in rendered.iter().filter(|one| one.planned.is_written) {
        let path = one.source.name.clone();
        let new = &one.source.text;
        let digest = Digest::of(new.as_bytes());
        let (change, diff) = match (before.get(path.as_str()), last) {
            (Some(old), _) if *old == digest => ("unchanged", String::new()),
            (Some(_), Some(entry)) => {
                // A commit that a shallow clone does not have is no reason to refuse.
                let old = git.file(&entry.commit, &path).ok().flatten();
                let old = old.unwrap_or_default();
                let diff = render::unified_diff(
                    &String::from_utf8_lossy(&old),
                    new,
                    &format!("a/{path}"),
                    &format!("b/{path}"),
                );
                ("changed", diff)
            }
            _ => ("new", String::new()),
        };
        files.push(Released {
            path,
            digest,
            change,
            diff,
        });
    }
    files
}

fn summarise(
    candidate: &Candidate<'_>,
    environment: &Environment,
    refusals: &[String],
    files: &[Released],
    terminal: &Terminal,
) {
    for file in files {
        terminal.say(&format!("{:9}  {}", file.change, file.path));
    }
    let what = format!("`{}` ({})", candidate.reference, candidate.commit.short());
    if refusals.is_empty() {
        let style = AnsiColor::Green.on_default().bold();
        let text = format!(" {what} may go into `{}`", environment.name);
        terminal.say_with("allowed:", style, &text);
        return;
    }
    let style = AnsiColor::Red.on_default().bold();
    let text = format!(" {what} may not go into `{}`", environment.name);
    terminal.say_with("refused:", style, &text);
    for reason in refusals {
        terminal.say(&format!("  - {reason}"));
    }
}
