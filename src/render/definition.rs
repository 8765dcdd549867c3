//! The digest of a definition, as a label of the thing that is made from it.
//!
//! A container, network or volume that bears an older digest than the spec gives now was never made
//! anew since the spec changed; one that bears the current digest, and differs all the same, was
//! changed by hand. `drift` tells the two apart by it.

use std::fmt::Write as _;

use serde_yaml::Value;
use sha2::{Digest as _, Sha256};

use crate::state::DEFINITION;

/// What a template's `definition()` gives; the digest takes its place when the whole is rendered.
pub(super) const PLACEHOLDER: &str = "composegen-definition-digest";

/// Writes the digests into a rendered text and into its value.
///
/// # Errors
/// A placeholder that is not the value of the label in a service, network or volume.
pub(super) fn fill_in(text: &mut String, value: &mut Value) -> Result<(), &'static str> {
    let count = text.matches(PLACEHOLDER).count();
    if count == 0 {
        return Ok(());
    }
    let digests = label(value);
    if digests.len() != count {
        return Err(
            "`definition()` must be the value of the label `composegen.definition`, in a mapping of \
             labels, and stand once in each service, network or volume",
        );
    }
    let mut filled = String::with_capacity(text.len());
    let mut rest = text.as_str();
    for digest in digests {
        let (before, after) = rest.split_once(PLACEHOLDER).unwrap_or((rest, ""));
        filled.push_str(before);
        filled.push_str(&digest);
        rest = after;
    }
    filled.push_str(rest);
    *text = filled;
    Ok(())
}

/// Labels every definition that asks for it; the digests are in the order of the text.
fn label(value: &mut Value) -> Vec<String> {
    let mut digests = Vec::new();
    let configs = value.get("configs").cloned();
    let Some(sections) = value.as_mapping_mut() else {
        return digests;
    };
    for (section, entries) in sections.iter_mut() {
        if !matches!(section.as_str(), Some("services" | "networks" | "volumes")) {
            continue;
        }
        for (_, definition) in entries.as_mapping_mut().into_iter().flatten() {
            let labels = definition
                .get("labels")
                .and_then(|labels| labels.get(DEFINITION));
            if labels.and_then(Value::as_str) != Some(PLACEHOLDER) {
                continue;
            }
            let digest = digest(definition, configs.as_ref());
            if let Some(labels) = definition.get_mut("labels").and_then(Value::as_mapping_mut) {
                labels.insert(DEFINITION.into(), digest.clone().into());
            }
            digests.push(digest);
        }
    }
    digests
}

/// The digest of a definition and of the inline files that it uses, whatever the order of its keys.
/// It begins with a letter, so that no reader of YAML takes it for a number.
fn digest(definition: &Value, configs: Option<&Value>) -> String {
    let mut hash = Sha256::new();
    // The keys of a JSON object are sorted.
    let mut add = |value: &Value| {
        hash.update(serde_json::to_value(value).unwrap_or_default().to_string());
    };
    add(definition);
    let used = definition.get("configs").and_then(Value::as_sequence);
    for config in used.into_iter().flatten() {
        let name = config.get("source").unwrap_or(config);
        if let Some(config) = configs.and_then(|configs| configs.get(name)) {
            add(config);
        }
    }
    let mut digest = String::from("sha256-");
    for byte in hash.finalize().iter().take(8) {
        // Writing to a `String` cannot fail.
        let _ = write!(digest, "{byte:02x}");
    }
    digest
}

#[cfg(test)]
mod tests {
    use serde_yaml::Value;

    use super::{PLACEHOLDER, fill_in};

    fn filled(text: &str) -> (String, Value) {
        let mut text = text.replace('@', PLACEHOLDER);
        let mut value = serde_yaml::from_str(&text).unwrap();
        fill_in(&mut text, &mut value).unwrap();
        (text, value)
    }

    fn digest(text: &str) -> String {
        let (_, value) = filled(text);
        let label = &value["services"]["a"]["labels"]["composegen.definition"];
        label.as_str().unwrap().to_owned()
    }

    #[test]
    fn the_text_and_its_value_hold_the_same_digest() {
        let (text, value) = filled(
            "services: { a: { labels: { composegen.definition: @ } }, b: {} }\n\
             networks: { n: { internal: true, labels: { composegen.definition: @ } } }\n",
        );
        assert_eq!(serde_yaml::from_str::<Value>(&text).unwrap(), value);
        assert!(!text.contains(PLACEHOLDER));
    }

    #[test]
    fn a_digest_changes_with_the_definition_and_the_files_it_uses() {
        let one = "services: { a: { image: x, labels: { composegen.definition: @ } } }";
        let reordered = "services: { a: { labels: { composegen.definition: @ }, image: x } }";
        let other = "services: { a: { image: y, labels: { composegen.definition: @ } } }";
        assert_eq!(digest(one), digest(reordered));
        assert_ne!(digest(one), digest(other));
        let config = |content: &str| {
            format!(
                "services: {{ a: {{ configs: [c], labels: {{ composegen.definition: @ }} }} }}\n\
                 configs: {{ c: {{ content: {content} }} }}"
            )
        };
        assert_ne!(digest(&config("one")), digest(&config("two")));
    }

    #[test]
    fn elsewhere_it_means_nothing() {
        let mut text = format!("services: {{ a: {{ image: {PLACEHOLDER} }} }}");
        let mut value = serde_yaml::from_str(&text).unwrap();
        assert!(fill_in(&mut text, &mut value).is_err());
    }
}
