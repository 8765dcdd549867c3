//! Text for people: a line for each code, or the explanation of one.

use std::fmt::Write as _;
use std::io;

use super::{RulesReport, allowing, shown};
use crate::finding::Code;
use crate::report::Output;
use crate::rules::{self, Check, Rule};

/// Writes the report.
pub(super) fn write(report: &RulesReport, out: &mut Output<'_>) -> io::Result<()> {
    match report {
        RulesReport::All { custom } => out.text(&list(custom)),
        RulesReport::One {
            rule,
            finding: code,
        } => {
            let texts = rule.map(explained).into_iter().chain(code.map(finding));
            out.text(&texts.collect::<Vec<_>>().join("\n"))
        }
    }
}

/// Every rule of `check`, and every finding of `drift`, on a line.
fn list(custom: &[&'static Rule]) -> String {
    let all = || rules::all().chain(custom.iter().copied());
    let width = all().map(|rule| rule.code.len()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in all() {
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            out,
            "{:width$}  {:9}  {}",
            rule.code,
            rule.severity.as_str(),
            rule.title
        );
    }
    for code in Code::ALL {
        let _ = writeln!(
            out,
            "{:width$}  drift      {}",
            code.as_str(),
            code.meaning()
        );
    }
    out
}

/// A finding of `drift`, explained.
fn finding(code: Code) -> String {
    format!(
        "{} (a finding of drift, about a {})\n\n{}\n\nTo ignore it for a time: `ignore:` of the host in its spec, with a reason and a date.\nSee: docs/drift.md.\n",
        code.as_str(),
        code.kind().as_str(),
        code.meaning()
    )
}

/// A rule, explained.
fn explained(rule: &Rule) -> String {
    let mut out = format!(
        "{} ({})\n\n{}.\n",
        rule.code,
        rule.severity.as_str(),
        rule.title
    );
    if !rule.why.is_empty() {
        let _ = writeln!(out, "{}", rule.why);
    }
    if let Some(which) = rule.which() {
        let _ = writeln!(out, "{which}");
    }
    if let Check::Custom { each, require } = rule.check {
        let _ = write!(
            out,
            "\nFor each `{each}`, this has to be true:\n\n{}",
            indented(require)
        );
    } else {
        let _ = write!(out, "\nBad:\n\n{}", indented(&shown(&rule.bad)));
        let _ = write!(out, "\nGood:\n\n{}", indented(&shown(&rule.good)));
    }
    if !rule.fix.is_empty() {
        let _ = writeln!(out, "\nTo fix it: `check --fix --write` {}.", rule.fix);
    }
    let _ = writeln!(out, "\nTo allow it: {}", allowing(rule));
    let references = rule.references();
    if !references.is_empty() {
        let _ = writeln!(out, "See: {references}.");
    }
    out
}

fn indented(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let _ = writeln!(out, "    {line}");
    }
    out
}
