//! How the project's containers are configured: every field of the table in `fields`, both ways.
//!
//! Where the file does not set a field, its value is that of the image, or else what the engine makes
//! of it. So a value that was taken out of the file is found, and one that was put in by hand.

use std::collections::{BTreeMap, HashSet};

use super::capabilities;
use super::coverage::{CoverageTracker, NOT_SHOWN_BY_ENGINE};
use super::difference::Difference;
use super::forms::{Sides, is_same, is_same_entry, opens};
use super::links::links;
use super::pair::Pair;
use super::states::States;
use super::table::{entry, shown, text};
use crate::fields::{Default, Field, FieldDifference, Form, SERVICE, Value, Values};
use crate::finding::{Code, Severity};
use crate::redact::Sensitive;
use crate::state::is_filled_in;

/// Compares the configuration of a service with that of a container.
pub(super) fn config(
    pair: Pair<'_>,
    states: &States<'_>,
    coverage: &mut CoverageTracker,
) -> Vec<Difference> {
    let compared = Compared {
        pair,
        states,
        image: states.live.image_fields.get(&pair.container.image_id),
        sides: Sides {
            wanted: &pair.service.config.fields,
            is: &pair.container.config.fields,
        },
    };
    if compared.image.is_none() {
        coverage.unchecked(
            format!("the fields that the image of service `{}` sets", pair.name),
            "the image of its container is not known",
        );
    }
    let mut differences = Vec::new();
    for field in SERVICE {
        let is_set = compared.sides.wanted.get(field.path).is_some();
        if !is_set && states.live.habits.unknown.contains(&field.path) {
            continue;
        }
        if let Some(why) = compared.why_not(field) {
            let what = if is_set {
                format!("`{}` of service `{}`", field.path, pair.name)
            } else {
                format!("`{}` of services that do not set it", field.path)
            };
            coverage.unchecked(what, why);
            coverage.count(false);
            continue;
        }
        coverage.count(compared.is_known(field));
        let found = if field.form.is_map() {
            compared.entries(field)
        } else {
            Vec::from_iter(compared.value(field))
        };
        differences.extend(
            found
                .into_iter()
                .filter_map(|one| compared.explained(field, one)),
        );
    }
    differences
}

/// Fields that an engine drops where the kernel does not support them; the first two on every kernel,
/// the others on those with version 2 of cgroups.
const NEEDS_KERNEL: &[&str] = &[
    "blkio_config.weight",
    "blkio_config.weight_device",
    "mem_swappiness",
    "oom_kill_disable",
];
const NEEDS_BLOCK_KERNEL: &[&str] = &["blkio_config.weight", "blkio_config.weight_device"];

/// A service and a container whose fields are compared.
struct Compared<'a> {
    pair: Pair<'a>,
    states: &'a States<'a>,
    /// What the image of the container sets, where that is known.
    image: Option<&'a Values>,
    sides: Sides<'a>,
}

