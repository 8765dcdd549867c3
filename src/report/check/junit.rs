//! `JUnit` XML, as CI servers read it: a suite per Compose file and a test per finding. What fails the
//! check fails, other findings pass, and what is allowed is skipped.
//!
//! <https://github.com/testmoapp/junitxml>

use std::collections::BTreeMap;
use std::io;

use super::CheckReport;
use crate::report::Output;
use crate::report::junit::{Counts, SUITES_END, Suite, TestResult, suites_begin};
use crate::rules::Violation;

/// Writes the report.
pub(super) fn write(report: &CheckReport, out: &mut Output<'_>) -> io::Result<()> {
    let mut files: BTreeMap<&str, Vec<&Violation>> = BTreeMap::new();
    for finding in report
        .checked
        .findings
        .iter()
        .chain(&report.checked.allowed)
    {
        let file = &*finding.found.diagnostic.place().source.name;
        files.entry(file).or_default().push(finding);
    }
    if files.is_empty() {
        // A report without any test would look as if nothing was checked.
        files.insert("composegen check", Vec::new());
    }
    let all = files
        .values()
        .map(|findings| counts(report, findings))
        .fold(Counts::default(), Counts::and);
    let mut page = suites_begin("composegen check", all);
    for (file, findings) in files {
        write_file(&mut page, report, file, &findings);
    }
    page.push_str(SUITES_END);
    out.text(&page)
}

fn counts(report: &CheckReport, findings: &[&Violation]) -> Counts {
    let skipped = findings.iter().filter(|one| one.allowed.is_some()).count();
    let failures = findings
        .iter()
        .filter(|one| one.allowed.is_none() && report.fails(one));
    Counts {
        tests: findings.len().max(1),
        failures: failures.count(),
        errors: 0,
        skipped,
    }
}

fn write_file(page: &mut String, report: &CheckReport, file: &str, findings: &[&Violation]) {
    let mut suite = Suite::begin(page, file, counts(report, findings));
    if findings.is_empty() {
        suite.test("check", &TestResult::Passed);
    }
    for finding in findings {
        write_finding(&mut suite, report, finding);
    }
    suite.end();
}

fn write_finding(suite: &mut Suite<'_>, report: &CheckReport, finding: &Violation) {
    let name = name(finding);
    if let Some(allowed) = &finding.allowed {
        suite.test(&name, &TestResult::Skipped(&allowed.reason()));
        return;
    }
    let diagnostic = &finding.found.diagnostic;
    let (code, message) = (finding.rule.code, diagnostic.message());
    let helps: Vec<&str> = diagnostic.helps().iter().map(String::as_str).collect();
    let more = &helps;
    let result = if report.fails(finding) {
        TestResult::Failed {
            code,
            message,
            more,
        }
    } else {
        TestResult::Noted { message, more }
    };
    suite.test(&name, &result);
}

/// The name of a test.
fn name(finding: &Violation) -> String {
    let diagnostic = &finding.found.diagnostic;
    let line = diagnostic
        .place()
        .line_column()
        .map_or(String::new(), |(line, _)| format!(" line {line}"));
    format!("{}{line}", finding.rule.code)
}
