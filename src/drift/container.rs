//! What is known of the fields of a container besides the table: what an engine makes of those that are not
//! set, and which it shows only because of others.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::configured;
use super::coverage::NOT_SHOWN_BY_ENGINE;
use super::forms::{Sides, has_unread_profile};
use super::pair::Pair;
use super::states::States;
use super::table::{Rules, is_known_default, text};
use super::variables::{SetBy, Unshown, set_by};
use crate::fields::{Default, Field, Form, SERVICE, Value, Values};
use crate::redact::Sensitive;
use crate::state::{self, CONTAINER, is_label_of_compose};

const ENVIRONMENT: &str = "environment";

/// A service and a container whose fields are compared.
pub(super) struct ComparedContainer<'a> {
    pub(super) pair: Pair<'a>,
    pub(super) states: &'a States<'a>,
    /// What the file says.
    pub(super) own: &'a Values,
    /// What is expected, and what there is.
    pub(super) sides: Sides<'a>,
    has_image: bool,
    /// Whether both have the same capabilities, where that is known.
    pub(super) has_same_capabilities: Option<bool>,
    /// The fields of which a container may have entries that the file does not list.
    incomplete: HashSet<&'static str>,
    /// The variables that the file does not set, with who may have.
    variables: HashMap<&'a str, SetBy>,
    /// The entries that may be defaults which the engine is configured to have, by their fields.
    configured: HashMap<&'static str, BTreeSet<&'a str>>,
    /// Where the file mounts something.
    mounted: HashSet<&'a str>,
    /// The ports that either side publishes, which are compared as such.
    published: HashSet<String>,
}

impl<'a> ComparedContainer<'a> {
    pub(super) fn of(
        pair: Pair<'a>,
        states: &'a States<'a>,
        sides: Sides<'a>,
        has_image: bool,
        has_same_capabilities: Option<bool>,
    ) -> Self {
        let incomplete = SERVICE.iter().filter(|field| {
            // An env file that is only on the host may name any of them.
            let file = match field.path {
                "environment" => "env_file",
                "labels" => "label_file",
                path => path,
            };
            has_entries(field)
                && (states.live.dialect.extended.contains(&field.path)
                    || field.is_of_image && !has_image
                    || states.is_unset("services", pair.name, file))
        });
        let own = &pair.service.config.fields;
        let Sides { wanted, is } = sides;
        let from_image = wanted.map(ENVIRONMENT);
        let variables = is.map(ENVIRONMENT).iter().filter_map(|(name, value)| {
            let value = value.as_ref()?;
            let is_extra = !own.map(ENVIRONMENT).contains_key(name)
                && from_image
                    .get(name)
                    .is_none_or(|own| own.as_ref() != Some(value));
            is_extra.then(|| (name.as_str(), set_by(name, value, pair, states)))
        });
        let mounts = pair.service.mounts.iter();
        let ports = pair.service.ports.iter().chain(&pair.container.ports);
        Self {
            pair,
            states,
            own,
            sides,
            has_image,
            has_same_capabilities,
            incomplete: incomplete.map(|field| field.path).collect(),
            variables: variables.collect(),
            configured: SERVICE
                .iter()
                .map(|field| {
                    (
                        field.path,
                        states.configured.entries(field, pair, states.live),
                    )
                })
                .filter(|(_, entries)| !entries.is_empty())
                .collect(),
            mounted: mounts.map(|mount| &*mount.target).collect(),
            published: ports
                .map(|port| format!("{}/{}", port.target, port.protocol.as_str()))
                .collect(),
        }
    }

    /// Whether all of a field is known.
    pub(super) fn is_known(&self, field: &Field) -> bool {
        !self.is_of_unknown_image(field)
            && !self.incomplete.contains(field.path)
            && !self.states.is_unset("services", self.pair.name, field.path)
    }

