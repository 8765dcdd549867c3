//! Published ports in their short form (go-connections, `nat/nat.go`; compose-go,
//! `transform/ports.go`).

use std::net::IpAddr;

use strum::VariantNames as _;

use super::super::growth::Growth;
use super::super::notes::Notes;
use super::super::tree::{Kind, Map, Node};
use super::colons;
use crate::diagnostic::{Diagnostic, Words};
use crate::state::{PortRange, Protocol};
use crate::text::Invalid;

/// The short form as it is split, before anything is made of its parts.
pub(in super::super) struct Parts<'a> {
    /// Empty where no address is written.
    pub(in super::super) address: &'a str,
    /// The port on the host; `None` where there is no colon before the target.
    pub(in super::super) published: Option<&'a str>,
    pub(in super::super) target: &'a str,
    pub(in super::super) protocol: Option<&'a str>,
}

/// Each short form becomes one mapping per port of the container.
pub(super) fn canonical(ports: &mut Node, notes: &mut Notes) {
    let Kind::List(items) = &mut ports.kind else {
        return;
    };
    if notes.has_outgrown(Growth::Ports) {
        return;
    }
    let mut canonical = Vec::with_capacity(items.len());
    for item in std::mem::take(items) {
        let text = match &item.kind {
            Kind::Text(text) => text.clone(),
            Kind::Int(number) => number.get().to_string(),
            Kind::Map(_) => {
                canonical.push(item);
                continue;
            }
            _ => {
                let message = format!("a port cannot be {}", item.kind.words());
                notes.problem(item.at, message, "expected a port, as in \"8080:80\"");
                continue;
            }
        };
        match parse(&text, &item) {
            Ok(parsed) => {
                let more = if parsed.len() > 1 { parsed.len() } else { 0 };
                if notes.grow(Growth::Ports, more, item.at).is_err() {
                    return;
                }
                canonical.extend(parsed);
            }
            Err(_) if item.unset.is_some() => canonical.push(item),
            Err(expected) => {
                let mut diagnostic = Diagnostic::new(
                    format!("`{text}` is not a valid port"),
                    notes.place(item.at),
                )
                .label(expected);
                let named = text
                    .rsplit_once(':')
                    .filter(|(_, last)| Protocol::VARIANTS.contains(last));
                if let Some((ports, protocol)) = named {
                    diagnostic = diagnostic.help(Words::named(format!(
                        "the protocol follows a slash: \"{ports}/{protocol}\""
                    )));
                } else if text.matches(':').count() > 2 && !text.contains('[') {
                    diagnostic =
                        diagnostic.help("write an IPv6 address in brackets: \"[::1]:80:80\"");
                }
                notes.push(diagnostic);
            }
        }
    }
    *items = canonical;
}

pub(in super::super) fn parts(text: &str) -> Parts<'_> {
    let colons = colons(text);
    let (rest, target) = match colons.last() {
        Some(at) => (text.get(..*at), text.get(at + 1..).unwrap_or_default()),
        None => (None, text),
    };
    let (address, published) = match (rest, colons.iter().rev().nth(1)) {
        (Some(rest), Some(at)) => (rest.get(..*at).unwrap_or_default(), rest.get(at + 1..)),
        (rest, _) => ("", rest),
    };
    // A `/` in an expression is not the one before the protocol.
    let slash = target.rfind('}').unwrap_or_default();
    let slash = target
        .get(slash..)
        .and_then(|rest| Some(slash + rest.find('/')?));
    let (target, protocol) = match slash.and_then(|at| target.split_at_checked(at)) {
        Some((target, protocol)) => (target, protocol.split('/').nth(1)),
        None => (target, None),
    };
    Parts {
        address,
        published,
        target,
        protocol,
    }
}

/// `[[ADDRESS:]PUBLISHED:]TARGET[/PROTOCOL]`, where both ports may be ranges, as a mapping per port. If
/// a variable has no value, the part that names it stays as it is written, and is marked as unset.
pub(in super::super) fn parse(text: &str, item: &Node) -> Result<Vec<Node>, &'static str> {
    let at = item.at;
    let is_hole = |text: &str| item.unset.is_some() && text.contains('$');
    let written = parts(text);
    let protocol = match written.protocol.unwrap_or_default() {
        hole if is_hole(hole) => Ok(hole.to_owned()),
        known => protocol(known),
    };
    let host_ip = match written.address {
        hole if is_hole(hole) => hole,
        known => host_ip(known)?,
    };
    if written.target.is_empty() {
        return Err("expected a port of the container after the last colon");
    }
    let target = (!is_hole(written.target))
        .then(|| range(written.target))
        .transpose()?;
    let published = written
        .published
        .filter(|published| !published.is_empty())
        .filter(|published| !is_hole(published))
        .map(range)
        .transpose()?;
    let (first, last) = target.unwrap_or_default();
    let differs = published.is_some_and(|(from, to)| last - first != to - from);
    // How a range is spread is not known before the other range is.
    if first != last && (differs || item.unset.is_some()) {
        return Err("expected ranges of one length on both sides");
    }
    let protocol = protocol?;
    let value = |text: &str| {
        let mut value = Node::text(text, at);
        if is_hole(text) {
            value.unset.clone_from(&item.unset);
        }
        value
    };
    let port = |index: u16| {
        let mut port = Node::new(Kind::Map(Map::new()), at);
        if !host_ip.is_empty() {
            port.set("host_ip", value(host_ip), at);
        }
        let published = match published {
            None => written.published.map(str::to_owned),
            // The engine chooses one.
            Some((from, to)) if first == last && from != to => Some(format!("{from}-{to}")),
            Some((from, _)) => Some((from + index).to_string()),
        };
        if let Some(published) = published {
            port.set("published", value(&published), at);
        }
        // Compose drops what is 0, and then misses it.
        match target {
            None => port.set("target", value(written.target), at),
            Some(_) if first + index > 0 => {
                port.set("target", Node::new(Kind::whole(first + index), at), at);
            }
            Some(_) => {}
        }
        port.set("protocol", value(&protocol), at);
        port
    };
    Ok((0..=last - first).map(port).collect())
}

