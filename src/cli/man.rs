//! `composegen man`

use std::io;

use clap::{Args, Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use indoc::indoc;

use super::{Cli, Global, Outcome, Terminal, candidates, write_file};

/// Print a manual page: of composegen, or of one of its commands.
#[derive(Debug, Args)]
#[command(after_help = indoc! {"
    Examples:
      # Read a page
      composegen man drift | man -l -

      # Install a page
      composegen man > ~/.local/share/man/man1/composegen.1"})]
pub(super) struct Options {
    /// Command
    #[arg(value_name = "COMMAND", add = candidates::commands())]
    command: Option<String>,
}

pub(super) fn run(options: &Options, _: &Global, _: &Terminal) -> anyhow::Result<Outcome> {
    let mut all = Cli::command().disable_help_subcommand(true);
    all.build();
    let page = match &options.command {
        None => all,
        Some(name) => match all.find_subcommand(name) {
            Some(command) => command.clone(),
            None => anyhow::bail!("there is no command `{name}`; `composegen help` lists them"),
        },
    };
    let mut text = Vec::new();
    write(page, &mut text)?;
    write_file(&String::from_utf8(text)?)?;
    Ok(Outcome::Clean)
}

/// A page with the sections that `man-pages(7)` names; `clap_mangen` would put what follows the options into one.
fn write(command: Command, out: &mut Vec<u8>) -> io::Result<()> {
    let after = command.get_after_help().map(ToString::to_string);
    let has_commands = command.has_subcommands();
    let page = Man::new(command)
        .source(format!("composegen {}", env!("CARGO_PKG_VERSION")))
        .manual("composegen");
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;
    if has_commands {
        page.render_subcommands_section(out)?;
    }
    let mut sections = Roff::default();
    for line in after.iter().flat_map(|text| text.lines()) {
        if let Some(title) = heading(line) {
            sections.control("SH", [title.to_uppercase().as_str()]);
        } else if let Some(comment) = line.strip_prefix("  # ") {
            sections.control("PP", []).text([roman(comment)]);
        } else if let Some(example) = line.strip_prefix("  composegen ") {
            sections.control("RS", ["4"]);
            sections.text([bold(format!("composegen {example}"))]);
            sections.control("RE", []);
        } else {
            sections.text([roman(line.trim_start())]);
        }
    }
    sections.to_writer(out)
}

/// The title of a section of a help text.
fn heading(line: &str) -> Option<&str> {
    line.strip_suffix(':')
        .filter(|title| !title.starts_with(' '))
}
