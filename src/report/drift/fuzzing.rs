//! A door for the fuzz targets; it exists with `--cfg fuzzing`, and in tests so that it compiles.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{DriftReport, HostReport, Status};
use crate::drift::Comparison;
use crate::host_id::HostId;
use crate::report::observed_from::ObservedFrom;
use crate::report::{Format, Look, Output, Report as _};
use crate::state::State;
use crate::text::Style;

/// The report on a comparison, in every format.
///
/// # Panics
/// A format that cannot be written.
pub fn reported(expected: &State, comparison: &Comparison) -> Vec<(Format, String)> {
    let report = DriftReport::of(vec![HostReport {
        id: HostId {
            host: None,
            environment: None,
            project: expected.project.clone(),
        },
        from: ObservedFrom::unreached(String::new(), true),
        status: Status::of(&comparison.findings),
        findings: comparison.findings.clone(),
        suppressed: Vec::new(),
        not_selected: 0,
        unchecked: comparison.unchecked.clone(),
        coverage: None,
        error: None,
        took: Duration::ZERO,
        file: None,
        expected: expected.clone(),
        services: BTreeSet::new(),
        created: BTreeMap::new(),
        containers: BTreeMap::new(),
        has_changes: false,
        first_seen: Vec::new(),
    }]);
    let _ = report.hosts.first().map(HostReport::diff);
    let look = Look {
        style: Style::Plain,
        width: Some(80),
        is_verbose: true,
        is_quiet: false,
    };
    DriftReport::WRITERS
        .iter()
        .map(|&(format, _)| {
            let mut text = Vec::new();
            let written = report.write(format, &mut Output::new(look, &mut text, &|_, _, _| {}));
            assert!(written.is_ok(), "{format:?}: {written:?}");
            (format, String::from_utf8_lossy(&text).into_owned())
        })
        .collect()
}
