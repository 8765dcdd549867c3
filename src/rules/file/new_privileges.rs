//! A process that gains privileges.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "new-privileges",
    severity: Severity::Warning,
    title: "No process gains privileges",
    why: "A program with the setuid bit makes root of whoever gets a shell, unless the container forbids it.",
    origin: "compose-lint CL-0003, KICS `No New Privileges Not Set`, `Security Opt Not Set`, OWASP Docker Security rule 4, CIS Docker 5.26 (5.25 of older editions)",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n"]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    security_opt: [\"no-new-privileges:true\"]\n",
    ]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let options = service.list("security_opt");
        let is_set = |text: &str| {
            let text = text.replace('=', ":");
            text == "no-new-privileges" || text == "no-new-privileges:true"
        };
        if options.iter().any(|(text, _)| is_set(text)) {
            return Vec::new();
        }
        let message = format!("processes of `{}` may gain privileges", service.name);
        vec![
            Found::new(service.name, message, service.place())
                .help("add `security_opt: [no-new-privileges:true]`"),
        ]
    })
}
