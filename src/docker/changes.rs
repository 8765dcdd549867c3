//! What was changed in the files of a container itself (Engine API, `ContainerChanges`), without what
//! images and engines change there by themselves.

use std::collections::{BTreeMap, HashSet};

use super::answer::Answer;
use super::cutter::List;
use super::failure::{Failure, FailureKind};
use super::intake::{Intake, Read, Source};
use super::scope::ProjectScope;
use crate::pattern;
use crate::state::{Changes, Container, PathChange};
use crate::text::path::{is_in, upwards};

/// How many paths are kept of one container.
const MAX_PATHS: usize = 1000;
/// How long a path may be; Linux has none that is longer.
const MAX_PATH: usize = 4096;

/// What images and engines write by themselves: a directory and all below it, or a pattern.
const BY_THEMSELVES: &[&str] = &[
    // Of running programs.
    "/tmp",
    "/var/tmp",
    "/run",
    "/var/run",
    "/var/lock",
    "/var/log",
    "/var/cache",
    "/var/spool",
    "/dev",
    "/proc",
    "/sys",
    "/root/.cache",
    "/home/*/.cache/*",
    "*.pid",
    "*.pyc",
    "*/__pycache__",
    // Of those who had a look.
    "/root/.*history",
    "/root/.lesshst",
    "/root/.viminfo",
    "/home/*/.*history",
    // Of engines.
    "/etc/hosts",
    "/etc/hostname",
    "/etc/resolv.conf",
    "/etc/mtab",
    "/.dockerenv",
    "/.dockerinit",
    "/bin/docker-init",
    "/sbin/docker-init",
    "/usr/bin/docker-init",
    "/usr/sbin/docker-init",
    // Of the entrypoint of nginx, which adds a line for IPv6.
    "/etc/nginx/conf.d/default.conf",
];

/// What was changed in a container.
///
/// # Errors
/// An engine that does not answer.
pub(super) async fn read<S: Source>(
    intake: &Intake<'_, S>,
    id: &str,
) -> Result<Read<Changes>, Failure> {
    let path = format!("/containers/{id}/changes");
    let listed = intake.list(&path, List::Optional, "a changed path", change);
    let listed = match listed.await {
        Ok(listed) => listed,
        Err(failure) if failure.kind == FailureKind::Unanswered => return Err(failure),
        Err(failure) => {
            let changes = Changes {
                unread: Some(failure.why),
                ..Changes::default()
            };
            return Ok(Read {
                value: changes,
                misread: Vec::new(),
            });
        }
    };
    let mut misread = Vec::new();
    let changes = listed.into_iter().filter_map(|read| {
        misread.extend(read.misread);
        read.value
    });
    Ok(Read {
        value: by_others(changes.collect()),
        misread,
    })
}

#[allow(clippy::unnecessary_wraps, reason = "what cannot be read is noted")]
fn change(answer: &Answer<'_>) -> Result<Option<(String, PathChange)>, String> {
    let path = answer.must("Path");
    let text = path.filled();
    if text.is_some_and(|text| text.len() > MAX_PATH) {
        path.wrong("a path of 4096 bytes at most", "a longer one");
        return Ok(None);
    }
    let kind = answer.must("Kind");
    let change = match kind.number() {
        Some(0) => Some(PathChange::Modified),
        Some(1) => Some(PathChange::Added),
        Some(2) => Some(PathChange::Deleted),
        Some(_) => {
            kind.wrong("0, 1 or 2", "another number");
            None
        }
        None => None,
    };
    Ok(text.map(str::to_owned).zip(change))
}

/// The changes that no image or engine makes by itself. A directory that is only listed because of
/// what is in it is left out, even where an engine does not list that (Podman, `/etc/hosts`).
fn by_others(changes: BTreeMap<String, PathChange>) -> Changes {
    let parent = |path: &str| Some(path.rsplit_once('/')?.0.to_owned());
    let paths = changes
        .keys()
        .map(String::as_str)
        .chain(BY_THEMSELVES.iter().copied());
    let folders: HashSet<String> = paths.filter_map(parent).collect();
    let paths = changes.into_iter().filter(|(path, change)| {
        !is_by_itself(path) && (*change == PathChange::Deleted || !folders.contains(path))
    });
    Changes {
        paths: paths.collect(),
        ..Changes::default()
    }
}

fn is_by_itself(path: &str) -> bool {
    BY_THEMSELVES.iter().any(|known| {
        if known.contains('*') {
            upwards(path).any(|path| pattern::matches(known, path))
        } else {
            is_in(path, known)
        }
    })
}

