//! A host port that Docker picks.

use std::cell::OnceCell;

use super::open_ports::open;
use super::variable::{may_be_given, unguarded};
use super::{data_port, each, each_port, here};
use crate::compose::Port;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "random-port",
    severity: Severity::Warning,
    title: "A published port has a fixed host port",
    why: "If the host port is empty, or comes from a variable that is not set, Docker silently picks one.",
    origin: "docker/compose 5505",
    bad: service!("ports: ['127.0.0.1:${PORT}:80']"),
    good: service!("ports: ['127.0.0.1:${PORT:-8080}:80']"),
    check: Check::File(check),
    fix: "requires the variables of the port: `${NAME:?}`",
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    // A sample of `.env` is what one begins with.
    let sampled = OnceCell::new();
    let sampled = || sampled.get_or_init(|| here::sampled(deployed));
    each(deployed, |service| {
        // `data-port-everywhere` says of such a port that it may be empty.
        let is_said = move |port: &Port<'_>| {
            let place = port.place().at;
            data_port::knows(service, *port)
                && open(deployed, service).any(|open| open.place().at == place)
        };
        let empty = each_port(service).filter(move |port| {
            // An empty port without a variable is Compose's way to ask for a random one.
            let published = port
                .at
                .field("published")
                .and_then(|at| at.text())
                .unwrap_or_default();
            let variables = unguarded(&published);
            let is_given = |name: &&str| may_be_given(deployed, name) || sampled().contains(*name);
            let is_given = variables.iter().all(is_given);
            port.may_be_empty() && !is_given && !is_said(port)
        });
        empty.map(move |port| {
            let message = format!("`{}` may be published on a random port", service.name);
            Found::new(service.name, message, port.place())
                .label("the host port may be empty")
                .help("write the port, or use `${NAME:?…}` or `${NAME:-8080}`")
                .fix(required(deployed, &port))
        })
    })
}

/// The port whose variables of the host are required: all of them, or it may still be empty.
fn required(deployed: &Deployed<'_>, port: &Port<'_>) -> Option<Fix> {
    let published = port.at.field("published")?;
    let text = published.text()?;
    let mut fixes = Fix::require(&deployed.file, published);
    let fixes: Option<Vec<Fix>> = unguarded(&text)
        .into_iter()
        .map(|name| fixes.remove(name))
        .collect();
    fixes?.into_iter().reduce(Fix::and)
}
