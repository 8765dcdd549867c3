//! Capabilities that lead out of the container.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "capability-escape",
    severity: Severity::Error,
    title: "No container has a capability that leads out of it",
    why: "With any of these a container loads code into the kernel or mounts the disk of the host.",
    origin: "compose-lint CL-0024, KICS `Container Capabilities Unrestricted`, OWASP Docker Security rule 3, CIS Docker 5.4 (5.3 of older editions)",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    cap_add: [SYS_ADMIN]\n"]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    cap_add: [NET_BIND_SERVICE]\n",
    ]),
    check: Check::File(check),
};

const LEAD_OUT: [&str; 4] = ["ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO"];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let added = service.capabilities("cap_add").into_iter();
        let added = added.filter(|(name, _)| LEAD_OUT.contains(&name.as_str()));
        added
            .map(|(name, place)| {
                let message = format!("`{}` has the capability {name}", service.name);
                Found::new(service.name, message, place).label("this is root on the host")
            })
            .collect()
    })
}
