//! What the project's containers mount.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use serde_json::{Value, json};

use super::Comparer;
use super::services::Pair;
use crate::finding::{Code, Finding, Severity};
use crate::state::{LiveMount, Mount, MountKind};

/// Where Docker Desktop shows the folders of its machine.
const DESKTOP_ROOT: &str = "/host_mnt";

impl Comparer<'_> {
    /// Compares the mounts of a service with those of a container.
    pub(super) fn mounts(&mut self, pair: Pair<'_>) {
        let Pair {
            name,
            service,
            container,
            ..
        } = pair;
        if self.is_unset(&format!("services.{name}.volumes")) {
            return;
        }
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
                    self.mount(pair, wanted, is);
                }
                // Memory is among the mounts of some engines only.
                None if wanted.kind == MountKind::Tmpfs
                    && container.config.tmpfs.contains(&wanted.target) => {}
                None => unmet.push(wanted),
            }
        }
        let memory: HashSet<&String> = service.config.tmpfs.iter().collect();
        let extra = container
            .mounts
            .iter()
            .filter(|is| !met.contains(is.target.as_str()) && !is_filled_in(is))
            .filter(|is| !memory.contains(&is.target));
        let mut extra = Extra::of(extra);
        for wanted in unmet {
            let moved = extra.take(self.sources(pair, wanted));
            let message = match moved {
                Some(is) => format!(
                    "service `{name}` mounts `{}` at `{}`, not at `{}`",
                    shown(wanted),
                    is.target,
                    wanted.target
                ),
                None => format!("service `{name}` mounts nothing at `{}`", wanted.target),
            };
            let finding = match moved {
                Some(is) => mount_finding(
                    pair,
                    message,
                    "target",
                    json!(wanted.target),
                    json!(is.target),
                ),
                None => mount_finding(pair, message, "source", json!(shown(wanted)), Value::Null),
            };
            self.note(finding);
        }
        let extra = extra.rest();
        if !service.mounts_of.is_empty() && !extra.is_empty() {
            self.cannot_check(
                format!("what `{}` mounts besides", container.name),
                format!("it is of the container {}", service.mounts_of.join(", ")),
            );
            return;
        }
        for is in extra {
            let source = is.source.as_deref().unwrap_or("memory");
            let message = format!(
                "service `{name}` mounts `{source}` at `{}`, which is not in the file",
                is.target
            );
            let finding = mount_finding(pair, message, "source", Value::Null, json!(source));
            self.note(finding);
        }
    }

    /// Whether a volume of the file is mounted nowhere in the container.
    pub(super) fn has_lost_a_volume(&self, pair: Pair<'_>) -> bool {
        let wanted = pair.service.mounts.iter();
        let mut wanted = wanted.filter(|mount| mount.kind == MountKind::Volume);
        let mounted = pair.container.mounts.iter();
        let mounted = mounted.filter(|is| is.kind == MountKind::Volume);
        let mounted: HashSet<&str> = mounted.filter_map(|is| is.source.as_deref()).collect();
        wanted.any(|mount| {
            let name = self.on_engine(mount);
            name.is_some_and(|name| !mounted.contains(name))
        })
    }

    fn mount(&mut self, pair: Pair<'_>, wanted: &Mount, is: &LiveMount) {
        let (name, target) = (pair.name, &wanted.target);
        if wanted.kind != is.kind {
            let message = format!("service `{name}` mounts another kind of thing at `{target}`");
            let finding = mount_finding(pair, message, "type", json!(wanted.kind), json!(is.kind));
            self.note(finding);
        } else if !self.is_same_source(pair, wanted, is) {
            let source = is.source.as_deref().unwrap_or_default();
            let message = format!(
                "service `{name}` mounts `{source}` at `{target}`, not `{}`",
                shown(wanted)
            );
            let finding = mount_finding(
                pair,
                message,
                "source",
                json!(self.on_engine(wanted)),
                json!(source),
            );
            self.note(finding);
        }
        if wanted.read_only != is.read_only {
            let may = if is.read_only { "cannot" } else { "can" };
            let message = format!("service `{name}` {may} write to what it mounts at `{target}`");
            let finding = mount_finding(
                pair,
                message,
                "read_only",
                json!(wanted.read_only),
                json!(is.read_only),
            );
            self.note(finding);
        }
    }

    /// What a mount's source is called on the engine; nothing where the engine chooses.
    fn on_engine<'b>(&'b self, mount: &'b Mount) -> Option<&'b str> {
        let source = mount.source.as_deref()?;
        match mount.kind {
            MountKind::Volume => Some(
                self.expected
                    .volumes
                    .get(source)
                    .map_or(source, |volume| volume.name.as_str()),
            ),
            _ => Some(source),
        }
    }

    /// A path below the folder here, below the folder that Compose was started in on the host.
    fn there(&self, pair: Pair<'_>, path: &str) -> Option<String> {
        let below = path.strip_prefix(self.context.directory.as_deref()?)?;
        let folder = pair.container.working_dir.as_deref()?;
        (below.is_empty() || below.starts_with('/')).then(|| format!("{folder}{below}"))
    }

    fn is_same_source(&self, pair: Pair<'_>, wanted: &Mount, is: &LiveMount) -> bool {
        self.sources(pair, wanted).iter().any(|source| {
            let of = sources_of(is);
            of.into_iter().flatten().any(|own| own == *source)
        })
    }

    /// What a mount may be of.
    fn sources(&self, pair: Pair<'_>, wanted: &Mount) -> Vec<Source> {
        let kind = wanted.kind;
        match (kind, self.on_engine(wanted)) {
            (MountKind::Volume, None) => vec![(kind, Origin::Nobody)],
            (MountKind::Tmpfs, _) | (_, None) => vec![(kind, Origin::Anybody)],
            (MountKind::Bind, Some(wanted)) => {
                let there = self.there(pair, wanted);
                let there = there.map(|path| Origin::Named(bare(&path).to_owned()));
                let here = Origin::Named(bare(wanted).to_owned());
                let all = std::iter::once(here).chain(there);
                all.map(|origin| (kind, origin)).collect()
            }
            (_, Some(wanted)) => vec![(kind, Origin::Named(wanted.to_owned()))],
        }
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
fn sources_of(is: &LiveMount) -> [Option<Source>; 3] {
    let source = is.source.as_deref().unwrap_or_default();
    let source = match is.kind {
        MountKind::Bind => bare(source),
        _ => source,
    };
    let nobody = is.kind == MountKind::Volume && is.is_anonymous();
    [
        Some((is.kind, Origin::Named(source.to_owned()))),
        Some((is.kind, Origin::Anybody)),
        nobody.then_some((is.kind, Origin::Nobody)),
    ]
}

/// The mounts of a container that are not the file's, by what they are of.
struct Extra<'a> {
    mounts: Vec<Option<&'a LiveMount>>,
    by_source: HashMap<Source, VecDeque<usize>>,
}

