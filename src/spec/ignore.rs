//! Ignore rules: findings of `drift` that are accepted, why and until when.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use super::read::{parsed, readable, record};
use crate::finding::Code;

record! {
    /// An ignore rule of a host.
    pub IgnoreRule, read(cursor, fields, problems):
    /// The code of the findings.
    computed pub code: Code =
        fields.required("code", problems).and_then(|c| c.one_of(&codes(), problems)),
    /// The resource; `*` stands for any text.
    required pub resource: String,
    /// Why they are ignored.
    required pub reason: String,
    /// The last day on which they are (UTC).
    required pub until: Day,
}

readable!(IgnoreRule);
parsed!(Day);

/// The codes that can be ignored. Findings about the rules themselves cannot.
fn codes() -> Vec<(&'static str, Code)> {
    Code::ALL
        .iter()
        .filter(|code| !matches!(code, Code::IgnoreExpired | Code::IgnoreUnused))
        .map(|code| (code.as_str(), *code))
        .collect()
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
