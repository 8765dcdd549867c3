//! A published port, in either form.

use std::net::{IpAddr, Ipv4Addr};

use super::{raw, text};
use crate::compose::At;
use crate::source::Place;

/// A published port.
#[derive(Debug, Clone)]
pub(in crate::rules) struct Port {
    /// The address on the host; nothing where none is written.
    pub(in crate::rules) address: Option<IpAddr>,
    /// The port on the host.
    pub(in crate::rules) published: HostPort,
    /// The port in the container, as it is written.
    pub(in crate::rules) target: String,
    /// `tcp` where nothing is written.
    pub(in crate::rules) protocol: String,
    /// As it is written.
    pub(in crate::rules) written: String,
    /// Where it is written.
    pub(in crate::rules) place: Place,
}

/// The port on the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rules) enum HostPort {
    /// Any that is free, because none is written.
    Any,
    /// Any that is free, because a part is empty or its variable is not set.
    Empty,
    /// These, of which the engine may choose where the container has but one.
    Range(u16, u16),
    /// What cannot be told before a variable is set.
    Unknown,
}

impl Port {
    /// Whether every interface of the host answers: no address is written, or one that means it.
    pub(in crate::rules) fn is_everywhere(&self) -> bool {
        // `::ffff:0.0.0.0` is `0.0.0.0`.
        self.address
            .is_none_or(|address| address.to_canonical().is_unspecified())
    }

    /// How many ports there are in the container.
    pub(in crate::rules) fn targets(&self) -> u32 {
        let (first, last) = self
            .target
            .split_once('-')
            .unwrap_or((&self.target, &self.target));
        match (first.parse::<u32>(), last.parse::<u32>()) {
            (Ok(first), Ok(last)) if last >= first => last - first + 1,
            _ => 1,
        }
    }
}

pub(super) fn read(at: &At<'_>) -> Option<Port> {
    if at.is_mapping() {
        return long(at);
    }
    Some(short(&text(at)?, &raw(at)?, at.place()))
}

fn long(at: &At<'_>) -> Option<Port> {
    let field = |key: &str| at.get(key).filter(|field| !field.is_null());
    let target = field("target").and_then(|at| text(&at))?;
    let published = field("published");
    let host_port = match published.as_ref().and_then(text) {
        None => HostPort::Any,
        Some(text) if text.is_empty() => HostPort::Empty,
        Some(text) => host_port(&text),
    };
    let address = field("host_ip");
    let place = published
        .as_ref()
        .or(address.as_ref())
        .unwrap_or(at)
        .place();
    let shown = |at: Option<&At<'_>>| at.and_then(raw).unwrap_or_default();
    let written = format!(
        "{}:{}:{target}",
        shown(address.as_ref()),
        shown(published.as_ref())
    );
    // Some glue the address to the port, as in the short form.
    let glued = published.as_ref().and_then(text);
    let glued = glued.as_deref().and_then(|text| text.rsplit_once(':'));
    let named = address.as_ref().and_then(text);
    let named = named.as_deref().or(glued.map(|(address, _)| address));
    Some(Port {
        address: named.and_then(self::address),
        published: host_port,
        target,
        protocol: protocol(field("protocol").and_then(|at| text(&at)).as_deref()),
        written: written.trim_start_matches(':').to_owned(),
        place,
    })
}

/// `[[ADDRESS:]PUBLISHED:]TARGET[/PROTOCOL]`, split on the last two colons as the engine's own
/// parser does (docker/go-connections, `nat`).
fn short(text: &str, written: &str, place: Place) -> Port {
    let (text, named) = match text.rsplit_once('/') {
        Some((text, protocol)) => (text, Some(protocol)),
        None => (text, None),
    };
    // An expression without a value holds colons of its own.
    let (text, unknown) = hide_expressions(text);
    let (rest, target) = match text.rsplit_once(':') {
        Some((rest, target)) => (Some(rest), target),
        None => (None, text.as_str()),
    };
    let (address_text, published) = match rest {
        None => (None, None),
        Some(rest) => match rest.rsplit_once(':') {
            Some((address, published)) => (Some(address), Some(published)),
            None => (None, Some(rest)),
        },
    };
    let published = match published {
        None => HostPort::Any,
        // `${PORT}:80` without a value is `:80`, and any port.
        Some(text) if text.is_empty() || (unknown && text == HIDDEN) => HostPort::Empty,
        Some(text) => host_port(text),
    };
    Port {
        address: address_text.and_then(address),
        published,
        target: target.to_owned(),
        protocol: protocol(named),
        written: written.to_owned(),
        place,
    }
}

