//! Default capabilities.

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "capability-kept",
    severity: Severity::Hardening,
    title: "A container drops all capabilities",
    why: "Otherwise it keeps fourteen capabilities that hardly any program needs, such as the one to forge packets.",
    origin: "OWASP Docker Security rule 3, CIS Docker 5.4 (5.3 of older editions)",
    equivalents: &[
        compose_lint("CL-0006"),
        kics("Container Capabilities Unrestricted"),
    ],
    bad: service!(),
    good: service!("cap_drop: [ALL]"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let mut dropped = service.capabilities("cap_drop");
        let keeps = dropped.all(|(name, _)| name != "ALL");
        let message = format!("`{}` keeps the default capabilities", service.name);
        keeps.then(|| {
            Found::new(service.name, message, service.place())
                .help("add `cap_drop: [ALL]`, and list under `cap_add` what it needs")
        })
    })
}
