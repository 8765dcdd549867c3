//! `composegen diff`

use std::fmt::Write as _;

use anstyle::AnsiColor;
use anyhow::bail;
use clap::Args;
use serde::Serialize;

use super::{Format, Global, Outcome, Terminal, check, project, write_json, write_shown};
use crate::journal::Journal;
use crate::redact::Sensitive;
use crate::rules::Subject;
use crate::rules::parity::{self, Difference};
use crate::spec::Environment;
use crate::text::plural::counted;
use crate::text::{Styled, visible};

/// Show what differs between two environments, and whether it may.
///
/// Services, networks, volumes, routes and how services are written are compared. Where one of the two
/// mirrors the other, each difference is one that its spec allows, with the reason, or a finding (exit
/// status 1); otherwise nothing promises that they are alike. What is each environment's own, as its
/// domains and namespaces, is no difference.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// An environment
    #[arg(value_name = "ENV")]
    first: String,
    /// Another one
    #[arg(value_name = "ENV")]
    second: String,
    /// The form of the answer
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

/// Whether a difference may be.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case", tag = "verdict", content = "reason")]
enum Verdict {
    /// The mirror's spec says why.
    Allowed(String),
    /// One mirrors the other, and nothing says why.
    NotAllowed,
    /// Neither mirrors the other.
    Free,
}

#[derive(Serialize)]
struct Answer<'a> {
    version: u8,
    first: &'a str,
    second: &'a str,
    differences: Vec<One<'a>>,
}

#[derive(Serialize)]
struct One<'a> {
    what: &'a str,
    first: Option<&'a Sensitive>,
    second: Option<&'a Sensitive>,
    #[serde(flatten)]
    verdict: Verdict,
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let root = project::root(global)?;
    let (catalog, templates) = project::load(&root, None)?;
    let first = project::environment(catalog, &options.first)?;
    let second = project::environment(catalog, &options.second)?;
    if first.name == second.name {
        bail!("`{}` is one environment; name another one too", first.name);
    }
    let rendered = check::rendered(catalog, templates)?;
    let subject = Subject::of_project(catalog, &rendered, [], Journal::default())?;
    let mirror = [(first, second), (second, first)]
        .into_iter()
        .find(|(one, other)| {
            let mirrored = one.mirrors.as_ref();
            mirrored.is_some_and(|mirrored| mirrored.value == other.name)
        });
    let mirror = mirror.map(|(mirror, _)| mirror);
    let differences = parity::differences(&subject, first, second);
    let judged: Vec<(&Difference, Verdict)> = differences
        .iter()
        .map(|differing| (differing, verdict(mirror, &differing.what)))
        .collect();
    match options.format {
        Format::Human => write_shown(&human(first, second, mirror, &judged, terminal))?,
        Format::Json => write_json(&json(options, &judged))?,
    }
    let is_fine = |(_, verdict): &(&Difference, Verdict)| !matches!(verdict, Verdict::NotAllowed);
    Ok(if judged.iter().all(is_fine) {
        Outcome::Clean
    } else {
        Outcome::Findings
    })
}

fn verdict(mirror: Option<&Environment>, what: &str) -> Verdict {
    let Some(mirror) = mirror else {
        return Verdict::Free;
    };
    let reasons = parity::reasons(mirror, what);
    let first = reasons.first().and_then(|at| mirror.differs.get(*at));
    first.map_or(Verdict::NotAllowed, |differs| {
        Verdict::Allowed(differs.reason.value.clone())
    })
}

fn human(
    first: &Environment,
    second: &Environment,
    mirror: Option<&Environment>,
    judged: &[(&Difference, Verdict)],
    terminal: &Terminal,
) -> Styled {
    let mut out = Styled::new(terminal.out);
    for (differing, verdict) in judged {
        // Writing to a `String` cannot fail.
        let _ = writeln!(out, "{}", visible(&differing.what));
        for (environment, side) in [(first, &differing.first), (second, &differing.second)] {
            let value = side
                .as_ref()
                .map_or_else(|| "not there".to_owned(), |(value, _)| value.shown());
            let _ = writeln!(out, "  {}: {}", environment.name, visible(&value));
        }
        match verdict {
            Verdict::Allowed(reason) => {
                out.push("  ");
                out.paint(AnsiColor::Green.on_default(), "allowed:");
                let _ = writeln!(out, " {}", visible(reason));
            }
            Verdict::NotAllowed => {
                out.push("  ");
                out.paint(AnsiColor::Red.on_default(), "not allowed");
                out.push("\n");
            }
            Verdict::Free => {}
        }
    }
    let number = counted(judged.len(), "difference", "differences");
    let refused = judged
        .iter()
        .filter(|(_, verdict)| matches!(verdict, Verdict::NotAllowed));
    let _ = match mirror {
        Some(_) => writeln!(out, "{number}, {} not allowed", refused.count()),
        None => writeln!(out, "{number}; neither environment mirrors the other"),
    };
    out
}

fn json<'a>(options: &'a Options, judged: &[(&'a Difference, Verdict)]) -> Answer<'a> {
    fn text(side: Option<&(Sensitive, crate::source::Place)>) -> Option<&Sensitive> {
        side.map(|(value, _)| value)
    }
    let differences = judged.iter().map(|(differing, verdict)| One {
        what: &differing.what,
        first: text(differing.first.as_ref()),
        second: text(differing.second.as_ref()),
        verdict: verdict.clone(),
    });
    Answer {
        version: 1,
        first: &options.first,
        second: &options.second,
        differences: differences.collect(),
    }
}
