//! Files of the host that are bound into the project's containers.

use std::collections::HashMap;

use serde_json::Value;

use super::coverage::CoverageTracker;
use super::difference::Difference;
use super::pair::Pair;
use super::states::States;
use super::unchecked::looked_at;
use crate::finding::{Code, Severity};
use crate::pattern;
use crate::redact::HIDDEN;
use crate::state::{Content, FileKind, Mount, MountKind};
use crate::text::plural::first_of;

/// How many files a finding names.
const NAMED: usize = 5;

/// Files that programs write themselves, so that their age says nothing.
const WRITTEN: &[&str] = &[
    "*.db", "*.sqlite", "*.sqlite3", "*.log", "*.pid", "*.lock", "*/acme.json", "*history",
    "/var/log/*", "/var/lib/*", "/var/run/*", "/run/*", "/tmp/*",
];

/// The files that were changed after the container was started: the process may have read what was
/// there before.
pub(super) fn newer(pair: Pair<'_>, coverage: &mut CoverageTracker) -> Vec<Difference> {
    let mut differences = Vec::new();
    if !pair.container.is_running() {
        return differences;
    }
    for (mount, is, content) in bound(pair) {
        let target = mount.target.as_str();
        if let Some(why) = &content.unread {
            coverage.unchecked(
                format!("whether `{target}` of service `{}` was changed", pair.name),
                why.clone(),
            );
            continue;
        }
        let mut written = WRITTEN.iter();
        let is_written = !is.is_read_only() && written.any(|known| pattern::matches(known, target));
        if content.kind == FileKind::File && !is_written {
            differences.extend(changed(pair, target, content));
        }
    }
    differences
}

fn changed(pair: Pair<'_>, target: &str, content: &Content) -> Option<Difference> {
    let time = |text: &str| text.parse::<jiff::Timestamp>().ok();
    let (modified, started) = (content.modified.as_deref()?, &pair.container.started);
    if time(modified)? <= time(started)? {
        return None;
    }
    let name = pair.name;
    let message = format!(
        "`{target}` of service `{name}` changed after its container was started, so the old content may still be in use"
    );
    Some(
        Difference::new(Code::MountNewer, name, message)
            .severity(Severity::Notice)
            .values("modified", Value::Null, modified)
            .subject(target)
            .container(&pair.container.name)
            .at(&["services", name, "mounts", target, "modified"]),
    )
}

/// Compares what bound files hold with the files here, where those were read.
pub(super) fn contents(
    pair: Pair<'_>,
    states: &States<'_>,
    coverage: &mut CoverageTracker,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    let bound: HashMap<&str, _> = bound(pair)
        .map(|(mount, is, content)| (mount.target.as_str(), (is, content)))
        .collect();
    for (target, wanted) in &pair.service.bound {
        let known = bound.get(target.as_str()).copied();
        let mut note = |why: &str| {
            coverage.unchecked(
                format!("the content of `{target}` of service `{}`", pair.name),
                why.to_owned(),
            );
        };
        let whys = [Some(wanted), known.map(|(_, content)| content)];
        for why in whys
            .into_iter()
            .flatten()
            .filter_map(|one| one.unread.as_deref())
        {
            note(why);
        }
        match known {
            _ if !wanted.is_known() => {}
            Some((is, content)) if content.is_read() => {
                differences.extend(differs(pair, target, wanted, content, is.is_read_only()));
            }
            Some((_, content)) if content.unread.is_none() => {
                note(&looked_at(states, "--content"));
            }
            None if is_mounted(pair, target) => note(&looked_at(states, "--content")),
            // That it is not mounted is found elsewhere.
            _ => {}
        }
    }
    differences
}

fn is_mounted(pair: Pair<'_>, target: &str) -> bool {
    pair.container
        .mounts
        .iter()
        .any(|is| is.kind == MountKind::Bind && is.target == target)
}

/// What differs between the files here and those in a container. What the container can write may
/// have changed there, and is more than what is here.
fn differs(
    pair: Pair<'_>,
    target: &str,
    wanted: &Content,
    is: &Content,
    is_read_only: bool,
) -> Option<Difference> {
    // Beyond the limit of one side, nothing is known of the other's.
    let is_whole = wanted.unread.is_none() && is.unread.is_none();
    let mut differing: Vec<String> = Vec::new();
    if wanted.kind == is.kind {
        for (path, digest) in &wanted.files {
            match is.files.get(path) {
                Some(other) if other == digest => {}
                Some(_) if path.is_empty() => differing.push("the content differs".to_owned()),
                Some(_) => differing.push(format!("`{path}` differs")),
                None if is_whole => differing.push(format!("`{path}` is missing")),
                None => {}
            }
        }
        let more = is
            .files
            .keys()
            .filter(|path| !wanted.files.contains_key(*path));
        if is_whole && is_read_only {
            differing.extend(more.map(|path| format!("`{path}` is not here")));
        }
    } else {
        let (wanted, is) = (wanted.kind.described(), is.kind.described());
        differing.push(format!("it is {is}, and {wanted} here"));
    }
    if differing.is_empty() {
        return None;
    }
    let differing = first_of(differing, NAMED);
    let name = pair.name;
    let severity = if is_read_only {
        Severity::Drift
    } else {
        Severity::Notice
    };
    let message = format!(
        "what is bound at `{target}` of service `{name}` differs from the files here: {}",
        differing.join(", ")
    );
    Some(
        Difference::new(Code::MountContent, name, message)
            .severity(severity)
            .values("content", HIDDEN, HIDDEN)
            .subject(target)
            .container(&pair.container.name)
            .at(&["services", name, "mounts", target, "content"]),
    )
}

/// The bind mounts of the file that the container has, with what was read of each.
fn bound(pair: Pair<'_>) -> impl Iterator<Item = (&Mount, &Mount, &Content)> {
    let own: HashMap<&str, &Mount> = pair
        .container
        .mounts
        .iter()
        .filter(|is| is.kind == MountKind::Bind)
        .map(|is| (is.target.as_str(), is))
        .collect();
    let mounts = pair
        .service
        .mounts
        .iter()
        .filter(|mount| mount.kind == MountKind::Bind);
    mounts.filter_map(move |mount| {
        let is = own.get(mount.target.as_str())?;
        Some((mount, *is, pair.container.contents.get(&mount.target)?))
    })
}
