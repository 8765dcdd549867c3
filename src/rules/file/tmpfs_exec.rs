//! Programs on a tmpfs.

use indoc::indoc;

use super::each;
use crate::rules::equivalent::compose_lint;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "tmpfs-exec",
    severity: Severity::Warning,
    title: "No tmpfs allows programs to run",
    why: "Docker mounts a tmpfs with `noexec`, because that is where an intruder would put a program.",
    origin: "",
    equivalents: &[compose_lint("CL-0022")],
    bad: Example::Compose(&[indoc! {r#"
            services:
              web:
                image: "a:1"
                tmpfs: ['/tmp:exec']
        "#}]),
    good: Example::Compose(&[indoc! {r#"
            services:
              web:
                image: "a:1"
                tmpfs: ['/tmp:size=64m']
        "#}]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let mounts = service.texts("tmpfs");
        let weak = mounts.filter(|(text, _)| {
            let options = text.split_once(':').map_or("", |(_, options)| options);
            options
                .split(',')
                .any(|option| matches!(option, "exec" | "suid"))
        });
        weak.map(|(_, at)| {
            let message = format!("`{}` can run programs from a tmpfs", service.name);
            Found::new(service.name, message, at.place())
                .label("expected neither `exec` nor `suid`")
        })
        .collect()
    })
}
