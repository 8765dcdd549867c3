//! Brings what Compose files say into the forms that specs can share: mappings instead of lists of `KEY=VALUE`, and
//! no fields that have no effect.

use std::collections::BTreeSet;

use serde_yaml::{Mapping, Value};

use crate::compose::{IN_TWO_FORMS, ListItems, SECTIONS, flag_of_text, float_text};
use crate::text::expression::{Piece, pieces};

/// The field of a network, a volume, a secret or a config that is a list of `KEY=VALUE` or a mapping.
const LABELS: &[&str] = &["labels"];

/// The fields of these that specs read as booleans; Compose takes texts for them too.
const FLAGS: [&str; 2] = ["internal", "external"];

/// Brings a file into the forms that specs have.
pub(super) fn tidy(file: Value) -> Mapping {
    let Value::Mapping(mut file) = file else {
        return Mapping::new();
    };
    file.retain(|key, value| {
        key.as_str().is_some_and(|key| SECTIONS.contains(&key)) && value.is_mapping()
    });
    for (section, entries) in &mut file {
        let is_services = section == "services";
        let Some(entries) = entries.as_mapping_mut() else {
            continue;
        };
        entries.retain(|key, _| !is_extension(key));
        for (_, entry) in entries {
            if entry.is_null() {
                *entry = Value::Mapping(Mapping::new());
            }
            match entry.as_mapping_mut() {
                Some(service) if is_services => tidy_service(service),
                Some(other) => {
                    as_pairs(other, LABELS);
                    as_flags(other);
                }
                None => {}
            }
        }
    }
    drop_unused(&mut file);
    file
}

/// Leaves out the secrets and configs that no service of the file is given: in a file that is merged over another one, the
/// service may no longer be.
fn drop_unused(file: &mut Mapping) {
    for (section, paths) in [
        (
            "secrets",
            &[&["secrets"] as &[&str], &["build", "secrets"]] as &[&[&str]],
        ),
        ("configs", &[&["configs"]]),
    ] {
        let services = file.get("services").and_then(Value::as_mapping);
        let lists = services.into_iter().flatten().flat_map(|(_, service)| {
            let lists = paths.iter().map(|path| {
                let list = path.iter().try_fold(service, |value, key| value.get(*key));
                list.and_then(Value::as_sequence)
            });
            lists.collect::<Vec<_>>()
        });
        let names = lists
            .flatten()
            .flatten()
            .filter_map(|item| item.as_str().or_else(|| item.get("source")?.as_str()));
        let used: BTreeSet<String> = names.map(str::to_owned).collect();
        if used.iter().any(|name| name.contains('$')) {
            continue;
        }
        if let Some(declared) = file.get_mut(section).and_then(Value::as_mapping_mut) {
            declared.retain(|key, _| key.as_str().is_some_and(|key| used.contains(key)));
        }
    }
}

fn is_extension(key: &Value) -> bool {
    key.as_str().is_some_and(|key| key.starts_with("x-"))
}

fn tidy_service(service: &mut Mapping) {
    service.retain(|key, value| !is_extension(key) && !value.is_null());
    for (path, items) in IN_TWO_FORMS.iter() {
        if *items == ListItems::Pairs {
            as_pairs(service, path);
        }
    }
    if let Some(Value::String(image)) = service.get_mut("image") {
        *image = with_braces(image);
    }
}

/// A field as a mapping of texts.
fn as_pairs(owner: &mut Mapping, path: &[&str]) {
    let (first, rest) = path.split_first().unwrap_or((&"", &[]));
    let field = rest.iter().fold(owner.get_mut(*first), |field, key| {
        field.and_then(|field| field.get_mut(*key))
    });
    if let Some(field) = field {
        as_mapping(field);
        as_texts(field);
    }
}

/// Texts that mean yes or no as booleans.
fn as_flags(owner: &mut Mapping) {
    for field in FLAGS {
        if let Some(value) = owner.get_mut(field)
            && let Some(is) = value.as_str().and_then(flag_of_text)
        {
            *value = Value::Bool(is);
        }
    }
}

