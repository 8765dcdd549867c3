//! Texts that a file and an engine write differently, in one form.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::text::hex::sha256;

/// The signals of Linux from 1 (moby, `sys/signal`, `signal_linux.go`).
const SIGNALS: [&str; 31] = [
    "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL",
    "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD",
    "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ",
    "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
];

/// Names that are the same signal as another.
const SAME_SIGNALS: [(&str, &str); 3] = [
    ("SIGIOT", "SIGABRT"),
    ("SIGCLD", "SIGCHLD"),
    ("SIGPOLL", "SIGIO"),
];

/// The first and the last real-time signal.
const REAL_TIME: (u8, u8) = (34, 64);

/// The path and the options of an entry of `tmpfs`: `/run:size=1m,mode=755`.
pub(crate) fn tmpfs_entry(text: &str) -> (&str, &str) {
    text.split_once(':').unwrap_or((text, ""))
}

/// A signal by its name: `INT`, `sigint` and `2` are `SIGINT`.
pub(crate) fn signal(text: &str) -> String {
    if let Ok(number) = text.parse::<u8>() {
        return by_number(number).unwrap_or_else(|| text.to_owned());
    }
    let name = text.to_ascii_uppercase();
    let name = if name.starts_with("SIG") || name.starts_with(|c: char| c.is_ascii_digit()) {
        name
    } else {
        format!("SIG{name}")
    };
    let real_time = real_time(&name).and_then(by_number);
    let mut same = SAME_SIGNALS.iter().filter(|(own, _)| *own == name);
    let same = same.next().map(|(_, same)| (*same).to_owned());
    real_time.or(same).unwrap_or(name)
}

/// Whether an engine knows a signal; it takes any number but 0.
pub(crate) fn is_signal(text: &str) -> bool {
    if let Ok(number) = text.parse::<i64>() {
        return number != 0;
    }
    let name = signal(text);
    SIGNALS.contains(&name.as_str()) || real_time(&name).is_some()
}

fn by_number(number: u8) -> Option<String> {
    let name = SIGNALS.get(usize::from(number).checked_sub(1)?);
    let (first, last) = REAL_TIME;
    match name {
        Some(name) => Some((*name).to_owned()),
        None if number == first => Some("SIGRTMIN".to_owned()),
        None if (first..=last).contains(&number) => Some(format!("SIGRTMIN+{}", number - first)),
        None => None,
    }
}

/// The number of a real-time signal: `SIGRTMIN+3`, `SIGRTMAX-1`.
fn real_time(name: &str) -> Option<u8> {
    let (first, last) = REAL_TIME;
    let number = match name.strip_prefix("SIGRTM")? {
        "IN" => Some(first),
        "AX" => Some(last),
        rest => match rest.split_at_checked(3)? {
            ("IN+", above) => first.checked_add(above.parse().ok()?),
            ("AX-", below) => last.checked_sub(below.parse().ok()?),
            _ => None,
        },
    }?;
    (first..=last).contains(&number).then_some(number)
}

/// A share as a swarm keeps it, in single precision.
pub(crate) fn ratio(text: &str) -> Option<String> {
    text.parse::<f32>().ok().map(|share| share.to_string())
}

