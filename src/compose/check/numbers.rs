//! Limits, numbers of containers, and targets of mounts: fields that mean the same have to agree.

use std::collections::BTreeMap;

use crate::compose::notes::Notes;
use crate::compose::quantities::bytes;
use crate::compose::tree::{Kind, Mark, Node};
use crate::diagnostic::Diagnostic;
use crate::fields::{self, tmpfs_entry};

/// A limit that is set in two places has to be the same in both.
pub(super) fn limits(name: &str, service: &Node, notes: &mut Notes) {
    for (own, deploy) in fields::limits() {
        let mut keys = deploy.split('.');
        let deployed = keys.next_back().unwrap_or_default();
        let part = keys.try_fold(service, |at, key| at.field(key));
        let (Some(field), Some(part)) = (service.field(own), part) else {
            continue;
        };
        let other = part.field(deployed);
        if field.unset.is_some() || other.is_some_and(|other| other.unset.is_some()) {
            continue;
        }
        let number = |node: Option<&Node>| node.map_or(0.0, |node| amount(node, deployed));
        let (own_number, other_number) = (number(Some(field)), number(other));
        if own_number != 0.0 && own_number.to_bits() != other_number.to_bits() {
            let diagnostic = Diagnostic::new(
                format!("`{own}` and `deploy.resources` of `services.{name}` differ"),
                notes.place(field.at),
            )
            .label("expected the same limit in both")
            .related(notes.place(other.unwrap_or(part).at), "the other one");
            notes.push(diagnostic);
        }
    }
}

/// A limit as Compose compares it: fractions in 32 bits.
fn amount(node: &Node, what: &str) -> f64 {
    let text = node.scalar().unwrap_or_default();
    if what == "memory" {
        // A fraction of a byte counts as 0.
        if matches!(node.kind, Kind::Float(_)) {
            return 0.0;
        }
        #[allow(clippy::cast_precision_loss, reason = "as Compose compares them")]
        return bytes(&text).unwrap_or(0) as f64;
    }
    #[allow(
        clippy::cast_possible_truncation,
        reason = "Compose has 32 bits for it"
    )]
    let number = text.parse::<f64>().unwrap_or(0.0) as f32;
    f64::from(number)
}

fn whole(node: Option<&Node>) -> Option<(i128, &Node)> {
    match node?.kind {
        Kind::Int(number) => Some((number.get(), node?)),
        _ => None,
    }
}

/// How many containers a service has. A stack has no names of containers, and no `scale`.
pub(super) fn scale(service: &Node, is_stack: bool, notes: &mut Notes) {
    let scale = whole(service.get("scale"));
    let replicas = whole(service.dig(&["deploy", "replicas"]));
    if let (Some((scale, at)), Some((replicas, other))) = (scale, replicas)
        && !is_stack
        && scale != replicas
    {
        let diagnostic =
            Diagnostic::new("`scale` and `deploy.replicas` differ", notes.place(at.at))
                .label("expected the same number in both")
                .related(notes.place(other.at), "the other one");
        notes.push(diagnostic);
    }
    for (number, at) in [scale, replicas].into_iter().flatten() {
        if number < 0 {
            notes.problem(
                at.at,
                format!("the number of containers cannot be {number}"),
                "expected at least 0",
            );
        }
    }
    if let Some((number, at)) = scale.or(replicas)
        && number > 1
        && !is_stack
        && service.text_of("container_name").is_some()
        && let Some(name) = service.get("container_name")
    {
        let diagnostic = Diagnostic::new(
            "several containers cannot share one `container_name`",
            notes.place(name.at),
        )
        .label("expected no `container_name`")
        .related(notes.place(at.at), "more than one container");
        notes.push(diagnostic);
    }
}

/// No path has two mounts.
pub(super) fn targets(service: &Node, notes: &mut Notes) {
    let mut taken: BTreeMap<&str, Mark> = BTreeMap::new();
    let tmpfs = service.get("tmpfs");
    let texts = match tmpfs.map(|tmpfs| &tmpfs.kind) {
        Some(Kind::Text(_)) => tmpfs.map(std::slice::from_ref).unwrap_or_default(),
        _ => tmpfs.map(Node::items).unwrap_or_default(),
    };
    let memory = texts.iter().filter_map(|text| {
        let (target, _) = tmpfs_entry(text.as_text()?);
        Some((target, text.at))
    });
    let mounts = service
        .list("volumes")
        .iter()
        .filter_map(|mount| Some((mount.get("target")?.as_text()?, mount.at)));
    for (target, at) in memory.chain(mounts) {
        if let Some(first) = taken.get(target) {
            let diagnostic =
                Diagnostic::new(format!("`{target}` is mounted twice"), notes.place(at))
                    .label("expected a unique target")
                    .related(notes.place(*first), "also mounted here");
            notes.push(diagnostic);
        } else {
            taken.insert(target, at);
        }
    }
}
