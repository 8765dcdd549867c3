//! How a mount of a service differs from that of a container at its target.

use serde_json::{Value, json};

use super::coverage::{CoverageTracker, NOT_SHOWN_BY_ENGINE};
use super::difference::Difference;
use super::forms::{Sides, opens};
use super::pair::Pair;
use super::sources::{bare, described, is_same_source, on_engine, why_unknown};
use super::states::States;
use super::table::{Rules, differing, is_known_default};
use crate::fields::{self, Field, FieldDifference, Form, MOUNT, octal};
use crate::finding::Code;
use crate::redact::Sensitive;
use crate::state::{Container, Mount, MountKind};
use crate::text::host_path;

/// How two mounts at one target differ.
pub(super) fn mount(
    pair: Pair<'_>,
    wanted: &Mount,
    is: &Mount,
    states: &States<'_>,
    coverage: &mut CoverageTracker,
) -> Vec<Difference> {
    let (name, target) = (pair.name, wanted.target.as_str());
    let mut differences = Vec::new();
    let differs = |message: String, field: &str, expected: Value, observed: Value| {
        let one = difference(pair, message, target, field, expected, observed);
        one.exposure_if(exposes(is, states))
    };
    if wanted.kind != is.kind {
        let message = format!(
            "type of the mount at `{target}` of service `{name}` differs: expected {}, found {}",
            wanted.kind.as_str(),
            is.kind.as_str()
        );
        let one = differs(message, "type", json!(wanted.kind), json!(is.kind));
        differences.push(of_whole(one, Some(is), states));
    } else if let Some(why) = why_unknown(wanted, is, states) {
        let what = format!("the source of the mount at `{target}` of service `{name}`");
        coverage.unchecked(what, why);
    } else if !is_same_source(pair, wanted, is, states) {
        let message = format!(
            "service `{name}` mounts {} at `{target}` instead of {}",
            described(is),
            described(wanted)
        );
        let expected = json!(on_engine(wanted, states));
        let observed = json!(is.source.as_deref().unwrap_or_default());
        differences.push(differs(message, "source", expected, observed));
    }
    // The options of another type are not a difference of their own.
    let applies = |field: &Field| wanted.kind.has(field.path) && is.kind.has(field.path);
    for field in MOUNT.iter().filter(|field| applies(field)) {
        count(field, pair, wanted, is, states, coverage);
    }
    let sides = Sides {
        wanted: &wanted.fields,
        is: &is.fields,
    };
    for (field, one) in differing(MOUNT, sides, &FilledMount { is, states }) {
        let is_shown = is.fields.get(field.path).is_some();
        if !applies(field) || !is_shown && states.why_not(field.path).is_some() {
            continue;
        }
        // Compose gives a new container the anonymous volume of the old one by its name, without these options, which
        // only matter when a volume is created (docker/compose, `pkg/compose/create.go`, `buildContainerMountOptions`).
        if wanted.source.is_none() && field.path.starts_with("volume.") && !is_shown {
            continue;
        }
        let message = match field.path {
            "read_only" => can_write(name, target, is),
            _ => one.message(&format!("the mount at `{target}` of service `{name}`")),
        };
        differences.push(of_field(pair, message, target, field, one));
    }
    differences
}

/// Counts an option of a mount as compared or not.
fn count(
    field: &Field,
    pair: Pair<'_>,
    wanted: &Mount,
    is: &Mount,
    states: &States<'_>,
    coverage: &mut CoverageTracker,
) {
    let is_set = wanted.fields.get(field.path).is_some();
    let is_shown = is.fields.get(field.path).is_some();
    if let Some(why) = states.why_not(field.path).filter(|_| !is_shown) {
        // What an engine does not support nobody has set.
        if is_set || why == NOT_SHOWN_BY_ENGINE {
            let of = if is_set {
                format!(
                    "the mount at `{}` of service `{}`",
                    wanted.target, pair.name
                )
            } else {
                "mounts that do not set it".to_owned()
            };
            let what = format!("`{}` of {of}", field.path);
            coverage.unchecked(what, why);
            coverage.count(false);
        }
    } else {
        coverage.count(true);
    }
}

