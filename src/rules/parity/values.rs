//! The values of fields, in the form in which those of two environments are compared.

use crate::compose::{At, bytes, nano_cpus, nanoseconds};
use crate::fields::capability;
use crate::fields::{Field, Form, SERVICE};

/// The form of a field of a service that is a part of another: `deploy.resources.limits.memory`.
pub(super) fn form_at(what: &str) -> Option<Form> {
    let mut dots = what.match_indices('.').map(|(at, _)| at);
    let section = dots.next().and_then(|at| what.get(..at));
    // A name may have dots in it.
    let mut paths = dots
        .filter_map(|at| what.get(at + 1..))
        .filter(|_| section == Some("services"));
    paths.find_map(|path| {
        let mut rows = SERVICE.iter();
        let is = |row: &&Field| row.path == path || row.deploy == Some(path);
        rows.find(is).map(|row| row.form)
    })
}

/// The amount that a field is, however it is written: `1G` is `1024M`.
pub(super) fn amount(form: Form, text: &str) -> Option<i64> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    match form {
        Form::Bytes => bytes(text),
        Form::NanoCpus => nano_cpus(text),
        Form::Duration | Form::Nanoseconds | Form::Seconds => nanoseconds(text),
        _ => None,
    }
}

/// Whether a field says what is meant without it, whatever an engine, a builder or an image has instead: a flag that is off, a
/// list without items, an amount of none.
pub(super) fn is_default(what: &str, form: Form, at: At<'_>, amount: Option<i64>) -> bool {
    let (_, key) = what.rsplit_once('.').unwrap_or(("", what));
    if CONFIGURED.contains(&key) {
        return false;
    }
    if at.is_list() {
        // An empty entrypoint replaces that of the image.
        return key != "entrypoint" && at.items().next().is_none();
    }
    let Some(text) = at.text() else {
        return false;
    };
    let is_usual = |(path, usual): &(&str, &str)| {
        let before = what.strip_suffix(path);
        text == *usual && before.is_some_and(|before| before.ends_with('.'))
    };
    if USUAL.iter().any(is_usual) {
        return true;
    }
    match form {
        // An engine that is to stop a container at once does not wait.
        Form::Switch | Form::Words | Form::Seconds => false,
        Form::Flag => at.flag() == Some(false),
        // `depends_on` has a `restart` of its own.
        _ if at.boolean().is_some() => at.boolean() == Some(ON_BY_DEFAULT.contains(&key)),
        Form::Restart => text.is_empty() || text == "no",
        form if form.is_number() => {
            !form.keeps_zero() && (amount == Some(0) || text.parse() == Ok(0_i64))
        }
        _ => text.is_empty(),
    }
}

/// Fields without which an engine or a builder decides: `init` and `default-network-opts` of the daemon, attestations of `BuildKit`.
const CONFIGURED: [&str; 4] = ["enable_ipv4", "enable_ipv6", "init", "provenance"];

/// Mappings of which the user names the entries; `args: { DEBUG: "" }` replaces what the Dockerfile has.
pub(super) const FREE: [&str; 12] = [
    "additional_contexts",
    "annotations",
    "args",
    "driver_opts",
    "environment",
    "extra_hosts",
    "labels",
    "options",
    "ssh",
    "storage_opt",
    "sysctls",
    "ulimits",
];

/// What Compose takes for fields that are not written (Compose specification, `05-services.md`, `deploy.md`, `build.md`).
const USUAL: [(&str, &str); 7] = [
    ("build.dockerfile", "Dockerfile"),
    ("deploy.endpoint_mode", "vip"),
    ("deploy.mode", "replicated"),
    ("deploy.replicas", "1"),
    ("ipam.driver", "default"),
    ("scale", "1"),
    ("stop_grace_period", "10s"),
];

/// The flags, besides those of the tables, that are on where they are not written.
const ON_BY_DEFAULT: [&str; 2] = ["attach", "required"];

/// The limits of a ulimit: one for both, or `soft` and `hard`.
pub(super) fn ulimit(at: At<'_>) -> String {
    let text = |at: At<'_>| at.text().unwrap_or_default();
    let single = at.field("single").or_else(|| at.text().map(|_| at));
    let limit = |key: &str| at.field(key).or(single).map(text).unwrap_or_default();
    let (soft, hard) = (limit("soft"), limit("hard"));
    if soft == hard {
        soft
    } else {
        format!("soft {soft}, hard {hard}")
    }
}

/// The text of a field, each of its scalars as `generic` gives it.
pub(super) fn written(generic: &dyn Fn(&str) -> String, form: Form, at: At<'_>) -> String {
    let mut texts = Vec::new();
    // A check that is one text is for a shell.
    if form == Form::Check && !at.is_list() {
        texts.push("CMD-SHELL".to_owned());
    }
    at.each_scalar(&mut |key, text, _| {
        if text == "true" && key.is_some_and(|key| ON_BY_DEFAULT.contains(&key)) {
            return;
        }
        let text = generic(text);
        texts.push(match key {
            // The names of options are as much of them as their values.
            Some(key) if at.is_list() => format!("{key}={text}"),
            _ => text,
        });
    });
    if form == Form::Capabilities {
        texts = texts.iter().map(|text| capability(text)).collect();
    }
    if form.is_list() && form != Form::List {
        texts.sort();
        texts.dedup();
    }
    texts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::FREE;
    use crate::compose::free_mappings;

    #[test]
    fn the_entries_of_a_mapping_that_users_name_have_no_default() {
        assert_eq!(free_mappings(), FREE);
    }
}
