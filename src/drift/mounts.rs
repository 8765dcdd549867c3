//! What the project's containers mount.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use serde_json::{Value, json};

use super::difference::{Difference, Unchecked, UncheckedSet};
use super::pair::Pair;
use super::states::States;
use crate::finding::Code;
use crate::state::{LiveMount, Mount, MountKind};

/// Compares the mounts of a service with those of a container.
pub(super) fn mounts(
    pair: Pair<'_>,
    states: &States<'_>,
    unchecked: &mut UncheckedSet,
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
    let mut by_target: HashMap<&str, &LiveMount> = HashMap::new();
    for is in &container.mounts {
        by_target.entry(&is.target).or_insert(is);
    }
    for wanted in &service.mounts {
        match by_target.get(wanted.target.as_str()).copied() {
            Some(is) => {
                met.insert(&is.target);
                differences.extend(mount(pair, wanted, is, states));
            }
            // Memory is among the mounts of some engines only.
            None if wanted.kind == MountKind::Tmpfs
                && container
                    .config
                    .fields
                    .map("tmpfs")
                    .contains_key(&wanted.target) => {}
            None => unmet.push(wanted),
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
        unchecked.insert(Unchecked {
            what: format!("what else `{}` mounts", container.name),
            why: format!(
                "it has the mounts of the container {}",
                service.mounts_of.join(", ")
            ),
        });
        return differences;
    }
    for is in extra {
        let source = is.source.as_deref().unwrap_or("memory");
        let target = is.target.as_str();
        let message = format!(
            "service `{name}` mounts `{source}` at `{target}`, which is not in the Compose file"
        );
        differences.push(difference(
            pair,
            message,
            target,
            "source",
            Value::Null,
            json!(source),
        ));
    }
    differences
}

/// Whether a volume of the file is mounted nowhere in the container.
pub(super) fn has_lost_a_volume(pair: Pair<'_>, states: &States<'_>) -> bool {
    let volumes = |is: &&LiveMount| is.kind == MountKind::Volume;
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

fn mount(pair: Pair<'_>, wanted: &Mount, is: &LiveMount, states: &States<'_>) -> Vec<Difference> {
    let (name, target) = (pair.name, wanted.target.as_str());
    let mut differences = Vec::new();
    let mut differs = |message: String, field: &str, expected: Value, observed: Value| {
        differences.push(difference(pair, message, target, field, expected, observed));
    };
    let (wanted_source, is_source) = (shown(wanted), is.source.as_deref().unwrap_or("memory"));
    if wanted.kind != is.kind {
        let message = format!(
            "type of the mount at `{target}` of service `{name}` differs: expected {}, found {}",
            wanted.kind.as_str(),
            is.kind.as_str()
        );
        differs(message, "type", json!(wanted.kind), json!(is.kind));
    } else if !is_same_source(pair, wanted, is, states) {
        let message = format!(
            "service `{name}` mounts `{is_source}` at `{target}` instead of `{wanted_source}`"
        );
        let expected = json!(on_engine(wanted, states));
        let observed = json!(is.source.as_deref().unwrap_or_default());
        differs(message, "source", expected, observed);
    }
    if wanted.read_only != is.read_only {
        let (can, expected) = if is.read_only {
            ("cannot", "writable")
        } else {
            ("can", "read-only")
        };
        let message = format!(
            "service `{name}` {can} write to the mount at `{target}`; expected it to be {expected}"
        );
        let (expected, observed) = (json!(wanted.read_only), json!(is.read_only));
        differs(message, "read_only", expected, observed);
    }
    differences
}

/// What a mount's source is called on the engine; `None` where the engine chooses.
fn on_engine<'a>(mount: &'a Mount, states: &States<'a>) -> Option<&'a str> {
    let source = mount.source.as_deref()?;
    let volume = states
        .expected
        .volumes
        .get(source)
        .filter(|_| mount.kind == MountKind::Volume);
    Some(volume.map_or(source, |volume| volume.name.as_str()))
}

/// A path below the folder here, below the folder that Compose was started in on the host.
fn there(pair: Pair<'_>, path: &str, states: &States<'_>) -> Option<String> {
    let below = path.strip_prefix(states.context.directory.as_deref()?)?;
    let folder = pair.container.working_dir.as_deref()?;
    (below.is_empty() || below.starts_with('/')).then(|| format!("{folder}{below}"))
}

fn is_same_source(pair: Pair<'_>, wanted: &Mount, is: &LiveMount, states: &States<'_>) -> bool {
    let of = sources_of(is, states);
    sources(pair, wanted, states)
        .iter()
        .any(|source| of.iter().flatten().any(|own| own == source))
}

/// What a mount may be of.
fn sources(pair: Pair<'_>, wanted: &Mount, states: &States<'_>) -> Vec<Source> {
    let kind = wanted.kind;
    match (kind, on_engine(wanted, states)) {
        (MountKind::Volume, None) => vec![(kind, Origin::Nobody)],
        (MountKind::Tmpfs, _) | (_, None) => vec![(kind, Origin::Anybody)],
        (MountKind::Bind, Some(wanted)) => {
            let there = there(pair, wanted, states);
            std::iter::once(wanted)
                .chain(there.as_deref())
                .map(|path| (kind, Origin::Named(bare(path, states).to_owned())))
                .collect()
        }
        (_, Some(wanted)) => vec![(kind, Origin::Named(wanted.to_owned()))],
    }
}

/// What is mounted: its kind, and where it is from.
type Source = (MountKind, Origin);

/// Where something that is mounted is from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Origin {
    /// From anywhere.
    Anybody,
    /// A volume that the engine named.
    Nobody,
    /// A path or a volume.
    Named(String),
}

/// What a mount of a container is looked for by.
fn sources_of(is: &LiveMount, states: &States<'_>) -> [Option<Source>; 3] {
    let source = is.source.as_deref().unwrap_or_default();
    let source = match is.kind {
        MountKind::Bind => bare(source, states),
        _ => source,
    };
    [
        Some((is.kind, Origin::Named(source.to_owned()))),
        Some((is.kind, Origin::Anybody)),
        is.is_anonymous().then_some((is.kind, Origin::Nobody)),
    ]
}

/// The mounts of a container that are not the file's, by what they are of.
struct Extra<'a> {
    mounts: Vec<Option<&'a LiveMount>>,
    by_source: HashMap<Source, VecDeque<usize>>,
}

