//! A profile that is turned off.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "security-profile",
    severity: Severity::Error,
    title: "No container turns a security profile off",
    why: "The profiles forbid the rare calls to the kernel that most ways out of a container need.",
    origin: "compose-lint CL-0009, KICS `Default Seccomp Profile Disabled`, OWASP Docker Security rule 6, CIS Docker 5.2, 5.3, 5.22 (one lower in older editions)",
    bad: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    security_opt: [\"seccomp:unconfined\"]\n",
    ]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    security_opt: [\"seccomp:./profile.json\"]\n",
    ]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let options = service.list("security_opt").into_iter();
        let off = options.filter(|(text, _)| {
            let text = text.replace('=', ":").to_ascii_lowercase();
            matches!(
                text.as_str(),
                "seccomp:unconfined"
                    | "apparmor:unconfined"
                    | "label:disable"
                    | "systempaths:unconfined"
            )
        });
        off.map(|(text, place)| {
            let message = format!("`{}` turns a security profile off", service.name);
            Found::new(service.name, message, place).label(format!("`{text}`"))
        })
        .collect()
    })
}