/// A capability as the engine writes it: in capitals, without `CAP_`.
pub(crate) fn capability(word: &str) -> String {
    let word = word.to_ascii_uppercase();
    match word.strip_prefix("CAP_") {
        Some(short) => short.to_owned(),
        None => word,
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

/// A hardware address of six bytes as the engine writes it: `02-42-AC-11-00-02` and `0242.ac11.0002` are `02:42:ac:11:00:02` (Go,
/// `net.ParseMAC`).
pub(crate) fn mac_address(text: &str) -> Option<String> {
    let (separator, length, count) = match text.find([':', '-', '.']) {
        Some(4) => ('.', 4, 3),
        Some(2) if text.contains(':') => (':', 2, 6),
        Some(2) => ('-', 2, 6),
        _ => return None,
    };
    let parts: Vec<&str> = text.split(separator).collect();
    let is_part = |part: &&str| part.len() == length && part.chars().all(|c| c.is_ascii_hexdigit());
    if parts.len() != count || !parts.iter().all(is_part) {
        return None;
    }
    let digits = parts.concat().to_ascii_lowercase();
    let pairs = (0..digits.len()).step_by(2);
    let bytes: Vec<&str> = pairs.filter_map(|at| digits.get(at..at + 2)).collect();
    Some(bytes.join(":"))
}

/// A port of a container in one spelling: `80` and `80/TCP` are `80/tcp`.
pub(crate) fn exposed_port(text: &str) -> String {
    let mut port = text.to_ascii_lowercase();
    if !port.contains('/') {
        port.push_str("/tcp");
    }
    port
}

/// A restart policy; an engine writes `no`, or nothing, where there is none.
pub(crate) fn restart(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty() && *text != "no")
}

/// A platform in the words of engines: `x86_64` and `linux/amd64` are the same, and so are `linux/arm64`
/// and `linux/arm64/v8` (containerd, `platforms`, `database.go`). One without an architecture stays so.
pub(crate) fn platform(text: &str) -> String {
    let text = text.to_ascii_lowercase();
    let parts: Vec<&str> = text.split('/').collect();
    let (os, architecture, variant) = match parts.as_slice() {
        [os] if OPERATING_SYSTEMS.contains(os) => return text,
        [architecture] => ("linux", *architecture, ""),
        [os, architecture] => (*os, *architecture, ""),
        [os, architecture, variant] => (*os, *architecture, *variant),
        _ => return text,
    };
    let (architecture, variant) = match (architecture, variant) {
        ("i386", _) => ("386", ""),
        ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64", ""),
        ("x86_64" | "x86-64", variant) => ("amd64", variant),
        ("aarch64" | "arm64", "8" | "v8") => ("arm64", ""),
        ("aarch64", variant) => ("arm64", variant),
        ("armhf", _) | ("arm", "" | "7") => ("arm", "v7"),
        ("armel", _) | ("arm", "6") => ("arm", "v6"),
        ("arm", "5") => ("arm", "v5"),
        ("arm", "8") => ("arm", "v8"),
        other => other,
    };
    let variant = Some(variant).filter(|variant| !variant.is_empty());
    [Some(os), Some(architecture), variant]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("/")
}

/// What a platform without an architecture is, by all of their names (containerd, `platforms`, `isKnownOS`, `normalizeOS`).
pub(crate) const OPERATING_SYSTEMS: &[&str] = &[
    "aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux",
    "macos", "nacl", "netbsd", "openbsd", "plan9", "solaris", "windows", "zos",
];

/// Whether an image of the platform `is` does for one that is asked for: a lower variant does, and
/// some images do not say theirs.
pub(crate) fn is_platform(wanted: &str, is: &str) -> bool {
    let parts = |text: &str| {
        let mut parts = text.splitn(3, '/').map(str::to_owned);
        (parts.next(), parts.next(), parts.next())
    };
    let (wanted, is) = (parts(wanted), parts(is));
    let has_variant = match (&wanted.2, &is.2) {
        (Some(wanted), Some(is)) => is <= wanted,
        (wanted, is) => is.is_none() || wanted == is,
    };
    wanted.0 == is.0 && (wanted.1.is_none() || wanted.1 == is.1 && has_variant)
}

/// Yes or no in the words of Go (`strconv.ParseBool`).
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// What an option with the digest of a seccomp profile begins with.
const PROFILE: &str = "seccomp=sha256:";

/// An option for a security module in one spelling (docker/cli, `opts`): `:` is an old `=`, and
/// `no-new-privileges=true` is `no-new-privileges`. Flags have many words for true and false (moby,
/// `daemon_unix.go`, `parseSecurityOpt`). A seccomp profile is its digest.
pub(crate) fn security_option(option: &str) -> String {
    let Some((name, value)) = option.split_once([':', '=']) else {
        return option.to_owned();
    };
    match (name, boolean(value)) {
        ("no-new-privileges", Some(true)) => name.to_owned(),
        ("no-new-privileges" | "writable-cgroups", Some(is_on)) => format!("{name}={is_on}"),
        ("seccomp", _) => {
            let profile = seccomp_profile(value);
            profile.unwrap_or_else(|| format!("{name}={value}"))
        }
        _ => format!("{name}={value}"),
    }
}

/// A seccomp profile as an option, however its JSON is written.
pub(crate) fn seccomp_profile(json: &str) -> Option<String> {
    let profile: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).ok()?;
    let digest = sha256(serde_json::Value::from(profile).to_string());
    Some(format!("{PROFILE}{}", digest.get(..32)?))
}

/// The file of the seccomp profile that an option names.
pub(crate) fn seccomp_file(option: &str) -> Option<&str> {
    let file = option.strip_prefix("seccomp=")?;
    let is_file = !matches!(file, "unconfined" | "builtin") && !is_profile(option);
    is_file.then_some(file)
}

