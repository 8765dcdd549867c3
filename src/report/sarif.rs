//! SARIF 2.1.0, as code scanning reads it: what all reports in it have in common.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::io;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::Output;
use crate::severity::Severity;
use crate::text::visible;

#[derive(Serialize)]
struct Log<R> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    runs: [Run<R>; 1],
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<R> {
    column_kind: &'static str,
    results: R,
    tool: Value,
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// Findings, each of which becomes a result when it is written.
struct Results<F>(F);

impl<F: Fn() -> I, I: Iterator<Item = Value>> Serialize for Results<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// Writes a log of one run: its rules, its results, and its further fields.
pub(super) fn write<I: Iterator<Item = Value>>(
    out: &mut Output<'_>,
    rules: &[Value],
    results: impl Fn() -> I,
    more: Map<String, Value>,
) -> io::Result<()> {
    out.value(&Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            column_kind: "unicodeCodePoints",
            results: Results(results),
            tool: json!({ "driver": {
                "name": "composegen",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } }),
            more,
        }],
    })
}

/// The level of a severity.
pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Exposure | Severity::Error => "error",
        Severity::Drift | Severity::Warning => "warning",
        Severity::Hardening | Severity::Notice => "note",
    }
}

/// That a result is suppressed, where, and why.
pub(super) fn suppressions(reason: &str, is_in_source: bool) -> Value {
    let kind = if is_in_source { "inSource" } else { "external" };
    json!([{ "kind": kind, "justification": sentence(reason) }])
}

/// A text for people, in which `[words](target)` would be a link (section 3.11.6).
pub(super) fn sentence(text: &str) -> String {
    visible(text).replace("](", "] (")
}

/// Lines for people; empty ones are left out.
pub(super) fn sentences<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    lines
        .into_iter()
        .filter(|line| !line.is_empty())
        .map(sentence)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A path as a reference of a URI (RFC 3986).
pub(super) fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            b'\\' => uri.push('/'),
            // Writing to a `String` cannot fail.
            other => drop(write!(uri, "%{other:02X}")),
        }
    }
    uri
}