    /// What of a field is not compared, and why.
    pub(super) fn unchecked(&self, field: &Field) -> Vec<(String, String)> {
        if self.states.live.dialect.extended.contains(&field.path) {
            let what = format!("`{}` which the service does not set", field.path);
            return vec![(what, "this engine adds some, and does not say which".into())];
        }
        let configured = self.configured(field);
        if !configured.is_empty() {
            return vec![configured::unchecked(field, configured, "services")];
        }
        let name = self.pair.name;
        let of_service =
            |Unshown { what, why }| (format!("{what} of service `{name}`"), why.into());
        match field.form {
            Form::Environment => {
                let unshown: BTreeSet<Unshown> = self
                    .variables
                    .values()
                    .filter_map(|set_by| match set_by {
                        SetBy::Other(unshown) => Some(*unshown),
                        SetBy::Engine | SetBy::Hand => None,
                    })
                    .collect();
                unshown.into_iter().map(of_service).collect()
            }
            Form::SecurityOptions if self.states.live.dialect.hides_system_paths => {
                let what = format!("`systempaths` in `{}`", field.path);
                vec![(what, NOT_SHOWN_BY_ENGINE.into())]
            }
            Form::SecurityOptions if has_unread_profile(self.sides) => vec![of_service(Unshown {
                what: "the seccomp profile",
                why: "the file that it is in cannot be read here",
            })],
            _ => Vec::new(),
        }
    }

    /// The entries of a field that may be defaults which the engine is configured to have.
    fn configured(&self, field: &Field) -> &BTreeSet<&'a str> {
        static NOTHING: BTreeSet<&str> = BTreeSet::new();
        self.configured.get(field.path).unwrap_or(&NOTHING)
    }

    /// Whether a difference in a field means something.
    pub(super) fn is_reported(&self, field: &Field) -> bool {
        let has_same_capabilities =
            field.form == Form::Capabilities && self.has_same_capabilities == Some(true);
        let is_configured = !field.form.is_map() && !self.configured(field).is_empty();
        !self.is_of_unknown_image(field)
            && !is_configured
            && !has_same_capabilities
            && !self.is_said_by_others(field)
            && self.is_namespace(field) != Some(true)
    }

    /// Whether nobody knows if a namespace is that of the container that the file names.
    pub(super) fn is_of_unknown(&self, field: &Field) -> bool {
        self.is_namespace(field).is_none()
    }

    /// The cgroup namespace that the engine gives to a container (moby, `daemon/daemon_unix.go`).
    fn cgroup_namespace(&self) -> Option<&str> {
        let engine = &self.states.live.engine;
        let by_version = match engine.cgroups.as_deref()? {
            "1" if self.sides.is.is_on("privileged") => return Some("host"),
            "1" => "host",
            _ => "private",
        };
        engine.cgroup_namespace.as_deref().or(Some(by_version))
    }

    /// Whether an image that is not known may have set a field that the file does not.
    fn is_of_unknown_image(&self, field: &Field) -> bool {
        let is_left_to_image = field.is_of_image && self.own.get(field.path).is_none();
        is_left_to_image && !self.has_image && !has_entries(field)
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
        match field.path {
            // Without a check its times mean nothing.
            path if path.starts_with("healthcheck.") && field.form != Form::Check => {
                is.has_health_check() != Some(true)
            }
            // An attachment says which it is, or the engine shows it there alone.
            "mac_address" => {
                let mut of_networks = self
                    .pair
                    .container
                    .networks
                    .values()
                    .map(|one| one.fields.get(field.path));
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
                    && self.states.live.dialect.repeats_cpus
                    && is
                        .get(field.path)
                        .is_some_and(|value| self.is_default_swap(value))
            }
            "cpus" | "cpu_period" | "cpu_quota" if self.states.live.dialect.repeats_cpus => {
                let has_quota = is_set("cpu_period") || is_set("cpu_quota");
                let has_cpus = is_set("cpus") || !has_quota && is.get("cpus").is_some();
                has_cpus != (field.path == "cpus")
            }
            _ => false,
        }
    }

    /// Whether it is in the network or has the names of another, of which the engine copies the names.
    fn has_names_of_another(&self) -> bool {
        self.pair.container.network_mode.is_some() || self.sides.is.text("uts") == Some("host")
    }

    /// Whether a namespace is that of the container that the file names, where that is known.
    fn is_namespace(&self, field: &Field) -> Option<bool> {
        let Sides { wanted, is } = self.sides;
        if field.form != Form::Namespace {
            return Some(false);
        }
        let (wanted, is) = (wanted.text(field.path), is.text(field.path));
        let (wanted, is) = (wanted.unwrap_or_default(), is.unwrap_or_default());
        let Some(is) = is.strip_prefix(CONTAINER) else {
            return Some(false);
        };
        if let Some(service) = wanted.strip_prefix(state::SERVICE) {
            let containers = self.states.index.containers(service).iter();
            return Some(containers.into_iter().any(|container| container.id == is));
        }
        match wanted.strip_prefix(CONTAINER) {
            Some(name) => self.states.index.is_named(is, name),
            None => Some(false),
        }
    }
}

