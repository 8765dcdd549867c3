//! `JUnit` XML, as CI servers read it: a suite per host and a test per finding. Exposures and drift fail,
//! notices pass, and what an ignore rule suppresses is skipped.
//!
//! <https://github.com/testmoapp/junitxml>

use std::io;

use super::{DriftReport, HostReport, which};
use crate::drift::Coverage;
use crate::finding::{Finding, Severity};
use crate::report::Output;
use crate::report::junit::{Counts, SUITES_END, Suite, TestResult, suites_begin};

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
    let mut suite = Suite::begin(page, host.id.title(), counts(host));
    let mut properties = Vec::new();
    if let Some(Coverage { compared, of }) = host.coverage {
        properties.extend([("fields_compared", compared), ("fields", of)]);
    }
    if host.not_selected > 0 {
        properties.push(("not_selected", host.not_selected));
    }
    suite.properties(&properties);
    if let Some(error) = &host.error {
        suite.test(&host.id.project, &TestResult::Unreachable(error));
    } else if host.findings.is_empty() && host.suppressed.is_empty() {
        suite.test(&host.id.project, &TestResult::Passed);
    }
    for finding in &host.findings {
        write_finding(&mut suite, finding);
    }
    for suppressed in &host.suppressed {
        let reason = suppressed.to_string();
        suite.test(&name(&suppressed.finding), &TestResult::Skipped(&reason));
    }
    suite.end();
}

fn write_finding(suite: &mut Suite<'_>, finding: &Finding) {
    let (message, after) = (finding.message.as_str(), finding.after());
    let more = &[after.as_str(), finding.help.as_deref().unwrap_or_default()];
    let result = if fails(finding) {
        TestResult::Failed {
            code: finding.code.as_str(),
            message,
            more,
        }
    } else {
        TestResult::Noted { message, more }
    };
    suite.test(&name(finding), &result);
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
