//! A device of the host.

use super::each;
use crate::rules::prelude::*;
use crate::text::path::clean;

pub(super) static RULE: Rule = Rule {
    code: "host-device",
    severity: Severity::Error,
    title: "No container has access to a disk, the memory or the kernel log of the host",
    why: "A process that can write to a disk is not bound by the permissions of the files on it.",
    origin: "CIS Docker 5.18 (5.17 of older editions)",
    equivalents: &[compose_lint("CL-0016")],
    bad: service!(r#"devices: ["/dev/sda:/dev/sda"]"#),
    good: service!(r#"devices: ["/dev/dri:/dev/dri"]"#),
    check: Check::File(check),
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

/// Prefixes of the names of disks and of what gives access to disks.
const PREFIXES: [&str; 18] = [
    "/dev/sd", "/dev/hd", "/dev/vd", "/dev/xvd", "/dev/nvme", "/dev/mmcblk", "/dev/dm-",
    "/dev/mapper", "/dev/md", "/dev/loop", "/dev/disk", "/dev/block", "/dev/nbd", "/dev/rbd",
    "/dev/mtd", "/dev/sg", "/dev/zd", "/dev/zvol",
];
const WHOLE: [&str; 6] = [
    "/dev", "/dev/mem", "/dev/kmem", "/dev/port", "/dev/kmsg", "/dev/zfs",
];

/// Memory, ports, the kernel log and the loop control device, by their numbers.
const NUMBERS: [(&str, &str); 5] = [
    ("1", "1"),
    ("1", "2"),
    ("1", "4"),
    ("1", "11"),
    ("10", "237"),
];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let name = service.name;
        let devices = service.items("devices").filter_map(move |device| {
            let source = device.get("source").unwrap_or(device);
            let text = source.text()?;
            let path = clean(&format!("/{}", text.split(':').next()?));
            let is_host = WHOLE.contains(&path.as_str())
                || PREFIXES.iter().any(|prefix| path.starts_with(prefix));
            let message = format!("`{name}` has the device `{path}`");
            let (label, help) = match path.as_str() {
                "/dev/kmsg" => (
                    "this is the kernel log of the host",
                    "let a log collector on the host read it",
                ),
                "/dev/mem" | "/dev/kmem" | "/dev/port" => (
                    "this is the memory of the host",
                    "let a program on the host do what needs it",
                ),
                "/dev" => (
                    "these are all devices of the host",
                    "name the devices that it needs",
                ),
                _ => (
                    "this bypasses all file permissions",
                    "mount a file system on it on the host, and bind a directory of that",
                ),
            };
            is_host.then(|| {
                Found::new(name, message, source.place())
                    .label(label)
                    .help(help)
            })
        });
        let rules = service.texts("device_cgroup_rules");
        let opening = rules
            .filter(|(rule, _)| opens(rule))
            .map(move |(rule, at)| {
                let message =
                    format!("`{name}` may create device files for disks, memory or the kernel log");
                Found::new(name, message, at.place()).label(format!("`{rule}`"))
            });
        devices.chain(opening)
    })
}

/// Whether a cgroup rule, `KIND MAJOR:MINOR ACCESS`, allows reading or writing a disk, the memory or
/// the kernel log.
fn opens(rule: &str) -> bool {
    let mut parts = rule.split_whitespace();
    let (Some(kind), Some(numbers), Some(access)) = (parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let (major, minor) = numbers.split_once(':').unwrap_or((numbers, "*"));
    let covers = |known: &(&str, &str)| {
        (major == "*" || major == known.0) && (minor == "*" || minor == known.1)
    };
    // `m` alone allows creating a device, but not opening it.
    access.contains(['r', 'w'])
        && match kind {
            "a" | "b" => true,
            "c" => NUMBERS.iter().any(covers),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::opens;

    #[test]
    fn a_rule_opens_what_it_covers() {
        for rule in [
            "a *:* rwm", "b 8:* r", "c *:* rw", "c 1:* w", "c 1:11 r", "c 10:237 rwm",
        ] {
            assert!(opens(rule), "{rule}");
        }
        // The null device, terminals, and what may only be made.
        for rule in ["c 1:3 rwm", "c 136:* rwm", "b *:* m", "", "c"] {
            assert!(!opens(rule), "{rule}");
        }
    }
}
