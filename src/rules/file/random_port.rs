//! A host port that Docker picks.

use std::cell::OnceCell;

use super::listeners::Listeners;
use super::open_ports::open;
use super::unguarded::unguarded;
use super::variable::may_be_given;
use super::{PortEntry, each, here, port_entries};
use crate::compose::Port;
use crate::rules::prelude::*;
use crate::text::expression::{Operator, nested_expressions};

pub(super) static RULE: Rule = Rule {
    code: "random-port",
    severity: Severity::Warning,
    title: "A published port has a fixed host port",
    why: "If the host port comes from a variable that is not set or has an empty default, Docker silently picks a port. An entry without a host port, such as `80` or \
          `127.0.0.1::80`, asks for that on purpose.",
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
        let listeners = Listeners::of(service);
        let is_said = move |entry: PortEntry<'_>| {
            let place = entry.port.place().at;
            listeners.at(entry).is_some()
                && open(deployed, service).any(|open| open.port.place().at == place)
        };
        let empty = port_entries(service).filter(move |entry| {
            let mut variables = emptying(entry.port.published_as_written()).peekable();
            // An empty port without a variable is Compose's way to ask for a random one.
            let is_meant = variables.peek().is_none();
            let is_given = |name: &str| may_be_given(deployed, name) || sampled().contains(name);
            entry.port.may_be_empty() && !is_meant && !variables.all(is_given) && !is_said(*entry)
        });
        let empty = empty.map(|entry| entry.port);
        empty.map(move |port| {
            let message = format!("`{}` may be published on a random port", service.name);
            Found::new(service.name, message, port.place())
                .label("the host port may be empty")
                .help("write the port, or use `${NAME:?…}` or `${NAME:-8080}`")
                .fix(required(deployed, &port).filter(|_| service.get("profiles").is_none()))
        })
    })
}

/// The variables of a text that may make it empty: they have no default, or an empty one.
fn emptying(text: &str) -> impl Iterator<Item = &str> {
    let expressions = nested_expressions(text).into_iter();
    expressions
        .filter(|it| match it.operator {
            None => true,
            Some(Operator::Default) => it.word.is_empty(),
            Some(Operator::Alternative | Operator::Required) => false,
        })
        .map(|it| it.name)
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
