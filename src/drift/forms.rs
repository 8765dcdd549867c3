//! When two values of a field are the same.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::fields::{
    Field, Form, Value, Values, is_platform, is_profile, is_shared, one_spelling, restart,
    seccomp_file,
};
use crate::redact::Sensitive;
use crate::state::{CONTAINER, PortRange};

/// All fields of a service, and of one of its containers.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    pub(super) wanted: &'a Values,
    pub(super) is: &'a Values,
}

/// Whether two values are the same in fact. Some fields have a common result with others.
pub(super) fn is_same(
    form: Form,
    wanted: Option<&Value>,
    is: Option<&Value>,
    sides: &Sides<'_>,
) -> bool {
    if wanted == is {
        return true;
    }
    match form {
        Form::NanoCpus => match (wanted, is) {
            // Engines that keep a share as quota and period round it.
            (Some(Value::Number(wanted)), Some(Value::Number(is))) => {
                wanted.abs_diff(*is) <= wanted.unsigned_abs() / 1000
            }
            _ => false,
        },
        Form::Restart => {
            let policy = |value| restart(text(value));
            policy(wanted) == policy(is)
        }
        Form::Subnets | Form::Addresses => addresses(list(wanted)) == addresses(list(is)),
        Form::Address => one_spelling(text(wanted)) == one_spelling(text(is)),
        Form::Platform => match (wanted, is) {
            (Some(Value::Text(wanted)), Some(Value::Text(is))) => {
                is_platform(wanted.revealed(), is.revealed())
            }
            _ => false,
        },
        Form::SecurityOptions => {
            let options = |value, fields| security_options(list(value), fields, sides);
            options(wanted, sides.wanted) == options(is, sides.is)
        }
        Form::Hosts => hosts(list(wanted)) == hosts(list(is)),
        Form::Exposed => {
            let (wanted, is) = (ranges(list(wanted)), ranges(list(is)));
            wanted.is_some() && wanted == is
        }
        _ => false,
    }
}

/// Whether two entries of a map are the same in fact.
pub(super) fn is_same_entry(
    form: Form,
    wanted: Option<&Sensitive>,
    is: Option<&Sensitive>,
) -> bool {
    let options = |value: &Sensitive| {
        let mut options: Vec<String> = value.revealed().split(',').map(str::to_owned).collect();
        options.retain(|option| !option.is_empty());
        options.sort();
        options
    };
    match form {
        Form::Tmpfs => wanted.map(options) == is.map(options),
        _ => wanted == is,
    }
}

fn text(value: Option<&Value>) -> &str {
    match value {
        Some(Value::Text(text)) => text.revealed(),
        _ => "",
    }
}

fn list(value: Option<&Value>) -> &[String] {
    match value {
        Some(Value::List(list)) => list,
        _ => &[],
    }
}

/// Whether a difference gives a container access to the host that the file does not give.
pub(super) fn opens(field: &Field, expected: &Json, observed: &Json) -> bool {
    if !field.exposes {
        return false;
    }
    let texts = |value: &Json| -> BTreeSet<String> {
        value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .map(str::to_owned)
            .collect()
    };
    let (wanted, is) = (texts(expected), texts(observed));
    match field.form {
        Form::Capabilities if field.path == "cap_drop" => wanted.difference(&is).next().is_some(),
        Form::Flag if field.path == "read_only" => *observed == Json::Bool(false),
        Form::Flag => *observed == Json::Bool(true),
        Form::Text if field.path == "user" => {
            let (wanted, is) = (rights(expected), rights(observed));
            is.0 && !wanted.0 || is.1 && !wanted.1
        }
        Form::Propagation => observed.as_str().is_some_and(is_shared),
        Form::Namespace => {
            let shared = observed.as_str().unwrap_or_default();
            shared == "host" || shared.starts_with(CONTAINER)
        }
        Form::SecurityOptions => {
            let is_open =
                |option: &String| option.contains("unconfined") || option.contains("disable");
            is.difference(&wanted).any(is_open) || wanted.difference(&is).any(|one| !is_open(one))
        }
        _ => is.difference(&wanted).next().is_some(),
    }
}

/// Whether a user is root, and whether its group is. Where there is no user, a container runs as root; its group is
/// that of the user.
fn rights(user: &Json) -> (bool, bool) {
    let is_root = |name: &str| name == "root" || name.parse::<i64>() == Ok(0);
    let text = user.as_str().unwrap_or_default();
    let (user, group) = text.split_once(':').unwrap_or((text, ""));
    let is_of_root = user.is_empty() || is_root(user);
    let has_group_of_root = is_root(group) || group.is_empty() && is_of_root;
    (is_of_root, has_group_of_root)
}

/// Addresses or subnets in one spelling.
fn addresses(addresses: &[String]) -> BTreeSet<String> {
    addresses
        .iter()
        .map(|address| one_spelling(address))
        .collect()
}

/// Ports of containers as ranges: Docker keeps those of the file, Podman shows each port.
fn ranges(ports: &[String]) -> Option<Vec<(&str, u16, u16)>> {
    let mut ranges = ports
        .iter()
        .map(|port| {
            let (numbers, protocol) = port.split_once('/')?;
            let (from, to) = numbers.parse::<PortRange>().ok()?.bounds();
            Some((protocol, from, to))
        })
        .collect::<Option<Vec<_>>>()?;
    ranges.sort_unstable();
    let mut merged: Vec<(&str, u16, u16)> = Vec::with_capacity(ranges.len());
    for (protocol, from, to) in ranges {
        match merged.last_mut() {
            Some((last, _, end)) if *last == protocol && from <= end.saturating_add(1) => {
                *end = to.max(*end);
            }
            _ => merged.push((protocol, from, to)),
        }
    }
    Some(merged)
}

