//! Text for people: a line per file, what is not the same, and what to do next.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use anstyle::{AnsiColor, Style};

use super::InitReport;
use crate::init::ComparedEnvironment;
use crate::report::Output;
use crate::text::plural::{and_more, counted};

/// Writes the report.
pub(super) fn write(report: &InitReport, out: &mut Output<'_>) -> io::Result<()> {
    for path in &report.created {
        let green = AnsiColor::Green.on_default();
        out.say("created  ", green, &format!("  {path}"))?;
    }
    for environment in &report.environments {
        compared(environment, out)?;
    }
    if !report.differing.is_empty() {
        let names: Vec<&str> = report.differing.iter().map(String::as_str).collect();
        for line in [
            "",
            &format!("different in the env files: {}", names.join(", ")),
            "  `check` does not compare these; write what should be equal everywhere into the specs",
        ] {
            out.say("", Style::new(), line)?;
        }
    }
    out.say("", Style::new(), "")?;
    out.say("", Style::new(), "next:")?;
    for command in &report.next {
        out.say("", Style::new(), &format!("  {command}"))?;
    }
    Ok(())
}

fn compared(environment: &ComparedEnvironment, out: &mut Output<'_>) -> io::Result<()> {
    let (name, proof) = (&environment.name, &environment.proof);
    let same = proof.fields - proof.different.len();
    let mut line = |text: &str| out.say("", Style::new(), text);
    line("")?;
    line(&format!(
        "{name}: {same} of {} fields the same",
        proof.fields
    ))?;
    for different in &proof.different {
        let (of, field, why) = (&different.of, &different.field, different.why);
        line(&format!("  {of}: `{field}` {why}"))?;
    }
    // A secret is one, in however many places it was written.
    let mut secrets: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for secret in &environment.secrets {
        let paths = secrets.entry(&secret.variable).or_default();
        paths.insert(&secret.path);
    }
    let (set, missing): (Vec<_>, Vec<_>) = secrets
        .into_iter()
        .partition(|(variable, _)| environment.set.contains(*variable));
    let file = environment.env_files.last().map_or_else(
        || "an env file".to_owned(),
        |file| file.display().to_string(),
    );
    for (secrets, what) in [
        (missing, format!("add to {file}")),
        (set, format!("already in {file}")),
    ] {
        if secrets.is_empty() {
            continue;
        }
        let values = counted(secrets.len(), "secret was", "secrets were");
        line(&format!("  {values} not copied; {what}:"))?;
        for (variable, paths) in secrets {
            let first = paths.first().copied().unwrap_or_default();
            let others = and_more(paths.len().saturating_sub(1));
            let quoted = if environment.doubled.contains(variable) {
                "; in single quotes, with `$` for `$$`"
            } else {
                ""
            };
            line(&format!("    {variable} (from {first}{others}{quoted})"))?;
        }
    }
    Ok(())
}
