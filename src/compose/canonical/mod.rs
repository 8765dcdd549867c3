//! The pass that writes every field in its one canonical form (compose-go, `transform/`): after it
//! a port is a mapping, the networks of a service are a mapping, and so on. What comes after knows
//! no other form.

pub(super) mod port;
pub(super) mod volume;

use super::fill::each;
use super::merge::dependency;
use super::notes::Notes;
use super::tree::{Entry, Kind, Map, Mark, Node};
use crate::diagnostic::Diagnostic;

/// Brings a model into canonical form.
pub(super) fn canonical(root: &mut Node, notes: &mut Notes) {
    for (_, service) in root.section_mut("services") {
        of_service(service, notes);
    }
    for section in ["networks", "volumes", "secrets", "configs"] {
        for (_, resource) in root.section_mut(section) {
            external(resource, notes);
        }
    }
}

fn of_service(service: &mut Node, notes: &mut Notes) {
    each(service, &["build"], &mut |build| {
        if build.as_text().is_some() {
            wrap(build, "context");
        }
    });
    for path in [&["networks"] as &[&str], &["models"]] {
        each(service, path, &mut names_to_map);
    }
    for path in [&["dns"] as &[&str], &["label_file"]] {
        each(service, path, &mut to_list);
    }
    each(
        service,
        &["build", "additional_contexts"],
        &mut |contexts| {
            pairs_to_map(contexts, notes);
        },
    );
    each(service, &["build", "ssh"], &mut |keys| ssh(keys, notes));
    each(service, &["depends_on"], &mut dependencies);
    each(service, &["env_file"], &mut env_files);
    each(service, &["gpus"], &mut gpus);
    for key in ["secrets", "configs"] {
        each(service, &[key, "[]"], &mut |file| {
            if file.as_text().is_some() {
                wrap(file, "source");
            }
        });
    }
    each(service, &["build", "secrets", "[]"], &mut |file| {
        if file.as_text().is_some() {
            wrap(file, "source");
        }
    });
    each(service, &["devices", "[]"], &mut |device| {
        self::device(device, notes);
    });
    for path in [&["ulimits", "*"] as &[&str], &["build", "ulimits", "*"]] {
        each(service, path, &mut |limit| {
            // Other kinds are no limits either, and that is told where kinds are checked.
            let is_round = |number: f64| number.fract() == 0.0;
            let is_number = matches!(limit.kind, Kind::Float(number) if is_round(number));
            if (is_number || limit.as_text().is_some()) && limit.unset.is_none() {
                let message = format!("a limit cannot be {}", limit.kind.words());
                notes.problem(
                    limit.at,
                    message,
                    "expected a whole number, or `soft` and `hard`",
                );
            }
        });
    }
    each(service, &["volumes", "[]"], &mut |mount| {
        volume::canonical(mount, notes);
    });
    each(service, &["ports"], &mut |ports| {
        port::canonical(ports, notes);
    });
}

/// A text becomes a mapping with one field.
fn wrap(node: &mut Node, key: &str) {
    let at = node.at;
    let mut wrapped = Node::new(Kind::Map(Map::new()), at);
    wrapped.set(key, std::mem::take(node), at);
    *node = wrapped;
}

fn to_list(node: &mut Node) {
    if node.as_text().is_some() {
        let at = node.at;
        *node = Node::new(Kind::List(vec![std::mem::take(node)]), at);
    }
}

/// A list of names becomes a mapping from them to nothing.
fn names_to_map(node: &mut Node) {
    map_from(node, &|at| Node::new(Kind::Null, at));
}

fn map_from(node: &mut Node, value: &dyn Fn(Mark) -> Node) {
    let Kind::List(items) = &mut node.kind else {
        return;
    };
    let entries = std::mem::take(items).into_iter().filter_map(|item| {
        let mut value = value(item.at);
        // A name that cannot be told is passed on as such.
        value.unset.clone_from(&item.unset);
        let entry = Entry {
            key_at: item.at,
            value,
        };
        Some((item.as_text()?.to_owned(), entry))
    });
    node.kind = Kind::Map(entries.collect());
}

fn pairs_to_map(node: &mut Node, notes: &mut Notes) {
    let Kind::List(items) = &mut node.kind else {
        return;
    };
    let mut map = Map::new();
    for item in std::mem::take(items) {
        let text = item.as_text().unwrap_or_default();
        let Some((key, value)) = text.split_once('=') else {
            notes.problem(
                item.at,
                format!("`{text}` has no value"),
                "expected KEY=VALUE",
            );
            continue;
        };
        let entry = Entry {
            key_at: item.at,
            value: Node::text(value, item.at),
        };
        map.insert(key.to_owned(), entry);
    }
    node.kind = Kind::Map(map);
}

fn ssh(node: &mut Node, notes: &mut Notes) {
    for item in node.items() {
        let text = item.as_text().unwrap_or_default();
        if text != "default" && !text.contains('=') {
            notes.problem(
                item.at,
                format!("`{text}` is no SSH key"),
                "expected `default` or ID=PATH",
            );
        }
    }
}

fn dependencies(node: &mut Node) {
    map_from(node, &dependency);
    for entry in node.as_map_mut().into_iter().flat_map(Map::values_mut) {
        let value = &mut entry.value;
        if value.get("required").is_none() {
            let at = value.at;
            value.set("required", Node::new(Kind::Bool(true), at), at);
        }
    }
}

fn env_files(node: &mut Node) {
    to_list(node);
    for file in node.as_list_mut().into_iter().flatten() {
        if file.as_text().is_some() {
            wrap(file, "path");
        }
    }
}

fn gpus(node: &mut Node) {
    if node.as_text().is_some() {
        let at = node.at;
        wrap(node, "count");
        *node = Node::new(Kind::List(vec![std::mem::take(node)]), at);
    }
}

fn device(node: &mut Node, notes: &mut Notes) {
    let Some(text) = node.as_text() else { return };
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target) = match parts.as_slice() {
        [source] => (*source, ""),
        [source, target] | [source, target, _] => (*source, *target),
        _ => {
            let message = format!("`{text}` is no device");
            notes.problem(node.at, message, "expected SOURCE:TARGET:PERMISSIONS");
            return;
        }
    };
    let target = if target.is_empty() { source } else { target };
    let at = node.at;
    let mut device = Node::new(Kind::Map(Map::new()), at);
    device.set("source", Node::text(source, at), at);
    device.set("target", Node::text(target, at), at);
    *node = device;
}

/// `external: {name: x}` is old, and still honoured.
fn external(resource: &mut Node, notes: &mut Notes) {
    let Some(Kind::Map(old)) = resource.get("external").map(|external| &external.kind) else {
        return;
    };
    let old = old.get("name").cloned();
    let at = resource
        .get("external")
        .map(|external| external.at)
        .unwrap_or_default();
    resource.set("external", Node::new(Kind::Bool(true), at), at);
    let Some(old) = old else { return };
    notes.warn("`external.name` is old; write `name` and `external: true`");
    match resource.get("name") {
        None => resource.set("name", old.value, old.key_at),
        Some(name) if *name != old.value => {
            let diagnostic = Diagnostic::new(
                "`name` and `external.name` differ",
                notes.place(old.value.at),
            )
            .label("expected one name")
            .related(notes.place(name.at), "the other one")
            .help("keep `name`, and write `external: true`");
            notes.push(diagnostic);
        }
        Some(_) => {}
    }
}
