//! Values that Compose passes on and the engine refuses.

mod addresses;
mod amounts;
mod names;
mod platform;
mod predefined;
mod restart;
mod shared;
mod words;

use super::each;
use crate::compose::{At, Service};
use crate::rules::prelude::*;
use crate::state::{is_joined, scoped_name};

pub(super) static RULE: Rule = Rule {
    code: "refused-by-engine",
    severity: Severity::Error,
    title: "The engine accepts the values that Compose does not check",
    why: "`docker compose config` passes such a value on, and `docker compose up` fails halfway, when it creates the container or the network.",
    origin: "Docker Engine API",
    bad: service!("restart: alway"),
    good: service!("restart: always"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

/// The network modes of an engine.
const MODES: [&str; 5] = ["bridge", "host", "none", "default", "private"];

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let mut found = each(deployed, |service| of_service(deployed, service));
    // `refused-by-stack` has those of a stack.
    if deployed.orchestrator.is_swarm() {
        return found;
    }
    for (key, network) in deployed.file.entries("networks") {
        let refused = addresses::of_network(key, network);
        found.extend(refused.into_iter().map(|found| found.belonging(deployed)));
    }
    let predefined = predefined::refused(deployed);
    found.extend(
        predefined
            .into_iter()
            .map(|found| found.belonging(deployed)),
    );
    let refused = addresses::of_services(deployed).into_iter();
    let refused = refused.chain(shared::refused(deployed));
    found.extend(refused.map(|found| found.belonging(deployed)));
    for (key, volume) in deployed.file.entries("volumes") {
        let refused = names::refused_volume(key, volume);
        found.extend(refused.map(|found| found.belonging(deployed)));
    }
    found
}

fn of_service(deployed: &Deployed<'_>, service: Service<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    if !deployed.orchestrator.is_swarm() {
        found.extend(restart::refused(service));
    }
    let is_declared = |text: &str| {
        let mut networks = deployed.file.entries("networks");
        networks.any(|(key, network)| {
            let own = network
                .get("name")
                .and_then(|at| at.text())
                .unwrap_or_else(|| scoped_name(&deployed.file.project, key));
            own == text
        })
    };
    let is_mode = |text: &str| is_joined(text) || MODES.contains(&text) || is_declared(text);
    // A stack drops it.
    let mode = service
        .get("network_mode")
        .filter(|_| !deployed.orchestrator.is_swarm());
    if let Some((text, at)) = bad(mode, is_mode) {
        let message = format!("`{text}` is not a network mode");
        found.push(
            Found::new(service.name, message, at.place())
                .label("expected one of bridge, host, none, service:NAME, container:NAME")
                .did_you_mean(&text, MODES),
        );
    }
    for item in service.items("volumes") {
        let target = item.get("target").unwrap_or(item);
        if let Some((text, at)) = bad(Some(target), is_absolute) {
            let message = format!(
                "`{}` mounts something at `{text}`, which is not absolute",
                service.name
            );
            found.push(
                Found::new(service.name, message, at.place())
                    .label("expected a path in the container that begins with `/`")
                    .help(format!(
                        "to mount `{text}` of the host, write `{text}:/PATH`"
                    )),
            );
        }
    }
    for (text, at) in service.texts("dns") {
        if at.is_known() && !addresses::is_address(&text) {
            found.push(addresses::not_an_address(service.name, &text, at));
        }
    }
    // `refused-by-stack` has those of a stack.
    if !deployed.orchestrator.is_swarm() {
        found.extend(amounts::refused(service));
        found.extend(names::refused(service));
        found.extend(words::refused(service));
    }
    found
}

/// A text that is known and is not what it has to be.
fn bad(at: Option<At<'_>>, is_good: impl Fn(&str) -> bool) -> Option<(String, At<'_>)> {
    let at = at.filter(At::is_known)?;
    let text = at.text()?;
    (!text.is_empty() && !is_good(&text)).then_some((text, at))
}

/// Whether a path is absolute, on Linux or on Windows.
fn is_absolute(text: &str) -> bool {
    let is_drive = text
        .get(1..3)
        .is_some_and(|rest| matches!(rest, ":\\" | ":/"));
    text.starts_with(['/', '\\']) || is_drive
}
