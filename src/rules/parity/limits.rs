//! Limits of services, which may be in a field of the service or below its `deploy`.

use std::collections::BTreeMap;

use super::Facts;
use crate::compose::At;
use crate::fields::limits;

/// Where a limit is below `deploy`: `services.web.mem_limit`.
fn in_deploy(what: &str) -> Option<String> {
    let (service, field) = what.rsplit_once('.')?;
    service
        .strip_prefix("services.")
        .filter(|name| !name.contains(".deploy."))?;
    let (_, deploy) = limits().find(|(own, _)| *own == field)?;
    Some(format!("{service}.{deploy}"))
}

/// The field of a service that a limit below `deploy` may be written in as well.
fn own_field(what: &str) -> Option<String> {
    limits().find_map(|(own, deploy)| {
        let service = what.strip_suffix(deploy)?.strip_suffix('.')?;
        service.strip_prefix("services.")?;
        Some(format!("{service}.{own}"))
    })
}

/// The other names of a limit below `deploy`: the field of the service, and the limit as specs have it.
pub(super) fn other_names(what: &str) -> Vec<String> {
    let in_specs = what
        .split_once(".deploy.resources.limits.")
        .map(|(service, limit)| format!("{service}.limits.{limit}"));
    own_field(what).into_iter().chain(in_specs).collect()
}

/// A limit that one of two environments has below `deploy` is compared there, whichever field the other one has it in.
pub(super) fn unite_limits(ours: &mut Facts, theirs: &mut Facts) {
    let keys = ours.known.keys().chain(theirs.known.keys());
    let limits: BTreeMap<String, String> = keys
        .filter_map(|what| Some((what.clone(), in_deploy(what)?)))
        .collect();
    for (own, deploy) in limits {
        if !ours.known.contains_key(&deploy) && !theirs.known.contains_key(&deploy) {
            continue;
        }
        for facts in [&mut *ours, &mut *theirs] {
            for fact in facts.known.remove(&own).unwrap_or_default() {
                facts.insert(deploy.clone(), fact);
            }
        }
    }
}

/// Whether a mapping has something besides the limits that a field of the service may set as well.
pub(super) fn has_own(what: &str, at: At<'_>) -> bool {
    at.entries().any(|(key, at)| {
        let what = format!("{what}.{key}");
        if at.is_mapping() {
            has_own(&what, at)
        } else {
            own_field(&what).is_none()
        }
    })
}