/// What stands for an expression that may be empty.
const HIDDEN: &str = "\u{1}";

/// What stands for one that may not.
const DEMANDED: &str = "\u{2}";

fn hide_expressions(text: &str) -> (String, bool) {
    let mut shown = String::new();
    let mut rest = text;
    let mut is_hidden = false;
    while let Some((before, after)) = rest.split_once('$') {
        shown.push_str(before);
        let end = if let Some(inner) = after.strip_prefix('{') {
            // One that is required stops `up`, and is no empty part.
            let expression = inner.split('}').next().unwrap_or_default();
            shown.push_str(if expression.contains('?') {
                DEMANDED
            } else {
                HIDDEN
            });
            after.find('}').map_or(after.len(), |at| at + 1)
        } else {
            shown.push_str(HIDDEN);
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            after.find(|c| !is_part(c)).unwrap_or(after.len())
        };
        is_hidden = true;
        rest = after.get(end..).unwrap_or_default();
    }
    shown.push_str(rest);
    (shown, is_hidden)
}

fn host_port(text: &str) -> HostPort {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.parse(), last.parse()) {
        (Ok(0), _) => HostPort::Any,
        (Ok(first), Ok(last)) if first <= last => HostPort::Range(first, last),
        _ => HostPort::Unknown,
    }
}

fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim_start_matches('[').trim_end_matches(']');
    if text == "*" {
        return Some(Ipv4Addr::UNSPECIFIED.into());
    }
    match text.parse() {
        Ok(address) => Some(address),
        // A variable may hold any, loopback too: nothing is said of it.
        Err(_) if text.contains(HIDDEN) || text.contains(DEMANDED) => {
            Some(Ipv4Addr::new(192, 0, 2, 1).into())
        }
        Err(_) => None,
    }
}

fn protocol(text: Option<&str>) -> String {
    text.map_or_else(|| "tcp".to_owned(), str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::{HostPort, short};
    use crate::source::{Place, Source};

    #[test]
    fn the_short_form() {
        let place = Place::whole(&Source::new("f", ""));
        let read = |text: &str| {
            let port = short(text, text, place.clone());
            let address = port.address.map(|address| address.to_string());
            (address, port.published, port.target, port.protocol)
        };
        let range = HostPort::Range;
        let some = |text: &str| Some(text.to_owned());
        for (text, address, published, target, protocol) in [
            ("80", None, HostPort::Any, "80", "tcp"),
            ("8080:80/udp", None, range(8080, 8080), "80", "udp"),
            (
                "127.0.0.1:1-3:4-6",
                some("127.0.0.1"),
                range(1, 3),
                "4-6",
                "tcp",
            ),
            ("[::1]:80:80", some("::1"), range(80, 80), "80", "tcp"),
            (
                "127.0.0.1::80",
                some("127.0.0.1"),
                HostPort::Empty,
                "80",
                "tcp",
            ),
            ("${X}:80", None, HostPort::Empty, "80", "tcp"),
            ("${X:?no}:80", None, HostPort::Unknown, "80", "tcp"),
        ] {
            assert_eq!(
                read(text),
                (address, published, target.to_owned(), protocol.to_owned()),
                "{text}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_read(text in "[ -~é\\n:${}\\-\\[\\]@/.=]{0,60}") {
            let _ = short(&text, &text, Place::whole(&Source::new("f", "")));
        }
    }
}
