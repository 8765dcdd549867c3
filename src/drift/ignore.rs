//! Ignore rules: findings that are accepted for a reason and for a time.

use jiff::civil::Date;
use serde::Serialize;

use super::Comparison;
use crate::finding::{Code, Finding, Severity};
use crate::pattern;

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
    let mut suppressed = Vec::new();
    let mut own = Vec::new();
    for rule in rules {
        let name = format!("{} on {}", rule.code.as_str(), rule.resource);
        if rule.until < today {
            own.push(
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
            continue;
        }
        let matches = |finding: &Finding| {
            finding.code == rule.code && pattern::matches(&rule.resource, &finding.resource)
        };
        let findings = std::mem::take(&mut comparison.findings);
        let (gone, kept): (Vec<_>, Vec<_>) = findings.into_iter().partition(matches);
        comparison.findings = kept;
        if gone.is_empty() && !suppressed.iter().any(|s: &Suppressed| matches(&s.finding)) {
            own.push(Finding::new(
                Code::IgnoreUnused,
                Severity::Notice,
                &rule.resource,
                format!("the rule that ignores {name} matches no finding; remove it"),
            ));
        }
        suppressed.extend(gone.into_iter().map(|finding| Suppressed {
            finding,
            reason: rule.reason.clone(),
            until: rule.until.to_string(),
        }));
    }
    comparison.findings.extend(own);
    suppressed
}
