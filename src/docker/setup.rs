//! The configuration of a container, or of an image, from its inspection.

mod value;

use std::collections::BTreeSet;

use super::answer::Answer;
use super::platform;
use crate::fields::{Field, Form, SERVICE, Value, Values};
use crate::redact::Sensitive;
use crate::state::{Config, DEFINITION};
use crate::text::path::clean;

pub(super) use value::capabilities_in;
use value::{listed, value};

/// The configuration of a container.
pub(super) fn config(inspection: &Answer<'_>) -> Config {
    let mut fields = fields(inspection, SERVICE);
    if has_bare_system_paths(inspection) {
        fields.retain(|path| !matches!(path, "unmasked_paths" | "writable_paths"));
        add_system_paths(&mut fields);
    }
    add_links_of_networks(&mut fields, inspection);
    let definition = match fields.get_mut("labels") {
        Some(Value::Map(labels)) => labels.remove(DEFINITION).flatten(),
        _ => None,
    };
    if fields.map("labels").is_empty() {
        fields.take("labels");
    }
    Config {
        container_name: None,
        definition: definition.map(|definition| definition.revealed().to_owned()),
        fields,
    }
}

/// The fields of a table that are set.
pub(super) fn fields(answer: &Answer<'_>, table: &'static [Field]) -> Values {
    let mut fields = Values::default();
    for field in table {
        set(&mut fields, field, &at(answer, field));
    }
    fields
}

/// The option that leaves no path of the system masked or read-only; Docker shows only what it does.
const SYSTEM_PATHS: &str = "systempaths=unconfined";

fn has_bare_system_paths(inspection: &Answer<'_>) -> bool {
    let host = inspection.must("HostConfig");
    let is_bare = |name| {
        let paths = host.at(name);
        let is_empty = paths.items().next().is_none();
        is_empty && !paths.is_null()
    };
    // Both are read, whether or not one says enough.
    let (masked, read_only) = (is_bare("MaskedPaths"), is_bare("ReadonlyPaths"));
    masked && read_only
}

fn add_system_paths(fields: &mut Values) {
    let mut options = fields.list("security_opt").to_vec();
    options.push(SYSTEM_PATHS.to_owned());
    options.sort();
    let field = SERVICE.iter().find(|field| field.path == "security_opt");
    if let Some(field) = field {
        fields.set(field, Value::List(options));
    }
}

/// On networks other than the default one, a container is linked on each of them.
fn add_links_of_networks(fields: &mut Values, inspection: &Answer<'_>) {
    let networks = inspection.must("NetworkSettings").must("Networks");
    let mut links = fields.list("links").to_vec();
    for (_, network) in networks.entries() {
        links.extend(network.at("Links").texts());
    }
    links.sort();
    links.dedup();
    let field = SERVICE.iter().find(|field| field.path == "links");
    if let (Some(field), Some(links)) = (field, listed(links)) {
        fields.set(field, links);
    }
}

/// The fields that an image sets; what it does not set may be left out.
pub(super) fn image(inspection: &Answer<'_>) -> Values {
    let config = inspection.must("Config");
    let mut fields = Values::default();
    for field in SERVICE.iter().filter(|field| field.is_of_image) {
        if field.form == Form::Platform {
            let of_image = platform::of(inspection, ["Os", "Architecture", "Variant"]);
            if let Some(of_image) = of_image {
                fields.set(field, Value::Text(Sensitive::public(of_image)));
            }
            continue;
        }
        let path = field.engine.split('.').skip(1);
        let answer = path.fold(config.clone(), |answer, name| answer.at(name));
        set(&mut fields, field, &answer);
    }
    fields
}

/// Adds the health check of an image, as Podman's own API shows it (podman, `pkg/inspect/inspect.go`).
pub(super) fn add_health_check(fields: &mut Values, inspection: &Answer<'_>) {
    let shown = inspection.at("Healthcheck");
    for field in SERVICE.iter().filter(|field| field.is_of_image) {
        if let Some(name) = field.engine.strip_prefix("Config.Healthcheck.") {
            set(fields, field, &shown.at(name));
        }
    }
}

/// Where an image has volumes of its own: a container gets an anonymous one at each place where
/// nothing else is mounted.
pub(super) fn image_volumes(inspection: &Answer<'_>) -> BTreeSet<String> {
    let volumes = inspection.must("Config").at("Volumes");
    volumes
        .entries()
        .into_iter()
        .map(|(place, _)| clean(place))
        .collect()
}

/// What an inspection says of a field.
fn at<'a>(inspection: &Answer<'a>, field: &Field) -> Answer<'a> {
    let path = match field.form {
        // What is last is a key of each of the entries.
        Form::Subnets | Form::Pools | Form::PoolHosts => field.engine.rsplit_once('.'),
        _ => None,
    };
    let path = path.map_or(field.engine, |(list, _)| list);
    // Only an engine that keeps images of several platforms sends which it is.
    let is_below = path.contains('.') && field.form != Form::Platform;
    let mut names = path.split('.');
    let first = names.next().unwrap_or_default();
    let first = if is_below || field.is_always_shown {
        inspection.must(first)
    } else {
        inspection.at(first)
    };
    names.fold(first, |answer, name| {
        if field.is_always_shown {
            answer.must(name)
        } else {
            answer.at(name)
        }
    })
}

pub(super) fn set(fields: &mut Values, field: &Field, answer: &Answer<'_>) {
    if let Some(value) = value(field, answer) {
        fields.set(field, value);
    }
}

#[cfg(test)]
mod tests;
