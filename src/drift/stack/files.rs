//! The configs and secrets of a stack. Their content cannot be changed: the client fails where the file has another one.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Stacks;
use crate::drift::coverage::CoverageTracker;
use crate::drift::difference::Difference;
use crate::drift::forms::Sides;
use crate::drift::table::{Rules, differing};
use crate::fields::{Field, STACK_FILE};
use crate::finding::Code;
use crate::redact::HIDDEN;
use crate::state::{DEFINITION, STACK_LABEL, StackFile};

/// Compares the configs and secrets.
pub(super) fn files(stacks: Stacks<'_>, coverage: &mut CoverageTracker) -> Vec<Difference> {
    let configs = (&stacks.wanted.configs, &stacks.is.configs);
    let mut differences = section("configs", configs, stacks, coverage);
    let secrets = (&stacks.wanted.secrets, &stacks.is.secrets);
    differences.extend(section("secrets", secrets, stacks, coverage));
    differences
}

type Files = BTreeMap<String, StackFile>;

fn section(
    section: &'static str,
    (wanted, is): (&Files, &Files),
    stacks: Stacks<'_>,
    coverage: &mut CoverageTracker,
) -> Vec<Difference> {
    let of_section = |config, secret| match section {
        "configs" => config,
        _ => secret,
    };
    let kind = section.trim_end_matches('s');
    let mut differences = Vec::new();
    for (name, wanted) in wanted {
        let key = wanted.key.as_deref().unwrap_or(name);
        let Some(is) = is.get(name) else {
            // The client looks for those alone that services use.
            let mut services = stacks.wanted.services.values();
            if wanted.external && !services.any(|service| service.is_given(section, name)) {
                continue;
            }
            let external = if wanted.external { "external " } else { "" };
            let message = format!("{external}{kind} `{name}` is missing");
            let code = of_section(Code::ConfigMissing, Code::SecretMissing);
            let missing = Difference::new(code, key, message);
            let missing = missing.values("name", name.as_str(), Value::Null);
            differences.push(missing.at(&["stack", section, name]));
            continue;
        };
        if wanted.external {
            continue;
        }
        if !is.is_own {
            let code = of_section(Code::ConfigOwner, Code::SecretOwner);
            let owner = is.owner.as_deref();
            let message = stacks.taken(&format!("{kind} `{name}`"), owner);
            let taken = Difference::new(code, key, message).by_hand();
            let project = stacks.expected.project.as_str();
            differences.push(taken.values("owner", project, owner));
        }
        let sides = Sides {
            wanted: &wanted.fields,
            is: &is.fields,
        };
        for field in STACK_FILE {
            coverage.count(!stacks.is_unset(section, key, field.path));
        }
        for (field, one) in differing(STACK_FILE, sides, &Labelled) {
            if !stacks.is_unset(section, key, &one.field) {
                let code = of_section(Code::ConfigChanged, Code::SecretChanged);
                let message = one.message(&format!("{kind} `{name}`"));
                differences.push(Difference::new(code, key, message).of(
                    &[section, name],
                    field,
                    one,
                ));
            }
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
            // A driver has it.
            (None, _) if wanted.fields.get("driver").is_some() => {}
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
            let code = of_section(Code::ConfigExtra, Code::SecretExtra);
            let message = format!("{kind} `{name}` of the stack is not in the Compose file");
            let extra = Difference::new(code, name, message).by_hand();
            differences.push(extra.values("name", Value::Null, name.as_str()));
        }
    }
    differences
}

/// The labels that say whose a config or secret is are compared as its owner.
struct Labelled;

impl Rules for Labelled {
    fn is_left_out(&self, field: &Field, key: &str) -> bool {
        field.path == "labels" && (key == STACK_LABEL || key == DEFINITION)
    }
}
