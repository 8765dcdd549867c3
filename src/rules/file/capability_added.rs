//! Capabilities that affect the host.

use super::{each, purpose};
use crate::compose::Service;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "capability-added",
    severity: Severity::Warning,
    title: "No container has a capability that affects the host",
    why: "Each of these capabilities reads or changes something outside the container, such as the clock, the kernel log or, on the host network, all traffic.",
    origin: "OWASP Docker Security rule 3, CIS Docker 5.4 (5.3 of older editions)",
    equivalents: &[
        compose_lint("CL-0011"),
        compose_lint("CL-0027"),
        compose_lint("CL-0028"),
        compose_lint("CL-0029"),
        compose_lint("CL-0030"),
    ],
    bad: service!("cap_add: [SYS_TIME]"),
    good: service!("cap_add: [NET_BIND_SERVICE]"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

/// A capability, and what it allows.
struct Capability {
    name: &'static str,
    why: &'static str,
    /// Where it affects more than the container itself.
    affects: Affects,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Affects {
    /// Everywhere.
    Host,
    /// In the namespace of the host that this field gives.
    Shared(&'static str),
    /// It takes from the host what others need too, and shows nothing.
    Own,
}

const fn known(name: &'static str, why: &'static str, affects: Affects) -> Capability {
    Capability { name, why, affects }
}

const KNOWN: [Capability; 11] = [
    known("BPF", "it can run programs in the kernel", Affects::Host),
    known("SYS_BOOT", "it can restart the host", Affects::Host),
    known("PERFMON", "it can profile the whole host", Affects::Host),
    known("SYS_TIME", "it can set the host's clock", Affects::Host),
    known("SYSLOG", "it can read the kernel log", Affects::Host),
    known(
        "NET_ADMIN",
        "it can change networks and capture their traffic",
        Affects::Shared("network_mode"),
    ),
    known(
        "NET_RAW",
        "it can forge packets",
        Affects::Shared("network_mode"),
    ),
    known(
        "SYS_PTRACE",
        "it can inspect other processes",
        Affects::Shared("pid"),
    ),
    known("SYS_NICE", "it can take CPU time from others", Affects::Own),
    known("IPC_LOCK", "it can lock the host's memory", Affects::Own),
    known(
        "LEASE",
        "it can delay others that open a file",
        Affects::Own,
    ),
];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each_added(deployed, true)
}

/// The capabilities of services that are known, and that affect the host or not.
pub(super) fn each_added(deployed: &Deployed<'_>, affects_host: bool) -> Vec<Found> {
    each(deployed, |service| {
        let added = service.capabilities("cap_add");
        added.filter_map(move |(name, at)| {
            let known = KNOWN.iter().find(|known| known.name == name)?;
            let message = format!("`{}` has the capability {name}", service.name);
            (known.affects_host(service) == affects_host)
                .then(|| Found::new(service.name, message, at.place()).label(known.why))
        })
    })
}

impl Capability {
    fn affects_host(&self, service: Service<'_>) -> bool {
        match self.affects {
            Affects::Host => true,
            Affects::Shared("network_mode") if purpose::is_for_host_network(service) => false,
            Affects::Shared(field) => service.text(field).as_deref() == Some("host"),
            Affects::Own => false,
        }
    }
}
