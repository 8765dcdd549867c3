//! Every key of the Compose specification is compared, says how a file is put together, or is not a property
//! of a container, network or volume, with the reason; and so is everything that Ansible and Terraform
//! compare. `docs/coverage.md` is written from the same tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use composegen::fields::{
    ATTACHMENT, Default, Field, MOUNT, NETWORK, NOT_SHOWN, SERVICE, VOLUME, shown,
};
use composegen::finding::Code;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::project::root;

/// The sections of the specification, with what each of them describes, and its rows.
const SECTIONS: [(&str, &str, &[Field]); 7] = [
    ("service", "Services", SERVICE),
    ("attachment", "Attachments", ATTACHMENT),
    ("mount", "Mounts", MOUNT),
    ("network", "Networks", NETWORK),
    ("volume", "Volumes", VOLUME),
    ("config", "Configs", &[]),
    ("secret", "Secrets", &[]),
];

/// Why keys have no row.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    keys: Vec<String>,
    compared: Option<String>,
    structural: Option<String>,
    other: Option<String>,
}

/// What an option of another tool is: a key of the Compose specification, or nothing that Compose has.
#[derive(Deserialize)]
#[serde(untagged)]
enum Counterpart {
    Key(String),
    Other { other: String },
}

fn read<T: for<'de> Deserialize<'de>>(name: &str) -> T {
    let path = root().join("tests/fixtures/coverage").join(name);
    serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn reasons() -> BTreeMap<String, Vec<Reason>> {
    let mut reasons: BTreeMap<String, Vec<Reason>> = read("schema.yaml");
    // A report lists these as unchecked.
    let not_shown = NOT_SHOWN.iter().map(|(key, why)| Reason {
        keys: vec![(*key).to_owned()],
        compared: None,
        structural: None,
        other: Some((*why).to_owned()),
    });
    reasons.get_mut("service").unwrap().extend(not_shown);
    reasons
}

/// What the schema says of a section. A service's places on networks and its mounts are described within it.
fn definition<'a>(schema: &'a Value, section: &str) -> &'a Value {
    let service = &schema["definitions"]["service"]["properties"];
    match section {
        "attachment" => {}
        "mount" => return &service["volumes"]["items"],
        _ => return &schema["definitions"][section],
    }
    let forms = service["networks"]["oneOf"].as_array();
    let mut forms = forms.into_iter().flatten();
    let named = forms.find_map(|form| form["patternProperties"].as_object());
    named.unwrap().values().next().unwrap()
}

/// All keys below a definition of Compose's schema.
fn keys(schema: &Value, node: &Value, path: &str, found: &mut BTreeSet<String>) {
    if let Some(name) = node["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        keys(schema, &schema["definitions"][name], path, found);
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        for one in node[several].as_array().into_iter().flatten() {
            keys(schema, one, path, found);
        }
    }
    keys_of_object(schema, node, path, found);
    if node["items"].is_object() {
        keys(schema, &node["items"], path, found);
    }
}

fn keys_of_object(schema: &Value, node: &Value, path: &str, found: &mut BTreeSet<String>) {
    let join = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    for (key, value) in node["properties"].as_object().into_iter().flatten() {
        found.insert(join(key));
        keys(schema, value, &join(key), found);
    }
    let patterns = node["patternProperties"].as_object().into_iter().flatten();
    for (_, value) in patterns.filter(|(pattern, _)| !pattern.starts_with("^x-")) {
        keys(schema, value, &join("*"), found);
    }
}

