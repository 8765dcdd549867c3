//! JSON.

use std::io;

use serde::Serialize;

use super::{CatalogReport, EnvironmentView};
use crate::report::Output;

#[derive(Serialize)]
struct Results<'a> {
    product: &'a str,
    environments: &'a [EnvironmentView],
}

/// Writes the report.
pub(super) fn write(report: &CatalogReport, out: &mut Output<'_>) -> io::Result<()> {
    out.json(&Results {
        product: &report.product,
        environments: &report.environments,
    })
}