fn protocol(text: &str) -> Result<String, &'static str> {
    let protocol = match text {
        "" => Protocol::Tcp,
        text => text.parse().map_err(|Invalid(expected)| expected)?,
    };
    Ok(protocol.as_str().to_owned())
}

fn host_ip(text: &str) -> Result<&str, &'static str> {
    const EXPECTED: &str = "expected an IP address before the ports, IPv6 in brackets";
    let bare = match text.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').ok_or(EXPECTED)?,
        None if text.contains(':') => return Err(EXPECTED),
        None => text,
    };
    if !bare.is_empty() && bare.parse::<IpAddr>().is_err() {
        return Err(EXPECTED);
    }
    Ok(bare)
}

/// One port, or a range from low to high; the text after a second `-` is ignored.
fn range(text: &str) -> Result<(u16, u16), &'static str> {
    const EXPECTED: &str = PortRange::EXPECTED;
    let number = |text: &str| {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>()
            .ok()
            .filter(|_| is_number)
            .ok_or(EXPECTED)
    };
    let mut parts = text.split('-');
    let first = number(parts.next().unwrap_or_default())?;
    let last = match parts.next() {
        Some(last) => number(last)?,
        None => first,
    };
    if last < first {
        return Err(EXPECTED);
    }
    Ok((first, last))
}

#[cfg(test)]
mod tests {
    use super::super::super::tree::Mark;
    use super::{Node, parse};

    /// The ports of a short form: `ADDRESS PUBLISHED TARGET/PROTOCOL`.
    fn read(text: &str) -> Vec<String> {
        let ports = parse(text, &Node::text(text, Mark::default())).unwrap();
        let part = |port: &Node, key| port.get(key).and_then(Node::scalar).unwrap_or_default();
        ports
            .iter()
            .map(|port| {
                let [address, published, target, protocol] =
                    ["host_ip", "published", "target", "protocol"].map(|key| part(port, key));
                format!("{address} {published} {target}/{protocol}")
            })
            .collect()
    }

    #[test]
    fn the_short_form() {
        assert_eq!(read("80"), ["  80/tcp"]);
        assert_eq!(read("8080:80"), [" 8080 80/tcp"]);
        assert_eq!(read("127.0.0.1:8080:80/UDP"), ["127.0.0.1 8080 80/udp"]);
        assert_eq!(read("127.0.0.1::80"), ["127.0.0.1  80/tcp"]);
        assert_eq!(read("[::1]:80:80"), ["::1 80 80/tcp"]);
        assert_eq!(read("9000-9001:80-81"), [" 9000 80/tcp", " 9001 81/tcp"]);
        assert_eq!(read("9000-9009:80"), [" 9000-9009 80/tcp"]);
        assert_eq!(read("80-81"), ["  80/tcp", "  81/tcp"]);
        assert_eq!(read(":80/"), ["  80/tcp"]);
    }

    /// The parts of a port that names variables: those that hold one in angle brackets.
    fn holes(text: &str) -> Option<String> {
        let mut item = Node::text(text, Mark::default());
        item.unset = Some(Box::default());
        let ports = parse(text, &item).ok()?;
        let fields = ports.first()?.entries().map(|(key, entry)| {
            let part = entry.value.scalar().unwrap_or_default();
            match entry.value.unset {
                Some(_) => format!("{key}=<{part}>"),
                None => format!("{key}={part}"),
            }
        });
        Some(fields.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_variable_leaves_the_other_parts_known() {
        for (text, expected) in [
            ("${P}:80", "protocol=tcp published=<${P}> target=80"),
            (
                "${IP:?a:b}:80:81/udp",
                "host_ip=<${IP:?a:b}> protocol=udp published=80 target=81",
            ),
            (
                "[::1]:$P:80",
                "host_ip=::1 protocol=tcp published=<$P> target=80",
            ),
            ("1-3:${T}", "protocol=tcp published=1-3 target=<${T}>"),
            ("80:${T}/$P", "protocol=<$P> published=80 target=<${T}>"),
        ] {
            assert_eq!(holes(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["localhost:$P:80", "$P:x", "x:$P", "$P:80-81", "$P:80/icmp"] {
            assert_eq!(holes(text), None, "{text}");
        }
    }

    #[test]
    fn ports_that_compose_refuses() {
        for text in [
            "", "a", "::1:80:80", "localhost:80:80", "80:80:80:80", "1-3:1-2", "80/icmp", "80:",
            "[::1:80:80", "+1", "70000", "2-1",
        ] {
            let item = Node::text(text, Mark::default());
            assert!(parse(text, &item).is_err(), "{text}");
        }
    }
}
