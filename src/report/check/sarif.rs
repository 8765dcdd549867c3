//! SARIF.

use std::io;

use serde_json::{Map, Value, json};

use super::CheckReport;
use crate::report::Output;
use crate::report::sarif::{self, level, sentence, sentences, uri};
use crate::rules::{self, Rule, Violation};
use crate::source::Place;

/// Writes the report.
pub(super) fn write(report: &CheckReport, out: &mut Output<'_>) -> io::Result<()> {
    let all: Vec<&Rule> = rules::all().chain(report.own.iter().copied()).collect();
    let rules: Vec<Value> = all.iter().map(|one| rule(one)).collect();
    let findings = || {
        report
            .findings
            .iter()
            .chain(&report.known)
            .chain(&report.allowed)
    };
    let fingerprints = CheckReport::fingerprints(findings());
    let states = report.findings.iter().map(|_| "new");
    let states = states.chain(std::iter::repeat("unchanged"));
    let states: Vec<&str> = states.take(fingerprints.len()).collect();
    let results = || {
        let details = fingerprints.iter().zip(&states);
        findings().zip(details).map(|(finding, (print, state))| {
            let mut result = result(finding, &all);
            if let Some(fields) = result.as_object_mut() {
                let prints = json!({ "composegen/v1": print });
                fields.insert("partialFingerprints".into(), prints);
                if report.is_compared {
                    fields.insert("baselineState".into(), (*state).into());
                }
            }
            result
        })
    };
    sarif::write(out, &rules, results, Map::new())
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.code,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "helpUri": format!("{}/blob/main/docs/rules.md#{}", env!("CARGO_PKG_REPOSITORY"), rule.code),
        "help": { "text": rule.how_to_allow().replace("CODE", rule.code) },
        "defaultConfiguration": { "level": level(rule.severity) },
    })
}

fn result(finding: &Violation, all: &[&Rule]) -> Value {
    let diagnostic = &finding.found.diagnostic;
    let lines = [diagnostic.message(), diagnostic.label_text()];
    let helps = diagnostic.helps().iter().map(|help| &**help);
    let mut result = json!({
        "ruleId": finding.rule.code,
        "ruleIndex": all.iter().position(|rule| rule.code == finding.rule.code),
        "level": level(finding.rule.severity),
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
        if let Some(reason) = &finding.allowed {
            fields.insert("suppressions".into(), sarif::suppressions(reason));
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
