//! Namespaces of the host.

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "host-namespace",
    severity: Severity::Error,
    title: "No container shares a namespace with the host",
    why: "It can see, and stop or change, the processes, memory or devices in that namespace.",
    origin: "CIS Docker 5.16, 5.17, 5.21, 5.31 (one lower in older editions)",
    equivalents: &[
        compose_lint("CL-0010"),
        kics("Host Namespace is Shared"),
        kics("Shared Host IPC Namespace"),
        kics("Shared Host User Namespace"),
    ],
    bad: service!("pid: host"),
    good: service!("pid: service:web"),
    check: Check::File(check),
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        ["pid", "ipc", "uts", "userns_mode", "cgroup"]
            .into_iter()
            .filter_map(move |key| {
                let at = service.get(key)?;
                let message = format!("`{}` shares `{key}` with the host", service.name);
                (at.text()? == "host").then(|| {
                    Found::new(service.name, message, at.place())
                        .label("expected its own namespace")
                })
            })
    })
}