/// Leaves out what is mounted or copied into a container, and the directories that an engine makes for it: those above it, and the
/// working directory. Keeps no more than a limited number of paths.
pub(super) fn settle(container: &mut Container, scope: &ProjectScope) {
    let Some(changes) = &mut container.changes else {
        return;
    };
    let service = container.service.as_ref();
    let copies = service.and_then(|name| scope.copies.get(name));
    let memory = container.config.fields.map("tmpfs").keys();
    let mounted = container.mounts.iter().map(|mount| &mount.target);
    let places: HashSet<&str> = mounted
        .chain(memory)
        .chain(copies.into_iter().flatten())
        .map(|place| place.trim_end_matches('/'))
        .collect();
    let working = container.config.fields.text("working_dir");
    let made = places.iter().copied().chain(working);
    let above: HashSet<&str> = made.flat_map(upwards).collect();
    changes.paths.retain(|path, change| {
        let is_made = *change != PathChange::Deleted && above.contains(path.as_str());
        !is_made && !upwards(path).any(|path| places.contains(path))
    });
    while changes.paths.len() > MAX_PATHS {
        changes.paths.pop_last();
        changes.more += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{BY_THEMSELVES, Changes, MAX_PATHS, ProjectScope, by_others, is_by_itself, settle};
    use crate::fields::{Value, Values};
    use crate::redact::Sensitive;
    use crate::state::{Container, Mount, MountKind, PathChange};

    fn paths(listed: &[(&str, PathChange)]) -> BTreeMap<String, PathChange> {
        listed
            .iter()
            .map(|(path, change)| ((*path).to_owned(), *change))
            .collect()
    }

    #[test]
    fn files_that_images_and_engines_write_by_themselves() {
        for path in [
            "/tmp",
            "/tmp/a/b",
            "/run/secrets/token",
            "/var/log/nginx/error.log",
            "/root/.bash_history",
            "/root/.python_history",
            "/home/me/.ash_history",
            "/home/me/.cache/pip/x",
            "/usr/lib/python3/__pycache__/os.cpython-311.pyc",
            "/srv/app.pid",
            "/etc/hosts",
            "/bin/docker-init",
        ] {
            assert!(is_by_itself(path), "{path}");
        }
        for path in [
            "/etc/x",
            "/etc/hosts.allow",
            "/etc/passwd",
            "/usr/bin/curl",
            "/tmpfile",
            "/root/.ssh/authorized_keys",
            "/root/history",
            "/app/run/x",
            "/var/lib/x",
            "/bin/docker",
        ] {
            assert!(!is_by_itself(path), "{path}");
        }
    }

    #[test]
    fn every_pattern_is_absolute_or_of_a_name() {
        for pattern in BY_THEMSELVES {
            assert!(
                pattern.starts_with('/') || pattern.starts_with('*'),
                "{pattern}"
            );
            assert!(!pattern.ends_with('/'), "{pattern}");
        }
    }

    #[test]
    fn a_directory_is_listed_for_itself_only() {
        use PathChange::{Added, Deleted, Modified};
        let changes = by_others(paths(&[
            ("/bin", Modified),
            ("/bin/docker-init", Added),
            ("/etc", Modified),
            ("/etc/new", Added),
            ("/etc/new/a", Added),
            ("/gone", Deleted),
            ("/gone/a", Deleted),
            ("/opt", Modified),
        ]));
        let expected = [
            ("/etc/new/a", Added),
            ("/gone", Deleted),
            ("/gone/a", Deleted),
            ("/opt", Modified),
        ];
        assert_eq!(changes.paths, paths(&expected));
    }

    #[test]
    fn a_mounted_or_copied_file_is_not_a_change() {
        use PathChange::{Added, Deleted, Modified};
        let mut container = Container {
            service: Some("web".into()),
            mounts: vec![Mount {
                target: "/data/sub".into(),
                kind: MountKind::Volume,
                source: Some("v".into()),
                fields: Values::default(),
            }],
            ..Container::default()
        };
        let work = Value::Text(Sensitive::public("/srv/work"));
        container.config.fields.insert("working_dir", work);
        let scope = ProjectScope {
            copies: [("web".to_owned(), ["/etc/inline".to_owned()].into())].into(),
            ..ProjectScope::default()
        };
        let mut settled = |changes: Changes| {
            container.changes = Some(changes);
            settle(&mut container, &scope);
            container.changes.take().unwrap()
        };
        let mut changes = by_others(paths(&[
            ("/data/sub/x", Added),
            ("/data/other", Added),
            ("/data/sub", Added),
            ("/etc/inline", Added),
            ("/etc/inline2", Modified),
            ("/srv/work", Added),
        ]));
        let below = paths(&[("/srv/work/x", Added)]);
        assert_eq!(settled(by_others(below.clone())).paths, below);
        changes.paths.insert("/data".into(), Deleted);
        let expected = [
            ("/data", Deleted),
            ("/data/other", Added),
            ("/etc/inline2", Modified),
        ];
        assert_eq!(settled(changes).paths, paths(&expected));
        let many = Changes {
            paths: (0..=MAX_PATHS)
                .map(|n| (format!("/a/{n:05}"), Added))
                .collect(),
            ..Changes::default()
        };
        let changes = settled(many);
        assert_eq!((changes.paths.len(), changes.more), (MAX_PATHS, 1));
    }
}
