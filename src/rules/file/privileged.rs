//! Privileged containers.

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "privileged",
    severity: Severity::Error,
    title: "No container is privileged",
    why: "A privileged container has all capabilities and devices of the host, so escaping from it is trivial.",
    origin: "OWASP Docker Security rule 3, CIS Docker 5.4",
    equivalents: &[
        compose_lint("CL-0002"),
        kics("Privileged Containers Enabled"),
    ],
    bad: service!("privileged: true"),
    good: service!("privileged: false"),
    check: Check::File(check),
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

/// Lifecycle hooks, which have their own privileges (Compose specification, `post_start` and
/// `pre_stop`).
const HOOKS: [&str; 2] = ["post_start", "pre_stop"];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let hooks = HOOKS.into_iter().flat_map(move |key| {
            let title = format!("`{key}` of `{}`", service.name);
            service.items(key).map(move |hook| (title.clone(), hook))
        });
        let all = [(format!("`{}`", service.name), service.at)]
            .into_iter()
            .chain(hooks);
        all.filter_map(move |(title, at)| {
            let at = at.get("privileged").filter(|at| at.flag() == Some(true))?;
            let message = format!("{title} is privileged");
            Some(
                Found::new(service.name, message, at.place())
                    .label("this is equivalent to root on the host")
                    .help("grant only the capabilities or devices that it needs"),
            )
        })
    })
}
