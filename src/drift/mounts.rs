//! What the project's containers mount.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use serde_json::{Value, json};

use super::coverage::CoverageTracker;
use super::difference::Difference;
use super::mount::{difference, exposes, in_memory, mount, of_whole};
use super::pair::Pair;
use super::sources::{MountSource, described, on_engine, shown, sources, sources_of};
use super::states::States;
use crate::state::{Mount, MountKind, Service};

/// Compares the mounts of a service with those of a container.
pub(super) fn mounts(
    pair: Pair<'_>,
    states: &States<'_>,
    coverage: &mut CoverageTracker,
) -> Vec<Difference> {
    let Pair {
        service, container, ..
    } = pair;
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
                differences.extend(mount(pair, wanted, is, states, coverage));
            }
            // Memory is among the mounts of some engines only.
            None => match in_memory(wanted, container) {
                Some(is) => {
                    differences.extend(mount(pair, wanted, &is, states, coverage));
                }
                None => unmet.push(wanted),
            },
        }
    }
    let memory: HashSet<&String> = service.config.fields.map("tmpfs").keys().collect();
    let not_known: HashSet<&String> = service.unset_mounts.iter().flatten().collect();
    let extra = container.mounts.iter().filter(|is| {
        !met.contains(is.target.as_str())
            && !memory.contains(&is.target)
            && !not_known.contains(&is.target)
            && !is_filled_in(is, pair, states, coverage)
    });
    let mut extra = Extra::of(extra, states);
    differences.extend(unmet.into_iter().map(|wanted| {
        let moved = extra.take(sources(pair, wanted, states));
        missing(pair, wanted, moved, states)
    }));
    let extra = extra.rest();
    if let Some(why) = why_unknown(service).filter(|_| !extra.is_empty()) {
        coverage.unchecked(format!("what else `{}` mounts", container.name), why);
    } else {
        differences.extend(extra.into_iter().map(|is| undeclared(pair, is, states)));
    }
    differences
}

/// A mount of the file that the container does not have, or has at the target of `moved`.
fn missing(
    pair: Pair<'_>,
    wanted: &Mount,
    moved: Option<&Mount>,
    states: &States<'_>,
) -> Difference {
    let (name, target) = (pair.name, wanted.target.as_str());
    let source = described(wanted);
    if let Some(is) = moved {
        let message = format!(
            "service `{name}` mounts {source} at `{}` instead of `{target}`",
            is.target
        );
        let (expected, observed) = (json!(target), json!(is.target));
        return difference(pair, message, target, "target", expected, observed);
    }
    let message = format!("service `{name}` does not mount {source} at `{target}`");
    let expected = json!(shown(wanted));
    let difference = difference(pair, message, target, "source", expected, Value::Null);
    of_whole(difference, None, states)
}

/// A mount of the container that is not in the file.
fn undeclared(pair: Pair<'_>, is: &Mount, states: &States<'_>) -> Difference {
    let (name, source, target) = (pair.name, described(is), is.target.as_str());
    let message =
        format!("service `{name}` mounts {source} at `{target}`, which is not in the Compose file");
    let observed = json!(shown(is));
    let difference = difference(pair, message, target, "source", Value::Null, observed);
    of_whole(difference, Some(is), states).exposure_if(exposes(is, states))
}

/// Why it is not known whether a service has more mounts than its file says.
fn why_unknown(service: &Service) -> Option<String> {
    if service.unset_mounts.contains(&None) {
        return Some("what the service mounts depends on a variable without a value".to_owned());
    }
    let others = service.mounts_of.join(", ");
    (!others.is_empty()).then(|| format!("it has the mounts of the container {others}"))
}

/// Whether a volume of the file is mounted nowhere in the container.
pub(super) fn lost_volumes<'a>(pair: Pair<'a>, states: &States<'_>) -> Vec<&'a str> {
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
        .filter(|mount| on_engine(mount, states).is_some_and(|name| !mounted.contains(name)))
        .filter_map(|mount| mount.source.as_deref())
        .filter(|key| !states.is_unset("volumes", key, "name"))
        .collect()
}

/// The mounts of a container that are not the file's, by what they are of.
struct Extra<'a> {
    mounts: Vec<Option<&'a Mount>>,
    by_source: HashMap<MountSource, VecDeque<usize>>,
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
    fn take(&mut self, sources: Vec<MountSource>) -> Option<&'a Mount> {
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

