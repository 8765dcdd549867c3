//! What the specs say that environments are made of.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

use super::Facts;
use super::fact::Fact;
use crate::compose::Written;
use crate::graph::{Zone, zone};
use crate::source::Place;
use crate::spec::{Catalog, Host, ImageSource, Located, Service, VolumeKind};
use crate::state::{HostIp, is_official_image};

/// What the specs declare for a host: its networks, volumes, routes and services.
pub(super) fn of_host(
    catalog: Option<&Catalog>,
    host: &Host,
    file: Option<&Written>,
    facts: &mut Facts,
) {
    for (key, network) in &host.networks {
        let what = format!("networks.{key}");
        let internal = network
            .internal
            .as_ref()
            .map_or(&network.place, |internal| &internal.place);
        // Every project has the default network, whether or not it is declared.
        let is_default = key.as_str() == "default";
        let is_internal = network.is_internal();
        let fact = Fact::of_spec(is_internal.to_string(), internal);
        facts.insert(
            format!("{what}.internal"),
            fact.default_if(is_default && !is_internal),
        );
        if !is_default {
            facts.insert(what, Fact::present(&network.place));
        }
    }
    for (key, volume) in &host.volumes {
        let kind = match &volume.kind {
            VolumeKind::Named => "a named volume",
            VolumeKind::Ephemeral(_) => "in memory",
            VolumeKind::Bind(_) => "a directory of the host",
        };
        let fact = Fact::of_spec(kind, &volume.place).of_thing();
        facts.insert(format!("volumes.{key}"), fact);
    }
    for (domain, routes) in &host.routes {
        facts.insert(format!("routes.{domain}"), Fact::present(&routes.place));
        for (path, service) in &routes.value {
            facts.insert(
                format!("routes.{domain}.{path}"),
                Fact::of_spec(service.to_string(), &service.place),
            );
        }
    }
    let private = catalog.map(Catalog::private_addresses).unwrap_or_default();
    for service in host.services.values() {
        let place = host.listed.get(&service.name).unwrap_or(&service.place);
        let what = format!("services.{}", service.name);
        let registry = catalog
            .and_then(|catalog| catalog.registry.as_ref())
            .map(|registry| registry.prefix.as_str());
        let image = file.and_then(|file| variable_image(file, service.name.as_str(), registry));
        let own = fields(service, image.as_deref(), &private).into_iter();
        let is_by_hand = facts.is_by_hand;
        for (key, value, at) in own.filter(|(key, ..)| *key != "needs" || !is_by_hand) {
            facts.insert(format!("{what}.{key}"), Fact::of_spec(value, at));
        }
        let networks = service.networks.iter();
        let networks = networks.map(|network| format!("networks.{}", network.value));
        let secrets = service.secrets.iter();
        let secrets = secrets.map(|secret| format!("secrets.{}", secret.value));
        for listed in networks.chain(secrets) {
            facts.listed.insert(format!("{what}.{listed}"));
        }
        for need in &service.needs {
            let dependency = format!("{what}.depends_on.{}", need.service.value);
            if facts.is_by_hand {
                continue;
            }
            if !host.listed.contains_key(&need.service.value) {
                facts.apart.insert(dependency.clone());
            }
            facts.listed.insert(dependency);
        }
        facts.insert(what, Fact::present(place));
    }
}

/// The image of a service with a variable in it. Where that is the tag, which release runs is the environment's own, and the
/// image is the one that is written. Own images are those that are built, or are in the product's registry; without one, all but
/// Docker Official Images.
fn variable_image<'a>(
    file: &'a Written,
    service: &str,
    registry: Option<&str>,
) -> Option<Cow<'a, str>> {
    let service = file.service(service)?;
    let image = service.get("image")?;
    let written = image.unquoted();
    let (before, _) = written.split_once('$')?;
    let is_own = service.get("build").is_some()
        || registry.map_or_else(
            || !is_official_image(written),
            |registry| {
                let rest = written.strip_prefix(registry);
                rest.is_some_and(|rest| rest.starts_with('/'))
            },
        );
    if before.ends_with(':') && is_own {
        return Some(Cow::Borrowed(written));
    }
    image.text().map(Cow::Owned)
}

