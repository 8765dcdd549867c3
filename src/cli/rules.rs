//! `composegen rules`

use anyhow::anyhow;
use clap::Args;

use super::own_rules::RulesArgs;
use super::{Global, Outcome, Terminal};
use crate::diagnostic::closest;
use crate::finding::Code;
use crate::report::rules::RulesReport;
use crate::report::{Format, Report as _};
use crate::rules::{self, Own, Rule};

/// List the rules of `check` and the findings of `drift`, or explain one.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Code of a rule or finding
    #[arg(value_name = "CODE", conflicts_with = "markdown")]
    code: Option<String>,
    /// Print all rules as Markdown (docs/rules.md)
    #[arg(long)]
    markdown: bool,
    #[command(flatten)]
    rules: RulesArgs,
}

/// Says that a code is neither of a rule nor of a finding.
pub(super) fn unknown(code: &str, own: &[&'static Rule]) -> anyhow::Error {
    let of_drift = Code::ALL.iter().map(|code| code.as_str());
    let all = rules::all().chain(own.iter().copied());
    let known = all.map(|rule| rule.code).chain(of_drift);
    match closest(code, known) {
        Some(close) => anyhow!("there is no rule `{code}`; did you mean `{close}`?"),
        None => anyhow!("there is no rule `{code}`; `composegen rules` lists them"),
    }
}

pub(super) fn run(options: &Options, _: &Global, terminal: &Terminal) -> anyhow::Result<Outcome> {
    let own: Vec<_> = Own::read(&options.rules.sources(None)?)?.rules().collect();
    let report = match &options.code {
        None => RulesReport::All { own },
        Some(code) => RulesReport::of(code, &own).ok_or_else(|| unknown(code, &own))?,
    };
    let format = if options.markdown {
        Format::Markdown
    } else {
        Format::Human
    };
    terminal.write(|out| report.write(format, out))?;
    Ok(Outcome::Clean)
}
