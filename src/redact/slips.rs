//! Values that no Compose file has in their place: of fields that it does not know, and texts where a mapping is expected. What
//! was meant may be a field whose values are hidden.

use super::fields::{self, Visible};
use super::flow;
use super::line::{Line, is_blank};

/// What a value is, as far as its first characters tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    /// A list of texts.
    List,
    /// A mapping, a list of mappings, or the alias of one.
    Mapping,
}

impl Form {
    fn of(value: &str) -> Self {
        let value = flow::after_properties(value);
        let items = value.trim_start_matches(['[', ' ', '\t']);
        if items.is_empty() || items.starts_with(['{', '*', '#', '\r', '\n']) {
            Self::Mapping
        } else if value.starts_with('[') {
            Self::List
        } else {
            Self::Text
        }
    }
}

/// What is visible of the value of a key, where the value may be that of a field whose values are hidden. `value` is what follows
/// the key, and `parent` the key of the mapping that it is in, where that is known.
pub(super) fn visible(word: &str, parent: Option<&str>, value: &str) -> Option<Visible> {
    let form = Form::of(value);
    let is_named = parent.is_some_and(|parent| fields::has_names(parent) || is_of_mappings(parent));
    if is_of_mappings(word) && !is_named && form == Form::Text {
        return Some(Visible::Nothing);
    }
    let is_of_mapping = parent.is_some_and(is_of_mappings) && !fields::is_like_shown(word);
    if is_mapping(word) && !is_named || is_of_mapping {
        return (form != Form::Mapping).then_some(Visible::Nothing);
    }
    if word.is_empty() || word == "<<" || is_named || fields::is_like_shown(word) {
        return None;
    }
    match form {
        Form::Text | Form::List => Some(Visible::Nothing),
        // Far from the key above it, it may be the name of a service.
        Form::Mapping => parent.map(|_| Visible::Names),
    }
}

/// What is visible of a line that no Compose file has below a field. `value` is that of its key, if it has one.
pub(super) fn of_line(
    word: &str,
    line: &Line<'_>,
    parent: Option<&str>,
    value: Option<&str>,
) -> Option<Visible> {
    let Some(value) = value else {
        let is_text = parent.is_some_and(is_mapping) && !line.body.starts_with(['{', '*']);
        return is_text.then_some(Visible::Nothing);
    };
    // Behind the dash of an item is a field of a mapping.
    let parent = if line.is_item { Some("") } else { parent };
    let is_known = parent.is_some() || is_mapping(word);
    (is_known && !is_blank(value)).then(|| visible(word, parent, value))?
}

/// Whether a field is a mapping, or a list of some, with fields whose values are hidden, and never a text.
fn is_mapping(field: &str) -> bool {
    [
        "healthcheck", "post_start", "pre_stop", "exec", "logging", "ipam", "provider",
    ]
    .contains(&field)
}

/// Whether a field is a mapping from names to such mappings, if it is one at all.
fn is_of_mappings(field: &str) -> bool {
    matches!(field, "secrets" | "configs")
}

#[cfg(test)]
mod tests {
    use crate::redact::{Mask, TextForm};

    fn shown(text: &str) -> String {
        Mask::of(text, TextForm::Compose).shown(text).to_owned()
    }

    #[test]
    fn values_of_slips_are_hidden() {
        for text in [
            "web: {image: \"x:1\" environment: {FOO: \"hunter2\"}}",
            "web: {image: \"x:1\"environment: {FOO: hunter2}}",
            "web: {image: x, ports: [80] command: [a, \"hunter2\"]}",
            "web: {image: x entrypoint: \"a hunter2\"}",
            "web: {image: x labels: {a: hunter2}}",
            "build: {context: . args: {A: hunter2}}",
            "logging: {driver: x options: {a: hunter2}}",
            "ipam: {driver: x options: {a: hunter2}}",
            "services: {web: {image: \"x:1\", healthcheck {test: hunter2}}}",
            "web: environment: {FOO: hunter2}}",
            "web: command: [a, hunter2]",
            "web: command: run a, hunter2",
            "configs: {c: hunter2}",
            "c: content: \"hunter2\"",
            "healthcheck: curl hunter2",
            "healthcheck: [CMD, hunter2]",
            "healthcheck:\n  curl hunter2",
            "healthcheck:\n- CMD\n- hunter2",
            "healthcheck: |\n  hunter2",
            "secrets: {db: hunter2}",
            "secrets: {db: {value: hunter2}}",
            "web: {image: x, secrets: hunter2}",
            "web: {image: x, pre_stop: {command hunter2}}",
            "secrets:\n  db: hunter2",
            "secrets:\n  db: {value: hunter2}",
            "secrets:\n  db:\n    value: hunter2",
            "post_start: run hunter2",
            "post_start: [run hunter2]",
            "post_start:\n  - run hunter2",
            "watch:\n  - exec: run hunter2",
            "web: {environ: {FOO: hunter2}}",
            "services:\n  web:\n    environ: {FOO: hunter2}",
            "services:\n  web:\n    cmd: [a, hunter2]",
            "services:\n  web:\n    cmd: a hunter2",
            "services:\n  web: {image: x, env: {FOO: hunter2}}",
            "services:\n  web: {image: x, env: {name: hunter2}}",
            "services: {web: {logging: {opts: {a: hunter2}}}}",
            "build: {arg: {A: hunter2}}",
            "volumes: {v: {opts: {device: hunter2, a: hunter2}}}",
            "services:\n  ports:\n    image: a\n    DB_PASSWORD: hunter2",
            "services:\n  ssh:\n    image: a\n    DB_PASSWORD: hunter2",
            "services:\n  ssh: {image: a, DB_PASSWORD: hunter2, FOO: hunter2}",
        ] {
            let shown = shown(text);
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }

    #[test]
    fn other_values_are_visible() {
        for text in [
            "services: {web: {image: \"x:1\", ports: [\"5432:5432\", a=b]}}",
            "services:\n  web:\n    imag: x\n    ports:\n      - 5432:5432\n      - target: 80",
            "services:\n  web:\n    ulimits: {nofile: {soft: 1}, nproc: 2}\n    sysctls: {a.b: 1}",
            "services:\n  web:\n    extra_hosts: {db: 10.0.0.1}",
            "services:\n  secrets:\n    image: a\n    privileged: true\n    ports: [\"5432:5432\"]",
            "services:\n  web:\n    colour: ***\n    imgae: ***\n    prots: [**]",
            "services:\n  a:\n    image: a # pinned, command: *****\n    privileged: true",
            "services:\n  web:\n    healthcheck: {interval: 5s}\n    secrets: [db, {source: a}]",
            "services:\n  web:\n    healthcheck: *base\n    <<: *web\n    image: a # note: this",
            "secrets: {db: {file: ./a}, a: {external: true}}\nconfigs:\n  c: {file: ./c}",
            "x-composegen: {allow: {a-rule: reason}, ignore: [{code: a, reason: b}]}",
            "services:\n  healthcheck: {image: a}\n  web:\n    x-composegen:\n      allow: {a: b}",
            "x-composegen:\n  ignore:\n    - code: a\n      reason: b, and more",
        ] {
            assert_eq!(shown(text), text);
        }
    }
}
