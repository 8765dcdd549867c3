//! Text for people: tables as wide as the terminal. Where not all columns fit, there are several tables
//! below each other.

use std::fmt::Write as _;
use std::io;

use anstyle::{AnsiColor, Style as Ansi};

use super::CatalogReport;
use super::table::{Item, Table, Tone};
use crate::report::Output;
use crate::text::plural::counted;
use crate::text::{Styled, visible};

/// The width where it is unknown, as in a pipe.
const DEFAULT_WIDTH: usize = 100;

/// The space between two columns.
const GAP: usize = 2;

/// The narrowest column.
const NARROWEST: usize = 12;

/// A line that is not longer is not broken, unless the terminal itself is as narrow.
const UNBROKEN: usize = 24;

/// What a line begins with that goes on with the one above.
const INDENT: &str = "  ";

/// Writes the report.
pub(super) fn write(report: &CatalogReport, out: &mut Output<'_>) -> io::Result<()> {
    let width = out.look.width.unwrap_or(DEFAULT_WIDTH);
    let mut text = Styled::new(out.look.style);
    let _ = writeln!(
        text,
        "{}: {}, {}",
        visible(&report.product),
        counted(report.environments.len(), "environment", "environments"),
        counted(report.hosts().count(), "host", "hosts"),
    );
    for table in report.tables() {
        for part in parts(&table, width) {
            text.push("\n");
            write_part(&mut text, &table, &part);
        }
    }
    out.part(&text)
}

/// Some columns of a table, side by side.
struct Part {
    label: usize,
    /// The columns and their widths.
    columns: Vec<(usize, usize)>,
}

/// How wide a column may be.
#[derive(Clone, Copy)]
struct Widths {
    /// Its longest word.
    least: usize,
    /// Its longest line.
    most: usize,
}

/// Divides the columns of a table, so that each part fits in a width and no word is broken if it can be helped.
fn parts(table: &Table, width: usize) -> Vec<Part> {
    let label = table
        .rows
        .iter()
        .map(|row| length(&row.label))
        .chain([length(table.title)])
        .max()
        .unwrap_or(0);
    let room = width.saturating_sub(label).max(GAP + NARROWEST);
    let widths: Vec<Widths> = (0..table.columns.len())
        .map(|column| widths(table, column, room - GAP))
        .collect();
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut used = room;
    for (column, widths) in widths.iter().enumerate() {
        let needed = widths.least + GAP;
        if let Some(part) = parts.last_mut().filter(|_| used + needed <= room) {
            part.push(column);
        } else {
            parts.push(vec![column]);
            used = 0;
        }
        used += needed;
    }
    let parts = parts.into_iter().map(|columns| {
        let widths: Vec<Widths> = columns
            .iter()
            .filter_map(|column| widths.get(*column).copied())
            .collect();
        let shared = share(&widths, room - GAP * columns.len());
        Part {
            label,
            columns: columns.into_iter().zip(shared).collect(),
        }
    });
    parts.collect()
}

fn widths(table: &Table, column: usize, room: usize) -> Widths {
    let texts = table
        .rows
        .iter()
        .filter_map(|row| row.cells.get(column))
        .flatten()
        .map(Item::line)
        .chain(table.columns.get(column).cloned());
    let mut widths = Widths {
        least: NARROWEST.min(room),
        most: 0,
    };
    for text in texts {
        let text = visible(&text);
        let word = text
            .split(' ')
            .enumerate()
            .map(|(at, word)| length(word) + if at > 0 { INDENT.len() } else { 0 })
            .max()
            .unwrap_or(0);
        let whole = length(&text);
        widths.least = widths.least.max(word.max(whole.min(UNBROKEN)).min(room));
        widths.most = widths.most.max(whole.min(room));
    }
    widths.least = widths.least.min(widths.most.max(1));
    widths
}

/// Gives each column what it needs, and the room that is left to the narrowest first.
fn share(widths: &[Widths], room: usize) -> Vec<usize> {
    let mut shared: Vec<usize> = widths.iter().map(|one| one.least).collect();
    let mut left = room.saturating_sub(shared.iter().sum());
    while left > 0 {
        let narrowest = shared
            .iter_mut()
            .zip(widths)
            .filter(|(width, widths)| **width < widths.most)
            .min_by_key(|(width, _)| **width);
        let Some((width, _)) = narrowest else {
            break;
        };
        *width += 1;
        left -= 1;
    }
    shared
}

