//! How long services do not answer, in words.

use serde::Serialize;

use super::planner::Planner;
use super::{Action, Rule};
use crate::finding::ResourceKind;
use crate::state::{COMPLETED, HEALTHY};

/// A service that does not answer for a while, or any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Downtime {
    /// The service.
    pub service: String,
    /// How long.
    pub how_long: String,
}

impl Downtime {
    /// The services that were up and are not for a while.
    pub(super) fn of(planner: &Planner<'_>) -> Vec<Self> {
        planner
            .order
            .services
            .iter()
            .filter_map(|name| {
                Some(Self {
                    service: (*name).to_owned(),
                    how_long: how_long(planner, name)?,
                })
            })
            .collect()
    }
}

fn how_long(planner: &Planner<'_>, name: &str) -> Option<String> {
    let containers = planner.own.get(name)?;
    let up = containers.iter().filter(|one| one.is_running()).count();
    if up == 0 {
        return None;
    }
    let own = planner.plan.operations.iter().filter(|one| {
        one.kind == ResourceKind::Service && one.resource == name && one.rule != Some(Rule::Orphan)
    });
    let down = own.filter(|one| {
        matches!(one.action, Action::Recreate | Action::Stop | Action::Remove)
            && containers
                .iter()
                .any(|container| one.container.as_ref() == Some(&container.name))
    });
    let mut names: Vec<&str> = down.filter_map(|one| one.container.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return None;
    }
    if !planner.failed.is_empty() || planner.plan.is_refused || planner.plan.is_blocked(name) {
        return Some("until what fails is fixed and `up` is run again".to_owned());
    }
    if planner.replicas(name) == 0 {
        return Some("for good: scaled to 0".to_owned());
    }
    if names.len() < up {
        return Some(format!(
            "not down: {} of its {up} containers keep running",
            up - names.len()
        ));
    }
    let needs = planner.service(name).map(|service| &service.depends_on);
    let waits: Vec<String> = needs
        .into_iter()
        .flatten()
        .filter(|(need, _)| planner.order.contains(need))
        .filter_map(|(need, condition)| match condition.as_str() {
            HEALTHY => Some(format!("`{need}` is healthy")),
            COMPLETED => Some(format!("`{need}` has completed")),
            _ => None,
        })
        .collect();
    Some(if waits.is_empty() {
        "until all containers are recreated, then it starts".to_owned()
    } else {
        format!(
            "until all containers are recreated and {}, then it starts",
            waits.join(" and ")
        )
    })
}