/// A list of `KEY=VALUE` as a mapping; it stays where a key has a variable.
fn as_mapping(field: &mut Value) {
    let Some(items) = field.as_sequence() else {
        return;
    };
    let entries = items.iter().map(|item| {
        let item = item.as_str()?;
        let (key, value) = match item.split_once('=') {
            Some((key, value)) => (key, Value::String(value.to_owned())),
            None => (item, Value::Null),
        };
        (!key.contains('$')).then(|| (Value::String(key.to_owned()), value))
    });
    if let Some(entries) = entries.collect::<Option<Mapping>>() {
        *field = Value::Mapping(entries);
    }
}

/// Numbers and booleans of a mapping as the texts that Compose makes of them: `4` and `"4"` are one value.
fn as_texts(field: &mut Value) {
    let entries = field.as_mapping_mut().into_iter().flatten();
    for (_, value) in entries {
        let text = match value {
            Value::Bool(is) => is.to_string(),
            Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
                Some(fraction) => float_text(fraction),
                None => number.to_string(),
            },
            _ => continue,
        };
        *value = Value::String(text);
    }
}

/// The same text, with braces around the names of variables.
pub(super) fn with_braces(text: &str) -> String {
    let parts = pieces(text).map(|piece| match piece {
        Piece::Expression(expression) if !expression.written.starts_with("${") => {
            format!("${{{}}}", expression.name)
        }
        other => other.written().to_owned(),
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use serde_yaml::Value;

    use super::{tidy, with_braces};

    #[test]
    fn lists_of_pairs_become_mappings_and_extensions_go() {
        let text = "x-a: 1\nversion: '3'\nservices: {web: {x-b: 1, image: a, user: null, environment: [A=1, B], \
                    labels: {n: 4, is: true}, build: {args: [C=]}}}\nvolumes: {data: null}\n";
        let expected = "services: {web: {image: a, environment: {A: '1', B: null}, labels: {n: '4', is: 'true'}, build: {args: {C: ''}}}}\n\
                        volumes: {data: {}}\n";
        let tidied = tidy(serde_yaml::from_str(text).unwrap());
        let expected: Value = serde_yaml::from_str(expected).unwrap();
        assert_eq!(Value::Mapping(tidied), expected);
    }

    /// A file that is merged over another one has lists of pairs, and one alone has what is written.
    #[test]
    fn what_a_container_sees_alike_is_equal() {
        let numbers = "{a: 1e3, b: 1.50, c: 2, d: 1e21, e: true}";
        let merged = "[a=1000, b=1.5, c=2, d=1e+21, e=true]";
        let file = |pairs: &str| {
            let text = format!(
                "services: {{web: {{environment: {pairs}, labels: {pairs}, annotations: {pairs}, sysctls: {pairs}, \
                 deploy: {{labels: {pairs}}}, build: {{args: {pairs}, labels: {pairs}}}}}}}\n\
                 networks: {{n: {{labels: {pairs}}}}}\nvolumes: {{v: {{labels: {pairs}}}}}\n"
            );
            tidy(serde_yaml::from_str(&text).unwrap())
        };
        assert_eq!(file(numbers), file(merged));
    }

    #[test]
    fn yes_and_no_are_booleans_in_whatever_words() {
        let tidied = |internal: &str, external: &str| {
            let text = format!("networks: {{n: {{internal: {internal}, external: {external}}}}}");
            tidy(serde_yaml::from_str(&text).unwrap())
        };
        assert_eq!(tidied("'true'", "'off'"), tidied("true", "false"));
        assert_eq!(tidied("'No'", "'yes'"), tidied("false", "true"));
        assert_ne!(tidied("'${A}'", "true"), tidied("false", "true"));
    }

    #[test]
    fn secrets_and_configs_that_no_service_is_given_go() {
        let text = "services: {web: {secrets: [a], configs: [{source: d}], build: {context: ., secrets: [{source: b}]}}, db: {}}\n\
                    secrets: {a: {file: a}, b: {file: b}, c: {file: c}}\nconfigs: {d: {file: d}, e: {file: e}}\n";
        let tidied = tidy(serde_yaml::from_str(text).unwrap());
        let names = |section: &str| {
            let entries = tidied[section].as_mapping().unwrap();
            entries
                .keys()
                .map(|key| key.as_str().unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (names("secrets"), names("configs")),
            (vec!["a", "b"], vec!["d"])
        );
    }

    #[test]
    fn variables_have_braces() {
        assert_eq!(with_braces("a:$TAG-${B:-c}"), "a:${TAG}-${B:-c}");
    }
}
