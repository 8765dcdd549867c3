//! Where commands write. Nothing else touches standard output and standard error, so nothing from
//! outside gets there in another form than [`crate::text`] gives it.

#![allow(
    clippy::disallowed_methods,
    reason = "this is the place that the others are sent to"
)]

use std::ffi::OsString;
use std::io::{IsTerminal, Write};

use anstyle::{AnsiColor, Style as Ansi};
use clap::ColorChoice;

use super::{Cli, Global};
use crate::diagnostic::{Diagnostics, MAX_SHOWN};
use crate::redact;
use crate::report::errors::ErrorReport;
use crate::report::{Format, Look, Output, Report as _};
use crate::text::plural::counted;
use crate::text::{self, Style, Styled, visible};

/// Why a command line is refused. clap repeats arguments as they are, so it is asked once more, with
/// arguments that may be shown.
pub(super) fn usage(
    error: &clap::Error,
    arguments: &[OsString],
    parse: impl FnOnce(&[OsString]) -> Result<Cli, clap::Error>,
) -> Styled {
    let shown: Vec<OsString> = arguments
        .iter()
        .map(|argument| visible(&argument.to_string_lossy()).into_owned().into())
        .collect();
    let error = match parse(&shown) {
        Err(again) if again.use_stderr() => again,
        _ => return plain(error.render().to_string().trim_end()),
    };
    let style = style_of(ColorChoice::Auto, std::io::stderr().is_terminal());
    let text = match style {
        Style::Plain => error.render().to_string(),
        Style::Colour => error.render().ansi().to_string(),
    };
    Styled::of_library(text.trim_end().to_owned(), style)
}