impl<'a> Extra<'a> {
    fn of(extra: impl Iterator<Item = &'a LiveMount>) -> Self {
        let mounts: Vec<_> = extra.map(Some).collect();
        let mut by_source: HashMap<_, VecDeque<usize>> = HashMap::new();
        for (at, is) in mounts.iter().enumerate() {
            for source in is.iter().flat_map(|is| sources_of(is)).flatten() {
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

fn mount_finding(
    pair: Pair<'_>,
    message: String,
    field: &str,
    expected: Value,
    observed: Value,
) -> Finding {
    Finding::new(Code::MountChanged, Severity::Drift, pair.name, message)
        .field(field, expected, observed)
        .cause(pair.cause)
        .after_up(pair.after_up)
        .help(pair.remedy())
}

/// A path of the host without what only says where Docker Desktop keeps it.
fn bare(path: &str) -> &str {
    let path = path.strip_prefix(DESKTOP_ROOT).unwrap_or(path);
    path.trim_end_matches('/')
}

fn shown(mount: &Mount) -> &str {
    mount.source.as_deref().unwrap_or(match mount.kind {
        MountKind::Tmpfs => "memory",
        _ => "an anonymous volume",
    })
}

/// Whether a mount is one that no file asks for: an image's own volume, or memory.
fn is_filled_in(mount: &LiveMount) -> bool {
    match mount.kind {
        MountKind::Volume => mount.is_anonymous(),
        // Podman adds memory where a read-only root would be in the way.
        MountKind::Tmpfs => matches!(
            mount.target.as_str(),
            "/run" | "/tmp" | "/var/tmp" | "/dev/shm"
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::drift::{Context, compare};
    use crate::state::{
        Container, Live, LiveMount, Mount, MountKind, Service, State, Unused, VERSION,
    };

    fn state(service: Service, live: Option<Live>) -> State {
        State {
            version: VERSION,
            project: "p".into(),
            networks: BTreeMap::new(),
            volumes: BTreeMap::new(),
            services: [("web".to_owned(), service)].into(),
            unset: BTreeMap::new(),
            unused: Unused::default(),
            salt: None,
            live,
        }
    }

    /// The fields that differ where a file asks for `wanted` and a container has `is`.
    fn differences(wanted: &str, is: &str, context: &Context) -> Vec<String> {
        let expected = Service {
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
        let live = Live {
            containers: vec![container],
            ..Live::default()
        };
        let observed = state(Service::default(), Some(live));
        let found = compare(&state(expected, None), &observed, context);
        found
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
    fn docker_desktop_keeps_folders_elsewhere() {
        let context = Context::default();
        assert!(differences("/Users/me/conf", "/host_mnt/Users/me/conf", &context).is_empty());
        assert_eq!(
            differences("/Users/me/conf", "/host_mnt/Users/you/conf", &context),
            ["source"]
        );
    }
}
