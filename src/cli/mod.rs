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
mod target;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style as Ansi};
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};

use crate::diagnostic::{Diagnostics, Style};

/// One source of truth for a product's Docker Compose files, in every environment.
///
/// Specs (environments/) say what runs where, templates (templates/) say how it is written, and
/// together they give one Compose file per host (generated/).
#[derive(Debug, Parser)]
#[command(
    name = "composegen",
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
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // `--help` and `--version` are no errors, and go to standard output.
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
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

/// Where a command writes, and in which style.
#[derive(Debug)]
struct Terminal {
    out: Style,
    err: Style,
    is_quiet: bool,
    is_verbose: bool,
}

impl Terminal {
    fn new(global: &Global) -> Self {
        let style = |is_terminal: bool| {
            let is_on = match global.color {
                ColorChoice::Always => true,
                ColorChoice::Never => false,
                // https://no-color.org: any value but an empty one turns colours off.
                ColorChoice::Auto => {
                    is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                }
            };
            if is_on { Style::Colour } else { Style::Plain }
        };
        Self {
            out: style(std::io::stdout().is_terminal()),
            err: style(std::io::stderr().is_terminal()),
            is_quiet: global.quiet,
            is_verbose: global.verbose,
        }
    }

    /// Writes a unified diff to standard output.
    fn diff(&self, diff: &str) -> anyhow::Result<()> {
        if self.out == Style::Plain {
            return write_out(diff);
        }
        let coloured: String = diff
            .split_inclusive('\n')
            .map(colour_of_diff_line)
            .collect();
        write_out(&coloured)
    }

    /// Says something to a person, unless only errors are wanted.
    fn say(&self, text: &str) {
        if !self.is_quiet {
            write_err(text);
        }
    }

    /// Says what may not be as it is meant, unless only errors are wanted.
    fn warn(&self, text: &str) {
        let label = self.paint("warning:", AnsiColor::Yellow.on_default().bold());
        self.say(&format!("{label} {text}"));
    }

    /// Says something to a person who wants to know more.
    fn detail(&self, text: &str) {
        if self.is_verbose {
            write_err(text);
        }
    }

    /// Says that something could not be done, while the rest goes on.
    fn complain(&self, text: &str) {
        let label = self.paint("error:", AnsiColor::Red.on_default().bold());
        write_err(&format!("{label} {text}"));
    }

    /// Whether standard output takes colours.
    fn is_coloured(&self) -> bool {
        self.out == Style::Colour
    }

    /// The columns of standard output, where it is a terminal.
    fn width() -> Option<usize> {
        terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0))
    }

    /// Says on one line of a terminal how many hosts have answered, and clears it at the end.
    fn progress(&self, done: usize, all: usize) {
        if self.is_quiet || all < 2 || !std::io::stderr().is_terminal() {
            return;
        }
        let mut err = std::io::stderr().lock();
        let _ = if done == all {
            write!(err, "\r\x1b[K")
        } else {
            write!(err, "\r{done} of {all} hosts have answered")
        };
        let _ = err.flush();
    }

    /// A word in the style of standard error.
    fn paint(&self, word: &str, style: Ansi) -> String {
        match self.err {
            Style::Plain => word.to_owned(),
            Style::Colour => format!("{style}{word}{style:#}"),
        }
    }

    /// Says why a command could not be done; `writes` says whether it would have written files.
    fn error(&self, error: &anyhow::Error, writes: bool) {
        if let Some(problems) = error.downcast_ref::<Diagnostics>() {
            let (mut messages, more) = problems.messages(self.err);
            let count = messages.len() + more;
            let at_least = problems.at_least();
            if more > 0 {
                messages.push(format!("and {at_least}{more} more"));
            }
            let noun = if count == 1 { "error" } else { "errors" };
            let nothing = if writes { "; nothing was written" } else { "" };
            messages.push(format!("{at_least}{count} {noun}{nothing}"));
            write_err(&messages.join("\n\n"));
            return;
        }
        let label = self.paint("error:", AnsiColor::Red.on_default().bold());
        write_err(&format!("{label} {error:#}"));
    }
}

fn colour_of_diff_line(line: &str) -> String {
    let style = match line.as_bytes() {
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Ansi::new().bold(),
        [b'+', ..] => AnsiColor::Green.on_default(),
        [b'-', ..] => AnsiColor::Red.on_default(),
        [b'@', ..] => AnsiColor::Cyan.on_default(),
        _ => return line.to_owned(),
    };
    let (text, end) = line
        .strip_suffix('\n')
        .map_or((line, ""), |text| (text, "\n"));
    format!("{style}{text}{style:#}{end}")
}

/// Writes data to standard output. That its reader went away, as `head` does, is no error of ours,
/// and changes nothing in what was found.
fn write_out(text: &str) -> anyhow::Result<()> {
    write_to_out(|out| out.write_all(text.as_bytes()))
}

/// The same, of data that is written part by part.
fn write_to_out(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::with_capacity(64 * 1024, std::io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Writes a line to standard error. Where that fails there is nobody left to tell.
fn write_err(text: &str) {
    let mut err = std::io::stderr().lock();
    // What is said here may be an error of anybody's, with the address that it is about in it.
    let _ = writeln!(err, "{}", crate::redact::text(text));
}