/// Whether the value of a field is put together from the file, the image and the engine.
fn has_entries(field: &Field) -> bool {
    field.form.is_map() || field.form == Form::Exposed
}

impl Rules for ComparedContainer<'_> {
    fn is_default(&self, field: &Field, value: &Value) -> bool {
        let Some(text) = text(value) else {
            return false;
        };
        let live = self.states.live;
        if live.dialect.defaults.contains(&(field.path, text.as_str())) {
            return true;
        }
        let is = |default: &Option<String>| {
            let default = default.as_deref().filter(|default| !default.is_empty());
            default.is_none_or(|default| default == text)
        };
        match field.default {
            // An engine shows it only where it was set.
            Default::Known(_)
                if self.states.context.counts_defaults
                    && (field.path.starts_with("healthcheck.")
                        || field.path == "stop_grace_period") =>
            {
                false
            }
            Default::Unset | Default::Known(_) => is_known_default(field, value),
            Default::Swap => self.is_default_swap(value),
            Default::LoggingDriver => is(&live.engine.logging_driver),
            Default::Runtime => is(&live.engine.runtime),
            Default::Cgroup => self.cgroup_namespace().is_none_or(|known| known == text),
            Default::Id => self.has_names_of_another() || self.pair.container.id.starts_with(&text),
            Default::OfNetwork => self.has_names_of_another(),
        }
    }

    fn is_made_up(&self, field: &Field, key: &str, value: &Sensitive) -> bool {
        match field.form {
            Form::Environment => self.variables.get(key) == Some(&SetBy::Engine),
            Form::Tmpfs => {
                let is_fixed = |option: &str| {
                    let mut added = self.states.live.dialect.tmpfs_options.iter();
                    added.any(|(known, _)| *known == option)
                };
                self.states.is_given_tmpfs(self.pair, key)
                    && value.revealed().split(',').all(is_fixed)
            }
            _ => false,
        }
    }

    fn is_left_out(&self, field: &Field, entry: &str) -> bool {
        let is_own = || match self.own.get(field.path) {
            Some(Value::Map(own)) => own.contains_key(entry),
            Some(Value::List(own)) => own.binary_search_by(|own| (**own).cmp(entry)).is_ok(),
            _ => false,
        };
        let is_of_others = match field.form {
            Form::Environment => matches!(self.variables.get(entry), Some(SetBy::Other(_))),
            Form::Exposed => self.published.contains(entry),
            Form::SecurityOptions => {
                self.states.live.dialect.hides_system_paths && entry.starts_with("systempaths=")
            }
            Form::Labels => field.path == "labels" && is_label_of_compose(entry),
            Form::Tmpfs => self.mounted.contains(entry) && !is_own(),
            Form::Options | Form::Ulimits => self.configured(field).contains(entry),
            _ => false,
        };
        is_of_others || self.incomplete.contains(field.path) && !is_own()
    }
}
