//! Capabilities that allow an escape from the container.

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "capability-escape",
    severity: Severity::Error,
    title: "No container has a capability that allows an escape",
    why: "With any of these capabilities, a container can load kernel code, or mount or read the disks of the host.",
    origin: "OWASP Docker Security rule 3, CIS Docker 5.4 (5.3 of older editions)",
    equivalents: &[
        compose_lint("CL-0024"),
        kics("Container Capabilities Unrestricted"),
    ],
    bad: service!("cap_add: [SYS_ADMIN]"),
    good: service!("cap_add: [NET_BIND_SERVICE]"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

const ALLOW_ESCAPE: [&str; 5] = [
    "ALL", // It opens any file of the host by its number.
    "DAC_READ_SEARCH", "SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO",
];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let added = service.capabilities("cap_add");
        let allowing = added.filter(|(name, _)| ALLOW_ESCAPE.contains(&name.as_str()));
        allowing.map(move |(name, at)| {
            let message = format!("`{}` has the capability {name}", service.name);
            Found::new(service.name, message, at.place())
                .label("this is equivalent to root on the host")
        })
    })
}
