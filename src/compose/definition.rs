//! The digest of a definition: of a service, a network or a volume as the file writes it, whatever the
//! order of its keys.

use std::ops::Range;

use super::Document;
use super::fields::COMPARED_SECTIONS;
use super::tree::{Kind, Node};
use crate::state::DEFINITION;
use crate::text::hex::short_sha256;

/// Where a definition has its labels: those of the service itself in a stack.
const ROUTES: [&[&str]; 2] = [&["labels"], &["deploy", "labels"]];

/// How many bytes of a digest are written.
const DIGITS: usize = 16;

impl Document {
    /// Replaces the value of every label that begins at one of the `asked` bytes of the text (in
    /// ascending order) with the digest of its definition, and returns where those labels are.
    pub(crate) fn label_definitions(&mut self, asked: &[usize]) -> Vec<(Range<usize>, String)> {
        let Some(document) = self.file.documents.first_mut() else {
            return Vec::new();
        };
        let root = &mut document.root;
        let configs = root.get("configs").cloned();
        let mut labelled = Vec::new();
        for section in COMPARED_SECTIONS {
            for (_, definition) in root.section_mut(section) {
                let is_asked = |node: &Node| asked.binary_search(&node.at.range().start).is_ok();
                let label = |route: &&&[&str]| {
                    let label = definition
                        .dig(route)
                        .and_then(|labels| labels.get(DEFINITION));
                    label.is_some_and(is_asked)
                };
                let Some(route) = ROUTES.iter().find(label) else {
                    continue;
                };
                let digest = digest(definition, configs.as_ref());
                let labels = route
                    .iter()
                    .try_fold(definition, |node, key| node.get_mut(key));
                if let Some(label) = labels.and_then(|labels| labels.get_mut(DEFINITION)) {
                    labelled.push((label.at.range(), digest.clone()));
                    label.kind = Kind::Text(digest);
                }
            }
        }
        labelled.sort_by_key(|(at, _)| at.start);
        labelled
    }

    /// Where labels are that are those of digests, and begin at none of the `asked` bytes.
    pub(crate) fn other_definitions(&self, asked: &[usize]) -> Vec<Range<usize>> {
        let root = self.file.documents.first().map(|document| &document.root);
        let definitions = COMPARED_SECTIONS
            .into_iter()
            .flat_map(|section| root.into_iter().flat_map(|root| root.section(section)));
        let labels = definitions.flat_map(|(_, definition)| {
            let labels = ROUTES
                .iter()
                .filter_map(|route| definition.value.dig(route));
            labels.flat_map(|labels| {
                let items = labels.items().iter().filter(|item| {
                    let text = item.as_text().unwrap_or_default();
                    text.split('=').next() == Some(DEFINITION)
                });
                labels.get(DEFINITION).into_iter().chain(items)
            })
        });
        let starts = labels.map(|label| label.at.range());
        starts
            .filter(|at| asked.binary_search(&at.start).is_err())
            .collect()
    }
}

/// The digest of a definition and of the inline files that it uses. It begins with a letter, so
/// that no reader of YAML takes it for a number.
fn digest(definition: &Node, configs: Option<&Node>) -> String {
    let mut bytes = Vec::with_capacity(1024);
    add(&mut bytes, definition);
    let used = definition.get("configs").map(Node::items);
    for config in used.unwrap_or_default() {
        let name = config.get("source").unwrap_or(config).as_text();
        if let Some(config) = name.and_then(|name| configs?.get(name)) {
            add(&mut bytes, config);
        }
    }
    format!("sha256-{}", short_sha256(&bytes, DIGITS))
}

/// Writes a value so that no two different ones give the same bytes: kinds are marked, and texts
/// come with their length.
fn add(bytes: &mut Vec<u8>, node: &Node) {
    match &node.kind {
        Kind::List(items) => {
            bytes.push(b'l');
            count(bytes, items.len());
            for item in items {
                add(bytes, item);
            }
        }
        Kind::Map(map) => {
            bytes.push(b'm');
            count(bytes, map.len());
            for (key, entry) in map {
                text(bytes, b'k', key);
                add(bytes, &entry.value);
            }
        }
        Kind::Text(value) => text(bytes, b't', value),
        Kind::Null => bytes.push(b'n'),
        Kind::Date => bytes.push(b'd'),
        Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) => {
            text(bytes, b's', &node.scalar().unwrap_or_default());
        }
    }
}

fn text(bytes: &mut Vec<u8>, kind: u8, text: &str) {
    bytes.push(kind);
    count(bytes, text.len());
    bytes.extend(text.as_bytes());
}

/// The same bytes on every machine, however wide its words are.
fn count(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend(u64::try_from(number).unwrap_or(u64::MAX).to_le_bytes());
}
