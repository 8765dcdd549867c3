//! `composegen rules`

use anyhow::bail;
use clap::Args;

use super::{Outcome, write_out};
use crate::diagnostic::closest;
use crate::report::rules as report;
use crate::rules;

/// List the rules of `check`, or explain one of them.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The code of a rule
    #[arg(value_name = "CODE", conflicts_with = "markdown")]
    code: Option<String>,
    /// Print all of them as the page docs/rules.md
    #[arg(long)]
    markdown: bool,
}

pub(super) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let text = match &options.code {
        None if options.markdown => report::page(),
        None => report::list(),
        Some(code) => match rules::by_code(code) {
            Some(rule) => report::one(rule),
            None => match closest(code, rules::all().map(|rule| rule.code)) {
                Some(close) => bail!("there is no rule `{code}`; did you mean `{close}`?"),
                None => bail!("there is no rule `{code}`; `composegen rules` lists them"),
            },
        },
    };
    write_out(&text)?;
    Ok(Outcome::Clean)
}