/// Whether a key is this one, or below it.
fn is_below(key: &str, above: &str) -> bool {
    let rest = key.strip_prefix(above);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a row compares a key: its own, one that has priority, or one that it depends on.
fn has_row(table: &[Field], key: &str) -> bool {
    table.iter().any(|row| {
        let others = row.deploy.iter().chain(row.with);
        // A group of rows, such as `healthcheck`, is compared by each of them.
        is_below(key, row.path)
            || is_below(row.path, key)
            || others.clone().any(|other| is_below(key, other))
    })
}

#[test]
fn every_key_of_the_specification_is_accounted_for() {
    let schema = fs::read_to_string(root().join("tests/fixtures/compose/schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let reasons = reasons();
    for (section, _, table) in SECTIONS {
        let mut all = BTreeSet::new();
        keys(&schema, definition(&schema, section), "", &mut all);
        assert!(all.len() > 5, "{section}: {all:?}");
        let of_section: Vec<&String> = reasons[section]
            .iter()
            .flat_map(|reason| &reason.keys)
            .collect();
        let is_accounted_for = |key: &&String| {
            has_row(table, key) || of_section.iter().any(|above| is_below(key, above))
        };
        let missing: Vec<_> = all.iter().filter(|key| !is_accounted_for(key)).collect();
        assert!(missing.is_empty(), "{section}: {missing:?}");
        for key in of_section {
            assert!(
                all.contains(key.as_str()),
                "{section}: the specification has no `{key}`"
            );
            let row = table.iter().find(|row| row.path == key);
            assert!(row.is_none(), "{section}: `{key}` has a row");
        }
    }
}

#[test]
fn a_row_is_for_a_key_of_the_specification() {
    let schema = fs::read_to_string(root().join("tests/fixtures/compose/schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    for (section, _, table) in SECTIONS {
        let mut all = BTreeSet::new();
        keys(&schema, definition(&schema, section), "", &mut all);
        for row in table.iter().filter(|row| !row.is_by_hand) {
            for path in std::iter::once(&row.path)
                .chain(&row.deploy)
                .chain(row.with)
            {
                assert!(
                    all.contains(*path),
                    "{section}: the specification has no `{path}`"
                );
            }
        }
    }
}

/// Every key that engines show of how a container is set up has a row, or the reason why not.
#[test]
fn every_key_of_the_engine_is_accounted_for() {
    let reasons: BTreeMap<String, Vec<Reason>> = read("engine.yaml");
    let engines = ["docker-20.10", "docker-26.1", "docker-28", "podman-4.3"];
    for (section, reasons) in reasons {
        let known: BTreeSet<&str> = reasons
            .iter()
            .flat_map(|reason| &reason.keys)
            .map(String::as_str)
            .collect();
        let mut all = BTreeSet::new();
        for engine in engines {
            let path = format!("tests/fixtures/engines/{engine}.json");
            let text = fs::read_to_string(root().join(path)).unwrap();
            let answers: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
            let containers = answers
                .iter()
                .filter(|(path, _)| path.starts_with("/containers/") && path.ends_with("/json"));
            for (_, container) in containers {
                let keys = container[&section].as_object().unwrap().keys();
                all.extend(keys.cloned());
            }
        }
        assert!(all.len() > 20, "{section}: {all:?}");
        for key in all {
            let path = format!("{section}.{key}");
            let has_row = SERVICE.iter().any(|row| is_below(row.engine, &path));
            assert_ne!(has_row, known.contains(key.as_str()), "{path}");
        }
    }
}

/// What becomes of a key of a service: whether it is compared.
fn is_compared(key: &str) -> bool {
    let reasons = &reasons()["service"];
    let reason = reasons
        .iter()
        .find(|reason| reason.keys.iter().any(|above| is_below(key, above)));
    has_row(SERVICE, key) || reason.is_some_and(|reason| reason.compared.is_some())
}

#[test]
fn fields_that_ansible_and_terraform_compare_are_compared() {
    for (file, count) in [("ansible.yaml", 77), ("terraform.yaml", 74)] {
        let options: BTreeMap<String, Counterpart> = read(file);
        assert_eq!(options.len(), count, "{file}");
        for (option, counterpart) in options {
            if let Counterpart::Key(key) = counterpart {
                let is_listed = NOT_SHOWN.iter().any(|(listed, _)| *listed == key);
                assert!(
                    is_compared(&key) || is_listed,
                    "{file}: `{option}` is `{key}`, which is not compared"
                );
            }
        }
    }
}

/// `UPDATE_DOCS=1 cargo test --test it coverage` writes it again.
#[test]
fn the_page_of_the_fields_is_up_to_date() {
    let path = root().join("docs/coverage.md");
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert!(
        fs::read_to_string(path).unwrap_or_default() == page,
        "docs/coverage.md is stale: UPDATE_DOCS=1 cargo test --test it coverage"
    );
}

fn page() -> String {
    let mut page = String::from(
        "# Compared fields\n\n\
         `composegen drift` compares these fields in both directions. This page is written from the tables that it\n\
         walks, `src/fields`, and a test holds them against the schema of the Compose specification.\n\n\
         Where a file does not set a field, its value is expected to be the default. *Image* means that the image sets\n\
         it first. *Exposure* means that a difference can give a container access to the host. *By hand* means that no\n\
         key of a Compose file sets it. `default-...` and `log-opts` are settings of the engine that give it another\n\
         default: what all containers have may come from there, and is listed as unchecked.\n",
    );
    let reasons = reasons();
    for (section, title, table) in SECTIONS {
        let _ = writeln!(page, "\n## {title}");
        if !table.is_empty() {
            page.push_str("\n| Field | Engine API | Default | |\n|---|---|---|---|\n");
            for row in table {
                page.push_str(&of_row(row));
            }
        }
        page.push_str("\n| Other keys | |\n|---|---|\n");
        for reason in &reasons[section] {
            let keys: Vec<String> = reason.keys.iter().map(|key| format!("`{key}`")).collect();
            let _ = writeln!(page, "| {} | {} |", keys.join(", "), why(reason));
        }
    }
    page.push_str(
        "\n## Engine API\n\nThese keys of the engine's answer have no row above.\n\n| Key | |\n|---|---|\n",
    );
    for (section, reasons) in read::<BTreeMap<String, Vec<Reason>>>("engine.yaml") {
        for reason in &reasons {
            let keys: Vec<String> = reason
                .keys
                .iter()
                .map(|key| format!("`{section}.{key}`"))
                .collect();
            let _ = writeln!(page, "| {} | {} |", keys.join(", "), why(reason));
        }
    }
    page.push_str(
        "\n## Ansible and Terraform\n\n\
         All options that Ansible's `docker_container` compares (community.docker 5.3.0) and all arguments of Terraform's\n\
         `docker_container` (kreuzwerker/docker 4.5) are compared, except for these:\n\n\
         | | Option | |\n|---|---|---|\n",
    );
    for (tool, file) in [("Ansible", "ansible.yaml"), ("Terraform", "terraform.yaml")] {
        for (option, counterpart) in read::<BTreeMap<String, Counterpart>>(file) {
            if let Counterpart::Other { other } = counterpart {
                let _ = writeln!(page, "| {tool} | `{option}` | {other} |");
            }
        }
    }
    page
}

/// Why keys have no row, as the page says it.
fn why(reason: &Reason) -> String {
    let keys = &reason.keys;
    if let Some(code) = &reason.compared {
        assert!(code.parse::<Code>().is_ok(), "{code} is not a code");
    }
    match (&reason.compared, &reason.structural, &reason.other) {
        (Some(code), None, None) => format!("compared: `{code}`"),
        (None, Some(why), None) | (None, None, Some(why)) => why.clone(),
        _ => panic!("one reason for {keys:?}"),
    }
}

fn of_row(row: &Field) -> String {
    let default = match row.default {
        Default::Unset => String::new(),
        Default::Known(values) => {
            let value = |text: &str| match text.parse::<i64>() {
                Ok(number) => shown(row.path, &json!(number)),
                Err(_) => text.to_owned(),
            };
            let values: Vec<String> = values
                .iter()
                .map(|text| format!("`{}`", value(text)))
                .collect();
            values.join(" or ")
        }
        Default::Swap => "twice `mem_limit`".into(),
        Default::LoggingDriver => "the engine's logging driver".into(),
        Default::Runtime => "the engine's runtime".into(),
        Default::Cgroup => "the engine's cgroup namespace".into(),
        Default::Id => "the ID of the container".into(),
        Default::OfNetwork => "what the container has whose network it shares".into(),
    };
    let configured = row.configured_by.map(|setting| format!("`{setting}`"));
    let default = [default, configured.unwrap_or_default()];
    let default: Vec<_> = default.iter().filter(|one| !one.is_empty()).collect();
    let default = default
        .iter()
        .map(|one| one.as_str())
        .collect::<Vec<_>>()
        .join(" or ");
    let marks = [
        (row.is_by_hand, "by hand"),
        (row.is_of_image, "image"),
        (row.exposes, "exposure"),
    ];
    let marks: Vec<_> = marks
        .into_iter()
        .filter(|(is, _)| *is)
        .map(|(_, mark)| mark)
        .collect();
    let deploy = row
        .deploy
        .map_or(String::new(), |path| format!(", `{path}`"));
    format!(
        "| `{}`{deploy} | `{}` | {default} | {} |\n",
        row.path,
        row.engine,
        marks.join(", ")
    )
}
