//! Memory that runs programs.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "tmpfs-exec",
    severity: Severity::Warning,
    title: "Nothing runs from a tmpfs",
    why: "Docker mounts it so that nothing on it runs, and that is where an intruder would put a program.",
    origin: "compose-lint CL-0022",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    tmpfs: ['/tmp:exec']\n"]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    tmpfs: ['/tmp:size=64m']\n",
    ]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let mounts = service.list("tmpfs").into_iter();
        let weak = mounts.filter(|(text, _)| {
            let options = text.split_once(':').map_or("", |(_, options)| options);
            options
                .split(',')
                .any(|option| matches!(option, "exec" | "suid"))
        });
        weak.map(|(_, place)| {
            let message = format!("`{}` runs programs from memory", service.name);
            Found::new(service.name, message, place).label("expected neither `exec` nor `suid`")
        })
        .collect()
    })
}
