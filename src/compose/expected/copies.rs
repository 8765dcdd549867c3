//! The secrets and configs that Compose copies into containers: those whose content is in the file
//! or in a variable (docker/compose, `pkg/compose/secrets.go`).

use std::collections::{BTreeMap, BTreeSet};

use super::mounts::{FOLDERS, is_copied, target};
use super::{Reader, filled};
use crate::compose::tree::Node;
use crate::orchestrator::Orchestrator;
use crate::redact::Sensitive;
use crate::state::Copied;

/// The secrets and configs of a service whose content is in the file or in a variable.
#[derive(Default)]
pub(super) struct Copies {
    /// What is copied, sorted by target.
    pub(super) copied: Vec<Copied>,
    /// The paths in the file of those that are empty, which Compose leaves out.
    pub(super) empty: BTreeSet<String>,
}

/// What is copied into the containers of a service.
pub(super) fn read(reader: &mut Reader<'_>, service: &Node) -> Copies {
    // On the same target, the one that is copied last wins.
    let mut copies = BTreeMap::new();
    let mut empty = BTreeSet::new();
    if reader.loader.orchestrator == Orchestrator::Swarm {
        return Copies::default();
    }
    for (section, folder) in FOLDERS {
        for item in service.get(section).map(Node::items).unwrap_or_default() {
            let Some(one) = copied(reader, section, folder, item) else {
                continue;
            };
            if one.digest.as_ref() == Some(&Sensitive::digest("")) {
                empty.insert(one.path);
            } else {
                copies.insert(one.target.clone(), one);
            }
        }
    }
    Copies {
        copied: copies.into_values().collect(),
        empty,
    }
}

fn copied(reader: &mut Reader<'_>, section: &str, folder: &str, item: &Node) -> Option<Copied> {
    let name = item.get("source").and_then(Node::as_text)?;
    let root = reader.root;
    let declared = root.get(section)?.get(name)?;
    if !is_copied(declared) || !reader.all_known(item) {
        return None;
    }
    let path = format!("{section}.{name}");
    let content = content(reader, &path, declared);
    let number = |reader: &mut Reader<'_>, key: &str| reader.whole(item.get(key));
    Some(Copied {
        target: target(folder, name, item),
        digest: content.map(Sensitive::digest),
        mode: number(reader, "mode").and_then(|mode| u32::try_from(mode).ok()),
        uid: number(reader, "uid").and_then(|uid| u64::try_from(uid).ok()),
        gid: number(reader, "gid").and_then(|gid| u64::try_from(gid).ok()),
        path,
    })
}

/// The content of a secret or config; nothing where it is not known here.
fn content(reader: &mut Reader<'_>, path: &str, declared: &Node) -> Option<String> {
    let Some(variable) = filled(reader.known(declared.field("environment"))) else {
        return reader.known(declared.field("content"));
    };
    let value = reader.context.variables.get(&variable);
    if value.is_none() && reader.keeps() {
        reader.note(&format!("{path}.environment"), &[variable]);
    }
    value.map(str::to_owned)
}
