//! A database or a debugger that is published on every interface.

use super::open_ports::each_open;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "data-port-everywhere",
    severity: Severity::Error,
    title: "A database or a debugger is not published on every interface",
    why: "Docker bypasses the firewall of the host, so everyone who reaches the host can try passwords on a database, and needs none for many caches and every debugger.",
    origin: "OWASP Docker Security rule 5a, CIS Docker 5.14 (5.13 of older editions), moby/moby 22054",
    equivalents: &[
        compose_lint("CL-0005"),
        dclint("no-unbound-port-interfaces"),
        kics("Container Traffic Not Bound To Host Interface"),
    ],
    bad: service!("ports: ['5432:5432']"),
    good: service!("ports: ['127.0.0.1:5432:5432', '8080:80']"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each_open(deployed, |listeners, entry| {
        let what = listeners.at(entry)?;
        let (service, port) = (listeners.service, entry.port);
        let message = format!(
            "`{}` publishes `{}`, the port of {what}, on every interface",
            service.name,
            port.written()
        );
        let label = match port.on("127.0.0.1") {
            Some(example) => format!("expected `{example}`"),
            None => "expected 127.0.0.1 in front".to_owned(),
        };
        let found = Found::new(service.name, message, port.place())
            .label(label)
            .help("remove it if only services of this file use it: they need no published port");
        Some(if port.may_be_empty() {
            found.help("the host port may be empty, and Docker would pick one: write the port, or use `${NAME:?…}`")
        } else {
            found
        })
    })
}
