//! The command line: each command loads, calls and reports, and nothing more.
//!
//! Data goes to standard output, everything else to standard error. The exit status is 0 where
//! there is nothing to report, 1 where there are findings, 2 where it could not be done.

mod check;
mod compose_file;
mod diff;
mod drift;
mod project;
mod promote;
mod render;
mod rules;
mod snapshot;
mod state;
mod targets;
mod terminal;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};

use terminal::{
    Terminal, usage, write_err, write_file, write_json, write_out, write_parts, write_shown,
};

/// One source of truth for a product's Docker Compose files, in every environment.
///
/// Specs (environments/) say what runs where, templates (templates/) say how it is written, and
/// together they give one Compose file per host (generated/).
#[derive(Debug, Parser)]
#[command(
    name = "composegen",
    bin_name = "composegen",
    version,
    max_term_width = 100,
    disable_help_subcommand = true
)]
#[command(
    after_help = "Exit status: 0 nothing to report, 1 findings (stale files, broken rules, drift), 2 it could not be done."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

/// What every command takes.
#[derive(Debug, Args)]
struct Global {
    /// The project's root [default: the nearest folder upwards that holds environments/]
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    directory: Option<PathBuf>,
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    #[arg(help = "When to use colours; NO_COLOR is honoured")]
    color: ColorChoice,
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say also what was read or asked, how long it took, and what could not be compared
    #[arg(short, long, global = true)]
    verbose: bool,
}

// What each command is for is said by its options' own documentation.
#[derive(Debug, Subcommand)]
enum Command {
    Render(render::Options),
    Check(check::Options),
    Diff(diff::Options),
    Promote(promote::Options),
    Rules(rules::Options),
    Drift(drift::Options),
    Snapshot(snapshot::Options),
    State(state::Options),
}

/// The form of what a command prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs
    Json,
}

/// How a command ended, where nothing kept it from its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// There is nothing to report.
    Clean,
    /// There are findings.
    Findings,
    /// Something could not be looked at; what could be was reported.
    Incomplete,
}

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        // `--help` and `--version` are not errors, and go to standard output.
        Err(error) if !error.use_stderr() => {
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            write_err(&usage(&error, &arguments));
            return ExitCode::from(2);
        }
    };
    let terminal = Terminal::new(&cli.global);
    let outcome = match &cli.command {
        Command::Render(options) => render::run(options, &cli.global, &terminal),
        Command::Check(options) => check::run(options, &cli.global, &terminal),
        Command::Diff(options) => diff::run(options, &cli.global, &terminal),
        Command::Promote(options) => promote::run(options, &cli.global, &terminal),
        Command::Rules(options) => rules::run(options),
        Command::Drift(options) => drift::run(options, &cli.global, &terminal),
        Command::Snapshot(options) => snapshot::run(options, &cli.global, &terminal),
        Command::State(options) => state::run(options, &cli.global, &terminal),
    };
    match outcome {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::Incomplete) => ExitCode::from(2),
        Err(error) => {
            let writes = matches!(cli.command, Command::Render(_) | Command::Snapshot(_));
            terminal.error(&error, writes);
            ExitCode::from(2)
        }
    }
}
