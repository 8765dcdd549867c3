//! What no comparison of the two states can tell.

use std::collections::{BTreeMap, BTreeSet};

use super::difference::{Unchecked, UncheckedSet};
use crate::fields::NOT_SHOWN;
use crate::state::{MountKind, State};
use crate::text::plural::{counted, noun};

/// What is not compared because a variable has no value.
pub(super) fn unset(expected: &State, unchecked: &mut UncheckedSet) {
    for (path, variables) in &expected.unset {
        let why = if variables.is_empty() {
            "the file that it names cannot be read here".to_owned()
        } else {
            format!(
                "the {} {} {} no value here; set it, or use --env-file",
                noun(variables.len(), "variable", "variables"),
                variables.join(", "),
                noun(variables.len(), "has", "have")
            )
        };
        unchecked.insert(Unchecked {
            what: path.clone(),
            why,
        });
    }
}

/// What no answer of an engine shows.
pub(super) fn not_shown(expected: &State, unchecked: &mut UncheckedSet) {
    let mut note = |what: String, why: &str| {
        unchecked.insert(Unchecked {
            what,
            why: why.into(),
        });
    };
    let (mut binds, mut volumes) = (BTreeSet::new(), BTreeSet::new());
    for mount in expected
        .services
        .values()
        .flat_map(|service| &service.mounts)
    {
        let Some(source) = &mount.source else {
            continue;
        };
        match mount.kind {
            MountKind::Bind => binds.insert(source),
            MountKind::Volume => volumes.insert(source),
            _ => continue,
        };
    }
    let services = expected.services.values();
    let copies: usize = services.map(|service| service.copies.len()).sum();
    if copies > 0 {
        let copies = counted(
            copies,
            "inline config or secret",
            "inline configs and secrets",
        );
        let what = format!("the content of {copies}");
        note(what, "an engine does not show what files hold");
    }
    if !binds.is_empty() {
        let binds = counted(binds.len(), "bind mount", "bind mounts");
        let what = format!("the content of {binds}");
        note(what, "an engine does not show what files hold");
    }
    if !volumes.is_empty() {
        let what = format!(
            "the data in {}",
            counted(volumes.len(), "volume", "volumes")
        );
        note(what, "an engine does not show what volumes hold");
    }
    let mut not_compared: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, service) in &expected.services {
        for key in &service.not_shown {
            not_compared.entry(key).or_default().push(name);
        }
    }
    for (key, why) in NOT_SHOWN {
        if let Some(services) = not_compared.get(key) {
            let whose = match services.as_slice() {
                [one] => format!("service `{one}`"),
                more => counted(more.len(), "service", "services"),
            };
            note(format!("`{key}` of {whose}"), why);
        }
    }
}
