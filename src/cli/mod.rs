//! The command line: each command loads, calls and reports, and nothing more. A new command is a
//! module with `Options` and `run`, and a line in `commands!`.
//!
//! Data goes to standard output, everything else to standard error. The exit status is 0 without
//! findings, 1 with findings, and 2 where the command failed.

mod candidates;
mod catalog;
mod check;
mod completions;
mod compose_file;
mod custom_rules;
mod deliver;
mod diff;
mod drift;
mod fix;
mod graph;
mod history;
mod init;
mod man;
mod measure;
mod plan;
mod plugin;
mod progress;
mod project;
mod promote;
mod render;
mod report;
mod rules;
mod snapshot;
mod state;
mod targets;
mod terminal;
mod watch;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum as _};
use indoc::indoc;

use crate::report::{Format, Report};
use crate::rules::CheckError;
use plugin::PluginCall;
use terminal::{Terminal, plain, usage, write_err, write_file};

/// The version, and what was built: see build.rs.
const VERSION: &str = env!("COMPOSEGEN_VERSION");

/// One source of truth for the Docker Compose files of all environments.
///
/// Specs (environments/) declare what runs where, templates (templates/) how it is written. Together
/// they render one Compose file per host (generated/), which can be checked and compared with the
/// live Docker Engine.
#[derive(Debug, Parser)]
#[command(
    name = "composegen",
    bin_name = "composegen",
    version = VERSION,
    max_term_width = 100
)]
#[command(after_help = indoc! {"
    Examples:
      # Start a project, or make one from existing Compose files
      composegen init shop
      composegen init --from compose.yml shop

      # Render all Compose files, and check them
      composegen render
      composegen check

      # Compare a live host with its spec, or with a Compose file
      composegen drift prod
      composegen drift -f compose.yml

    Exit status:
      0 no findings, 1 findings (stale files, broken rules, drift), 2 errors (usage, invalid spec, unreachable host)"})]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
struct Global {
    /// Root of the project [default: the nearest parent directory with environments/]
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    directory: Option<PathBuf>,
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    #[arg(help = "When to use colors; `auto` honors NO_COLOR")]
    color: ColorChoice,
    /// Print only findings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Print details: files, timings, and what was not compared
    #[arg(short, long, global = true)]
    verbose: bool,
    /// Print all mistakes in specs and templates, not only the first 20
    #[arg(long, global = true)]
    all_errors: bool,
    /// The engine that the `docker` in front of `docker composegen` was asked to use
    #[arg(skip)]
    engine: Option<String>,
}

/// The commands: each is a module with `Options`, whose documentation is its help, and `run`. `writes` says that a command
/// writes files, and `errors` which option has the format of its errors.
macro_rules! commands {
    (@writes) => { false };
    (@writes $writes:literal) => { $writes };
    (@errors) => { Format::Human };
    (@errors $errors:ident) => { *$errors };
    ($($name:ident: $module:ident $({ $(writes: $writes:literal,)? $(errors: $errors:ident,)? })?,)+) => {
        #[derive(Debug, Subcommand)]
        enum Command {
            $($name($module::Options),)+
        }

        impl Command {
            /// A command on its own, with its options.
            fn alone(name: &OsStr) -> Option<clap::Command> {
                let name = name.to_str()?;
                match name {
                    $(stringify!($module) => Some($module::Options::augment_args(clap::Command::new(stringify!($module)))),)+
                    _ => None,
                }
            }

            fn run(&self, global: &Global, terminal: &Terminal) -> anyhow::Result<Outcome> {
                match self {
                    $(Self::$name(options) => $module::run(options, global, terminal),)+
                }
            }

            /// Whether it writes files.
            fn writes(&self) -> bool {
                match self {
                    $(Self::$name(_) => commands!(@writes $($($writes)?)?),)+
                }
            }

            /// The format of its errors.
            fn error_format(&self) -> Format {
                match self {
                    $(Self::$name($module::Options { $($($errors,)?)? .. }) => commands!(@errors $($($errors)?)?),)+
                }
            }
        }
    };
}

commands! {
    Init: init { writes: true, },
    Render: render { writes: true, errors: format, },
    Check: check { errors: format, },
    Diff: diff,
    Promote: promote,
    Rules: rules,
    Drift: drift,
    Plan: plan,
    Snapshot: snapshot { writes: true, },
    State: state,
    Graph: graph,
    Catalog: catalog,
    Report: report { writes: true, },
    History: history,
    Completions: completions,
    Man: man,
}