/// The place of a list: that of the last item that another file than that of the first one adds, or that of the first one.
fn last_place<'a>(items: &[(String, &'a Place)]) -> Option<&'a Place> {
    let (_, first) = items.first()?;
    let mut last = items.iter().rev().map(|(_, place)| *place);
    let added = last.find(|place| place.source.name != first.source.name);
    Some(added.unwrap_or(first))
}

/// From where a port is reached, as far as it may not differ: the number is an environment's own unless the internet may
/// reach it.
fn reach(address: Option<IpAddr>, number: Option<&str>, private: &[IpAddr]) -> String {
    let Some(address) = address else {
        return "where a variable decides".to_owned();
    };
    match (zone(Some(address), private), number) {
        (Zone::PrivateNetwork | Zone::Loopback, _) => "the machine or a private network".to_owned(),
        (_, None) => "the internet".to_owned(),
        (_, Some(number)) => format!("the internet on port {number}"),
    }
}

/// The fields of a service: each with its value, and where that is set.
fn fields<'a>(
    service: &'a Service,
    written: Option<&str>,
    private: &[IpAddr],
) -> Vec<(&'static str, String, &'a Place)> {
    fn located<T: ToString>(items: &[Located<T>]) -> Vec<(String, &Place)> {
        items
            .iter()
            .map(|item| (item.value.to_string(), &item.place))
            .collect()
    }
    let mut fields = Vec::new();
    if let Some(image) = &service.image {
        let text = match &image.value {
            ImageSource::Named(image) => written.map_or_else(|| image.to_string(), str::to_owned),
            ImageSource::Released(released) => match &released.tag {
                Some(tag) => format!("the release `{tag}` of {}", released.image),
                None => format!("the release of {}", released.image),
            },
        };
        fields.push(("image", text, &image.place));
    }
    if let Some(role) = &service.role {
        fields.push(("role", role.name.to_string(), &role.place));
    }
    if let Some(serves) = &service.serves {
        fields.push(("serves", serves.to_string(), &serves.place));
    }
    let needs = service.needs.iter().map(|need| {
        let until = need
            .until
            .as_ref()
            .map(|until| format!(" {}", until.in_compose()));
        let text = format!("{}{}", need.service.value, until.unwrap_or_default());
        (text, &need.service.place)
    });
    // Each host may publish on a port of its own; that the internet may reach may not differ.
    let known = service.ports.iter().map(|port| {
        let number = port.fixed_port().map(|number| number.to_string());
        let reach = reach(Some(port.address), number.as_deref(), private);
        let target = port.protocol.of(&port.target);
        (format!("{target} from {reach}"), &port.place)
    });
    let unset = service.unset_ports.iter().map(|port| {
        let number = Some(port.published.as_str()).filter(|number| !number.is_empty());
        let reach = match &port.host_ip {
            HostIp::Known(address) => reach(
                Some(address.unwrap_or(Ipv4Addr::UNSPECIFIED.into())),
                number,
                private,
            ),
            HostIp::Unset(_) => reach(None, number, private),
        };
        let target = port.protocol.of(&port.target);
        (format!("{target} from {reach}"), &port.place)
    });
    let ports = known.chain(unset);
    for (key, items) in [
        ("networks", located(&service.networks)),
        ("secrets", located(&service.secrets)),
        ("needs", needs.collect()),
        ("calls", located(&service.calls)),
        ("ports", ports.collect()),
    ] {
        let place = last_place(&items).unwrap_or(&service.place);
        let mut texts: Vec<String> = items.into_iter().map(|(text, _)| text).collect();
        texts.sort();
        texts.dedup();
        fields.push((key, texts.join(", "), place));
    }
    fields
}
