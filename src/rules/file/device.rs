//! A device of the host.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{items, text};
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

const PREFIXES: [&str; 14] = [
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
    "/dev/nbd",
    "/dev/mtd",
    "/dev/sg",
];
const WHOLE: [&str; 7] = [
    "/dev/mem",
    "/dev/kmem",
    "/dev/port",
    "/dev/kmsg",
    "/dev/kvm",
    "/dev",
    "/dev/loop-control",
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
            let path = text
                .split(':')
                .next()
                .unwrap_or_default()
                .trim_end_matches('/');
            if WHOLE.contains(&path) || PREFIXES.iter().any(|head| path.starts_with(head)) {
                let message = format!("`{}` has the device `{path}`", service.name);
                found.push(
                    Found::new(service.name, message, source.place())
                        .label("with this it reads and writes past every permission"),
                );
            }
        }
        for (rule, place) in service.list("device_cgroup_rules") {
            // Any block device, or any device at all.
            let kind = rule.chars().next();
            if matches!(kind, Some('a' | 'b'))
                || rule.starts_with("c *")
                || rule.starts_with("c 1:")
            {
                let message = format!("`{}` may make devices of its own", service.name);
                found.push(Found::new(service.name, message, place).label(format!("`{rule}`")));
            }
        }
        found
    })
}
