//! A report without secrets, before any writer sees it.

use serde_json::Value;

use super::HostReport;
use crate::finding::Finding;
use crate::redact::hide;

/// Hides what a name or a shape shows to be secret in every text that an engine, a label or an address may have
/// brought in.
pub(super) fn hosts(hosts: &mut [HostReport]) {
    for host in hosts {
        hide(&mut host.from.endpoint);
        host.error.as_mut().map(hide);
        for unchecked in &mut host.unchecked {
            hide(&mut unchecked.what);
            hide(&mut unchecked.why);
        }
        for suppressed in &mut host.suppressed {
            hide(&mut suppressed.reason);
            finding(&mut suppressed.finding);
        }
        host.findings.iter_mut().for_each(finding);
    }
}

fn finding(finding: &mut Finding) {
    hide(&mut finding.resource);
    hide(&mut finding.message);
    for text in [
        &mut finding.field, &mut finding.help, &mut finding.subject, &mut finding.failure,
    ] {
        text.as_mut().map(hide);
    }
    value(&mut finding.expected);
    value(&mut finding.observed);
}

fn value(of: &mut Value) {
    match of {
        Value::String(text) => hide(text),
        Value::Array(items) => items.iter_mut().for_each(value),
        Value::Object(entries) => entries.values_mut().for_each(value),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