impl Compared<'_> {
    fn explained(&self, field: &Field, one: FieldDifference) -> Option<Difference> {
        let name = self.pair.name;
        if self.states.is_unset("services", name, &one.field) {
            return None;
        }
        let opens = field.exposes && opens(field, &one.expected, &one.observed);
        let severity = if opens {
            Severity::Exposure
        } else {
            Severity::Drift
        };
        let message = one.message(&format!("service `{name}`"));
        Some(
            Difference::new(Code::ServiceConfig, name, message)
                .severity(severity)
                .container(&self.pair.container.name)
                .of(&["services", name], field, one),
        )
    }

    /// Whether both values of a field are known.
    fn is_known(&self, field: &Field) -> bool {
        let is_set = self.sides.wanted.get(field.path).is_some();
        let has_image = self.image.is_some() || !field.is_of_image;
        !self.states.is_unset("services", self.pair.name, field.path) && (is_set || has_image)
    }

    /// Why a field cannot be compared.
    fn why_not(&self, field: &Field) -> Option<&'static str> {
        let live = self.states.live;
        if live.habits.unknown.contains(&field.path) {
            return Some("this engine does not support it");
        }
        if live.habits.hidden.contains(&field.path) {
            return Some(NOT_SHOWN_BY_ENGINE);
        }
        if field.form == Form::Capabilities && capabilities::are_same(self.sides, live).is_none() {
            return Some("this engine does not say which capabilities a container has by default");
        }
        let needs_kernel = match live.engine.cgroups.as_deref() {
            Some("2") => NEEDS_KERNEL,
            _ => NEEDS_BLOCK_KERNEL,
        };
        let Sides { wanted, is } = self.sides;
        let is_other = |text: &str| text.starts_with("service:") || text.starts_with("container:");
        let shown = is.text(field.path).unwrap_or_default();
        if live.habits.vague.contains(&(field.path, shown))
            && !wanted.text(field.path).is_some_and(is_other)
        {
            return Some(NOT_SHOWN_BY_ENGINE);
        }
        let is_dropped = wanted.get(field.path).is_some() && is.get(field.path).is_none();
        (is_dropped && needs_kernel.contains(&field.path))
            .then_some("an engine drops it where the kernel does not support it")
    }

    /// How a field with one value differs.
    fn value(&self, field: &Field) -> Option<FieldDifference> {
        let Sides { wanted, is } = self.sides;
        if self.is_said_by_others(field) {
            return None;
        }
        if field.form == Form::Links {
            return links(field, self.pair, self.states, self.sides);
        }
        let own = wanted.get(field.path);
        // Without a value in the file, an image that is not known may have set it.
        if own.is_none() && field.is_of_image && self.image.is_none() {
            return None;
        }
        let expected = self.expected(field, own);
        let listed = self.unpublished(field, is.get(field.path));
        let observed = listed.as_ref();
        if own.is_none() && self.is_default(field, observed, expected.is_some()) {
            return None;
        }
        let expected = expected.as_ref().filter(|value| !value.is_empty());
        if is_same(field.form, expected, observed, &self.sides)
            || self.is_namespace(field)
            || field.form == Form::Capabilities
                && capabilities::are_same(self.sides, self.states.live) == Some(true)
        {
            return None;
        }
        if let (Some(expected), true) = (expected, own.is_some()) {
            // What the file says may be what the engine does anyway.
            if observed.is_none() && self.is_default(field, Some(expected), false) {
                return None;
            }
        }
        let (expected, observed) = (shown(field, expected), shown(field, observed));
        Some(FieldDifference::new(field.path, expected, observed))
    }

    /// What the file says, or what the image sets.
    fn expected(&self, field: &Field, own: Option<&Value>) -> Option<Value> {
        let wanted = self.sides.wanted;
        let of_image = self.image.filter(|_| field.is_of_image);
        let of_image = of_image.and_then(|image| image.get(field.path));
        match field.form {
            Form::Exposed => {
                let all = [own, of_image].into_iter().flatten();
                let mut all: Vec<String> = all
                    .filter_map(|value| match value {
                        Value::List(ports) => Some(ports),
                        _ => None,
                    })
                    .flatten()
                    .cloned()
                    .collect();
                all.sort();
                all.dedup();
                self.unpublished(field, Some(&Value::List(all)))
            }
            // The command of the image belongs to its entrypoint.
            Form::Words if field.path == "command" && own.is_none() => {
                let entrypoint = wanted.words("entrypoint").unwrap_or_default();
                of_image.filter(|_| entrypoint.is_empty()).cloned()
            }
            _ => own.or(of_image).cloned(),
        }
    }

    /// A value, of exposed ports without those that either side publishes, which are compared as such.
    fn unpublished(&self, field: &Field, value: Option<&Value>) -> Option<Value> {
        let Some(Value::List(exposed)) = value.filter(|_| field.form == Form::Exposed) else {
            return value.cloned();
        };
        let ports = self.pair.service.ports.iter();
        let published: HashSet<String> = ports
            .chain(&self.pair.container.ports)
            .map(|port| format!("{}/{}", port.target, port.protocol.as_str()))
            .collect();
        let rest = exposed.iter().filter(|port| !published.contains(*port));
        let rest: Vec<String> = rest.cloned().collect();
        (!rest.is_empty()).then_some(Value::List(rest))
    }

    /// Whether a value is what the engine makes of a field that is not set.
    fn is_default(&self, field: &Field, value: Option<&Value>, has_expected: bool) -> bool {
        let Some(value) = value else {
            return !has_expected;
        };
        if has_expected {
            return false;
        }
        let Some(text) = text(value) else {
            return false;
        };
        let live = self.states.live;
        if live.habits.defaults.contains(&(field.path, text.as_str())) {
            return true;
        }
        let is = |default: &Option<String>| {
            let default = default.as_deref().filter(|default| !default.is_empty());
            default.is_none_or(|default| default == text)
        };
        match field.default {
            Default::Unset => false,
            Default::Known(values) => values.contains(&text.as_str()),
            Default::Swap => self.is_default_swap(value),
            Default::LoggingDriver => is(&live.engine.logging_driver),
            Default::Runtime => is(&live.engine.runtime),
            Default::Cgroup => match live.engine.cgroups.as_deref() {
                Some("1") => text == "host",
                Some("2") => text == "private" || self.sides.is.is_on("privileged"),
                _ => true,
            },
            // In the network or the names of another, it has the name of that one.
            Default::Id => {
                let container = self.pair.container;
                container.network_mode.is_some()
                    || self.sides.is.text("uts") == Some("host")
                    || container.id.starts_with(&text)
            }
        }
    }

    fn is_default_swap(&self, value: &Value) -> bool {
        let twice = |values: &Values| {
            let memory = values.number("mem_limit")?;
            Some(Value::Number(memory.saturating_mul(2)))
        };
        let Sides { wanted, is } = self.sides;
        // On a kernel that cannot limit swap, it is unlimited.
        let is_unlimited = *value == Value::Number(-1);
        let can_limit = self.states.live.engine.swap_limit == Some(true);
        is_unlimited && !can_limit || [twice(wanted), twice(is)].contains(&Some(value.clone()))
    }

    /// Whether a field that the engine shows only repeats others.
    fn is_said_by_others(&self, field: &Field) -> bool {
        let Sides { wanted, is } = self.sides;
        let is_set = |path: &str| wanted.get(path).is_some();
        let check = |values: &Values| {
            let words = values.words("healthcheck.test")?;
            let word = words.first().map(Sensitive::revealed);
            (word != Some("NONE")).then_some(())
        };
        match field.path {
            // Without a check its times mean nothing.
            path if path.starts_with("healthcheck.") && field.form != Form::Check => {
                check(is).is_none()
            }
            // An attachment says which it is, or the engine shows it there alone.
            "mac_address" => {
                let of_networks = self.pair.container.networks.values();
                let mut of_networks = of_networks.map(|one| one.fields.get(field.path));
                let mut attachments = self.pair.service.networks.values();
                match wanted.get(field.path) {
                    Some(wanted) => of_networks.any(|is| is == Some(wanted)),
                    None => attachments.any(|one| one.fields.get(field.path).is_some()),
                }
            }
            // It is unlimited, which this engine shows as the default.
            "memswap_limit" => {
                let is_unlimited = wanted.number(field.path) == Some(-1);
                is_unlimited
                    && self.states.live.habits.repeats_cpus
                    && is
                        .get(field.path)
                        .is_some_and(|value| self.is_default_swap(value))
            }
            "cpus" | "cpu_period" | "cpu_quota" if self.states.live.habits.repeats_cpus => {
                let has_quota = is_set("cpu_period") || is_set("cpu_quota");
                let has_cpus = is_set("cpus") || !has_quota && is.get("cpus").is_some();
                has_cpus != (field.path == "cpus")
            }
            _ => false,
        }
    }

    /// Whether a namespace is that of the container that the file names.
    fn is_namespace(&self, field: &Field) -> bool {
        let Sides { wanted, is } = self.sides;
        if field.form != Form::Namespace {
            return false;
        }
        let (Some(wanted), Some(is)) = (wanted.text(field.path), is.text(field.path)) else {
            return false;
        };
        let Some(is) = is.strip_prefix("container:") else {
            return false;
        };
        if let Some(service) = wanted.strip_prefix("service:") {
            let containers = self.states.index.containers(service).iter();
            return containers.into_iter().any(|container| container.id == is);
        }
        let name = wanted.strip_prefix("container:");
        // A container that is not known may well have this name.
        name.is_some_and(|name| self.states.index.is_named(is, name).unwrap_or(true))
    }

    /// How the entries of a map differ.
    fn entries(&self, field: &Field) -> Vec<FieldDifference> {
        let Sides { wanted, is } = self.sides;
        let (own, observed) = (wanted.map(field.path), is.map(field.path));
        let mounts = self.pair.service.mounts.iter();
        let mounts = mounts.filter(|_| field.form == Form::Tmpfs);
        let mounted: HashSet<&str> = mounts.map(|mount| &*mount.target).collect();
        let nothing = BTreeMap::new();
        let of_image = match self.image {
            Some(image) if field.is_of_image => image.map(field.path),
            _ => &nothing,
        };
        let mut differences = Vec::new();
        let mut note = |key: &str, expected: Option<&Sensitive>, observed: Option<&Sensitive>| {
            differences.push(entry(field, key, expected, observed));
        };
        for (key, value) in own {
            // One that is not known is not compared.
            let Some(value) = value else { continue };
            let observed = observed.get(key).and_then(Option::as_ref);
            if !is_same_entry(field.form, Some(value), observed) {
                note(key, Some(value), observed);
            }
        }
        if !self.tells_more(field) {
            return differences;
        }
        for (key, value) in observed {
            let (of_image, value) = (of_image.get(key), value.as_ref());
            let of_image = of_image.and_then(Option::as_ref);
            if !own.contains_key(key)
                && !is_same_entry(field.form, of_image, value)
                && !mounted.contains(&**key)
                && !self.is_made_up(field, key)
            {
                note(key, of_image, value);
            }
        }
        for (key, value) in of_image {
            if !own.contains_key(key) && !observed.contains_key(key) {
                note(key, value.as_ref(), None);
            }
        }
        differences
    }

    /// Whether an entry that the file does not have can be told to be a difference.
    fn tells_more(&self, field: &Field) -> bool {
        // A file of variables that is only on the host may name any of them.
        let file = match field.path {
            "environment" => "env_file",
            "labels" => "label_file",
            path => path,
        };
        !self.states.live.habits.extended.contains(&field.path)
            && (!field.is_of_image || self.image.is_some())
            && !self.states.is_unset("services", self.pair.name, file)
    }

    /// Whether the engine makes up an entry.
    fn is_made_up(&self, field: &Field, key: &str) -> bool {
        match field.form {
            Form::Environment => is_filled_in(key),
            Form::Tmpfs => self.states.live.habits.tmpfs.contains(&key),
            Form::Options | Form::Ulimits => self.states.common.holds(field, key, self.pair),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::drift::{Context, compare};
    use crate::fields::Value;
    use crate::redact::Sensitive;
    use crate::state::{Config, Container, Live, Service, State};

    /// Whether the processes of another container are those of the one that the file names.
    fn is_same(other: &str, known: &[(&str, &str)]) -> bool {
        let pid = |of: &str| {
            let text = Value::Text(Sensitive::public(format!("container:{of}")));
            [("pid", text)].into_iter().collect()
        };
        let service = Service {
            replicas: 1,
            config: Config {
                fields: pid("agent"),
                ..Config::default()
            },
            ..Service::default()
        };
        let container = |name: &str, id: &str| Container {
            id: id.into(),
            name: name.into(),
            project: Some("p".into()),
            service: Some("web".into()),
            number: Some(1),
            state: "running".into(),
            ..Container::default()
        };
        let web = Container {
            config: Config {
                fields: pid(other),
                ..Config::default()
            },
            ..container("p-web-1", "aa")
        };
        let expected = State {
            services: [("web".to_owned(), service)].into(),
            ..State::empty("p")
        };
        let observed = State {
            live: Some(Live {
                containers: vec![web],
                foreign: known.iter().map(|(name, id)| container(name, id)).collect(),
                ..Live::default()
            }),
            ..State::empty("p")
        };
        let found = compare(&expected, &observed, &Context::default()).findings;
        !found
            .iter()
            .any(|finding| finding.field.as_deref() == Some("pid"))
    }

    #[test]
    fn a_container_that_the_file_names_is_looked_up_among_all_that_are_known() {
        let (agent, db) = (("agent", "bb"), ("db", "cc"));
        assert!(is_same("bb", &[agent, db]));
        assert!(!is_same("cc", &[agent, db]));
        assert!(!is_same("cc", &[db]));
        // Nobody knows its name.
        assert!(is_same("dd", &[db]));
    }
}