/// A difference of the mount at a place in the container.
pub(super) fn difference(
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

/// A difference of a whole mount: what the container has there, if anything, as a state has it.
pub(super) fn of_whole(
    mut difference: Difference,
    is: Option<&Mount>,
    states: &States<'_>,
) -> Difference {
    difference.place.pop();
    difference.whole = is.map(|is| json!(in_file(is, states)));
    difference
}

/// A mount of a container as a file would have it.
fn in_file(is: &Mount, states: &States<'_>) -> Mount {
    let source = is.source.as_deref().filter(|_| !is.is_anonymous());
    let project = states.expected.project.as_str();
    let key = source.and_then(|name| {
        let of_file = states.index.volume_keys(name).first().copied();
        of_file.or_else(|| {
            let origin = states.index.volume(name)?.origin.as_ref()?;
            origin
                .key
                .as_deref()
                .filter(|_| origin.owner() == Some(project))
        })
    });
    let source = match is.kind {
        MountKind::Tmpfs => None,
        MountKind::Volume => key.or(source),
        _ => source,
    };
    let mut fields = is.fields.clone();
    // What every mount has is not written.
    fields.retain(|path| {
        let field = MOUNT.iter().find(|field| field.path == path);
        let value = is.fields.get(path);
        !field
            .zip(value)
            .is_some_and(|(field, value)| is_known_default(field, value))
    });
    Mount {
        source: source.map(str::to_owned),
        fields,
        ..is.clone()
    }
}

fn of_field(
    pair: Pair<'_>,
    message: String,
    target: &str,
    field: &Field,
    one: FieldDifference,
) -> Difference {
    Difference::new(Code::MountChanged, pair.name, message)
        .exposure_if(opens(field, &one.expected, &one.observed))
        .container(&pair.container.name)
        .of(&["services", pair.name, "mounts", target], field, one)
}

fn can_write(name: &str, target: &str, is: &Mount) -> String {
    let (can, expected) = if is.is_read_only() {
        ("cannot", "writable")
    } else {
        ("can", "read-only")
    };
    format!("service `{name}` {can} write to the mount at `{target}`; expected it to be {expected}")
}

/// Whether a mount that the file does not have exposes the host.
pub(super) fn exposes(is: &Mount, states: &States<'_>) -> bool {
    let source = is.source.as_deref().unwrap_or_default();
    let path = match bare(source, states) {
        "" => "/",
        path => path,
    };
    let propagation = is.fields.text("bind.propagation");
    is.kind == MountKind::Bind
        && (host_path::exposes(path, is.is_read_only())
            || propagation.is_some_and(fields::is_shared))
}

/// What an engine makes of a mount.
struct FilledMount<'a> {
    is: &'a Mount,
    states: &'a States<'a>,
}

impl FilledMount<'_> {
    /// Whether what is mounted has the engine's own data in it, or is part of them: Docker then never
    /// keeps mounts from the container (moby, `validateBindDaemonRoot`).
    fn is_of_engine(&self) -> bool {
        let source = self.is.source.as_deref().unwrap_or_default();
        let root = self.states.live.engine.root.as_deref();
        root.is_none_or(|root| source.starts_with(root) || root.starts_with(source))
    }
}

impl Rules for FilledMount<'_> {
    fn is_default(&self, field: &Field, value: &fields::Value) -> bool {
        let is_slave = || match value {
            fields::Value::Text(text) => text.revealed() == "rslave",
            _ => false,
        };
        is_known_default(field, value)
            || field.form == Form::Propagation && is_slave() && self.is_of_engine()
    }

    /// The engine gives anonymous volumes this label (moby, `volume/service/service.go`).
    fn is_made_up(&self, field: &Field, key: &str, _value: &Sensitive) -> bool {
        field.path == "volume.labels" && key == "com.docker.volume.anonymous"
    }
}

/// The mount of memory that a container has as an option of its own.
pub(super) fn in_memory(wanted: &Mount, container: &Container) -> Option<Mount> {
    let directories = container.config.fields.map("tmpfs");
    let options = directories
        .get(&wanted.target)?
        .as_ref()
        .map(Sensitive::revealed)
        .unwrap_or_default();
    (wanted.kind == MountKind::Tmpfs).then(|| Mount {
        target: wanted.target.clone(),
        kind: MountKind::Tmpfs,
        source: None,
        fields: options.split(',').filter_map(option).collect(),
    })
}

