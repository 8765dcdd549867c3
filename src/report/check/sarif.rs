//! SARIF.

use std::collections::HashMap;
use std::io;

use serde_json::{Map, Value, json};

use super::CheckReport;
use crate::report::Output;
use crate::report::sarif::{self, level, sentence, sentences, uri};
use crate::rules::{Check, FileEdit, Rule, Severity, Violation};
use crate::source::Place;

/// Writes the report.
pub(super) fn write(report: &CheckReport, out: &mut Output<'_>) -> io::Result<()> {
    let all: Vec<&Rule> = report.checked.scope.selection.all().collect();
    let rules: Vec<Value> = all.iter().map(|one| rule(one)).collect();
    let indexes: HashMap<&str, usize> = all.iter().map(|one| one.code).zip(0..).collect();
    let all = report.checked.with_fingerprints();
    let results = || {
        let findings = all.iter().enumerate();
        findings.map(|(at, (finding, print))| {
            let index = indexes.get(finding.rule.code).copied();
            let mut result = result(finding, index, report.severity_for_ci(finding));
            if let Some(fields) = result.as_object_mut() {
                let prints = json!({ "composegen/v1": print });
                fields.insert("partialFingerprints".into(), prints);
                // The findings come first, so that their numbers are the same.
                if let Some(changes) = report.fixes.get(&at) {
                    fields.insert("fixes".into(), fixes(finding.rule, changes));
                }
                // What is allowed is not compared.
                if report.checked.is_compared && finding.allowed.is_none() {
                    let is_new = at < report.checked.findings.len();
                    let state = if is_new { "new" } else { "unchanged" };
                    fields.insert("baselineState".into(), state.into());
                }
            }
            result
        })
    };
    sarif::write(out, &rules, results, Map::new())
}

fn rule(rule: &Rule) -> Value {
    let page = match rule.check {
        Check::Custom { .. } => "custom-rules.md".to_owned(),
        _ => format!("rules.md#{}", rule.code),
    };
    json!({
        "id": rule.code,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "helpUri": format!("{}/blob/main/docs/{page}", env!("CARGO_PKG_REPOSITORY")),
        "help": { "text": rule.how_to_allow().replace("CODE", rule.code) },
        "defaultConfiguration": { "level": level(rule.severity) },
    })
}

fn result(finding: &Violation, index: Option<usize>, severity: Severity) -> Value {
    let diagnostic = &finding.found.diagnostic;
    let lines = [diagnostic.message(), diagnostic.label_beside_message()];
    let helps = diagnostic.helps().iter().map(|help| &**help);
    let mut result = json!({
        "ruleId": finding.rule.code,
        "ruleIndex": index,
        "level": level(severity),
        "message": { "text": sentences(lines.into_iter().chain(helps)) },
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
        if let Some(allowed) = &finding.allowed {
            let suppressions = sarif::suppressions(&allowed.reason(), allowed.is_in_file());
            fields.insert("suppressions".into(), suppressions);
        }
    }
    result
}

/// What would be written instead, as one fix of one file.
fn fixes(rule: &Rule, changes: &FileEdit) -> Value {
    let source = &changes.source;
    let replacements = changes.parts.iter().map(|(range, new)| {
        let (line, column) = source.line_column(range.start);
        let (end_line, end_column) = source.line_column(range.end);
        json!({
            "deletedRegion": {
                "startLine": line, "startColumn": column,
                "endLine": end_line, "endColumn": end_column,
            },
            "insertedContent": { "text": new },
        })
    });
    json!([{
        "description": { "text": sentence(rule.fix) },
        "artifactChanges": [{
            "artifactLocation": { "uri": uri(&source.name) },
            "replacements": replacements.collect::<Vec<_>>(),
        }],
    }])
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