impl<'a> Extra<'a> {
    fn of(extra: impl Iterator<Item = &'a LiveMount>, states: &States<'_>) -> Self {
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
    fn take(&mut self, sources: Vec<Source>) -> Option<&'a LiveMount> {
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

    fn rest(self) -> Vec<&'a LiveMount> {
        self.mounts.into_iter().flatten().collect()
    }
}

/// A difference of the mount at a place in the container.
fn difference(
    pair: Pair<'_>,
    message: String,
    target: &str,
    field: &str,
    expected: Value,
    observed: Value,
) -> Difference {
    Difference::new(Code::MountChanged, pair.name, message)
        .values(field, expected, observed)
        .container(&pair.container.name)
        .at(&["services", pair.name, "mounts", target, field])
}

/// A path of the host without the folder below which the engine's machine shows it.
fn bare<'a>(path: &'a str, states: &States<'_>) -> &'a str {
    let path = path
        .strip_prefix(states.live.habits.host_root)
        .unwrap_or(path);
    path.trim_end_matches('/')
}

fn shown(mount: &Mount) -> &str {
    mount.source.as_deref().unwrap_or(match mount.kind {
        MountKind::Tmpfs => "memory",
        _ => "an anonymous volume",
    })
}

/// Whether a mount is one that no file asks for: an image's own volume, or memory.
fn is_filled_in(mount: &LiveMount, states: &States<'_>) -> bool {
    match mount.kind {
        MountKind::Volume => mount.is_anonymous(),
        MountKind::Tmpfs => states.live.habits.tmpfs.contains(&mount.target.as_str()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::drift::{Context, compare};
    use crate::state::{Container, Live, LiveMount, Mount, MountKind, Service, State};

    /// The fields that differ where a file asks for `wanted` and a container has `is`.
    fn differences(wanted: &str, is: &str, context: &Context) -> Vec<String> {
        let service = Service {
            replicas: 1,
            mounts: vec![Mount {
                target: "/conf".into(),
                kind: MountKind::Bind,
                source: Some(wanted.into()),
                read_only: true,
            }],
            ..Service::default()
        };
        let container = Container {
            name: "p-web-1".into(),
            project: Some("p".into()),
            service: Some("web".into()),
            number: Some(1),
            state: "running".into(),
            working_dir: Some("/srv/app".into()),
            mounts: vec![LiveMount {
                target: "/conf".into(),
                kind: MountKind::Bind,
                source: Some(is.into()),
                read_only: true,
            }],
            ..Container::default()
        };
        let expected = State {
            services: [("web".to_owned(), service)].into(),
            ..State::empty("p")
        };
        let mut live = Live {
            containers: vec![container],
            ..Live::default()
        };
        live.habits.host_root = "/host_mnt";
        let observed = State {
            live: Some(live),
            ..State::empty("p")
        };
        compare(&expected, &observed, context)
            .findings
            .into_iter()
            .filter_map(|finding| finding.field)
            .collect()
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
