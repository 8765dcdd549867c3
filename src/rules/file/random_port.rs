//! A port that turns out to be any.

use super::each;
use crate::rules::rule::{Check, Example, Rule, Severity};
use crate::rules::view::HostPort;
use crate::rules::{Deployed, Found};

pub(super) static RULE: Rule = Rule {
    code: "random-port",
    severity: Severity::Error,
    title: "A port on the host is one that somebody chose",
    why: "An empty part, or a variable that is not set, makes Docker choose any port without a word.",
    origin: "docker/compose 5505",
    bad: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    ports: ['127.0.0.1:${PORT}:80']\n",
    ]),
    good: Example::Compose(&[
        "services:\n  web:\n    image: \"a:1\"\n    ports: ['127.0.0.1:${PORT:-8080}:80']\n",
    ]),
    check: Check::File(check),
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let ports = service.ports().into_iter();
        let empty = ports.filter(|port| {
            // A spec may ask for any port on purpose, by leaving it empty.
            let is_meant = deployed.of.is_some() && !port.written.contains('$');
            port.published == HostPort::Empty && !is_meant
        });
        empty
            .map(|port| {
                let message = format!("`{}` may be published on any port", service.name);
                Found::new(service.name, message, port.place)
                    .label("the port on the host may be empty")
                    .help("write the port, or `${NAME:?…}` or `${NAME:-8080}`")
            })
            .collect()
    })
}
