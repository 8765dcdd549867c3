//! What services mount, as environments are compared.

use std::collections::BTreeMap;

use super::own::OwnNames;
use super::{Fact, Facts, Hides, Naming};
use crate::compose::Written;
use crate::spec::Host;

/// Each mount of the services of a host: its source and its options. The specs say what a volume is on each host.
pub(super) fn mounts(own: &OwnNames<'_>, host: &Host, file: &Written, facts: &mut Facts) {
    let said: BTreeMap<(&str, &str), &str> = host
        .services
        .values()
        .flat_map(|service| service.mounts.iter().map(move |mount| (service, mount)))
        .filter_map(|(service, mount)| {
            let place = (service.name.as_str(), mount.target.value.as_str());
            Some((place, mount.volume.as_ref()?.as_str()))
        })
        .collect();
    let services = file.services();
    let mounts = services.flat_map(|service| service.items("volumes").map(move |at| (service, at)));
    for (service, mount) in mounts {
        let path = mount.get("target").and_then(|at| at.text());
        let said = path
            .as_deref()
            .and_then(|path| said.get(&(service.name, path)));
        let is_said = said.is_some();
        let mut target = String::new();
        let volume = said.map(|volume| ("volume".to_owned(), (*volume).to_owned()));
        let mut parts: Vec<(String, String)> = volume.into_iter().collect();
        mount.each_scalar(&mut |key, text, _| match key {
            Some("target") => text.clone_into(&mut target),
            Some("type" | "source" | "create_host_path") if is_said => {}
            // That something is not so is what is meant without it.
            Some(_) if text == "false" => {}
            Some(key) => parts.push((key.to_owned(), text.to_owned())),
            None => {}
        });
        let text = |own: &Naming<'_>| {
            let mut parts: Vec<String> = parts
                .iter()
                .map(|(key, text)| format!("{key}={}", own(text)))
                .collect();
            parts.sort();
            parts.join(" ")
        };
        let fact = Fact::of_text(own, Hides::Shapes, text, mount.place());
        let what = format!("services.{}.volumes", service.name);
        let what = facts.path(own, &what, &target, |target| target);
        facts.insert(what, fact);
    }
}
