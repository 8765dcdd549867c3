//! A container that is the host.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::{flag, items};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "privileged",
    severity: Severity::Error,
    title: "No container is privileged",
    why: "A privileged container has every capability and device of the host, and one step leads out of it.",
    origin: "compose-lint CL-0002, KICS `Privileged Containers Enabled`, OWASP Docker Security rule 3, CIS Docker 5.4",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    privileged: true\n"]),
    good: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    privileged: false\n"]),
    check: Check::File(check),
};

/// What runs in a container when it starts and stops, with rights of its own (Compose specification,
/// `post_start` and `pre_stop`).
const HOOKS: [&str; 2] = ["post_start", "pre_stop"];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let own = service.at.get("privileged");
        let own = own.map(|at| (format!("`{}` is privileged", service.name), at));
        let hooks = HOOKS.into_iter().flat_map(|key| {
            let hooks = service.get(key).map(|at| items(&at)).unwrap_or_default();
            let of_hooks = hooks.into_iter().filter_map(|hook| hook.get("privileged"));
            of_hooks.map(move |at| (format!("`{key}` of `{}` is privileged", service.name), at))
        });
        let all = own.into_iter().chain(hooks);
        all.filter(|(_, at)| flag(at) == Some(true))
            .map(|(message, at)| {
                Found::new(service.name, message, at.place())
                    .label("this is root on the host")
                    .help("give it the capability or device that it needs")
            })
            .collect()
    })
}
