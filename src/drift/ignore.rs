//! Ignore rules: findings that are accepted for a reason and for a time.

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;

use super::Comparison;
use crate::finding::{Code, Finding, Severity};
use crate::pattern;
use crate::suppression::{SuppressionScope, Suppressions};

/// A rule of a host's spec, or of `x-composegen` in a Compose file.
#[derive(Debug, Clone)]
pub struct IgnoreRule {
    /// The code of the findings.
    pub code: Code,
    /// The resource; `*` stands for any text.
    pub resource: String,
    /// The field; `*` stands for any text, and no pattern for any field or none.
    pub field: Option<String>,
    /// Why they are ignored.
    pub reason: String,
    /// The last day on which they are (UTC).
    pub until: Date,
}

/// A finding that is counted and shown, and not reported.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Suppressed {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// Why it is suppressed.
    pub reason: String,
    /// The last day on which it is; none where a built-in rule does.
    pub until: Option<String>,
}

impl IgnoreRule {
    fn accepts(&self, finding: &Finding) -> bool {
        self.field.as_ref().is_none_or(|pattern| {
            let field = finding.field.as_deref().unwrap_or_default();
            pattern::matches(pattern, field)
        })
    }

    /// What it ignores, in words.
    fn title(&self) -> String {
        let title = format!("{} on {}", self.code.as_str(), self.resource);
        match &self.field {
            Some(field) => format!("{title}, field {field}"),
            None => title,
        }
    }
}

impl fmt::Display for Suppressed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        match &self.until {
            Some(day) => write!(f, " (until {day})"),
            None => f.write_str(" (built-in rule)"),
        }
    }
}

/// Labels that tools add to what they manage, which no Compose file has.
const TOOLS: &[(&str, &str)] = &[
    ("com.centurylinklabs.zodiac.*", "watchtower"),
    ("io.portainer.*", "Portainer"),
    ("coolify.*", "Coolify"),
    ("com.dokploy.*", "Dokploy"),
    ("desktop.docker.io/*", "Docker Desktop"),
    ("PODMAN_SYSTEMD_UNIT", "Podman"),
    ("io.podman.compose.*", "podman-compose"),
];

/// The tool that added what a finding is about. A label that the file sets too is not among them.
fn added_by(finding: &Finding) -> Option<&'static str> {
    let label = finding.field.as_deref()?.strip_prefix("labels.")?;
    let mut tools = TOOLS.iter().filter(|_| finding.expected.is_null());
    let (_, tool) = tools.find(|(pattern, _)| pattern::matches(pattern, label))?;
    Some(tool)
}

/// Takes out what the rules suppress. A rule that is past its date suppresses nothing and is a
/// finding itself, as is one that matches nothing.
pub fn suppress(comparison: &mut Comparison, rules: &[IgnoreRule], today: Date) -> Vec<Suppressed> {
    let scope = |code: Code| SuppressionScope {
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
        let subject = (scope(finding.code), finding.resource.as_str());
        let accepts = |index: usize| rules.get(index).is_some_and(|rule| rule.accepts(&finding));
        let first = suppressions.first_where([subject], accepts);
        let (reason, until) = match (first.and_then(|index| rules.get(index)), added_by(&finding)) {
            (Some(rule), _) => (rule.reason.clone(), Some(rule.until.to_string())),
            (None, Some(tool)) => (format!("added by {tool}"), None),
            (None, None) => {
                comparison.findings.push(finding);
                continue;
            }
        };
        suppressed.push(Suppressed {
            finding,
            reason,
            until,
        });
    }
    for (index, rule) in rules.iter().enumerate() {
        let name = rule.title();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(field: &str) -> Finding {
        let finding = Finding::new(Code::ServiceConfig, Severity::Drift, "web", "differs");
        finding.field(field, serde_json::Value::Null, "(hidden)")
    }

    fn rule(field: Option<&str>) -> IgnoreRule {
        IgnoreRule {
            code: Code::ServiceConfig,
            resource: "web".into(),
            field: field.map(str::to_owned),
            reason: "set by the proxy".into(),
            until: Date::constant(2027, 6, 30),
        }
    }

    fn left(findings: &[Finding], rules: &[IgnoreRule]) -> (Vec<Finding>, Vec<String>) {
        let mut comparison = Comparison {
            findings: findings.to_vec(),
            ..Comparison::default()
        };
        let suppressed = suppress(&mut comparison, rules, Date::constant(2027, 1, 1));
        let said = suppressed.iter().map(ToString::to_string).collect();
        (comparison.findings, said)
    }

    #[test]
    fn a_rule_can_be_for_some_fields() {
        let findings = [finding("labels.traefik.enable"), finding("memory")];
        let rules = [rule(Some("labels.traefik.*"))];
        let (left_over, said) = left(&findings, &rules);
        assert_eq!(left_over, findings[1..]);
        assert_eq!(said, ["set by the proxy (until 2027-06-30)"]);
        let (left_over, said) = left(&findings, &[rule(None)]);
        assert_eq!((left_over.len(), said.len()), (0, 2));
        // The name of what it ignores has the field in it.
        let (left_over, _) = left(&findings, &[rule(Some("cpus"))]);
        let unused = left_over.last().map(|finding| finding.message.as_str());
        assert_eq!(
            unused,
            Some(
                "the rule that ignores service-config on web, field cpus matches no finding; remove it"
            )
        );
    }

    #[test]
    fn labels_of_tools_are_not_drift() {
        let added = finding("labels.coolify.managed");
        let changed = Finding {
            expected: "(hidden)".into(),
            ..added.clone()
        };
        let exposed = finding("labels.traefik.enable");
        let (left_over, said) = left(&[added, changed.clone(), exposed.clone()], &[]);
        assert_eq!(left_over, [changed, exposed]);
        assert_eq!(said, ["added by Coolify (built-in rule)"]);
    }
}
