//! Markdown: a page for a repository or a wiki.

use std::fmt::Write as _;
use std::io;

use super::CatalogReport;
use super::table::{Item, Table};
use crate::report::Output;
use crate::text::markdown::{cell, text};

/// Writes the report.
pub(super) fn write(report: &CatalogReport, out: &mut Output<'_>) -> io::Result<()> {
    let mut page = format!(
        "# Environments of {}\n\nWritten by `composegen catalog --format markdown`: what the specs declare.\n",
        text(&report.product)
    );
    for table in report.tables() {
        write_table(&mut page, &table);
    }
    out.text(&page)
}

fn write_table(page: &mut String, table: &Table) {
    let names: Vec<String> = table.columns.iter().map(|name| cell(&text(name))).collect();
    // Writing to a `String` cannot fail.
    let _ = writeln!(page, "\n## {}s\n\n| | {} |", table.title, names.join(" | "));
    let _ = writeln!(page, "|---|{}", "---|".repeat(names.len()));
    for row in &table.rows {
        let cells: Vec<String> = row.cells.iter().map(|items| of_items(items)).collect();
        let _ = writeln!(
            page,
            "| {} | {} |",
            cell(&text(&row.label)),
            cells.join(" | ")
        );
    }
}

fn of_items(items: &[Item]) -> String {
    let texts: Vec<String> = items.iter().map(Item::line).collect();
    cell(&text(&texts.join("; ")))
}
