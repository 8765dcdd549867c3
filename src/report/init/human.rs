//! Text for people: a line per file, what is not the same, and what to do next.

use std::io;

use anstyle::{AnsiColor, Style};

use super::InitReport;
use crate::init::Compared;
use crate::report::Output;
use crate::text::plural::counted;

/// Writes the report.
pub(super) fn write(report: &InitReport, out: &mut Output<'_>) -> io::Result<()> {
    for path in &report.created {
        let green = AnsiColor::Green.on_default();
        out.say("created  ", green, &format!("  {path}"))?;
    }
    for environment in &report.environments {
        compared(environment, out)?;
    }
    out.say("", Style::new(), "")?;
    out.say("", Style::new(), "next:")?;
    for command in &report.next {
        out.say("", Style::new(), &format!("  {command}"))?;
    }
    Ok(())
}

fn compared(environment: &Compared, out: &mut Output<'_>) -> io::Result<()> {
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
    let mut secrets = environment.secrets.clone();
    secrets.sort();
    secrets.dedup();
    if let Some(first) = environment.env_files.last() {
        let values = counted(secrets.len(), "secret was", "secrets were");
        if !secrets.is_empty() {
            line(&format!(
                "  {values} not copied; set in {}:",
                first.display()
            ))?;
        }
    } else if !secrets.is_empty() {
        let values = counted(secrets.len(), "secret was", "secrets were");
        line(&format!("  {values} not copied; set in an env file:"))?;
    }
    for secret in &secrets {
        line(&format!("    {} (from {})", secret.variable, secret.path))?;
    }
    Ok(())
}
