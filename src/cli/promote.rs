//! `composegen promote`

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anstyle::AnsiColor;
use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;
use similar::TextDiff;

use super::{Format, Global, Outcome, Terminal, check, project, write_json};
use crate::journal::{self, Entry, Journal};
use crate::promote::{self, Candidate};
use crate::render::{self, Changes, Plan, Rendered, Selection};
use crate::rules::Severity;
use crate::spec::Environment;
use crate::text::visible;

/// Say whether a branch, tag or release may go into an environment, and what it would change there.
///
/// It may where it is what the environment's `promotion` names, what that requires is there, no rule
/// is broken for the environment, and the files are rendered and committed. With --record the journal
/// (releases/journal.jsonl) notes it. Exit status 1 means that it may not.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The branch, tag or release
    #[arg(value_name = "REF|RELEASE")]
    reference: String,
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
    digest: String,
    change: &'static str,
    diff: String,
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let root = project::root(global)?;
    let (catalog, templates) = project::load(&root, None)?;
    let environment = project::environment(&catalog, &options.to)?;
    let (commit, mut refusals) = resolve(&root, &options.reference)?;
    let commit = commit.as_str();
    let journal = Journal::load(&root)?;
    let candidate = Candidate {
        reference: &options.reference,
        commit,
        approver: options
            .approved_by
            .as_deref()
            .filter(|name| promote::is_name(name)),
    };
    refusals.extend(promote::refusals(
        &catalog,
        environment,
        &candidate,
        &journal,
    ));
    let selection = Selection(vec![options.to.clone()]);
    let plan = Plan::of(&catalog, &selection, None)?;
    let rendered = render::render(&catalog, &templates, &plan, None)?;
    refusals.extend(not_at(&root, commit)?);
    refusals.extend(rewritten(&root));
    let changes = Changes::of(&root, &catalog, &rendered, false)?;
    if !changes.is_empty() {
        refusals.push(format!(
            "the files of `{0}` are not what the specs give: composegen render {0}",
            environment.name
        ));
    }
    // That its files are not the released ones is what a promotion mends.
    let report = check::judge(
        &root,
        &catalog,
        &templates,
        std::slice::from_ref(&options.to),
    )?;
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
    let files = released(&root, &rendered, &journal, environment);
    let is_allowed = refusals.is_empty();
    let is_recorded = options.record && is_allowed;
    if is_recorded {
        let entry = Entry {
            time: now(),
            reference: options.reference.clone(),
            commit: commit.to_owned(),
            environment: options.to.clone(),
            files: files
                .iter()
                .map(|file| (file.path.clone(), file.digest.clone()))
                .collect(),
            approver: candidate.approver.map(str::to_owned),
            previous: journal.head(),
        };
        journal::append(&root, &entry)
            .with_context(|| format!("cannot write `{}`", journal::FILE))?;
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
                reference: &options.reference,
                commit,
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
fn resolve(root: &Path, reference: &str) -> anyhow::Result<(String, Vec<String>)> {
    let commit = |name: &str| {
        let name = format!("{name}^{{commit}}");
        let parse = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &name,
        ];
        git(root, &parse).map(|commit| commit.trim().to_owned())
    };
    for name in promote::full_names(reference) {
        // An exact name: `main~1` is no branch.
        if git(root, &["show-ref", "--verify", "--quiet", "--", &name]).is_ok() {
            return Ok((commit(&name)?, Vec::new()));
        }
    }
    let found =
        commit(reference).with_context(|| format!("git knows no commit `{reference}` here"))?;
    let reason = format!(
        "`{reference}` is no branch here, and no tag of a release candidate: name what it is on"
    );
    Ok((found, vec![reason]))
}

/// Why nothing may be promoted on top of a journal whose committed past was changed.
fn rewritten(root: &Path) -> Option<String> {
    let unix = |text: String| text.replace("\r\n", "\n");
    // Where nothing is committed yet, there is no past.
    let committed = git(root, &["show", &format!("HEAD:./{}", journal::FILE)]).ok()?;
    let here = std::fs::read_to_string(root.join(journal::FILE)).unwrap_or_default();
    (!unix(here).starts_with(&unix(committed))).then(|| {
        format!(
            "`{}` does not begin with what is committed of it: its past was changed",
            journal::FILE
        )
    })
}

/// What is recorded is what lies here, so what lies here must be the commit's. The journal itself may
/// be ahead of it: that the commit was in one environment is noted after it.
fn not_at(root: &Path, commit: &str) -> anyhow::Result<Option<String>> {
    const WHERE: [&str; 4] = ["--", "environments", "templates", "generated"];
    let mut changed = git(
        root,
        &[&["diff", "--name-only", commit], &WHERE[..]].concat(),
    )?;
    let others = ["ls-files", "--others", "--exclude-standard"];
    changed.push_str(&git(root, &[&others[..], &WHERE[..]].concat())?);
    let first = changed.lines().next().map(|first| {
        format!(
            "what lies here is not commit {}: `{first}` differs; check it out first",
            promote::short(commit)
        )
    });
    Ok(first)
}

/// What git says; an error where it says no.
fn git(root: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(arguments)
        .output()
        .context("cannot run git")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<&str> = said.lines().map(str::trim).collect();
        bail!("git: {}", lines.join("; "));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn released(
    root: &Path,
    rendered: &[Rendered<'_>],
    journal: &Journal,
    environment: &Environment,
) -> Vec<Released> {
    let last = journal
        .last_of(environment.name.as_str())
        .map(|(entry, _)| entry);
    let none = BTreeMap::new();
    let before = last.map_or(&none, |entry| &entry.files);
    let mut files = Vec::new();
    for one in rendered.iter().filter(|one| one.planned.is_written) {
        let path = one.source.name.clone();
        let new = &one.source.text;
        let digest = journal::digest(new.as_bytes());
        let (change, diff) = match (before.get(&path), last) {
            (Some(old), _) if *old == digest => ("unchanged", String::new()),
            (Some(_), Some(entry)) => {
                // A commit that a shallow clone has not is no reason to refuse.
                let object = format!("{}:./{path}", entry.commit);
                let old = git(root, &["show", &object]).unwrap_or_default();
                let shown = visible(&path);
                let diff = TextDiff::from_lines(&old, new)
                    .unified_diff()
                    .header(&format!("a/{shown}"), &format!("b/{shown}"))
                    .to_string();
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
    let what = format!(
        "`{}` ({})",
        candidate.reference,
        promote::short(candidate.commit)
    );
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

/// The time, to the second, in UTC.
fn now() -> String {
    let now = jiff::Timestamp::now().as_second();
    jiff::Timestamp::from_second(now)
        .map(|time| time.to_string())
        .unwrap_or_default()
}
