//! Metrics for Prometheus, in the form that the textfile collector of its node exporter reads
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use super::{DriftReport, HostReport, Status};
use crate::drift::Coverage;
use crate::finding::{Code, Severity};
use crate::report::Output;
use crate::text::visible;

/// Writes the report.
pub(super) fn write(report: &DriftReport, out: &mut Output<'_>) -> io::Result<()> {
    out.text(&metrics(report))
}

fn metrics(report: &DriftReport) -> String {
    let mut out = String::new();
    let hosts = &report.hosts;
    gauge(
        &mut out,
        "composegen_drift_up",
        "Whether the host could be reached.",
        hosts.iter().map(|host| {
            let is_up = host.status != Status::Unreachable;
            (labels(host, &[]), f64::from(is_up))
        }),
    );
    gauge(
        &mut out,
        "composegen_drift_duration_seconds",
        "Time it took to observe the host.",
        hosts
            .iter()
            .map(|host| (labels(host, &[]), host.took.as_secs_f64())),
    );
    // A host that cannot be reached has no findings, and no zero either.
    let seen = || {
        hosts
            .iter()
            .filter(|host| host.status != Status::Unreachable)
    };
    counts(&mut out, seen());
    first_seen(&mut out, hosts);
    let in_sync = seen().map(|host| {
        let is_in_sync = host.status == Status::InSync;
        (labels(host, &[]), f64::from(is_in_sync))
    });
    gauge(
        &mut out,
        "composegen_drift_in_sync",
        "Whether the host runs what its spec says; notices are ignored.",
        in_sync,
    );
    let times = seen().filter_map(|host| {
        let time = host.from.observed_at.as_ref()?.parse().ok()?;
        Some((labels(host, &[]), seconds(time)))
    });
    gauge(
        &mut out,
        "composegen_drift_observed_timestamp_seconds",
        "When the host was observed; earlier than now for a snapshot.",
        times,
    );
    gauge(
        &mut out,
        "composegen_drift_suppressed",
        "Findings suppressed by ignore rules.",
        seen().map(|host| (labels(host, &[]), number(host.suppressed.len()))),
    );
    fields(&mut out, hosts);
    gauge(
        &mut out,
        "composegen_drift_not_selected",
        "Findings left out by --service, --code or --only.",
        seen().map(|host| (labels(host, &[]), number(host.not_selected))),
    );
    out
}

/// How many findings of each kind there are.
fn counts<'a>(out: &mut String, hosts: impl Iterator<Item = &'a HostReport>) {
    let samples = hosts.flat_map(|host| {
        let mut counts: BTreeMap<(Code, Severity), usize> = BTreeMap::new();
        for finding in &host.findings {
            *counts.entry((finding.code, finding.severity)).or_default() += 1;
        }
        counts
            .into_iter()
            .map(|((code, severity), count)| (labels_of_kind(host, code, severity), number(count)))
    });
    gauge(
        out,
        "composegen_drift_findings",
        "Findings by code and severity; codes without findings are left out.",
        samples,
    );
}

/// Since when there are findings, where runs are recorded.
fn first_seen(out: &mut String, hosts: &[HostReport]) {
    let samples = hosts.iter().flat_map(|host| {
        let mut oldest: BTreeMap<(Code, Severity), jiff::Timestamp> = BTreeMap::new();
        for (finding, seen) in host.findings.iter().zip(&host.first_seen) {
            let Ok(seen) = seen.parse::<jiff::Timestamp>() else {
                continue;
            };
            let known = oldest
                .entry((finding.code, finding.severity))
                .or_insert(seen);
            *known = seen.min(*known);
        }
        oldest
            .into_iter()
            .map(|((code, severity), seen)| (labels_of_kind(host, code, severity), seconds(seen)))
    });
    gauge(
        out,
        "composegen_drift_first_seen_timestamp_seconds",
        "When the oldest finding of a code and severity was first seen; only with --record.",
        samples,
    );
}

/// How much was compared of the hosts that can be reached.
fn fields(out: &mut String, hosts: &[HostReport]) {
    for (name, help, fields) in [
        (
            "composegen_drift_fields_compared",
            "Fields that were compared.",
            (|coverage| coverage.compared) as fn(Coverage) -> usize,
        ),
        (
            "composegen_drift_fields",
            "Fields that a Compose file, an image or a hand can set.",
            |coverage| coverage.of,
        ),
    ] {
        let samples = hosts
            .iter()
            .filter_map(|host| Some((labels(host, &[]), number(fields(host.coverage?)))));
        gauge(out, name, help, samples);
    }
}

fn gauge(out: &mut String, name: &str, help: &str, samples: impl Iterator<Item = (String, f64)>) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (labels, value) in samples {
        let _ = writeln!(out, "{name}{{{labels}}} {value}");
    }
}

/// A number of things; no host has more than a `u32` of them, which a sample holds exactly.
fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A time, in whole seconds.
fn seconds(time: jiff::Timestamp) -> f64 {
    time.as_duration().as_secs_f64().round()
}

fn labels_of_kind(host: &HostReport, code: Code, severity: Severity) -> String {
    let kind = [("code", code.as_str()), ("severity", severity.as_str())];
    labels(host, &kind)
}

fn labels(host: &HostReport, more: &[(&str, &str)]) -> String {
    let own = [
        ("host", host.id.host.as_deref().unwrap_or_default()),
        (
            "environment",
            host.id.environment.as_deref().unwrap_or_default(),
        ),
        ("project", host.id.project.as_str()),
    ];
    own.iter()
        .chain(more)
        .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
        .collect::<Vec<_>>()
        .join(",")
}

/// The value of a label, in which the format knows an escape for a backslash, a quotation mark and a
/// line break; a visible text holds none of the last.
fn escaped(value: &str) -> String {
    visible(value).replace('\\', "\\\\").replace('"', "\\\"")
}
