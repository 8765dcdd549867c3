//! One line per field that configures a container: what a state calls it, which paths of a Compose
//! file set it, in which form it is compared, and who else may set it.
//!
//! Comparing, saying that a variable has no value, and showing a value in its unit all walk this
//! table, so a new field is one line here and its reading on both sides.

mod difference;
mod form;
mod shown;

use serde_json::{Value, json};

use crate::state::{Config, Habits};
use form::{Form, extra_hosts, has_same_capabilities, restart, security_options};

pub(crate) use difference::{FieldDifference, is_hidden};
pub use shown::shown;

/// A field of a container.
pub(crate) struct Field {
    /// Its name in a state.
    name: &'static str,
    /// Its paths in a service of a Compose file.
    paths: &'static [&'static str],
    form: Form,
    default: Default,
}

/// What a container has where the file does not set a field.
#[derive(Clone, Copy)]
enum Default {
    /// Nothing: only the file or a person sets it.
    Unset,
    /// Whatever its image sets, so that it is compared only where the file sets it.
    OfImage,
    /// What the engine fills in.
    OfEngine(fn(&Habits) -> Value),
}

/// The fields of a container.
static CONTAINER: &[Field] = &[
    field("user", &["user"], Form::Text(|c| c.user.as_deref())).or_image(),
    field(
        "hostname",
        &["hostname"],
        Form::Text(|c| c.hostname.as_deref()),
    )
    .or_image(),
    field(
        "working_dir",
        &["working_dir"],
        Form::Path(|c| c.working_dir.as_deref()),
    )
    .or_image(),
    field(
        "command",
        &["command"],
        Form::Words(|c| c.command.as_deref()),
    )
    .or_image(),
    field(
        "entrypoint",
        &["entrypoint"],
        Form::Words(|c| c.entrypoint.as_deref()),
    )
    .or_image(),
    field(
        "healthcheck",
        &["healthcheck"],
        Form::Words(|c| c.healthcheck.as_deref()),
    )
    .or_image(),
    field(
        "environment",
        &["environment"],
        Form::Variables(|c| &c.environment),
    )
    .or_image(),
    field("labels", &["labels"], Form::Labels(|c| &c.labels)).or_image(),
    field(
        "restart",
        &["restart", "deploy.restart_policy"],
        Form::Text(restart),
    ),
    field(
        "memory",
        &["mem_limit", "deploy.resources.limits.memory"],
        Form::Bytes(|c| c.memory),
    ),
    field(
        "nano_cpus",
        &["cpus", "deploy.resources.limits.cpus"],
        Form::Cpus(|c| c.nano_cpus),
    ),
    field(
        "pids",
        &["pids_limit", "deploy.resources.limits.pids"],
        Form::Limit(|c| c.pids),
    )
    .or_engine(|habits| json!(habits.pids)),
    field(
        "privileged",
        &["privileged"],
        Form::Value(|c| json!(c.privileged)),
    ),
    field(
        "read_only",
        &["read_only"],
        Form::Value(|c| json!(c.read_only)),
    ),
    field("init", &["init"], Form::Flag(|c| c.init)).or_image(),
    field(
        "cap_add",
        &["cap_add"],
        Form::Part(|c| &c.cap_add, has_same_capabilities),
    ),
    field(
        "cap_drop",
        &["cap_drop"],
        Form::Part(|c| &c.cap_drop, has_same_capabilities),
    ),
    field(
        "security_opt",
        &["security_opt"],
        Form::Value(|c| json!(security_options(c))),
    ),
    field("pid", &["pid"], Form::HostOrNot(|c| c.pid.as_deref())),
    field("ipc", &["ipc"], Form::HostOrNot(|c| c.ipc.as_deref())),
    field("tmpfs", &["tmpfs"], Form::AtLeast(|c| &c.tmpfs)),
    field(
        "extra_hosts",
        &["extra_hosts"],
        Form::Value(|c| json!(extra_hosts(c))),
    ),
];

/// The fields of a state with another name than in a Compose file, besides those of a container.
static OTHERS: &[(&str, &[&str])] = &[
    ("replicas", &["scale", "deploy.replicas"]),
    ("ipv6", &["enable_ipv6"]),
    ("subnets", &["ipam"]),
    ("options", &["driver_opts"]),
];

const fn field(name: &'static str, paths: &'static [&'static str], form: Form) -> Field {
    Field {
        name,
        paths,
        form,
        default: Default::Unset,
    }
}

impl Field {
    /// An image may set it too.
    const fn or_image(self) -> Self {
        Self {
            default: Default::OfImage,
            ..self
        }
    }

    /// An engine may set it too.
    const fn or_engine(self, value: fn(&Habits) -> Value) -> Self {
        Self {
            default: Default::OfEngine(value),
            ..self
        }
    }

    fn differences(&self, wanted: &Config, is: &Config, habits: &Habits) -> Vec<FieldDifference> {
        let differences = self.form.differences(self.name, wanted, is);
        let is_filled_in = |difference: &FieldDifference| match self.default {
            Default::Unset => false,
            Default::OfImage => difference.expected.is_null(),
            Default::OfEngine(value) => {
                difference.expected.is_null() && difference.observed == value(habits)
            }
        };
        let differences = differences.into_iter();
        differences.filter(|one| !is_filled_in(one)).collect()
    }
}

/// The fields in which a container differs from its service.
pub(crate) fn differences(
    wanted: &Config,
    is: &Config,
    habits: &Habits,
) -> impl Iterator<Item = FieldDifference> {
    CONTAINER
        .iter()
        .flat_map(|field| field.differences(wanted, is, habits))
}

/// The paths in a Compose file that set a field of a state, below its service, network or volume;
/// `environment.KEY` is an entry of `environment`.
pub(crate) fn paths(field: &str) -> Vec<String> {
    let (name, entry) = match field.split_once('.') {
        Some((name, entry)) => (name, format!(".{entry}")),
        None => (field, String::new()),
    };
    let own = CONTAINER.iter().find(|field| field.name == name);
    let other = OTHERS.iter().find(|(other, _)| *other == name);
    let paths = own
        .map(|field| field.paths)
        .or(other.map(|(_, paths)| *paths));
    match paths {
        Some(paths) => paths.iter().map(|path| format!("{path}{entry}")).collect(),
        None => vec![field.to_owned()],
    }
}

/// The form of a field of a container, by its name in a state or one of its paths.
fn form(name: &str) -> Option<&'static Form> {
    let field = CONTAINER
        .iter()
        .find(|field| field.name == name || field.paths.contains(&name));
    field.map(|field| &field.form)
}