/// Entries of the hosts file in one spelling: `=` is a new `:`.
fn hosts(hosts: &[String]) -> Vec<String> {
    let mut hosts: Vec<String> = hosts
        .iter()
        .map(|host| host.replacen('=', ":", 1))
        .collect();
    hosts.sort();
    hosts
}

/// The security options of one of two sides, as far as they can be compared.
fn security_options<'a>(options: &'a [String], fields: &Values, sides: &Sides<'_>) -> Vec<&'a str> {
    let mut options: Vec<&str> = options.iter().map(String::as_str).collect();
    // The engine itself adds it to a container that shares so much with the host (moby,
    // `daemon/create.go`, `generateSecurityOpt`).
    let is_host = |path| fields.text(path) == Some("host");
    if fields.is_on("privileged") || is_host("pid") || is_host("ipc") {
        options.retain(|option| *option != "label=disable");
    }
    if has_unread_profile(*sides) {
        options.retain(|option| !is_profile(option) && seccomp_file(option).is_none());
    }
    options
}

/// Whether both sides have a seccomp profile, and that of the file could not be read.
pub(super) fn has_unread_profile(sides: Sides<'_>) -> bool {
    let Sides { wanted, is } = sides;
    let mut wanted = wanted.list("security_opt").iter();
    let mut is = is.list("security_opt").iter();
    wanted.any(|option| seccomp_file(option).is_some()) && is.any(|option| is_profile(option))
}

#[cfg(test)]
mod tests {
    use super::{Sides, is_same, opens};
    use crate::fields::{Form, Value, Values, of_service};
    use serde_json::json;

    fn fields(fields: &[(&'static str, &[&str])]) -> Values {
        let list = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect();
        fields
            .iter()
            .filter(|(_, texts)| !texts.is_empty())
            .map(|(path, texts)| (*path, Value::List(list(texts))))
            .collect()
    }

    #[test]
    fn one_value_is_written_in_several_ways() {
        let of = |host| fields(&[("extra_hosts", &[host])]);
        let (wanted, is) = (of("a:1.2.3.4"), of("a=1.2.3.4"));
        let sides = Sides {
            wanted: &wanted,
            is: &is,
        };
        let hosts = |fields: &Values| fields.get("extra_hosts").cloned();
        let (wanted, is) = (hosts(&wanted), hosts(&is));
        assert!(is_same(Form::Hosts, wanted.as_ref(), is.as_ref(), &sides));
    }

    #[test]
    fn a_profile_that_cannot_be_read_is_not_compared() {
        let options = |options| fields(&[("security_opt", options)]);
        let own = options(&["no-new-privileges", "seccomp=a.json"]);
        let form = Form::SecurityOptions;
        for (is, expected) in [
            (&["no-new-privileges", "seccomp=sha256:0"][..], true),
            (&["seccomp=sha256:0"], false),
            (&["no-new-privileges"], false),
            (&["no-new-privileges", "seccomp=unconfined"], false),
        ] {
            let is = options(is);
            let sides = Sides {
                wanted: &own,
                is: &is,
            };
            let (wanted, is) = (own.get("security_opt"), sides.is.get("security_opt"));
            assert_eq!(is_same(form, wanted, is, &sides), expected, "{is:?}");
        }
    }

    #[test]
    fn what_gives_access_to_the_host() {
        for (path, expected, observed, is_open) in [
            ("privileged", json!(false), json!(true), true),
            ("privileged", json!(true), json!(false), false),
            ("cap_add", json!([]), json!(["SYS_ADMIN"]), true),
            ("cap_add", json!(["SYS_ADMIN"]), json!([]), false),
            ("cap_drop", json!(["ALL"]), json!([]), true),
            ("cap_drop", json!([]), json!(["ALL"]), false),
            (
                "security_opt",
                json!([]),
                json!(["seccomp=unconfined"]),
                true,
            ),
            (
                "security_opt",
                json!(["no-new-privileges"]),
                json!([]),
                true,
            ),
            (
                "security_opt",
                json!([]),
                json!(["no-new-privileges"]),
                false,
            ),
            ("pid", json!(null), json!("host"), true),
            ("pid", json!("host"), json!(null), false),
            ("user", json!("1000:1000"), json!("0"), true),
            ("user", json!("1000:1000"), json!("root:1000"), true),
            ("user", json!("1000:1000"), json!("1000:0"), true),
            ("user", json!("1000"), json!("00:1000"), true),
            ("user", json!("app"), json!(null), true),
            ("user", json!("1000:1000"), json!("1001:1001"), false),
            ("user", json!("1000:1000"), json!("1000"), false),
            ("user", json!("0"), json!("root:root"), false),
            ("user", json!(null), json!("0:0"), false),
            ("user", json!("0:1000"), json!("0"), true),
            ("user", json!("0"), json!("1000"), false),
            ("devices", json!([]), json!(["/dev/sda:/dev/sda:rwm"]), true),
        ] {
            let field = of_service(path).unwrap();
            assert_eq!(
                opens(field, &expected, &observed),
                is_open,
                "{path} {observed}"
            );
        }
    }
}
