//! `JUnit` XML, as CI servers read it: a suite per Compose file and a test per finding. What fails the
//! check fails, other findings pass, and what is allowed is skipped.
//!
//! <https://github.com/testmoapp/junitxml>

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use super::CheckReport;
use crate::report::Output;
use crate::report::junit::{Counts, SUITES_END, suites_begin};
use crate::rules::Violation;
use crate::text::xml::escaped;

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
    let (title, counts) = (escaped(file), counts(report, findings));
    // Writing to a `String` cannot fail.
    let _ = writeln!(page, "  <testsuite name=\"{title}\"{counts}>");
    if findings.is_empty() {
        let _ = writeln!(
            page,
            "    <testcase classname=\"{title}\" name=\"check\"></testcase>"
        );
    }
    for finding in findings {
        let _ = writeln!(
            page,
            "    <testcase classname=\"{title}\" name=\"{}\">{}</testcase>",
            escaped(&name(finding)),
            result(report, finding)
        );
    }
    page.push_str("  </testsuite>\n");
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

fn result(report: &CheckReport, finding: &Violation) -> String {
    if let Some(allowed) = &finding.allowed {
        return format!("<skipped message=\"{}\"/>", escaped(&allowed.reason()));
    }
    let diagnostic = &finding.found.diagnostic;
    let (code, message) = (finding.rule.code, escaped(diagnostic.message()));
    let more = diagnostic
        .helps()
        .iter()
        .map(|help| escaped(help))
        .collect::<Vec<_>>()
        .join("\n");
    if report.fails(finding) {
        format!("<failure type=\"{code}\" message=\"{message}\">{more}</failure>")
    } else {
        format!("<system-out>{message}\n{more}</system-out>")
    }
}
