//! What the project's containers mount.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use serde_json::{Value, json};

use super::coverage::CoverageTracker;
use super::difference::Difference;
use super::mount::{difference, in_memory, mount, severity};
use super::pair::Pair;
use super::sources::{Source, on_engine, shown, sources, sources_of};
use super::states::States;
use crate::state::{Mount, MountKind};

/// Compares the mounts of a service with those of a container.
pub(super) fn mounts(
    pair: Pair<'_>,
    states: &States<'_>,
    coverage: &mut CoverageTracker,
) -> Vec<Difference> {
    let Pair {
        name,
        service,
        container,
    } = pair;
    if states.is_unset("services", name, "volumes") {
        return Vec::new();
    }
    let mut differences = Vec::new();
    let mut met: BTreeSet<&str> = BTreeSet::new();
    let mut unmet: Vec<&Mount> = Vec::new();
    let mut by_target: HashMap<&str, &Mount> = HashMap::new();
    for is in &container.mounts {
        by_target.entry(&is.target).or_insert(is);
    }
    for wanted in &service.mounts {
        match by_target.get(wanted.target.as_str()).copied() {
            Some(is) => {
                met.insert(&is.target);
                differences.extend(mount(pair, (wanted, is), states, coverage));
            }
            // Memory is among the mounts of some engines only.
            None => match in_memory(wanted, container) {
                Some(is) => {
                    differences.extend(mount(pair, (wanted, &is), states, coverage));
                }
                None => unmet.push(wanted),
            },
        }
    }
    let memory: HashSet<&String> = service.config.fields.map("tmpfs").keys().collect();
    let extra = container.mounts.iter().filter(|is| {
        !met.contains(is.target.as_str())
            && !is_filled_in(is, states)
            && !memory.contains(&is.target)
    });
    let mut extra = Extra::of(extra, states);
    for wanted in unmet {
        let target = wanted.target.as_str();
        let source = shown(wanted);
        let moved = extra.take(sources(pair, wanted, states));
        let (message, field, expected, observed) = if let Some(is) = moved {
            let message = format!(
                "service `{name}` mounts `{source}` at `{}` instead of `{target}`",
                is.target
            );
            (message, "target", target, json!(is.target))
        } else {
            let message = format!("service `{name}` does not mount `{source}` at `{target}`");
            (message, "source", source, Value::Null)
        };
        let expected = json!(expected);
        differences.push(difference(pair, message, target, field, expected, observed));
    }
    let extra = extra.rest();
    if !service.mounts_of.is_empty() && !extra.is_empty() {
        coverage.unchecked(
            format!("what else `{}` mounts", container.name),
            format!(
                "it has the mounts of the container {}",
                service.mounts_of.join(", ")
            ),
        );
        return differences;
    }
    for is in extra {
        let source = is.source.as_deref().unwrap_or("memory");
        let target = is.target.as_str();
        let message = format!(
            "service `{name}` mounts `{source}` at `{target}`, which is not in the Compose file"
        );
        let observed = json!(source);
        differences.push(
            difference(pair, message, target, "source", Value::Null, observed)
                .severity(severity(is, states)),
        );
    }
    differences
}

/// Whether a volume of the file is mounted nowhere in the container.
pub(super) fn has_lost_a_volume(pair: Pair<'_>, states: &States<'_>) -> bool {
    let volumes = |is: &&Mount| is.kind == MountKind::Volume;
    let mounted: HashSet<&str> = pair
        .container
        .mounts
        .iter()
        .filter(volumes)
        .filter_map(|is| is.source.as_deref())
        .collect();
    pair.service
        .mounts
        .iter()
        .filter(|mount| mount.kind == MountKind::Volume)
        .filter_map(|mount| on_engine(mount, states))
        .any(|name| !mounted.contains(name))
}

/// The mounts of a container that are not the file's, by what they are of.
struct Extra<'a> {
    mounts: Vec<Option<&'a Mount>>,
    by_source: HashMap<Source, VecDeque<usize>>,
}

impl<'a> Extra<'a> {
    fn of(extra: impl Iterator<Item = &'a Mount>, states: &States<'_>) -> Self {
        let mounts: Vec<_> = extra.map(Some).collect();
        let mut by_source: HashMap<_, VecDeque<usize>> = HashMap::new();
        for (at, is) in mounts.iter().enumerate() {
            for source in is.iter().flat_map(|is| sources_of(is, states)).flatten() {
                by_source.entry(source).or_default().push_back(at);
            }
        }
        Self { mounts, by_source }
    }

    /// Takes the first one out that is of one of these.
    fn take(&mut self, sources: Vec<Source>) -> Option<&'a Mount> {
        let mut first: Option<usize> = None;
        for source in sources {
            let Some(known) = self.by_source.get_mut(&source) else {
                continue;
            };
            // Those that are gone are not looked at again.
            while let Some(at) = known.front().copied() {
                if self.mounts.get(at).is_some_and(Option::is_some) {
                    first = Some(first.map_or(at, |first| first.min(at)));
                    break;
                }
                known.pop_front();
            }
        }
        self.mounts.get_mut(first?)?.take()
    }

    fn rest(self) -> Vec<&'a Mount> {
        self.mounts.into_iter().flatten().collect()
    }
}

/// Whether a mount is one that no file asks for: an image's own volume, or memory.
fn is_filled_in(mount: &Mount, states: &States<'_>) -> bool {
    match mount.kind {
        MountKind::Volume => mount.is_anonymous(),
        MountKind::Tmpfs => states.live.habits.tmpfs.contains(&mount.target.as_str()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::drift::Context;
    use crate::drift::testing::{compared, fields, file, running, web};
    use crate::fields::{Value, Values};
    use crate::state::{Container, Mount, MountKind, Service};

    fn read_only() -> Values {
        [("read_only", Value::Flag(true))].into_iter().collect()
    }

    /// The fields that differ where a file asks for `wanted` and a container has `is`.
    fn differences(wanted: &str, is: &str, context: &Context) -> Vec<String> {
        let service = Service {
            mounts: vec![Mount {
                target: "/conf".into(),
                kind: MountKind::Bind,
                source: Some(wanted.into()),
                fields: read_only(),
            }],
            ..Service::default()
        };
        let container = Container {
            working_dir: Some("/srv/app".into()),
            mounts: vec![Mount {
                target: "/conf".into(),
                kind: MountKind::Bind,
                source: Some(is.into()),
                fields: read_only(),
            }],
            ..web()
        };
        let mut live = running([container]);
        live.habits.host_root = "/host_mnt";
        let compared = compared(&file(service), live, context);
        fields(&compared).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_relative_path_starts_where_compose_was_started() {
        let context = Context {
            directory: Some("/home/me/generated".into()),
            ..Context::default()
        };
        let here = "/home/me/generated/conf";
        assert!(differences(here, "/srv/app/conf", &context).is_empty());
        assert_eq!(differences(here, "/srv/other/conf", &context), ["source"]);
        assert_eq!(
            differences("/home/me/generated-2/conf", "/srv/app-2/conf", &context),
            ["source"]
        );
        assert_eq!(
            differences(here, "/srv/app/conf", &Context::default()),
            ["source"]
        );
    }

    #[test]
    fn docker_desktop_shows_folders_below_another() {
        let context = Context::default();
        assert!(differences("/Users/me/conf", "/host_mnt/Users/me/conf", &context).is_empty());
        assert_eq!(
            differences("/Users/me/conf", "/host_mnt/Users/you/conf", &context),
            ["source"]
        );
    }
}
