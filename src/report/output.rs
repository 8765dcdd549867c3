//! Where reports are written. Whatever is written is made fit to be shown here.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style as Ansi};
use serde::Serialize;

use crate::redact;
use crate::text::{self, Shown, Style, Styled};

/// The version of every JSON report.
const VERSION: u8 = 1;

/// How a report is to look.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Whether it has colours.
    pub style: Style,
    /// The columns of the terminal; nothing where it is not one, and lines may be of any length.
    pub width: Option<usize>,
    /// Whether details are wanted.
    pub is_verbose: bool,
    /// Whether only errors are wanted.
    pub is_quiet: bool,
}

/// Where a report is written: data to one place, and what is said about it to another.
#[allow(missing_debug_implementations, reason = "it holds a writer")]
pub struct Output<'a> {
    /// How the data is to look.
    pub look: Look,
    out: &'a mut dyn Write,
    say: &'a dyn Fn(&str, Ansi, &str),
}

/// A report as JSON: its version, its results and, where it counts them, its summary.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Envelope<'a, R, S> {
    version: u8,
    #[serde(flatten)]
    results: &'a R,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a S>,
}

/// The schema of a report with results and a summary.
#[cfg(test)]
pub(super) fn schema<R, S>() -> serde_json::Value
where
    R: schemars::JsonSchema + 'static,
    S: schemars::JsonSchema + 'static,
{
    let mut schema = super::schema::of::<Envelope<'static, R, S>>();
    schema["properties"]["version"] = serde_json::json!({ "const": VERSION });
    if let Some(required) = schema["required"].as_array_mut() {
        required.push("summary".into());
    }
    schema
}

impl<'a> Output<'a> {
    /// An output of data to `out`; `say` takes a line about it: a word, its style, and what follows.
    #[must_use]
    pub fn new(look: Look, out: &'a mut dyn Write, say: &'a dyn Fn(&str, Ansi, &str)) -> Self {
        Self { look, out, say }
    }

    /// Writes a part of whole lines.
    ///
    /// # Errors
    /// What the output gives, as for the other writers.
    pub fn part(&mut self, part: &dyn Shown) -> io::Result<()> {
        write!(self.out, "{part}")
    }

    /// Writes a text without colours.
    ///
    /// # Errors
    /// What the output gives.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text::printable(text).as_bytes())
    }

    /// Writes results as JSON.
    ///
    /// # Errors
    /// What the output gives.
    pub fn json(&mut self, results: &impl Serialize) -> io::Result<()> {
        self.envelope(results, None::<&()>)
    }

    /// Writes results as JSON, with a summary that counts them.
    ///
    /// # Errors
    /// What the output gives.
    pub fn json_with_summary(
        &mut self,
        results: &impl Serialize,
        summary: &impl Serialize,
    ) -> io::Result<()> {
        self.envelope(results, Some(summary))
    }

    fn envelope<R: Serialize, S: Serialize>(
        &mut self,
        results: &R,
        summary: Option<&S>,
    ) -> io::Result<()> {
        self.value(&Envelope {
            version: VERSION,
            results,
            summary,
        })
    }

    /// Writes a value as JSON of another shape.
    ///
    /// # Errors
    /// What the output gives.
    pub fn value(&mut self, value: &impl Serialize) -> io::Result<()> {
        redact::write_json(value, self.out)
    }

    /// Writes a unified diff. The content of the files is escaped; a carriage return within a line, at
    /// which a diff ends its lines too, ends one here.
    ///
    /// # Errors
    /// What the output gives.
    pub fn diff(&mut self, diff: &str) -> io::Result<()> {
        let mut shown = Styled::new(self.look.style);
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
        self.part(&shown)
    }

    /// Writes a patch: byte for byte where a program reads it, and as a diff on a terminal.
    ///
    /// # Errors
    /// What the output gives.
    pub fn patch(&mut self, patch: &str) -> io::Result<()> {
        if self.look.width.is_some() {
            self.diff(patch)
        } else {
            self.out.write_all(patch.as_bytes())
        }
    }

    /// Says a line about the data, after what was written of it.
    ///
    /// # Errors
    /// What the output gives.
    pub fn say(&mut self, word: &str, style: Ansi, text: &str) -> io::Result<()> {
        self.out.flush()?;
        (self.say)(word, style, text);
        Ok(())
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
