//! `composegen rules`

use anyhow::Context as _;
use clap::Args;
use indoc::indoc;

use super::custom_rules::RulesArgs;
use super::{Global, Outcome, Terminal, candidates};
use crate::finding::Code;
use crate::report::rules::RulesReport;
use crate::report::{Format, Report as _};
use crate::rules;

/// List the rules of `check` and the findings of `drift`, or explain one.
///
/// Custom rules that the project or `composegen.yaml` names are included.
#[derive(Debug, Args)]
#[command(after_help = indoc! {"
    Examples:
      # All rules and findings, or one of them
      composegen rules
      composegen rules no-restart"})]
pub(super) struct Options {
    /// Code of a rule or finding
    #[arg(value_name = "CODE", conflicts_with = "markdown", add = candidates::codes())]
    code: Option<String>,
    /// Print all rules as Markdown (docs/rules.md)
    #[arg(long)]
    markdown: bool,
    #[command(flatten)]
    rules: RulesArgs,
}

pub(super) fn run(
    options: &Options,
    global: &Global,
    terminal: &Terminal,
) -> anyhow::Result<Outcome> {
    let custom = options.rules.of_here(global).or_else(|_| {
        // What is built in can be explained while a spec is broken.
        let custom = options.rules.alone()?;
        terminal.warn(
            "the specs here cannot be read, and rules that they name are left out; `composegen check` shows why",
        );
        anyhow::Ok(custom)
    })?;
    let custom: Vec<_> = custom.rules().collect();
    let report = match &options.code {
        None => RulesReport::All { custom },
        Some(code) => RulesReport::of(code, &custom).with_context(|| {
            rules::no_rule(code, &custom, Code::ALL.iter().map(|code| code.as_str()))
        })?,
    };
    let format = if options.markdown {
        Format::Markdown
    } else {
        Format::Human
    };
    terminal.write(|out| report.write(format, out))?;
    Ok(Outcome::Clean)
}
