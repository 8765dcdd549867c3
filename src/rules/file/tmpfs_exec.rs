//! Programs on a tmpfs.

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "tmpfs-exec",
    severity: Severity::Hardening,
    title: "No tmpfs allows programs to run",
    why: "Docker mounts a tmpfs with `noexec`, because that is where an intruder would put a program.",
    equivalents: &[compose_lint("CL-0022")],
    bad: service!("tmpfs: ['/tmp:exec']"),
    good: service!("tmpfs: ['/tmp:size=64m']"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let weak = service.texts("tmpfs").filter(|(text, _)| {
            let options = text.split_once(':').map_or("", |(_, options)| options);
            options
                .split(',')
                .any(|option| matches!(option, "exec" | "suid"))
        });
        weak.map(move |(_, at)| {
            let message = format!("`{}` can run programs from a tmpfs", service.name);
            Found::new(service.name, message, at.place())
                .label("expected neither `exec` nor `suid`")
        })
    })
}
