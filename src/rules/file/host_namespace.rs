//! Namespaces of the host.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "host-namespace",
    severity: Severity::Error,
    title: "No container shares a namespace with the host",
    why: "It sees the processes or the memory that the host shares, and may end or change them.",
    origin: "compose-lint CL-0010, KICS `Host Namespace is Shared`, `Shared Host IPC Namespace`, `Shared Host User Namespace`, CIS Docker 5.16, 5.17, 5.21, 5.31 (one lower in older editions)",
    bad: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    pid: host\n"]),
    good: Example::Compose(&["services:\n  web:\n    image: \"a:1\"\n    pid: service:web\n"]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let mut found = Vec::new();
        for key in ["pid", "ipc", "uts", "userns_mode", "cgroup"] {
            let Some(at) = service.get(key) else { continue };
            if service.text(key).as_deref() == Some("host") {
                let message = format!("`{}` shares `{key}` with the host", service.name);
                found.push(
                    Found::new(service.name, message, at.place())
                        .label("expected a namespace of its own"),
                );
            }
        }
        found
    })
}
