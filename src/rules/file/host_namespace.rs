//! Namespaces of the host.

use indoc::indoc;

use super::each;
use crate::rules::equivalent::{compose_lint, kics};
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::{Deployed, Found};

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
    bad: Example::Compose(&[indoc! {r#"
            services:
              web:
                image: "a:1"
                pid: host
        "#}]),
    good: Example::Compose(&[indoc! {r#"
            services:
              web:
                image: "a:1"
                pid: service:web
        "#}]),
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
                        .label("expected its own namespace"),
                );
            }
        }
        found
    })
}
