//! The configs and secrets of a stack. Their content cannot be changed: the client fails where the file has another one.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Stacks;
use crate::drift::coverage::CoverageTracker;
use crate::drift::difference::Difference;
use crate::finding::Code;
use crate::redact::HIDDEN;
use crate::state::StackFile;

/// Compares the configs and secrets.
pub(super) fn files(stacks: Stacks<'_>, coverage: &mut CoverageTracker) -> Vec<Difference> {
    let mut differences = section(
        "configs",
        (&stacks.wanted.configs, &stacks.is.configs),
        coverage,
    );
    let secrets = (&stacks.wanted.secrets, &stacks.is.secrets);
    differences.extend(section("secrets", secrets, coverage));
    differences
}

type Files = BTreeMap<String, StackFile>;

fn section(
    section: &'static str,
    (wanted, is): (&Files, &Files),
    coverage: &mut CoverageTracker,
) -> Vec<Difference> {
    let kind = section.trim_end_matches('s');
    let mut differences = Vec::new();
    for (name, wanted) in wanted {
        let key = wanted.key.as_deref().unwrap_or(name);
        let Some(is) = is.get(name) else {
            let external = if wanted.external { "external " } else { "" };
            let message = format!("{external}{kind} `{name}` is missing");
            let code = match section {
                "configs" => Code::ConfigMissing,
                _ => Code::SecretMissing,
            };
            let missing = Difference::new(code, key, message);
            let missing = missing.values("name", name.as_str(), Value::Null);
            differences.push(missing.at(&["stack", section, name]));
            continue;
        };
        if wanted.external {
            continue;
        }
        coverage.count(wanted.digest.is_some() && is.digest.is_some());
        match (&wanted.digest, &is.digest) {
            (Some(digest), Some(other)) if digest != other => {
                let message =
                    format!("content of {kind} `{name}` is not that of the file (values hidden)");
                let differs = Difference::new(Code::ConfigContent, key, message);
                let differs = differs.values("content", HIDDEN, HIDDEN);
                differences.push(differs.at(&["stack", section, name]));
            }
            (Some(_), Some(_)) => {}
            (None, _) => coverage.unchecked(
                format!("the content of {kind} `{name}`"),
                "its file cannot be read here as text",
            ),
            (Some(_), None) => coverage.unchecked(
                format!("the content of {kind} `{name}`"),
                "a swarm does not show what a secret holds; name it by a hash of its content",
            ),
        }
    }
    for (name, is) in is {
        if is.is_own && !wanted.contains_key(name) {
            let code = match section {
                "configs" => Code::ConfigExtra,
                _ => Code::SecretExtra,
            };
            let message = format!("{kind} `{name}` of the stack is not in the Compose file");
            let extra = Difference::new(code, name, message).by_hand();
            differences.push(extra.values("name", Value::Null, name.as_str()));
        }
    }
    differences
}
