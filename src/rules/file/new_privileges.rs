//! Processes that gain privileges.

use super::each;
use crate::fields::security_option;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "new-privileges",
    severity: Severity::Hardening,
    title: "No process can gain privileges",
    why: "Without this option, anyone with a shell in the container can become root through a setuid program.",
    origin: "OWASP Docker Security rule 4, CIS Docker 5.26 (5.25 of older editions)",
    equivalents: &[
        compose_lint("CL-0003"),
        kics("No New Privileges Not Set"),
        kics("Security Opt Not Set").except(
            "Only `no-new-privileges` is required; any other option, such as \
             `apparmor:unconfined`, may not be an improvement.",
        ),
    ],
    bad: service!(),
    good: service!(r#"security_opt: ["no-new-privileges:true"]"#),
    check: Check::File(check),
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let mut options = service.texts("security_opt");
        let is_set = options.any(|(text, _)| security_option(&text) == "no-new-privileges");
        let message = format!("processes of `{}` can gain privileges", service.name);
        (!is_set).then(|| {
            Found::new(service.name, message, service.place())
                .help("add `security_opt: [no-new-privileges:true]`")
        })
    })
}
