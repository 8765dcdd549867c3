//! What `docker stack deploy` ignores or refuses of a file, and where that is written.
//!
//! Its client still has the loader of version 3 (docker/cli, `cli/compose/loader`), which knows fewer fields than Compose, and
//! fewer forms of them. What it makes of each is in the table of fields.

use std::collections::BTreeMap;

use super::fields::{BOOLEAN, FILE, FRACTION, Field, InStack, LIST, MAP, NULL, TEXT, WHOLE};
use super::interpolate::stack;
use super::tree::{Kind, Node};
use super::view::{self, At, Restart};
use crate::state::RestartPolicy;

/// A part of a file that `docker stack deploy` ignores or refuses.
#[derive(Debug)]
pub(crate) struct Unfit<'a> {
    /// The service that it is a part of.
    pub(crate) service: Option<&'a str>,
    /// Its path in the service, or in the file.
    pub(crate) path: String,
    pub(crate) at: At<'a>,
    pub(crate) why: Why,
}

/// What `docker stack deploy` makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// It is ignored, and this is what that means.
    Dropped(&'static str),
    /// The file is refused, and this is what to write instead; empty where there is nothing.
    Refused(&'static str),
    /// The file is refused, because the field is written in a form that the client does not know: what it is, and what
    /// is expected.
    Form(&'static str, &'static str),
}

/// All parts of a file, as it is written, that `docker stack deploy` ignores or refuses.
pub(super) fn unfit(file: At<'_>) -> Vec<Unfit<'_>> {
    let mut found = Vec::new();
    let mut walk = Walk::default();
    below(&FILE, file, &mut walk, &mut found);
    let services: BTreeMap<&str, At<'_>> = file
        .get("services")
        .into_iter()
        .flat_map(At::entries)
        .collect();
    // A service that is built elsewhere names the image that is pulled.
    found.retain(|one| {
        let service = one.service.and_then(|name| services.get(name));
        one.path != "build" || service.is_none_or(|service| service.field("image").is_none())
    });
    for (name, service) in services {
        found.extend(restart(name, service));
    }
    found
}

/// A field of a service that the schema of the client has, and Compose's has not; and what ignoring it means.
const ONLY_IN_STACKS: (&str, &str) = (
    "cgroupns_mode",
    "containers have the cgroup namespace that the engine chooses",
);

/// Takes the fields out of services that the client ignores, whatever is written in them. What a service depends on says at
/// least to readers what belongs together.
pub(super) fn drop_ignored(file: &mut Node) {
    let service = entry_of("services");
    for (_, node) in file.section_mut("services") {
        let Some(fields) = node.as_map_mut() else {
            continue;
        };
        fields.retain(|key, _| {
            let field = Field::below(service, key);
            let is_dropped = field.is_some_and(|field| matches!(field.stack, InStack::Dropped(_)));
            let is_kept = matches!(key.as_str(), "depends_on" | "links" | "external_links");
            key != ONLY_IN_STACKS.0 && (is_kept || !is_dropped)
        });
    }
}

/// An entry of a section, such as a service.
fn entry_of(section: &str) -> Option<&'static Field> {
    Field::below(Field::below(Some(&FILE), section), "a")
}

/// Whether `docker stack deploy` sends a field of an entry of a section, such as a service, to the swarm. Its path has dots.
pub(super) fn takes(section: &str, path: &str) -> bool {
    let mut field = entry_of(section);
    for key in path.split('.') {
        let list = field.and_then(|field| field.list);
        field = Field::below(list.map_or(field, |list| Some(list.items)), key)
            .or_else(|| Field::below(field, key));
        if field.is_some_and(|field| field.stack != InStack::Taken) {
            return false;
        }
    }
    true
}

/// Where a walk is.
#[derive(Default)]
struct Walk<'a> {
    service: Option<&'a str>,
    keys: Vec<&'a str>,
}

/// Where the schemas of the client allow fields that begin with `x-`.
const EXTENSIONS: &str =
    "write it in the service, network, volume, config or secret itself, or at the top of the file";

