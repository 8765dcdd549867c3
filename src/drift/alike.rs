//! Findings about the containers of a service: those that hold for all of them are one finding, and
//! the others name the container.

use std::collections::HashMap;

use super::pair::Pair;
use super::states::States;
use crate::finding::Finding;
use crate::text::plural::counted;

/// Folds what holds for every container of a service into one finding.
pub(super) fn fold<'a>(found: Vec<(Finding, Pair<'a>)>, states: &States<'_>) -> Vec<Finding> {
    let mut places = HashMap::new();
    let mut groups: Vec<(Finding, &str, Vec<&'a str>)> = Vec::new();
    for (finding, pair) in found {
        let container = pair.container.name.as_str();
        let at = *places
            .entry((pair.name, identity(&finding)))
            .or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, _, containers)) => containers.push(container),
            None => groups.push((finding, pair.name, vec![container])),
        }
    }
    let mut folded = Vec::new();
    for (finding, service, mut containers) in groups {
        containers.dedup();
        let all = states.index.containers(service).len();
        if all > 1 && containers.len() == all {
            let which = format!("all {}", counted(all, "container", "containers"));
            folded.push(Finding {
                message: of(&finding.message, &which),
                ..finding
            });
            continue;
        }
        folded.extend(containers.into_iter().map(|container| {
            let mut finding = Finding {
                container: Some(container.to_owned()),
                ..finding.clone()
            };
            if all > 1 {
                finding.message = of(&finding.message, &format!("container `{container}`"));
            }
            finding
        }));
    }
    folded
}

/// A message that says which containers it is about.
fn of(message: &str, which: &str) -> String {
    match message.strip_suffix(')') {
        Some(begin) => format!("{begin}, {which})"),
        None => format!("{message} ({which})"),
    }
}

/// What distinguishes a finding from others of the same service.
fn identity(finding: &Finding) -> String {
    let Finding {
        code,
        field,
        expected,
        observed,
        cause,
        after_up,
        message,
        help,
        subject,
        ..
    } = finding;
    format!(
        "{code:?} {field:?} {expected} {observed} {cause:?} {after_up:?} {message:?} {help:?} {subject:?}"
    )
}