fn write_part(out: &mut Styled, table: &Table, part: &Part) {
    let bold = Ansi::new().bold();
    let names = part.columns.iter().filter_map(|(column, width)| {
        let name = visible(table.columns.get(*column)?).into_owned();
        Some(vec![(wrap(&name, *width), bold)])
    });
    write_row(out, table.title, part, &names.collect::<Vec<_>>());
    for row in &table.rows {
        let cells: Vec<Vec<(Vec<String>, Ansi)>> = part
            .columns
            .iter()
            .filter_map(|(column, width)| {
                let lines = row
                    .cells
                    .get(*column)?
                    .iter()
                    .map(|item| (wrap(&visible(&item.line()), *width), style(item)));
                Some(lines.collect())
            })
            .collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            write_row(out, &row.label, part, &cells);
        }
    }
}

/// Writes a row of as many lines as its highest cell has.
fn write_row(out: &mut Styled, label: &str, part: &Part, cells: &[Vec<(Vec<String>, Ansi)>]) {
    let mut columns: Vec<_> = cells
        .iter()
        .map(|items| {
            items
                .iter()
                .flat_map(|(lines, style)| lines.iter().map(move |line| (line, *style)))
                .peekable()
        })
        .collect();
    let mut label = visible(label).into_owned();
    while !label.is_empty() || columns.iter_mut().any(|lines| lines.peek().is_some()) {
        // Trailing white space is left out: what has to be skipped before the next text.
        let mut skipped = part.label.saturating_sub(length(&label));
        out.paint(AnsiColor::BrightBlack.on_default(), &label);
        label.clear();
        for (lines, (_, width)) in columns.iter_mut().zip(&part.columns) {
            skipped += GAP;
            let Some((line, style)) = lines.next() else {
                skipped += width;
                continue;
            };
            out.push(&" ".repeat(skipped));
            out.paint(style, line);
            skipped = width.saturating_sub(length(line));
        }
        out.push("\n");
    }
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let options = textwrap::Options::new(width.max(1))
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .subsequent_indent(if width > NARROWEST { INDENT } else { "" });
    textwrap::wrap(text, options)
        .into_iter()
        .map(std::borrow::Cow::into_owned)
        .collect()
}

fn length(text: &str) -> usize {
    text.chars().count()
}

fn style(item: &Item) -> Ansi {
    match item.tone {
        Tone::Plain => Ansi::new(),
        Tone::Good => AnsiColor::Green.on_default(),
        Tone::Mark => AnsiColor::Cyan.on_default(),
        Tone::Warning => AnsiColor::Yellow.on_default(),
        Tone::Bad => AnsiColor::Red.on_default(),
        Tone::Quiet => AnsiColor::BrightBlack.on_default(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::files::Root;
    use crate::render::RenderPlan;
    use crate::report::Look;
    use crate::spec::{self, PullRequest};
    use crate::text::Style;

    /// The catalogue of this repository, at a width.
    fn shown(width: Option<usize>) -> String {
        let root = Root::open(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let catalog = spec::load(&root, PullRequest::SAMPLE).unwrap();
        let plan = RenderPlan::whole(&catalog, None);
        let look = Look {
            style: Style::Plain,
            width,
            is_verbose: false,
            is_quiet: false,
        };
        let mut text = Vec::new();
        let report = CatalogReport::of(&catalog, &plan, &[]);
        write(&report, &mut Output::new(look, &mut text, &|_, _, _| ())).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_table_fits_its_terminal() {
        for width in [24, 40, 80, 100, 132, 200] {
            let text = shown(Some(width));
            let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
            // Below that, a column is at its narrowest.
            assert!(longest <= width.max(36), "{width}: {longest}\n{text}");
            assert!(!text.lines().any(|line| line.ends_with(' ')), "{width}");
        }
        assert_eq!(shown(None), shown(Some(DEFAULT_WIDTH)));
    }

    #[test]
    fn a_wide_terminal_has_one_table_of_each_kind() {
        let text = shown(Some(400));
        assert_eq!(text.matches("Environment  ").count(), 2, "{text}");
        assert_eq!(text.matches("\nHost ").count(), 1, "{text}");
        assert!(shown(Some(80)).matches("\nHost ").count() > 1);
    }

    #[test]
    fn no_width_loses_a_word() {
        let words = |text: &str| {
            let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            words.sort();
            words.dedup();
            words
        };
        let wide = words(&shown(Some(400)));
        assert_eq!(words(&shown(Some(100))), wide);
        assert_eq!(words(&shown(Some(80))), wide);
    }
}
