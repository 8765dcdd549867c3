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
        let one = differs(message, "source", expected, observed);
        differences.push(of_whole(one, Some(is), states));
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
mod tests;
