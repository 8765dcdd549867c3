//! Ignore rules: findings that are accepted for a reason and for a time.

use jiff::civil::Date;
use serde::Serialize;

use super::Comparison;
use crate::finding::{Code, Finding, Severity};
use crate::suppression::{Scope, Suppressions};

/// A rule of a host's spec.
#[derive(Debug, Clone)]
pub struct IgnoreRule {
    /// The code of the findings.
    pub code: Code,
    /// The resource; `*` stands for any text.
    pub resource: String,
    /// Why they are ignored.
    pub reason: String,
    /// The last day on which they are (UTC).
    pub until: Date,
}

/// A finding that is counted and shown, and not reported.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suppressed {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// Why it is suppressed.
    pub reason: String,
    /// The last day on which it is.
    pub until: String,
}

/// Takes out what the rules suppress. A rule that is past its date suppresses nothing and is a
/// finding itself, as is one that matches nothing.
pub fn suppress(comparison: &mut Comparison, rules: &[IgnoreRule], today: Date) -> Vec<Suppressed> {
    let scope = |code: Code| Scope {
        code: code.as_str(),
        environment: None,
        is_service: false,
    };
    let mut suppressions = Suppressions::default();
    for (index, rule) in rules.iter().enumerate() {
        if rule.until >= today {
            suppressions.add(index, scope(rule.code), &rule.resource);
        }
    }
    let mut suppressed = Vec::new();
    for finding in std::mem::take(&mut comparison.findings) {
        let first = suppressions.first([(scope(finding.code), finding.resource.as_str())]);
        match first.and_then(|index| rules.get(index)) {
            Some(rule) => suppressed.push(Suppressed {
                finding,
                reason: rule.reason.clone(),
                until: rule.until.to_string(),
            }),
            None => comparison.findings.push(finding),
        }
    }
    for (index, rule) in rules.iter().enumerate() {
        let name = format!("{} on {}", rule.code.as_str(), rule.resource);
        if rule.until < today {
            comparison.findings.push(
                Finding::new(
                    Code::IgnoreExpired,
                    Severity::Notice,
                    &rule.resource,
                    format!(
                        "the rule that ignores {name} expired on {}; remove it or set a later date",
                        rule.until
                    ),
                )
                .field("until", rule.until.to_string(), today.to_string()),
            );
        } else if !suppressions.is_used(index) {
            comparison.findings.push(Finding::new(
                Code::IgnoreUnused,
                Severity::Notice,
                &rule.resource,
                format!("the rule that ignores {name} matches no finding; remove it"),
            ));
        }
    }
    suppressed
}
