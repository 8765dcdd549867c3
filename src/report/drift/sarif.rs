//! SARIF. A host that cannot be reached is a failed invocation: it has no results, and no clean ones.

use std::io;

use serde_json::{Map, Value, json};

use super::{DriftReport, HostReport, which};
use crate::finding::{Code, Finding};
use crate::report::Output;
use crate::report::sarif::{self, level, sentence, sentences, uri};

/// Writes the report.
pub(super) fn write(report: &DriftReport, out: &mut Output<'_>) -> io::Result<()> {
    let rules: Vec<Value> = Code::ALL.iter().copied().map(rule).collect();
    let results = || report.hosts.iter().flat_map(of_host);
    sarif::write(out, &rules, results, more(report))
}

/// The properties of the run.
fn more(report: &DriftReport) -> Map<String, Value> {
    let failed: Vec<Value> = report
        .hosts
        .iter()
        .filter_map(|host| {
            let error = host.error.as_ref()?;
            let text = sentence(&format!("{}: {error}", host.id.title()));
            Some(json!({ "level": "error", "message": { "text": text } }))
        })
        .collect();
    let invocation = json!({
        "executionSuccessful": failed.is_empty(),
        "toolExecutionNotifications": failed,
    });
    let properties = json!({
        "notSelected": report.summary.not_selected,
        "unchecked": report.summary.unchecked,
        "coverage": report.coverage(),
    });
    Map::from_iter([
        ("invocations".to_owned(), json!([invocation])),
        ("properties".to_owned(), properties),
    ])
}

fn rule(code: Code) -> Value {
    json!({ "id": code.as_str(), "shortDescription": { "text": code.meaning() } })
}

fn of_host(host: &HostReport) -> impl Iterator<Item = Value> {
    let findings = host.findings.iter().map(|finding| result(host, finding));
    let suppressed = host.suppressed.iter().map(|suppressed| {
        let mut result = result(host, &suppressed.finding);
        if let Some(fields) = result.as_object_mut() {
            let reason = sarif::suppressions(&suppressed.to_string(), false);
            fields.insert("suppressions".into(), reason);
        }
        result
    });
    findings.chain(suppressed)
}

fn result(host: &HostReport, finding: &Finding) -> Value {
    let code = finding.code.as_str();
    let message = format!("{}: {}", host.id.title(), finding.message);
    let help = finding.help.as_deref().unwrap_or_default();
    let name = format!("{}/{}", host.id.title(), finding.resource);
    let mut location = json!({ "logicalLocations": [{
        "fullyQualifiedName": sentence(&name),
        "kind": finding.kind.as_str(),
    }] });
    if let (Some(file), Some(fields)) = (&host.file, location.as_object_mut()) {
        let physical = json!({ "artifactLocation": { "uri": uri(file) } });
        fields.insert("physicalLocation".into(), physical);
    }
    // Results of one rule and file are distinguished by it.
    let fingerprint = format!("{code}/{name}/{}", which(finding));
    json!({
        "ruleId": code,
        "ruleIndex": Code::ALL.iter().position(|one| *one == finding.code),
        "level": level(finding.severity),
        "message": { "text": sentences([&message, &finding.after(), help]) },
        "locations": [location],
        "partialFingerprints": { "finding/v1": sentence(&fingerprint) },
    })
}
