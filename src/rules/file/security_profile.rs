//! Disabled security profiles.

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "security-profile",
    severity: Severity::Error,
    title: "No container disables a security profile",
    why: "The profiles block rare system calls that most container escapes need.",
    origin: "OWASP Docker Security rule 6, CIS Docker 5.2, 5.3, 5.22 (one lower in older editions)",
    equivalents: &[
        compose_lint("CL-0009"),
        kics("Default Seccomp Profile Disabled").except(
            "Not for `label:seccomp:unconfined`, which is an SELinux label and disables \
             nothing.",
        ),
    ],
    bad: service!(r#"security_opt: ["seccomp:unconfined"]"#),
    good: service!(r#"security_opt: ["seccomp:./profile.json"]"#),
    check: Check::File(check),
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let off = service.texts("security_opt").filter(|(text, _)| {
            let text = text.replace('=', ":").to_ascii_lowercase();
            matches!(
                text.as_str(),
                "seccomp:unconfined"
                    | "apparmor:unconfined"
                    | "label:disable"
                    | "systempaths:unconfined"
            )
        });
        off.map(move |(text, at)| {
            let message = format!("`{}` disables a security profile", service.name);
            Found::new(service.name, message, at.place()).label(format!("`{text}`"))
        })
    })
}
