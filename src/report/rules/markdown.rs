//! Markdown: the page docs/rules.md, or the section of one rule.

use std::fmt::Write as _;
use std::io;

use super::{RulesReport, allowing, shown};
use crate::report::Output;
use crate::rules::others::{self, Tool};
use crate::rules::{self, Check, Rule};

/// What the page says before the rules.
const BEFORE: &str = "\
<!-- Written by `composegen rules --markdown`; a test compares it with the rules. -->

# Rules

`composegen check` checks the specs and all Compose files rendered from them against these rules.
`composegen check --file FILE` checks any Compose file; for several files, it also checks what they
would share on one machine. A file is read with everything that it extends and includes. [check.md](check.md)
says which levels are reported and how findings are allowed.

`composegen check --fix` can fix the findings of some rules: it shows a diff, and `--fix --write` writes the
files, all or none. Only Compose files that are written by hand are fixed, never templates. A fix that would
change more than it says is not applied. Variables that are set but empty, or in a hidden value, are not fixed either.
[custom-rules.md](custom-rules.md) is about custom rules.

Each rule has a bad and a good example: the lines of a spec are merged over the small project in
`tests/fixtures/clean`.
";

/// What the page says before the tables of other linters.
const OTHERS: &str = "\
## Other linters

Every rule of compose-lint and dclint and every query of KICS for Compose files, with the rule here that
checks the same and its exceptions. Tests run compose-lint and dclint on files that break each of their
rules, and compare the results. What Compose cannot read at all has no findings but an error, with exit status 2.

The levels come from 541 public files of 16 repositories, whose 1436 errors and warnings were sorted by kind:
about 3 % are debatable. On 341 files of 34 repositories, most of which were kept back, it is about 2 % of 932, most of them host networks in
files for tests; one finding was wrong, and is gone. The 39
files of docker/awesome-compose have 52 of them: one in the median, and at most four.
";

/// Writes the report.
pub(super) fn write(report: &RulesReport, out: &mut Output<'_>) -> io::Result<()> {
    match report {
        RulesReport::All { .. } => out.text(&page()),
        RulesReport::One { rule, .. } => {
            let mut text = String::new();
            if let Some(rule) = rule {
                section(&mut text, rule);
            }
            out.text(text.trim_start())
        }
    }
}

fn page() -> String {
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
    let _ = write!(
        out,
        "\n### `{}`\n\n**{}.** {}: {}\n\nBad:\n\n```yaml\n{}```\n\nGood:\n\n```yaml\n{}```\n",
        rule.code,
        rule.title,
        upper(rule.severity.as_str()),
        lower(rule.why),
        shown(&rule.bad),
        shown(&rule.good)
    );
    if let Some(which) = rule.which() {
        let _ = write!(out, "\n{which}\n");
    }
    if !rule.fix.is_empty() {
        let _ = write!(out, "\nTo fix it: `check --fix --write` {}.\n", rule.fix);
    }
    let _ = write!(out, "\nTo allow it: {}\n", allowing(rule));
    let references = rule.references();
    if !references.is_empty() {
        let _ = write!(out, "\nSee: {references}.\n");
    }
}

/// A sentence that goes on after a colon.
fn lower(text: &str) -> String {
    let mut rest = text.chars();
    match rest.next() {
        // `Docker`, `Compose` and `YAML` keep their capitals.
        Some(first)
            if !["Docker", "Compose", "YAML"]
                .iter()
                .any(|name| text.starts_with(name)) =>
        {
            first.to_lowercase().chain(rest).collect()
        }
        _ => text.to_owned(),
    }
}

/// A word that begins a sentence.
fn upper(text: &str) -> String {
    let mut rest = text.chars();
    rest.next()
        .map(char::to_uppercase)
        .into_iter()
        .flatten()
        .chain(rest)
        .collect()
}
