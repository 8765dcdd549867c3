//! What was changed in the files of a container itself.

use serde_json::{Value, json};

use super::coverage::CoverageTracker;
use super::difference::Difference;
use super::pair::Pair;
use crate::finding::{Code, Severity};
use crate::state::PathChange;
use crate::text::path::is_in;
use crate::text::plural::{counted, first_of};

/// How many paths a finding names.
const NAMED: usize = 5;

/// Where programs, libraries and their settings are: no image writes there while it runs.
const FIXED: &[&str] = &[
    "/bin", "/boot", "/etc", "/lib", "/lib32", "/lib64", "/sbin", "/usr",
];

/// What was changed in a container, where that was asked for.
pub(super) fn changes(pair: Pair<'_>, coverage: &mut CoverageTracker) -> Vec<Difference> {
    let Some(changes) = &pair.container.changes else {
        return Vec::new();
    };
    let mut note = |why: String| {
        coverage.unchecked(
            format!("what was changed in container `{}`", pair.container.name),
            why,
        );
    };
    if let Some(why) = &changes.unread {
        note(why.clone());
    }
    if changes.more > 0 {
        let more = counted(changes.more, "path", "paths");
        note(format!(
            "it changed too much: {more} more changes are not examined"
        ));
    }
    let is_fixed = |path: &str| FIXED.iter().any(|fixed| is_in(path, fixed));
    [(Severity::Drift, true), (Severity::Notice, false)]
        .into_iter()
        .filter_map(|(severity, fixed)| {
            let paths: Vec<_> = changes
                .paths
                .iter()
                .filter(|(path, _)| is_fixed(path) == fixed)
                .collect();
            difference(pair, severity, &paths)
        })
        .collect()
}

fn difference(
    pair: Pair<'_>,
    severity: Severity,
    paths: &[(&String, &PathChange)],
) -> Option<Difference> {
    let (name, container) = (pair.name, &pair.container.name);
    let (first, _) = paths.first()?;
    let named = paths
        .iter()
        .map(|(path, change)| format!("{} `{path}`", change.as_str()));
    let named = first_of(named.collect(), NAMED);
    let count = counted(paths.len(), "file", "files");
    let message = format!(
        "{count} in service `{name}` changed since its container was created: {}",
        named.join(", ")
    );
    let all = paths.iter().take(NAMED).map(|(path, _)| json!(path));
    let difference = Difference::new(Code::ContainerChanged, name, message)
        .severity(severity)
        .values("changes", Value::Null, Value::Array(all.collect()))
        .subject(first.as_str())
        .container(container)
        .at(&["services", name, "changes", first]);
    Some(match severity {
        Severity::Notice => difference,
        _ => difference.by_hand(),
    })
}

#[cfg(test)]
mod tests {
    use super::{NAMED, changes};
    use crate::drift::coverage::CoverageTracker;
    use crate::drift::pair::Pair;
    use crate::drift::testing::web;
    use crate::finding::Severity;
    use crate::state::{Changes, Container, PathChange, Service};

    #[test]
    fn changes_are_grouped_by_what_they_mean() {
        let paths = (0..NAMED + 2).map(|number| (format!("/app/{number}"), PathChange::Added));
        let mut paths: std::collections::BTreeMap<_, _> = paths.collect();
        paths.insert("/etc/passwd".into(), PathChange::Modified);
        let container = Container {
            changes: Some(Changes {
                paths,
                more: 3,
                unread: None,
            }),
            ..web()
        };
        let pair = Pair {
            name: "web",
            service: &Service::default(),
            container: &container,
        };
        let mut coverage = CoverageTracker::default();
        let found = changes(pair, &mut coverage);
        let found: Vec<_> = found
            .iter()
            .map(|one| (one.severity, &*one.message))
            .collect();
        let [(first, etc), (second, app)] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!((*first, *second), (Severity::Drift, Severity::Notice));
        assert!(
            etc.ends_with("was created: modified `/etc/passwd`"),
            "{etc}"
        );
        assert!(
            app.starts_with("7 files in service `web` changed") && app.ends_with(", 2 more"),
            "{app}"
        );
        assert_eq!(coverage.into_unchecked().len(), 1);
    }
}
