//! `JUnit` XML, as CI servers read it: a suite per host and a test per finding. Exposures and drift fail,
//! notices pass, and what an ignore rule suppresses is skipped.
//!
//! <https://github.com/testmoapp/junitxml>

use std::fmt::Write as _;
use std::io;

use super::{DriftReport, HostReport, which};
use crate::drift::Coverage;
use crate::finding::{Finding, Severity};
use crate::report::Output;
use crate::report::junit::{Counts, SUITES_END, suites_begin};
use crate::text::xml::escaped;

/// Writes the report.
pub(super) fn write(report: &DriftReport, out: &mut Output<'_>) -> io::Result<()> {
    let all = report
        .hosts
        .iter()
        .map(counts)
        .fold(Counts::default(), Counts::and);
    let mut page = suites_begin("composegen drift", all);
    for host in &report.hosts {
        write_host(&mut page, host);
    }
    page.push_str(SUITES_END);
    out.text(&page)
}

/// How the tests of a host end.
fn counts(host: &HostReport) -> Counts {
    let failures = host.findings.iter().filter(|finding| fails(finding));
    let (failures, errors) = (failures.count(), usize::from(host.error.is_some()));
    let skipped = host.suppressed.len();
    Counts {
        // A suite without any test would look as if nothing was compared.
        tests: (host.findings.len() + skipped + errors).max(1),
        failures,
        errors,
        skipped,
    }
}

fn fails(finding: &Finding) -> bool {
    finding.severity != Severity::Notice
}

fn write_host(page: &mut String, host: &HostReport) {
    let (title, counts) = (escaped(host.id.title()), counts(host));
    let _ = writeln!(page, "  <testsuite name=\"{title}\"{counts}>");
    let mut properties = Vec::new();
    if let Some(Coverage { compared, of }) = host.coverage {
        properties.extend([("fields_compared", compared), ("fields", of)]);
    }
    if host.not_selected > 0 {
        properties.push(("not_selected", host.not_selected));
    }
    if !properties.is_empty() {
        page.push_str("    <properties>");
        for (name, value) in properties {
            let _ = write!(page, "<property name=\"{name}\" value=\"{value}\"/>");
        }
        page.push_str("</properties>\n");
    }
    if let Some(error) = &host.error {
        let result = format!(
            "<error type=\"unreachable\" message=\"{}\"/>",
            escaped(error)
        );
        write_test(page, host, &host.id.project, &result);
    } else if host.findings.is_empty() && host.suppressed.is_empty() {
        write_test(page, host, &host.id.project, "");
    }
    for finding in &host.findings {
        let message = escaped(&finding.message);
        let after = finding.after();
        let more = [Some(after.as_str()), finding.help.as_deref()];
        let more = more
            .map(|more| escaped(more.unwrap_or_default()))
            .join("\n");
        let more = more.trim_end();
        let result = if fails(finding) {
            let code = finding.code.as_str();
            format!("<failure type=\"{code}\" message=\"{message}\">{more}</failure>")
        } else {
            format!("<system-out>{message}\n{more}</system-out>")
        };
        write_test(page, host, &name(finding), &result);
    }
    for suppressed in &host.suppressed {
        let reason = escaped(&suppressed.to_string());
        let result = format!("<skipped message=\"{reason}\"/>");
        write_test(page, host, &name(&suppressed.finding), &result);
    }
    page.push_str("  </testsuite>\n");
}

fn write_test(page: &mut String, host: &HostReport, name: &str, result: &str) {
    let (class, name) = (escaped(host.id.title()), escaped(name));
    let _ = writeln!(
        page,
        "    <testcase classname=\"{class}\" name=\"{name}\">{result}</testcase>"
    );
}

/// The name of a test.
fn name(finding: &Finding) -> String {
    let name = format!(
        "{} {} {}",
        finding.resource,
        finding.code.as_str(),
        which(finding)
    );
    name.trim_end().to_owned()
}
