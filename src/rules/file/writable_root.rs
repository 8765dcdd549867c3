//! A writable root filesystem.

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "writable-root",
    severity: Severity::Hardening,
    title: "The root filesystem of a container is read-only",
    why: "An intruder starts by writing a program into the container.",
    origin: "OWASP Docker Security rule 8, CIS Docker 5.13 (5.12 of older editions)",
    equivalents: &[compose_lint("CL-0007")],
    bad: service!(),
    good: service!("read_only: true"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    // A stack ignores the field `tmpfs`.
    let help = if deployed.orchestrator.is_swarm() {
        "add `read_only: true`, and a mount of `type: tmpfs` for the paths that it writes to"
    } else {
        "add `read_only: true`, and a `tmpfs` for the paths that it writes to"
    };
    each(deployed, |service| {
        let read_only = service.get("read_only");
        let place = read_only.map_or(service.place(), |at| at.place());
        let message = format!("`{}` has a writable root filesystem", service.name);
        (!service.is_on("read_only")).then(|| Found::new(service.name, message, place).help(help))
    })
}