impl<'a> Walk<'a> {
    /// What is at this place is ignored or refused.
    fn unfit(&self, at: At<'a>, why: Why) -> Unfit<'a> {
        let keys = self.keys.get(if self.service.is_some() { 2 } else { 0 }..);
        Unfit {
            service: self.service,
            path: keys.unwrap_or_default().join("."),
            at,
            why,
        }
    }
}

fn below<'a>(field: &'static Field, at: At<'a>, walk: &mut Walk<'a>, found: &mut Vec<Unfit<'a>>) {
    let why = match field.stack {
        _ if at.is_null() && field.stack != InStack::Taken => None,
        // There is nothing that it would change.
        InStack::Dropped("") => return,
        // What the client ignores has to be in a form that it knows.
        InStack::Dropped(effect) => {
            let items = field.list.into_iter().flat_map(|list| {
                at.node
                    .items()
                    .iter()
                    .filter_map(move |item| form(list.items, item))
            });
            let form = form(field, at.node).into_iter().chain(items).next();
            Some(form.unwrap_or(Why::Dropped(effect)))
        }
        InStack::Refused(instead) => Some(Why::Refused(instead)),
        InStack::Taken => form(field, at.node),
    };
    let text = at.node.as_text().filter(|text| text.contains('$'));
    let is_refused = text.is_some_and(|text| !stack::is_valid(text));
    let forms = field.scalars & field.stack_scalars;
    let stays_text = || {
        let is_taken = field.stack == InStack::Taken && forms != 0 && forms & TEXT == 0;
        is_taken && text.is_some_and(stack::has_variable) && !field.stack_cast
    };
    let why = if is_refused {
        Some(Why::Form("text with this expression", stack::EXPECTED))
    } else if stays_text() {
        Some(Why::Form(
            "text with a variable",
            "expected the value itself, as the client leaves this text",
        ))
    } else {
        why
    };
    if let Some(why) = why {
        found.push(walk.unfit(at, why));
        return;
    }
    if let Some(list) = &field.list {
        for item in at.items() {
            below(list.items, item, walk, found);
        }
    }
    for (key, value) in at.entries() {
        let Some(entry) = Field::below(Some(field), key) else {
            let (own, effect) = ONLY_IN_STACKS;
            if key == own && walk.service.is_some() && walk.keys.len() == 2 {
                walk.keys.push(key);
                found.push(walk.unfit(value, Why::Dropped(effect)));
                walk.keys.pop();
            }
            if field.is_extension(key) && !field.stack_extensions {
                walk.keys.push(key);
                found.push(walk.unfit(value, Why::Refused(EXTENSIONS)));
                walk.keys.pop();
            }
            continue;
        };
        if walk.keys == ["services"] {
            walk.service = Some(key);
        }
        walk.keys.push(key);
        below(entry, value, walk, found);
        walk.keys.pop();
        if walk.keys == ["services"] {
            walk.service = None;
        }
    }
}

/// What is wrong with the form of a field that Compose knows, and the client does not.
fn form(field: &Field, node: &Node) -> Option<Why> {
    let kind = match &node.kind {
        // It may become anything once its variables are known.
        Kind::Text(text) if text.contains('$') => return None,
        Kind::Text(_) => TEXT,
        Kind::Int(_) => WHOLE,
        Kind::Float(_) => FRACTION,
        Kind::Bool(_) => BOOLEAN,
        Kind::Null => NULL,
        Kind::List(_) => LIST,
        Kind::Map(_) => MAP,
        Kind::Date => return None,
    };
    let is_scalar = kind & (LIST | MAP) == 0;
    let is_known = match kind {
        LIST => field.list.is_some(),
        MAP => field.map.is_some(),
        _ => field.scalars & kind != 0,
    };
    let taken = if is_scalar {
        field.scalars & field.stack_scalars
    } else {
        field.stack_shapes
    };
    // Compose itself refuses what it does not know.
    if !is_known || taken & kind != 0 {
        return None;
    }
    let forms = field.scalars & field.stack_scalars;
    let expected = match forms {
        _ if forms & TEXT != 0 && forms & WHOLE != 0 => "expected text or a number",
        _ if forms & TEXT != 0 && is_scalar => "expected text: write it in quotes",
        _ if forms & TEXT != 0 => "expected text",
        _ if forms & WHOLE != 0 => "expected a number without quotes",
        _ if forms & BOOLEAN != 0 => "expected true or false without quotes",
        _ => "expected a list of names",
    };
    Some(Why::Form(node.kind.words(), expected))
}

/// `restart` counts only without `deploy.restart_policy`, and `no` never does (docker/cli, `convertRestartPolicy`).
fn restart<'a>(name: &'a str, service: At<'a>) -> Option<Unfit<'a>> {
    let at = service.field("restart")?;
    let is_never = || {
        at.text()
            .is_some_and(|text| RestartPolicy::of(&text).condition == "no")
    };
    let effect = match view::restart(service.node)? {
        Restart::Deploy(_) => "`deploy.restart_policy` counts alone",
        Restart::Own(_) if is_never() => {
            "the swarm starts its containers again; write `deploy.restart_policy.condition: none`"
        }
        Restart::Own(_) => return None,
    };
    Some(Unfit {
        service: Some(name),
        path: "restart".to_owned(),
        at,
        why: Why::Dropped(effect),
    })
}

#[cfg(test)]
mod tests {
    use super::takes;

    #[test]
    fn a_field_below_one_that_is_dropped_is_not_sent() {
        for (section, path) in [
            ("services", "security_opt"),
            ("services", "build.context"),
            ("services", "volumes.tmpfs.mode"),
            ("networks", "enable_ipv6"),
            ("networks", "ipam.options"),
            ("networks", "ipam.config.gateway"),
        ] {
            assert!(!takes(section, path), "{path}");
        }
        for (section, path) in [
            ("services", "cap_add"),
            ("services", "volumes.tmpfs.size"),
            ("services", "deploy.resources.limits.cpus"),
            ("networks", "attachable"),
            ("networks", "ipam.config.subnet"),
        ] {
            assert!(takes(section, path), "{path}");
        }
    }
}
