//! A page for a browser.

use std::io;

use serde::Serialize;

use super::{CatalogReport, Table};
use crate::report::Output;
use crate::report::html::{self, Pictures};

#[derive(Serialize)]
struct Page<'a> {
    product: &'a str,
    tables: Vec<Table>,
}

/// Writes the report.
pub(super) fn write(report: &CatalogReport, out: &mut Output<'_>) -> io::Result<()> {
    let page = Page {
        product: &report.product,
        tables: report.tables(),
    };
    out.text(&html::page("catalog.html", &page, &Pictures::new())?)
}
