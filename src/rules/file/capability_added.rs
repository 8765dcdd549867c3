//! Capabilities that reach past the container.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "capability-added",
    severity: Severity::Warning,
    title: "No container has a capability that reaches past it",
    why: "Each of these reads or changes something of the host or of another container: its network, clock, memory or log.",
    origin: "compose-lint CL-0011, CL-0027, CL-0028, CL-0029, CL-0030, OWASP Docker Security rule 3, CIS Docker 5.4 (5.3 of older editions)",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    cap_add: [NET_ADMIN]\n"]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    cap_add: [NET_BIND_SERVICE]\n",
    ]),
    check: Check::File(check),
};

const REACH_PAST: [(&str, &str); 12] = [
    (
        "NET_ADMIN",
        "it changes networks, and hears what others say there",
    ),
    ("BPF", "it runs programs in the kernel"),
    ("SYS_BOOT", "it restarts the host"),
    ("PERFMON", "it measures the whole host"),
    ("SYS_TIME", "it sets the host's clock"),
    ("SYS_NICE", "it takes the processor from others"),
    ("IPC_LOCK", "it pins the host's memory"),
    ("LEASE", "it holds up others that open a file"),
    ("SYSLOG", "it reads the kernel's log"),
    ("SYS_PTRACE", "it looks into other processes"),
    ("DAC_READ_SEARCH", "it reads what it has no permission for"),
    ("NET_RAW", "it forges packets"),
];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let added = service.capabilities("cap_add").into_iter();
        added
            .filter_map(|(name, place)| {
                let (_, why) = REACH_PAST.iter().find(|(known, _)| *known == name)?;
                let message = format!("`{}` has the capability {name}", service.name);
                Some(Found::new(service.name, message, place).label(*why))
            })
            .collect()
    })
}
