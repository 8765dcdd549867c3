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
        let all = [(format!("`{}`", service.name), service.at)]
            .into_iter()
            .chain(hooks);
        let containers = all.filter_map(move |(title, at)| {
            let at = privileged(at)?;
            Some(
                Found::new(service.name, format!("{title} is privileged"), at.place())
                    .label(ROOT)
                    .help("grant only the capabilities or devices that it needs"),
            )
        });
        let build = service.get("build");
        let insecure = build
            .and_then(|build| build.get("entitlements"))
            .into_iter()
            .flat_map(At::items)
            .filter(|entitlement| entitlement.text().as_deref() == Some(INSECURE));
        let builds = build.and_then(privileged).into_iter().chain(insecure);
        containers.chain(builds.map(move |at| {
            let message = format!("the build of `{}` is privileged", service.name);
            Found::new(service.name, message, at.place())
                .label(ROOT)
                .help("leave it out, and do what needs it in the container or before the build")
        }))
    })
}

const ROOT: &str = "this is equivalent to root on the host";

/// The field of a container or a build that makes it privileged.
fn privileged(at: At<'_>) -> Option<At<'_>> {
    at.get("privileged").filter(|at| at.flag() == Some(true))
}
