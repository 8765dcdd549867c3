//! The formats of reports, and which command writes which.

use std::io;

use clap::ValueEnum;

use super::Output;

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people
    Human,
    /// One line per finding
    Concise,
    /// JSON for programs
    Json,
    /// SARIF 2.1.0 for code scanning
    Sarif,
    /// GitHub Actions annotations
    Github,
    /// Code Quality report of GitLab
    #[value(help = "Code Quality report of GitLab")]
    Gitlab,
    /// Metrics for the textfile collector of the Prometheus node exporter
    Prometheus,
    /// `JUnit` XML for CI servers
    #[value(help = "JUnit XML for CI servers")]
    Junit,
    /// Markdown for a pull request or an issue
    Markdown,
    /// A picture as SVG
    Svg,
    /// A Mermaid flowchart
    Mermaid,
    /// A Graphviz graph
    Dot,
    /// A page for a browser
    Html,
}

/// Writes a report in one format.
pub type Writer<R> = fn(&R, &mut Output<'_>) -> io::Result<()>;

/// What a command found, as data, with a writer for each of its formats.
pub trait Report: Sized + 'static {
    /// The formats that the command takes.
    const WRITERS: &'static [(Format, Writer<Self>)];

    /// Writes the report.
    ///
    /// # Errors
    /// What the output gives, or a format that the command does not take.
    fn write(&self, format: Format, out: &mut Output<'_>) -> io::Result<()> {
        match Self::WRITERS.iter().find(|(own, _)| *own == format) {
            Some((_, write)) => write(self, out),
            None => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}
