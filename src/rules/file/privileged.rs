//! Privileged containers, and builds.

use super::{each, hook};
use crate::compose::At;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "privileged",
    severity: Severity::Error,
    title: "No container or build is privileged",
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

/// What lets the steps of a build ask `BuildKit` for all privileges.
const INSECURE: &str = "security.insecure";

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        // Hooks have their own privileges.
        let hooks = hook::of(service.at)
            .map(move |(field, hook)| (format!("`{field}` of `{}`", service.name), hook));
        let build = service
            .get("build")
            .map(|build| (format!("the build of `{}`", service.name), build));
        let all = [(format!("`{}`", service.name), service.at)]
            .into_iter()
            .chain(build)
            .chain(hooks);
        let privileged = all.filter_map(move |(title, at)| {
            let at = at.get("privileged").filter(|at| at.flag() == Some(true))?;
            Some((format!("{title} is privileged"), at))
        });
        let insecure = service
            .dig(&["build", "entitlements"])
            .into_iter()
            .flat_map(At::items)
            .filter(|entitlement| entitlement.text().as_deref() == Some(INSECURE))
            .map(move |at| (format!("the build of `{}` is privileged", service.name), at));
        privileged.chain(insecure).map(move |(message, at)| {
            Found::new(service.name, message, at.place())
                .label("this is equivalent to root on the host")
                .help("grant only the capabilities or devices that it needs")
        })
    })
}
