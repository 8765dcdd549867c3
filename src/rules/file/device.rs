//! A device of the host.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{clean, items, text};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "host-device",
    severity: Severity::Error,
    title: "No container has a disk, the memory or the kernel of the host",
    why: "Who writes to a disk needs no permission of the files on it.",
    origin: "compose-lint CL-0016, CIS Docker 5.18 (5.17 of older editions)",
    bad: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    devices: [\"/dev/sda:/dev/sda\"]\n",
    ]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    devices: [\"/dev/dri:/dev/dri\"]\n",
    ]),
    check: Check::File(check),
};

/// How the names of disks begin, and of what stands for disks.
const PREFIXES: [&str; 18] = [
    "/dev/sd",
    "/dev/hd",
    "/dev/vd",
    "/dev/xvd",
    "/dev/nvme",
    "/dev/mmcblk",
    "/dev/dm-",
    "/dev/mapper",
    "/dev/md",
    "/dev/loop",
    "/dev/disk",
    "/dev/block",
    "/dev/nbd",
    "/dev/rbd",
    "/dev/mtd",
    "/dev/sg",
    "/dev/zd",
    "/dev/zvol",
];
const WHOLE: [&str; 6] = [
    "/dev",
    "/dev/mem",
    "/dev/kmem",
    "/dev/port",
    "/dev/kmsg",
    "/dev/zfs",
];

/// Memory, ports, the log of the kernel, and what makes disks of files, by their numbers.
const NUMBERS: [(&str, &str); 5] = [
    ("1", "1"),
    ("1", "2"),
    ("1", "4"),
    ("1", "11"),
    ("10", "237"),
];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let mut found = Vec::new();
        let items = service
            .get("devices")
            .map(|at| items(&at))
            .unwrap_or_default();
        for item in items {
            let source = item.get("source").unwrap_or_else(|| item.clone());
            let Some(text) = text(&source) else { continue };
            let path = clean(text.split(':').next().unwrap_or_default());
            if WHOLE.contains(&path.as_str()) || PREFIXES.iter().any(|head| path.starts_with(head))
            {
                let message = format!("`{}` has the device `{path}`", service.name);
                found.push(
                    Found::new(service.name, message, source.place())
                        .label("with this it reads and writes past every permission"),
                );
            }
        }
        for (rule, place) in service.list("device_cgroup_rules") {
            if opens(&rule) {
                let message = format!("`{}` may make devices of its own", service.name);
                found.push(Found::new(service.name, message, place).label(format!("`{rule}`")));
            }
        }
        found
    })
}

/// Whether a rule of a group of processes, `KIND MAJOR:MINOR ACCESS`, lets it read or write a disk,
/// the memory or the kernel.
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
    // With `m` alone a device can be made, and not be opened.
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
            "a *:* rwm",
            "b 8:* r",
            "c *:* rw",
            "c 1:* w",
            "c 1:11 r",
            "c 10:237 rwm",
        ] {
            assert!(opens(rule), "{rule}");
        }
        // The null device, terminals, and what may only be made.
        for rule in ["c 1:3 rwm", "c 136:* rwm", "b *:* m", "", "c"] {
            assert!(!opens(rule), "{rule}");
        }
    }
}