/// The command line with only the command that is called: building the options of all commands takes most of the time to start.
/// What it cannot parse, and every message, is left to the whole command line.
fn short(arguments: &[OsString]) -> clap::Command {
    let called = arguments
        .iter()
        .skip(1)
        .find_map(|word| Command::alone(word));
    let command = clap::Command::new(env!("CARGO_PKG_NAME")).version(VERSION);
    Global::augment_args(command).subcommands(called)
}

/// The value of `--format`: one of the formats that a report can be written in.
fn format<R: Report>() -> impl TypedValueParser<Value = Format> {
    let formats = R::WRITERS.iter().map(|(format, _)| format);
    PossibleValuesParser::new(formats.filter_map(Format::to_possible_value))
        .try_map(|name| Format::from_str(&name, false))
}

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// There is nothing to report.
    Clean,
    /// There are findings.
    Findings,
    /// Something could not be checked; the rest was reported.
    Incomplete,
}

/// Mistakes in files stay what they are, as reports have a form for them.
impl From<CheckError> for anyhow::Error {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Files(problems) => problems.into(),
            CheckError::Folder(error) => error.into(),
            error => Self::msg(error),
        }
    }
}

impl Outcome {
    /// How a command ends that found this many things.
    fn of(findings: usize) -> Self {
        if findings == 0 {
            Self::Clean
        } else {
            Self::Findings
        }
    }
}

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    if let Some(answered) = completions::answer(&arguments) {
        return answered;
    }
    let invocation = match plugin::invocation(arguments) {
        Ok(PluginCall::Command(invocation)) => invocation,
        Ok(PluginCall::Docker(answer)) => return plugin::answer(&answer),
        Err(error) => {
            write_err(&plain(&format!("error: {error}")));
            return ExitCode::from(2);
        }
    };
    let cli = match invocation.parse(&invocation.arguments) {
        Ok(cli) => cli,
        // `--help` and `--version` are not errors, and go to standard output.
        Err(error) if !error.use_stderr() => {
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            write_err(&usage(&error, &invocation.arguments, |shown| {
                invocation.parse(shown)
            }));
            return ExitCode::from(2);
        }
    };
    let terminal = Terminal::new(&cli.global);
    match cli.command.run(&cli.global, &terminal) {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::Incomplete) => ExitCode::from(2),
        Err(error) => {
            terminal.error(error, cli.command.error_format(), cli.command.writes());
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::{Cli, short};
    use crate::pattern;
    use crate::rules;
    use crate::text::command_line::shell_words;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_is_known_on_its_own() {
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            let words = ["composegen".into(), "-q".into(), name.into()];
            let short = short(&words);
            let alone = short.find_subcommand(name).unwrap();
            let names = |command: &clap::Command| -> Vec<String> {
                command
                    .get_arguments()
                    .map(|option| option.get_id().to_string())
                    .collect()
            };
            assert_eq!(names(alone), names(command), "{name}");
        }
    }

    #[test]
    fn options_of_many_commands_are_below_no_heading_of_one() {
        for command in Cli::command().get_subcommands() {
            let shared = ["docker", "files", "timeout", "format"];
            for option in command.get_arguments() {
                if shared.contains(&option.get_id().as_str()) {
                    let heading = option.get_help_heading();
                    assert_eq!(heading, None, "{}: {option}", command.get_name());
                }
            }
        }
    }

    #[test]
    fn every_help_has_examples_that_can_be_run() {
        let all = Cli::command();
        for command in all.get_subcommands().chain([&all]) {
            let name = command.get_name();
            let help = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(help.starts_with("Examples:\n"), "{name}");
            let lines = help.lines().filter_map(|line| line.strip_prefix("  "));
            let mut examples = 0;
            for line in lines.filter(|line| line.starts_with("composegen ")) {
                let line = line.split(['|', '>']).next().unwrap();
                let words: Vec<_> = shell_words(line).into_iter().collect();
                let read = Cli::try_parse_from(&words);
                assert!(read.is_ok(), "{name}: {line}: {}", read.unwrap_err());
                let is_named = |word: &&String| ["--select", "rules"].contains(&word.as_str());
                let selected = words.iter().skip_while(|word| !is_named(word)).nth(1);
                let selected = selected.filter(|word| !word.starts_with('-'));
                let is_rule =
                    |code: &str| rules::all().any(|rule| pattern::matches(code, rule.code));
                assert!(selected.is_none_or(|code| is_rule(code)), "{name}: {line}");
                examples += 1;
            }
            assert!(examples > 0, "{name}");
        }
    }
}
