//! Texts that a file and an engine write differently, in one form.

use std::net::IpAddr;

use ipnet::IpNet;

/// Signals that containers are stopped with, by their numbers on Linux.
const SIGNALS: &[(&str, &str)] = &[
    ("1", "SIGHUP"),
    ("2", "SIGINT"),
    ("3", "SIGQUIT"),
    ("6", "SIGABRT"),
    ("9", "SIGKILL"),
    ("10", "SIGUSR1"),
    ("12", "SIGUSR2"),
    ("15", "SIGTERM"),
    ("18", "SIGCONT"),
    ("19", "SIGSTOP"),
    ("28", "SIGWINCH"),
    ("30", "SIGPWR"),
    ("37", "SIGRTMIN+3"),
];

/// A signal by its name: `INT`, `sigint` and `2` are `SIGINT`.
pub(crate) fn signal(text: &str) -> String {
    let by_number = SIGNALS.iter().find(|(number, _)| *number == text);
    if let Some((_, name)) = by_number {
        return (*name).to_owned();
    }
    let name = text.to_ascii_uppercase();
    if name.starts_with("SIG") || name.starts_with(|c: char| c.is_ascii_digit()) {
        name
    } else {
        format!("SIG{name}")
    }
}

/// An address or a subnet, however it is written.
pub(crate) fn one_spelling(text: &str) -> String {
    let address = text.parse::<IpAddr>().map(|address| address.to_string());
    let subnet = || text.parse::<IpNet>().map(|subnet| subnet.to_string());
    address
        .ok()
        .or_else(|| subnet().ok())
        .unwrap_or_else(|| text.to_owned())
}

/// A restart policy; an engine writes `no`, or nothing, where there is none.
pub(crate) fn restart(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty() && *text != "no")
}

/// A request for devices as a text. Which of the sets of capabilities a device has is up to the
/// driver; each is in any order.
pub(crate) fn device_request(
    driver: &str,
    count: i64,
    ids: &[String],
    capabilities: &[Vec<String>],
    options: &[String],
) -> String {
    let sorted = |names: &[String]| {
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        names.sort_unstable();
        names.join("+")
    };
    let mut sets: Vec<String> = capabilities.iter().map(|set| sorted(set)).collect();
    sets.sort();
    let mut parts = vec![("capabilities", sets.join("|"))];
    match count {
        0 => {}
        -1 => parts.push(("count", "all".to_owned())),
        count => parts.push(("count", count.to_string())),
    }
    parts.push(("driver", driver.to_owned()));
    parts.push(("ids", sorted(ids)));
    parts.push(("options", sorted(options)));
    let parts = parts.iter().filter(|(_, value)| !value.is_empty());
    let parts: Vec<String> = parts
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{device_request, signal};

    #[test]
    fn a_signal_has_one_name() {
        for text in ["SIGINT", "INT", "int", "2"] {
            assert_eq!(signal(text), "SIGINT", "{text}");
        }
        assert_eq!(signal("64"), "64");
    }

    #[test]
    fn a_request_is_one_text() {
        fn names(names: &[&str]) -> Vec<String> {
            names.iter().map(|name| (*name).to_owned()).collect()
        }
        let (ids, gpu) = (names(&["1", "0"]), names(&["utility", "gpu"]));
        assert_eq!(
            device_request("nvidia", 0, &ids, &[gpu], &[]),
            "capabilities=gpu+utility driver=nvidia ids=0+1"
        );
        assert_eq!(
            device_request("", -1, &[], &[names(&["gpu"])], &[]),
            "capabilities=gpu count=all"
        );
    }
}
