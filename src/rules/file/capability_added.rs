//! Capabilities that affect the host or other containers.

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "capability-added",
    severity: Severity::Warning,
    title: "No container has a capability that affects the host or other containers",
    why: "Each of these capabilities reads or changes something outside the container, such as networks, the clock or the kernel log.",
    origin: "OWASP Docker Security rule 3, CIS Docker 5.4 (5.3 of older editions)",
    equivalents: &[
        compose_lint("CL-0011"),
        compose_lint("CL-0027"),
        compose_lint("CL-0028"),
        compose_lint("CL-0029"),
        compose_lint("CL-0030"),
    ],
    bad: service!("cap_add: [NET_ADMIN]"),
    good: service!("cap_add: [NET_BIND_SERVICE]"),
    check: Check::File(check),
};

const AFFECT_OTHERS: [(&str, &str); 12] = [
    (
        "NET_ADMIN",
        "it can change networks and capture their traffic",
    ),
    ("BPF", "it can run programs in the kernel"),
    ("SYS_BOOT", "it can restart the host"),
    ("PERFMON", "it can profile the whole host"),
    ("SYS_TIME", "it can set the host's clock"),
    ("SYS_NICE", "it can take CPU time from others"),
    ("IPC_LOCK", "it can lock the host's memory"),
    ("LEASE", "it can delay others that open a file"),
    ("SYSLOG", "it can read the kernel log"),
    ("SYS_PTRACE", "it can inspect other processes"),
    ("DAC_READ_SEARCH", "it can read files without permission"),
    ("NET_RAW", "it can forge packets"),
];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let added = service.capabilities("cap_add");
        added.filter_map(move |(name, at)| {
            let (_, why) = AFFECT_OTHERS.iter().find(|(known, _)| *known == name)?;
            let message = format!("`{}` has the capability {name}", service.name);
            Some(Found::new(service.name, message, at.place()).label(*why))
        })
    })
}
