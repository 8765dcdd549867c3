//! The rules, explained: as a list, one at a time, and as a page. All three come from the rules.

use std::fmt::Write as _;

use crate::finding::Code;
use crate::rules::others::{self, Tool};
use crate::rules::{self, Check, Example, Rule, Severity};

/// What the page says before the rules.
const BEFORE: &str = "\
<!-- Written by `composegen rules --markdown`; a test compares it with the rules. -->

# Rules

`composegen check` checks the specs and all Compose files rendered from them against these rules.
`composegen check --file FILE` checks any Compose file; for several files, it also checks what they
would share on one machine. A file is read with everything that it extends and includes. Errors and
warnings both exit with 1.

To allow a finding, state the reason in a spec: `allow: { CODE: reason }` of a service, or
`allow: [{ rule: CODE, what: NAME, reason: … }]` of an environment or of `catalog.yaml`, where `*` in
`what` matches any text. Allowed findings are counted; an allowance that matches nothing is a finding.
Each rule has a bad and a good example: the lines of a spec are merged over the small project in
`tests/fixtures/clean`.
";

/// What the page says before the tables of other linters.
const OTHERS: &str = "\
## Other linters

Every rule of compose-lint and dclint and every query of KICS for Compose files, with the rule here that
checks the same and its exceptions. Tests run compose-lint and dclint on files that break each of their
rules, and compare the results.
";

/// Every rule of `check`, and every finding of `drift`, on a line.
#[must_use]
pub fn list() -> String {
    let width = rules::all().map(|rule| rule.code.len()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in rules::all() {
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            out,
            "{:width$}  {:7}  {}",
            rule.code,
            rule.severity.as_str(),
            rule.title
        );
    }
    for code in Code::ALL {
        let _ = writeln!(out, "{:width$}  drift    {}", code.as_str(), code.meaning());
    }
    out
}

/// A finding of `drift`, explained.
#[must_use]
pub fn of_drift(code: Code) -> String {
    format!(
        "{} (a finding of drift, about a {})\n\n{}\n\nTo live with it for a time: `ignore:` of a host in its spec, with a reason and a day.\nSee: docs/drift.md.\n",
        code.as_str(),
        code.kind().as_str(),
        code.meaning()
    )
}

/// A rule, explained.
#[must_use]
pub fn one(rule: &Rule) -> String {
    let mut out = format!(
        "{} ({})\n\n{}.\n{}\n",
        rule.code,
        rule.severity.as_str(),
        rule.title,
        rule.why
    );
    let _ = write!(out, "\nBad:\n\n{}", indented(&shown(&rule.bad)));
    let _ = write!(out, "\nGood:\n\n{}", indented(&shown(&rule.good)));
    let _ = writeln!(out, "\nTo allow it: {}", allowing(rule));
    let references = rule.references();
    if !references.is_empty() {
        let _ = writeln!(out, "See: {references}.");
    }
    out
}

/// All rules as a page in Markdown.
#[must_use]
pub fn page() -> String {
    let mut out = BEFORE.to_owned();
    for (title, belongs) in [
        (
            "What the specs promise",
            (|check| matches!(check, Check::Spec(_) | Check::Allowances)) as fn(&Check) -> bool,
        ),
        ("Beyond one file", |check| matches!(check, Check::Across(_))),
        ("In one Compose file", |check| {
            matches!(check, Check::File(_))
        }),
    ] {
        let _ = write!(out, "\n## {title}\n");
        for rule in rules::all().filter(|rule| belongs(&rule.check)) {
            section(&mut out, rule);
        }
    }
    let _ = write!(out, "\n{OTHERS}");
    for tool in Tool::ALL {
        let _ = write!(
            out,
            "\n### {}\n\n| rule | here | exceptions |\n|---|---|---|\n",
            tool.name()
        );
        for theirs in others::rules_of(tool) {
            let codes: Vec<String> = theirs.ours.iter().map(|code| format!("`{code}`")).collect();
            let _ = writeln!(
                out,
                "| {} | {} | {} |",
                theirs.name,
                codes.join(", "),
                theirs.except
            );
        }
    }
    out
}

fn section(out: &mut String, rule: &Rule) {
    let severity = match rule.severity {
        Severity::Error => "Error",
        _ => "Warning",
    };
    let _ = write!(
        out,
        "\n### `{}`\n\n**{}.** {}: {}\n\nBad:\n\n```yaml\n{}```\n\nGood:\n\n```yaml\n{}```\n",
        rule.code,
        rule.title,
        severity,
        lower(rule.why),
        shown(&rule.bad),
        shown(&rule.good)
    );
    let _ = write!(out, "\nTo allow it: {}\n", allowing(rule));
    let references = rule.references();
    if !references.is_empty() {
        let _ = write!(out, "\nSee: {references}.\n");
    }
}

fn allowing(rule: &Rule) -> String {
    rule.how_to_allow().replace("CODE", rule.code)
}

/// A sentence that goes on after a colon.
fn lower(text: &str) -> String {
    let mut rest = text.chars();
    match rest.next() {
        // `Docker` and `Compose` keep their capitals.
        Some(first) if !text.starts_with("Docker") && !text.starts_with("Compose") => {
            first.to_lowercase().chain(rest).collect()
        }
        _ => text.to_owned(),
    }
}

fn shown(example: &Example) -> String {
    match example {
        Example::Spec { file, text } => format!("# environments/{file}\n{text}"),
        Example::Template { file, text } => format!("# templates/{file}\n{text}"),
        Example::Journal(text) => format!("# releases/journal.jsonl\n{text}"),
        Example::Compose(files) => files.join("---\n"),
    }
}

fn indented(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let _ = writeln!(out, "    {line}");
    }
    out
}