/// Whether an option is a seccomp profile.
pub(crate) fn is_profile(option: &str) -> bool {
    option.starts_with(PROFILE)
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
    let parts: Vec<String> = parts
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{
        device_request, exposed_port, is_platform, is_signal, mac_address, platform, seccomp_file,
        security_option, signal,
    };

    #[test]
    fn a_hardware_address_and_a_port_have_one_spelling() {
        for text in [
            "02:42:ac:11:00:02", "02:42:AC:11:00:02", "02-42-AC-11-00-02", "0242.AC11.0002",
        ] {
            let address = mac_address(text);
            assert_eq!(address.as_deref(), Some("02:42:ac:11:00:02"), "{text}");
        }
        for text in [
            "", "02", "02:42:ac:11:00", "02:42:ac:11-00-02", "0g42.ac11.0002", "02é.42",
        ] {
            assert_eq!(mac_address(text), None, "{text}");
        }
        assert_eq!(exposed_port("80"), "80/tcp");
        assert_eq!(exposed_port("80-82/UDP"), "80-82/udp");
    }

    #[test]
    fn a_security_option_has_one_spelling() {
        for (option, expected) in [
            ("no-new-privileges:true", "no-new-privileges"),
            ("no-new-privileges=true", "no-new-privileges"),
            ("no-new-privileges:false", "no-new-privileges=false"),
            ("no-new-privileges", "no-new-privileges"),
            ("no-new-privileges:1", "no-new-privileges"),
            ("no-new-privileges=True", "no-new-privileges"),
            ("no-new-privileges:0", "no-new-privileges=false"),
            ("no-new-privileges:yes", "no-new-privileges=yes"),
            ("writable-cgroups:1", "writable-cgroups=true"),
            ("writable-cgroups=F", "writable-cgroups=false"),
            ("label:user:me", "label=user:me"),
            ("apparmor=web", "apparmor=web"),
            ("seccomp:unconfined", "seccomp=unconfined"),
            ("seccomp:a.json", "seccomp=a.json"),
        ] {
            assert_eq!(security_option(option), expected);
        }
        let written = [
            "{\"a\": 1,\n \"b\": [\"\u{e9}\"]}",
            r#"{"b":["\u00e9"],"a":1}"#,
        ];
        let [one, other] = written.map(|json| security_option(&format!("seccomp={json}")));
        assert_eq!(one, other);
        assert!(
            one.starts_with("seccomp=sha256:") && one.len() < 50,
            "{one}"
        );
        assert_ne!(security_option(r#"seccomp={"a":2}"#), one);
    }

    #[test]
    fn a_seccomp_profile_may_be_in_a_file() {
        assert_eq!(seccomp_file("seccomp=a.json"), Some("a.json"));
        for option in ["seccomp=unconfined", "seccomp=builtin", "label=disable"] {
            assert_eq!(seccomp_file(option), None);
        }
        assert_eq!(seccomp_file(&security_option("seccomp={}")), None);
    }

    #[test]
    fn a_signal_has_one_name() {
        for text in ["SIGINT", "INT", "int", "2"] {
            assert_eq!(signal(text), "SIGINT", "{text}");
        }
        for (text, name) in [
            ("37", "SIGRTMIN+3"),
            ("rtmax-27", "SIGRTMIN+3"),
            ("SIGCLD", "SIGCHLD"),
            ("99", "99"),
            ("é", "SIGé"),
        ] {
            assert_eq!(signal(text), name, "{text}");
        }
        for text in ["SIGRTMIN", "RTMAX-30", "99", "iot"] {
            assert!(is_signal(text), "{text}");
        }
        for text in ["0", "SIGRTMAX-31", "SIGRTMIN+", "FOO", "", "SIGRTMé"] {
            assert!(!is_signal(text), "{text}");
        }
    }

    #[test]
    fn a_platform_has_one_name() {
        for (text, name) in [
            ("linux/amd64", "linux/amd64"),
            ("linux/x86_64", "linux/amd64"),
            ("Linux/AMD64/v1", "linux/amd64"),
            ("linux/amd64/v3", "linux/amd64/v3"),
            ("x86-64", "linux/amd64"),
            ("aarch64", "linux/arm64"),
            ("linux/arm64/v8", "linux/arm64"),
            ("linux/arm", "linux/arm/v7"),
            ("linux/armhf", "linux/arm/v7"),
            ("linux/arm/6", "linux/arm/v6"),
            ("linux/i386", "linux/386"),
            ("linux", "linux"),
            ("windows/amd64", "windows/amd64"),
            ("linux/riscv64", "linux/riscv64"),
        ] {
            assert_eq!(platform(text), name, "{text}");
        }
    }

    #[test]
    fn an_image_does_for_a_platform() {
        for (wanted, is, expected) in [
            ("linux/amd64", "linux/amd64", true),
            ("linux/amd64", "linux/arm64", false),
            ("linux/amd64", "windows/amd64", false),
            ("linux", "linux/arm64", true),
            ("linux/arm/v7", "linux/arm/v6", true),
            ("linux/arm/v6", "linux/arm/v7", false),
            ("linux/amd64/v3", "linux/amd64", true),
            ("linux/amd64", "linux/amd64/v3", false),
        ] {
            assert_eq!(is_platform(wanted, is), expected, "{wanted} {is}");
        }
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
