//! The pass that checks texts which stand for something else: amounts of memory, durations, modes of
//! files (compose-go, `types/`).

use super::notes::Notes;
use super::quantities::{bytes, float};
use super::tree::{Kind, Node};

/// What a text stands for.
#[derive(Clone, Copy)]
enum Stands {
    Bytes,
    Duration,
    Mode,
    Fraction,
    Whole,
    Boolean,
    DeviceCount,
    /// A whole number that is not negative.
    Count,
    /// A number that no text can stand for.
    Number,
    /// `KEY=VALUE`, whose key ends in no space.
    Pair,
    Host,
    Command,
}

const OF_SERVICES: [(&[&str], Stands); 59] = [
    (&["mem_limit"], Stands::Bytes),
    (&["mem_reservation"], Stands::Bytes),
    (&["memswap_limit"], Stands::Bytes),
    (&["mem_swappiness"], Stands::Bytes),
    (&["shm_size"], Stands::Bytes),
    (&["build", "shm_size"], Stands::Bytes),
    (
        &["blkio_config", "device_read_bps", "[]", "rate"],
        Stands::Bytes,
    ),
    (
        &["blkio_config", "device_read_iops", "[]", "rate"],
        Stands::Bytes,
    ),
    (
        &["blkio_config", "device_write_bps", "[]", "rate"],
        Stands::Bytes,
    ),
    (
        &["blkio_config", "device_write_iops", "[]", "rate"],
        Stands::Bytes,
    ),
    (&["volumes", "[]", "tmpfs", "size"], Stands::Bytes),
    (&["deploy", "resources", "limits", "memory"], Stands::Bytes),
    (
        &["deploy", "resources", "reservations", "memory"],
        Stands::Bytes,
    ),
    (&["deploy", "resources", "limits", "cpus"], Stands::Fraction),
    (
        &["deploy", "resources", "reservations", "cpus"],
        Stands::Fraction,
    ),
    (&["deploy", "resources", "limits", "pids"], Stands::Whole),
    (&["stop_grace_period"], Stands::Duration),
    (&["healthcheck", "interval"], Stands::Duration),
    (&["healthcheck", "timeout"], Stands::Duration),
    (&["healthcheck", "start_period"], Stands::Duration),
    (&["healthcheck", "start_interval"], Stands::Duration),
    (&["deploy", "update_config", "delay"], Stands::Duration),
    (&["deploy", "update_config", "monitor"], Stands::Duration),
    (&["deploy", "rollback_config", "delay"], Stands::Duration),
    (&["deploy", "rollback_config", "monitor"], Stands::Duration),
    (&["deploy", "restart_policy", "delay"], Stands::Duration),
    (&["deploy", "restart_policy", "window"], Stands::Duration),
    (&["secrets", "[]", "mode"], Stands::Mode),
    (&["configs", "[]", "mode"], Stands::Mode),
    (&["build", "secrets", "[]", "mode"], Stands::Mode),
    (&["gpus", "[]", "count"], Stands::DeviceCount),
    (
        &[
            "deploy",
            "resources",
            "reservations",
            "devices",
            "[]",
            "count",
        ],
        Stands::DeviceCount,
    ),
    (&["build", "no_cache"], Stands::Boolean),
    (&["build", "pull"], Stands::Boolean),
    (&["build", "privileged"], Stands::Boolean),
    (&["env_file", "[]", "required"], Stands::Boolean),
    (&["depends_on", "*", "restart"], Stands::Boolean),
    (
        &["volumes", "[]", "bind", "create_host_path"],
        Stands::Boolean,
    ),
    (&["attach"], Stands::Boolean),
    (&["post_start", "[]", "privileged"], Stands::Boolean),
    (&["pre_stop", "[]", "privileged"], Stands::Boolean),
    (&["post_start", "[]", "command"], Stands::Command),
    (&["pre_stop", "[]", "command"], Stands::Command),
    (
        &["develop", "watch", "[]", "exec", "command"],
        Stands::Command,
    ),
    (&["healthcheck", "retries"], Stands::Count),
    (&["deploy", "update_config", "parallelism"], Stands::Count),
    (&["deploy", "rollback_config", "parallelism"], Stands::Count),
    (&["deploy", "restart_policy", "max_attempts"], Stands::Count),
    (
        &["deploy", "placement", "max_replicas_per_node"],
        Stands::Count,
    ),
    (&["blkio_config", "weight"], Stands::Number),
    (
        &["blkio_config", "weight_device", "[]", "weight"],
        Stands::Number,
    ),
    (&["volumes", "[]", "tmpfs", "mode"], Stands::Number),
    (
        &[
            "deploy",
            "resources",
            "reservations",
            "generic_resources",
            "[]",
            "discrete_resource_spec",
            "value",
        ],
        Stands::Whole,
    ),
    (&["build", "extra_hosts", "[]"], Stands::Host),
    (&["environment", "[]"], Stands::Pair),
    (&["build", "args", "[]"], Stands::Pair),
    (&["extra_hosts", "[]"], Stands::Host),
    (&["command"], Stands::Command),
    (&["entrypoint"], Stands::Command),
];