/// A field of a mount of memory, from an option of mount(8).
fn option(option: &str) -> Option<(&'static str, fields::Value)> {
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    match name {
        "ro" => Some(("read_only", fields::Value::Flag(true))),
        "size" => {
            let bytes = bytes(value).filter(|bytes| *bytes != 0)?;
            Some(("tmpfs.size", fields::Value::Number(bytes)))
        }
        "mode" => {
            let mode = octal(i64::from_str_radix(value, 8).ok()?)?;
            Some(("tmpfs.mode", fields::Value::Text(Sensitive::public(mode))))
        }
        _ => None,
    }
}

/// An amount of memory with a unit of one letter, as the kernel reads it.
fn bytes(text: &str) -> Option<i64> {
    let (digits, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(end) => text.split_at_checked(end)?,
        None => (text, ""),
    };
    let shift = match unit.to_ascii_lowercase().as_str() {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        _ => return None,
    };
    digits.parse::<i64>().ok()?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::{bytes, option};
    use crate::drift::Context;
    use crate::drift::testing::{self, file, web};
    use crate::fields::Value;
    use crate::finding::Severity;
    use crate::redact::Sensitive;
    use crate::state::{Config, Container, Live, Mount, MountKind, Service};

    fn text(text: &str) -> Value {
        Value::Text(Sensitive::public(text))
    }

    fn bind(source: &str, fields: &[(&'static str, Value)]) -> Mount {
        Mount {
            target: "/m".into(),
            kind: MountKind::Bind,
            source: Some(source.into()),
            fields: fields.iter().cloned().collect(),
        }
    }

    /// What is found, with its severity, and how much is not compared.
    fn compared(wanted: &[Mount], container: Container, live: Live) -> (Vec<String>, usize) {
        let service = Service {
            mounts: wanted.to_vec(),
            ..Service::default()
        };
        let live = Live {
            containers: vec![container],
            ..live
        };
        let comparison = testing::compared(&file(service), live, &Context::default());
        let findings = comparison.findings.into_iter().map(|finding| {
            let is_exposure = finding.severity == Severity::Exposure;
            let severity = if is_exposure { "exposure" } else { "drift" };
            format!("{severity} {}", finding.field.unwrap_or_default())
        });
        let about_fields = |what: &str| what.contains("of the mount at");
        let unchecked = comparison
            .unchecked
            .iter()
            .filter(|one| about_fields(&one.what))
            .count();
        (findings.collect(), unchecked)
    }

    fn found(wanted: &[Mount], is: &Mount) -> Vec<String> {
        let container = Container {
            mounts: vec![is.clone()],
            ..web()
        };
        let mut live = Live::default();
        live.engine.root = Some("/var/lib/docker".into());
        compared(wanted, container, live).0
    }

    #[test]
    fn what_gives_access_to_the_host_is_an_exposure() {
        let read_only = [("read_only", Value::Flag(true))];
        let shared = [("bind.propagation", text("rshared"))];
        let data = bind("/srv/data", &[]);
        for (wanted, is, expected) in [
            (vec![], bind("/srv/data", &[]), "drift source"),
            (vec![], bind("/etc", &[]), "exposure source"),
            (vec![], bind("/", &read_only), "exposure source"),
            (vec![], bind("/var/run/docker.sock", &[]), "exposure source"),
            (vec![], bind("/etc/localtime", &read_only), "drift source"),
            (vec![], bind("/srv/data", &shared), "exposure source"),
            (vec![data.clone()], bind("/root", &[]), "exposure source"),
            (
                vec![data.clone()],
                bind("/srv/data", &shared),
                "exposure bind.propagation",
            ),
            (
                vec![bind("/srv/data", &shared)],
                data.clone(),
                "drift bind.propagation",
            ),
            (
                vec![bind("/srv/data", &read_only)],
                data.clone(),
                "exposure read_only",
            ),
            (
                vec![data.clone()],
                bind("/srv/data", &read_only),
                "drift read_only",
            ),
        ] {
            assert_eq!(found(&wanted, &is), [expected], "{wanted:?} {is:?}");
        }
    }

    #[test]
    fn what_the_engine_fills_in_is_not_a_difference() {
        let propagates = |source, word| bind(source, &[("bind.propagation", text(word))]);
        let nothing: [&str; 0] = [];
        for (source, word) in [
            ("/srv", "rprivate"),
            // The engine's own data are in it.
            ("/var", "rslave"),
            ("/", "rslave"),
        ] {
            let found = found(&[bind(source, &[])], &propagates(source, word));
            assert_eq!(found, nothing, "{source}");
        }
        let found = found(&[bind("/srv", &[])], &propagates("/srv", "rslave"));
        assert_eq!(found, ["drift bind.propagation"]);
    }

    #[test]
    fn what_the_engine_does_not_show_is_not_compared() {
        let subpath = [("volume.subpath", text("s"))];
        let volume = |fields| Mount {
            kind: MountKind::Volume,
            ..bind("data", fields)
        };
        let of = |wanted, is, hidden: &'static [&str]| {
            let container = Container {
                mounts: vec![volume(is)],
                ..web()
            };
            let mut live = Live::default();
            live.dialect.hidden = hidden;
            compared(&[volume(wanted)], container, live)
        };
        assert_eq!(of(&subpath, &[], &["volume.subpath"]), (vec![], 1));
        let found = vec!["drift volume.subpath".to_owned()];
        assert_eq!(of(&[], &subpath, &["volume.subpath"]), (found.clone(), 0));
        assert_eq!(of(&subpath, &[], &[]), (found, 0));
    }

    #[test]
    fn an_anonymous_volume_that_compose_took_over_has_no_options() {
        let volume = |source: Option<&str>, fields: &[_]| Mount {
            kind: MountKind::Volume,
            source: source.map(str::to_owned),
            ..bind("", fields)
        };
        let nocopy = [("volume.nocopy", Value::Flag(true))];
        let digits = "ab".repeat(32);
        let nothing: [&str; 0] = [];
        let is = volume(Some(&digits), &[]);
        assert_eq!(found(&[volume(None, &nocopy)], &is), nothing);
        assert_eq!(
            found(&[volume(None, &[])], &volume(Some(&digits), &nocopy)),
            ["drift volume.nocopy"]
        );
        assert_eq!(
            found(&[volume(Some("data"), &nocopy)], &volume(Some("data"), &[])),
            ["drift volume.nocopy"]
        );
        let read_only = [("read_only", Value::Flag(true))];
        assert_eq!(
            found(&[volume(None, &read_only)], &is),
            ["exposure read_only"]
        );
    }

    #[test]
    fn memory_is_compared_where_the_engine_has_it_as_an_option() {
        let memory = |fields: &[_]| Mount {
            kind: MountKind::Tmpfs,
            source: None,
            ..bind("", fields)
        };
        let options = [("/m".to_owned(), Some(Sensitive::public("size=1m,mode=0")))];
        let of = |wanted| {
            let fields = [("tmpfs", Value::Map(options.clone().into()))];
            let container = Container {
                config: Config {
                    fields: fields.into_iter().collect(),
                    ..Config::default()
                },
                ..web()
            };
            compared(&[memory(wanted)], container, Live::default()).0
        };
        let nothing: [&str; 0] = [];
        assert_eq!(of(&[("tmpfs.size", Value::Number(1 << 20))]), nothing);
        assert_eq!(
            of(&[("tmpfs.size", Value::Number(2 << 20))]),
            ["drift tmpfs.size"]
        );
        assert_eq!(of(&[("tmpfs.mode", text("1770"))]).len(), 2);
    }

    #[test]
    fn options_of_memory() {
        assert_eq!(option("mode=1770"), Some(("tmpfs.mode", text("1770"))));
        assert_eq!(option("ro"), Some(("read_only", Value::Flag(true))));
        assert_eq!(option("noexec"), None);
        for (text, expected) in [
            ("4096", Some(4096)),
            ("64k", Some(65536)),
            ("1G", Some(1 << 30)),
            ("50%", None),
            ("", None),
            ("99999999999999999g", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
    }
}
