//! A host port that Docker picks.

use super::{each, each_port};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "random-port",
    severity: Severity::Error,
    title: "A published port has a fixed host port",
    why: "If the host port is empty, or comes from a variable that is not set, Docker silently picks one.",
    origin: "docker/compose 5505",
    bad: service!("ports: ['127.0.0.1:${PORT}:80']"),
    good: service!("ports: ['127.0.0.1:${PORT:-8080}:80']"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let empty = each_port(service).filter(|port| {
            // A spec may ask for a random port on purpose, by leaving it empty.
            let is_meant = deployed.of.is_some() && !port.written().contains('$');
            port.may_be_empty() && !is_meant
        });
        empty.map(move |port| {
            let message = format!("`{}` may be published on a random port", service.name);
            Found::new(service.name, message, port.place())
                .label("the host port may be empty")
                .help("write the port, or use `${NAME:?…}` or `${NAME:-8080}`")
        })
    })
}