/// A text without colours.
pub(super) fn plain(text: &str) -> Styled {
    let mut plain = Styled::new(Style::Plain);
    plain.push(&visible(text));
    plain
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
pub(super) struct Terminal {
    out: Style,
    err: Style,
    is_quiet: bool,
    is_verbose: bool,
    /// The most errors that are printed.
    most_errors: usize,
}

impl Terminal {
    pub(super) fn new(global: &Global) -> Self {
        Self {
            out: style_of(global.color, std::io::stdout().is_terminal()),
            err: style_of(global.color, std::io::stderr().is_terminal()),
            is_quiet: global.quiet,
            is_verbose: global.verbose,
            most_errors: if global.all_errors {
                usize::MAX
            } else {
                MAX_SHOWN
            },
        }
    }

    /// Writes a report: its data to standard output, and what is said about it to standard error.
    pub(super) fn write(
        &self,
        write: impl FnOnce(&mut Output<'_>) -> std::io::Result<()>,
    ) -> anyhow::Result<()> {
        self.write_on(write).map(|_| ())
    }

    /// Does the same. Whether there may still be a reader.
    pub(super) fn write_on(
        &self,
        write: impl FnOnce(&mut Output<'_>) -> std::io::Result<()>,
    ) -> anyhow::Result<bool> {
        let look = Look {
            style: self.out,
            width: Self::width(),
            is_verbose: self.is_verbose,
            is_quiet: self.is_quiet,
        };
        let say = |word: &str, style, text: &str| self.say_with(word, style, text);
        write_to_out(|out| write(&mut Output::new(look, out, &say)))
    }

    /// Says something to a person, unless only errors are wanted.
    pub(super) fn say(&self, text: &str) {
        self.say_with("", Ansi::new(), text);
    }

    /// Says something after a word with a style.
    fn say_with(&self, word: &str, style: Ansi, text: &str) {
        if !self.is_quiet {
            write_err(&self.line(word, style, text));
        }
    }

    /// Says what may not be as it is meant, unless only errors are wanted.
    pub(super) fn warn(&self, text: &str) {
        let style = AnsiColor::Yellow.on_default().bold();
        self.say_with("warning:", style, &format!(" {text}"));
    }

    /// Whether a person wants to know more.
    pub(super) fn is_verbose(&self) -> bool {
        self.is_verbose
    }

    /// Says something to a person who wants to know more.
    pub(super) fn detail(&self, text: &str) {
        if self.is_verbose {
            write_err(&self.line("", Ansi::new(), text));
        }
    }

    /// Says that something could not be done, while the rest goes on.
    pub(super) fn complain(&self, text: &str) {
        let style = AnsiColor::Red.on_default().bold();
        write_err(&self.line("error:", style, &format!(" {text}")));
    }

    /// Says which hosts could not be observed, and why.
    pub(super) fn complain_of<'a>(
        &self,
        hosts: impl IntoIterator<Item = (&'a str, &'a Option<String>)>,
    ) {
        for (title, error) in hosts {
            if let Some(error) = error {
                self.complain(&format!("{title}: {error}"));
            }
        }
    }

    /// Says what a program of the user's printed.
    pub(super) fn repeat(&self, text: &str) {
        for line in text.lines() {
            write_err(&self.line("", Ansi::new(), line));
        }
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

    /// Whether somebody sees what is drawn on standard error and cleared again.
    pub(super) fn shows_progress(&self) -> bool {
        !self.is_quiet && std::io::stderr().is_terminal()
    }

    /// Says why a command could not be done; `writes` says whether it would have written files. Mistakes in
    /// specs and templates are written in the format of the command, where that has one for them.
    pub(super) fn error(&self, error: anyhow::Error, format: Format, writes: bool) {
        let mut problems = match error.downcast::<Diagnostics>() {
            Ok(problems) => problems,
            Err(error) => return self.complain(&format!("{error:#}")),
        };
        if self.is_verbose {
            problems.name_hosts();
        }
        let report = ErrorReport::of(&problems, self.most_errors);
        let mut shown = Styled::new(self.err);
        let (count, more) = if ErrorReport::has(format) {
            if let Err(error) = self.write(|out| report.write(format, out)) {
                self.complain(&format!("{error:#}"));
            }
            (report.len(), report.more())
        } else {
            let (messages, more) = problems.first_messages(self.err, self.most_errors);
            for message in &messages {
                shown.append(message);
                shown.push("\n\n");
            }
            (messages.len(), more)
        };
        let at_least = problems.at_least();
        if more > 0 {
            let hint = if self.most_errors == usize::MAX {
                ""
            } else {
                " (--all-errors shows them)"
            };
            shown.push(&format!("and {at_least}{more} more{hint}\n\n"));
        }
        let errors = counted(count + more, "error", "errors");
        let nothing = if writes { "; nothing was written" } else { "" };
        shown.push(&format!("{at_least}{errors}{nothing}"));
        // What may not be shown is not in a diagnostic, and a name in one may read like that of a secret.
        let _ = writeln!(std::io::stderr().lock(), "{shown}");
    }
}

/// Writes a file to standard output: byte for byte where another program reads it, and what a person
/// may see on a terminal.
pub(super) fn write_file(text: &str) -> anyhow::Result<()> {
    let is_terminal = std::io::stdout().is_terminal();
    let text = if is_terminal {
        text::printable(text)
    } else {
        text.into()
    };
    write_to_out(|out| out.write_all(text.as_bytes())).map(|_| ())
}

/// Writes to standard output. That its reader went away, as `head` does, is not an error of ours, and
/// changes nothing in what was found: this says whether there may still be one.
fn write_to_out(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> anyhow::Result<bool> {
    let mut out = std::io::BufWriter::with_capacity(64 * 1024, std::io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        written => Ok(written.map(|()| true)?),
    }
}

/// Writes a line to standard error. If that fails, there is no other way to report it.
pub(super) fn write_err(text: &Styled) {
    let mut err = std::io::stderr().lock();
    // The text may be an error of another program, and contain an address with a password.
    let _ = writeln!(err, "{}", redact::text(&text.to_string()));
}
