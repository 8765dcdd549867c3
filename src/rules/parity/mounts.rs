//! What services mount, as environments are compared.

use std::collections::BTreeSet;

use super::own::Own;
use super::{Fact, Facts};
use crate::compose::At;
use crate::redact::Sensitive;
use crate::spec::Host;

/// What a service mounts, each for itself: where from, and how. The specs say what a volume is on each host.
pub(super) fn mounts(own: &Own<'_>, host: &Host, (service, at): (&str, At<'_>), facts: &mut Facts) {
    let said = host
        .services
        .values()
        .find(|one| one.name.as_str() == service);
    let said = said.into_iter().flat_map(|service| &service.mounts);
    let said: BTreeSet<&str> = said
        .filter(|mount| mount.volume.is_some())
        .map(|mount| mount.target.value.as_str())
        .collect();
    for mount in at.get("volumes").into_iter().flat_map(At::items) {
        let (mut target, mut written, mut generic) = (String::new(), Vec::new(), Vec::new());
        let path = mount.get("target").and_then(|at| at.text());
        let is_said = path.is_some_and(|path| said.contains(path.as_str()));
        mount.each_scalar(&mut |key, text, _| match key {
            Some("target") => target = own.generic(text),
            Some("type" | "source" | "create_host_path") if is_said => {}
            // That something is not so is what is meant without it.
            Some(_) if text == "false" => {}
            Some(key) => {
                written.push(format!("{key}={text}"));
                generic.push(format!("{key}={}", own.generic(text)));
            }
            None => {}
        });
        let text = |mut parts: Vec<String>| {
            parts.sort();
            Sensitive::public(parts.join(" "))
        };
        let fact = Fact {
            written: text(written),
            generic: text(generic),
            place: mount.place(),
        };
        facts.insert(format!("services.{service}.volumes.{target}"), fact);
    }
}