/// Whether a mount is one that no file asks for: a volume of the image or of a service whose mounts it has
/// as well, or memory. Where that is not known, it is not compared.
fn is_filled_in(
    mount: &Mount,
    pair: Pair<'_>,
    states: &States<'_>,
    coverage: &mut CoverageTracker,
) -> bool {
    match mount.kind {
        MountKind::Volume if mount.is_anonymous() => {
            let has = has_volume(mount, pair, states);
            if has.is_none() {
                let (target, container) = (&mount.target, &pair.container.name);
                coverage.unchecked(
                    format!("the anonymous volume at `{target}` of `{container}`"),
                    "the image or the container that may have it is not known",
                );
            }
            has != Some(false)
        }
        MountKind::Tmpfs => {
            let is_set = |path: &&str| mount.fields.get(path).is_some();
            states.is_given_tmpfs(pair, &mount.target)
                && !["tmpfs.size", "tmpfs.mode"].iter().any(is_set)
        }
        _ => false,
    }
}

/// Whether the image of a container, or a service whose mounts it has as well, has an anonymous volume,
/// where that is known.
fn has_volume(mount: &Mount, pair: Pair<'_>, states: &States<'_>) -> Option<bool> {
    let image = states.live.image_volumes.get(&pair.container.image_id);
    let from = || pair.service.mounts_from.iter();
    let has = image.is_some_and(|places| places.contains(&mount.target))
        || from().any(|service| states.index.shares(service, mount));
    let is_known =
        image.is_some() && from().all(|service| !states.index.containers(service).is_empty());
    (has || is_known).then_some(has)
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
        live.dialect.host_root = "/host_mnt";
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

    fn volume(target: &str, source: Option<&str>) -> Mount {
        Mount {
            target: target.into(),
            kind: MountKind::Volume,
            source: source.map(str::to_owned),
            fields: Values::default(),
        }
    }

    /// What is found, and whether something is not compared, where a container has an anonymous
    /// volume at `/data`.
    fn with_anonymous(service: Service, image: Option<&str>, of_db: &str) -> (Vec<String>, bool) {
        let id = "ab".repeat(32);
        let container = Container {
            mounts: vec![volume("/data", Some(&id))],
            ..web()
        };
        let db = Container {
            id: "bb".into(),
            name: "p-db-1".into(),
            service: Some("db".into()),
            mounts: vec![volume(of_db, Some(&id))],
            ..web()
        };
        let mut live = running([container, db]);
        let places = image.map(|place| ("sha256:1".to_owned(), [place.to_owned()].into()));
        live.image_volumes = places.into_iter().collect();
        let mut expected = file(service);
        expected.services.insert("db".into(), Service::default());
        let compared = compared(&expected, live, &Context::default());
        let is_listed = compared
            .unchecked
            .iter()
            .any(|one| one.what.contains("at `/data` of `p-web-1`"));
        let found = compared
            .findings
            .iter()
            .filter(|finding| finding.resource == "web")
            .map(|finding| finding.code.as_str().to_owned());
        (found.collect(), is_listed)
    }

    #[test]
    fn an_anonymous_volume_is_of_the_file_or_of_an_image() {
        let own = Service::default;
        let in_file = || Service {
            mounts: vec![volume("/data", None)],
            ..own()
        };
        let from_db = || Service {
            mounts_from: ["db".to_owned()].into(),
            ..own()
        };
        for (service, image, of_db, is_found, is_listed) in [
            (own(), Some("/data"), "/data", false, false),
            (own(), Some("/other"), "/data", true, false),
            (own(), None, "/data", false, true),
            (in_file(), Some("/other"), "/data", false, false),
            (from_db(), Some("/other"), "/data", false, false),
            (from_db(), Some("/other"), "/other", true, false),
            (from_db(), None, "/other", false, true),
        ] {
            let found = with_anonymous(service, image, of_db);
            let expected = if is_found {
                vec!["mount-changed".to_owned()]
            } else {
                vec![]
            };
            assert_eq!(found, (expected, is_listed), "{image:?} {of_db}");
        }
    }

    #[test]
    fn what_depends_on_a_variable_without_a_value_is_not_compared() {
        let container = || Container {
            mounts: vec![volume("/one", Some("a")), volume("/two", Some("b"))],
            ..web()
        };
        let found = |unset: &[Option<&str>]| {
            let unset = unset.iter().map(|place| place.map(str::to_owned));
            let service = Service {
                unset_mounts: unset.collect(),
                ..Service::default()
            };
            let context = Context::default();
            let compared = compared(&file(service), running([container()]), &context);
            let is_listed = compared
                .unchecked
                .iter()
                .any(|one| one.what == "what else `p-web-1` mounts");
            (fields(&compared).len(), is_listed)
        };
        assert_eq!(found(&[]), (2, false));
        assert_eq!(found(&[Some("/one")]), (1, false));
        assert_eq!(found(&[None]), (0, true));
    }
}
