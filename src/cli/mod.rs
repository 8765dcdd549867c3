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

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style as Ansi};
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use serde::Serialize;

use crate::diagnostic::Diagnostics;
use crate::text::{self, Style, Styled, visible};

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

/// Why a command line is refused. clap repeats arguments as they are, so it is asked once more, with
/// arguments that may be shown.
fn usage(error: &clap::Error, arguments: &[OsString]) -> Styled {
    let shown = arguments
        .iter()
        .map(|argument| visible(&argument.to_string_lossy()).into_owned());
    let error = match Cli::try_parse_from(shown) {
        Err(again) if again.use_stderr() => again,
        _ => {
            let mut plain = Styled::new(Style::Plain);
            plain.push(error.render().to_string().trim_end());
            return plain;
        }
    };
    let style = style_of(ColorChoice::Auto, std::io::stderr().is_terminal());
    let text = match style {
        Style::Plain => error.render().to_string(),
        Style::Colour => error.render().ansi().to_string(),
    };
    Styled::of_library(text.trim_end().to_owned(), style)
}

/// Whether an output has colours.
fn style_of(choice: ColorChoice, is_terminal: bool) -> Style {
    let is_on = match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        // https://no-color.org: any value but an empty one turns colours off.
        ColorChoice::Auto => {
            is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    };
    if is_on { Style::Colour } else { Style::Plain }
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
        Self {
            out: style_of(global.color, std::io::stdout().is_terminal()),
            err: style_of(global.color, std::io::stderr().is_terminal()),
            is_quiet: global.quiet,
            is_verbose: global.verbose,
        }
    }

    /// Writes a unified diff to standard output. What stands in the files is made visible; a carriage
    /// return within a line, at which a diff ends its lines too, ends one here.
    fn diff(&self, diff: &str) -> anyhow::Result<()> {
        let mut shown = Styled::new(self.out);
        for line in diff.split_inclusive('\n') {
            let mut parts = line.split_inclusive('\r').peekable();
            while let Some(part) = parts.next() {
                let text = part.strip_suffix('\n').unwrap_or(part);
                shown.paint(style_of_diff_line(text), text);
                if part.len() > text.len() || parts.peek().is_some_and(|rest| *rest != "\n") {
                    shown.push("\n");
                }
            }
        }
        write_shown(&shown)
    }

    /// Says something to a person, unless only errors are wanted.
    fn say(&self, text: &str) {
        self.say_with("", Ansi::new(), text);
    }

    /// Says something after a word with a style.
    fn say_with(&self, word: &str, style: Ansi, text: &str) {
        if !self.is_quiet {
            write_err(&self.line(word, style, text));
        }
    }

    /// Says what may not be as it is meant, unless only errors are wanted.
    fn warn(&self, text: &str) {
        let style = AnsiColor::Yellow.on_default().bold();
        self.say_with("warning:", style, &format!(" {text}"));
    }

    /// Says something to a person who wants to know more.
    fn detail(&self, text: &str) {
        if self.is_verbose {
            write_err(&self.line("", Ansi::new(), text));
        }
    }

    /// Says that something could not be done, while the rest goes on.
    fn complain(&self, text: &str) {
        let style = AnsiColor::Red.on_default().bold();
        write_err(&self.line("error:", style, &format!(" {text}")));
    }

    /// One line for standard error.
    fn line(&self, word: &str, style: Ansi, text: &str) -> Styled {
        let mut line = Styled::new(self.err);
        line.paint(style, word);
        line.push(&visible(text));
        line
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

    /// Says why a command could not be done; `writes` says whether it would have written files.
    fn error(&self, error: &anyhow::Error, writes: bool) {
        let Some(problems) = error.downcast_ref::<Diagnostics>() else {
            self.complain(&format!("{error:#}"));
            return;
        };
        let messages = problems.messages(self.err);
        let noun = if messages.len() == 1 {
            "error"
        } else {
            "errors"
        };
        let nothing = if writes { "; nothing was written" } else { "" };
        let mut shown = Styled::new(self.err);
        for message in &messages {
            shown.append(message);
            shown.push("\n\n");
        }
        shown.push(&format!("{} {noun}{nothing}", messages.len()));
        write_err(&shown);
    }
}

fn style_of_diff_line(line: &str) -> Ansi {
    match line.as_bytes() {
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Ansi::new().bold(),
        [b'+', ..] => AnsiColor::Green.on_default(),
        [b'-', ..] => AnsiColor::Red.on_default(),
        [b'@', ..] => AnsiColor::Cyan.on_default(),
        _ => Ansi::new(),
    }
}

/// Writes what a command gives to standard output, as text without colours.
fn write_out(text: &str) -> anyhow::Result<()> {
    write_as_it_is(&text::printable(text))
}

/// Writes an output with colours of ours to standard output.
fn write_shown(text: &Styled) -> anyhow::Result<()> {
    write_as_it_is(&text.to_string())
}

/// Writes a value as JSON to standard output.
fn write_json(value: &impl Serialize) -> anyhow::Result<()> {
    write_as_it_is(&text::json(value)?)
}

/// Writes workflow commands to standard output.
fn write_commands(commands: &str) -> anyhow::Result<()> {
    write_as_it_is(&text::lines(commands))
}

/// Writes a file to standard output: byte for byte where another program reads it, and what a person
/// may see on a terminal.
fn write_file(text: &str) -> anyhow::Result<()> {
    if std::io::stdout().is_terminal() {
        write_out(text)
    } else {
        write_as_it_is(text)
    }
}

/// Writes to standard output. That its reader went away, as `head` does, is no error of ours, and
/// changes nothing in what was found.
fn write_as_it_is(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Writes a line to standard error. Where that fails there is nobody left to tell.
fn write_err(text: &Styled) {
    let mut err = std::io::stderr().lock();
    let _ = writeln!(err, "{text}");
}
