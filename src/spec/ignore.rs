//! Ignore rules: findings of `drift` that somebody has decided to live with, why and until when.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::diagnostic::Diagnostics;
use crate::finding::Code;
use crate::yaml::Cursor;

/// An ignore rule of a host.
#[derive(Debug, Clone)]
pub struct IgnoreRule {
    /// The code of the findings.
    pub code: Code,
    /// The resource; `*` stands for any text.
    pub resource: String,
    /// Why they are ignored.
    pub reason: String,
    /// The last day on which they are (UTC).
    pub until: Day,
}

/// A day of the calendar: `2026-12-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub Date);

impl FromStr for Day {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            // The parser takes a time as well, and would leave it out.
            Ok(date) if text.len() == "2026-12-31".len() => Ok(Self(date)),
            _ => Err("expected a day, such as 2026-12-31"),
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Reads a rule.
pub(super) fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<IgnoreRule> {
    let codes: Vec<(&str, Code)> = Code::ALL
        .iter()
        // What is said of the rules themselves is not for them to silence.
        .filter(|code| !matches!(code, Code::IgnoreExpired | Code::IgnoreUnused))
        .map(|code| (code.as_str(), *code))
        .collect();
    let mut fields = cursor.fields(problems)?;
    let code = fields
        .required("code", problems)
        .and_then(|c| c.one_of(&codes, problems));
    let mut text = |key| {
        fields
            .required(key, problems)
            .and_then(|c| c.text(problems))
    };
    let (resource, reason) = (text("resource"), text("reason"));
    let until = fields
        .required("until", problems)
        .and_then(|c| c.parse(problems));
    fields.finish(problems);
    Some(IgnoreRule {
        code: code?,
        resource: resource?.to_owned(),
        reason: reason?.to_owned(),
        until: until?,
    })
}
