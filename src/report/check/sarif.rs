//! SARIF 2.1.0, as code scanning reads it.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::io;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::CheckReport;
use crate::report::Output;
use crate::rules::{self, Rule, Violation};
use crate::source::Place;
use crate::text::visible;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    runs: [Run<'a>; 1],
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    column_kind: &'static str,
    results: Results<'a>,
    tool: Value,
}

/// The findings of a report, each of which becomes a result when it is written.
struct Results<'a>(&'a CheckReport);

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = self.0.findings.iter().chain(&self.0.allowed);
        serializer.collect_seq(all.map(result))
    }
}

/// Writes the report.
pub(super) fn write(report: &CheckReport, out: &mut Output<'_>) -> io::Result<()> {
    out.value(&Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            column_kind: "unicodeCodePoints",
            results: Results(report),
            tool: json!({ "driver": {
                "name": "composegen",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules::all().map(rule).collect::<Vec<_>>(),
            } }),
        }],
    })
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.code,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "help": { "text": rule.how_to_allow().replace("CODE", rule.code) },
        "defaultConfiguration": { "level": rule.severity.as_str() },
    })
}

fn result(finding: &Violation) -> Value {
    let diagnostic = &finding.found.diagnostic;
    let mut text = sentence(diagnostic.message());
    for more in std::iter::once(diagnostic.label_text())
        .chain(diagnostic.helps().iter().map(|help| &**help))
    {
        if !more.is_empty() {
            text.push('\n');
            text.push_str(&sentence(more));
        }
    }
    let mut result = json!({
        "ruleId": finding.rule.code,
        "ruleIndex": rules::all().position(|rule| rule.code == finding.rule.code),
        "level": finding.rule.severity.as_str(),
        "message": { "text": text },
        "locations": [location(diagnostic.place(), None)],
    });
    let related: Vec<Value> = diagnostic
        .related_places()
        .iter()
        .map(|(place, label)| location(place, Some(label)))
        .collect();
    if let Some(fields) = result.as_object_mut() {
        if !related.is_empty() {
            fields.insert("relatedLocations".into(), related.into());
        }
        if let Some(reason) = &finding.allowed {
            let suppression = json!([{ "kind": "external", "justification": sentence(reason) }]);
            fields.insert("suppressions".into(), suppression);
        }
    }
    result
}

fn location(place: &Place, label: Option<&str>) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(&place.source.name) } });
    if let (Some((line, column)), Some(fields)) = (place.line_column(), physical.as_object_mut()) {
        let region = json!({ "startLine": line, "startColumn": column });
        fields.insert("region".into(), region);
    }
    match label {
        Some(label) => {
            json!({ "physicalLocation": physical, "message": { "text": sentence(label) } })
        }
        None => json!({ "physicalLocation": physical }),
    }
}

/// A text for people, in which `[words](target)` would be a link (section 3.11.6).
fn sentence(text: &str) -> String {
    visible(text).replace("](", "] (")
}

/// A path as a reference of a URI (RFC 3986).
fn uri(path: &str) -> String {
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