/// Checks the texts of all services.
pub(super) fn check(root: &Node, notes: &mut Notes) {
    for (_, entry) in root.section("services") {
        for (path, stands) in OF_SERVICES {
            let names = path.iter().filter(|step| !matches!(**step, "[]" | "*"));
            let name = names.copied().next_back().unwrap_or_default();
            each(&entry.value, path, &mut |node| {
                check_one(node, name, stands, notes);
            });
        }
        each(&entry.value, &["extra_hosts"], &mut |hosts| {
            for (name, entry) in hosts.entries() {
                if name.starts_with("x-") {
                    super::check::extension(name, entry.key_at, notes);
                }
                if name.contains([':', '=']) {
                    notes.problem(
                        entry.key_at,
                        format!("`{name}` is no name of a host"),
                        "expected a name without `:` and `=`",
                    );
                }
            }
        });
    }
}

/// Every value at a path, in which `*` is any key and `[]` any item.
fn each<'a>(node: &'a Node, path: &[&str], act: &mut dyn FnMut(&'a Node)) {
    let Some((step, rest)) = path.split_first() else {
        act(node);
        return;
    };
    match *step {
        "[]" => {
            for item in node.items() {
                each(item, rest, act);
            }
        }
        "*" => {
            for (_, entry) in node.entries() {
                each(&entry.value, rest, act);
            }
        }
        key => {
            if let Some(field) = node.get(key) {
                each(field, rest, act);
            }
        }
    }
}

fn check_one(node: &Node, name: &str, stands: Stands, notes: &mut Notes) {
    if node.unset.is_some() {
        return;
    }
    let text = match (&node.kind, stands) {
        (Kind::Text(text), _) => text.as_str(),
        (Kind::Int(number), Stands::Count | Stands::Number) if number.get() < 0 => {
            let message = format!("`{name}` cannot be {}", number.get());
            notes.problem(node.at, message, "expected at least 0");
            return;
        }
        (Kind::Float(_), Stands::Mode | Stands::DeviceCount) => {
            notes.problem(
                node.at,
                format!("`{name}` is not a whole number"),
                "expected a whole number",
            );
            return;
        }
        _ => return,
    };
    let (fits, expected) = match stands {
        Stands::Bytes => (bytes(text).is_some(), "bytes, as in `64m`"),
        Stands::Duration => (is_duration(text), "a duration, as in `1m30s`"),
        Stands::Mode => (
            i64::from_str_radix(text, 8).is_ok(),
            "an octal mode, as in \"0440\"",
        ),
        Stands::Fraction => (float(text).is_some(), "a number"),
        Stands::Number => (false, "a number without quotes"),
        Stands::Whole | Stands::Count => (text.parse::<i64>().is_ok(), "a whole number"),
        Stands::Boolean => (super::fill::boolean(text).is_some(), "true or false"),
        Stands::DeviceCount => (
            text.eq_ignore_ascii_case("all") || text.parse::<i64>().is_ok(),
            "`all` or a whole number",
        ),
        Stands::Pair => {
            let key = text.split('=').next().unwrap_or_default();
            (
                !key.ends_with(char::is_whitespace),
                "KEY=VALUE, without a space before `=`",
            )
        }
        Stands::Host => {
            let parts = text.split_once('=').or_else(|| text.split_once(':'));
            let is_name = |name: &str| !name.is_empty() && !name.contains([':', '=']);
            (parts.is_some_and(|(name, _)| is_name(name)), "NAME=ADDRESS")
        }
        Stands::Command => (
            super::words::split(text).is_some(),
            super::words::EXPECTED.trim_start_matches("expected "),
        ),
    };
    if !fits {
        notes.problem(
            node.at,
            format!("`{name}` cannot be `{text}`"),
            format!("expected {expected}"),
        );
    }
}

/// `1h30m`, `1.5s`, `2d`: numbers with units, largest or smallest first (go-str2duration).
fn is_duration(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    if text == "0" {
        return true;
    }
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let has_digits = number.bytes().any(|byte| byte.is_ascii_digit());
        if !has_digits || number.matches('.').count() > 1 {
            return false;
        }
        let end = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(end).unwrap_or((after, ""));
        if !matches!(
            unit,
            "ns" | "us" | "µs" | "μs" | "ms" | "s" | "m" | "h" | "d" | "w"
        ) {
            return false;
        }
        rest = after;
    }
    !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::is_duration;

    #[test]
    fn durations() {
        for text in [
            "0", "1s", "1h30m", "1.5s", "2d", "1w", "-1s", "500ms", ".5s",
        ] {
            assert!(is_duration(text), "{text}");
        }
        for text in ["", "1", "s", "1x", "1..5s", "1h30"] {
            assert!(!is_duration(text), "{text}");
        }
    }
}
