//! Published ports in their short form (go-connections, `nat/nat.go`; compose-go,
//! `transform/ports.go`).

use std::net::IpAddr;

use super::super::growth::Growth;
use super::super::notes::Notes;
use super::super::tree::{Kind, Map, Mark, Node};
use super::colons;
use crate::diagnostic::Diagnostic;

/// A published port, as Compose holds it.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Parsed {
    /// Empty where no address is written.
    pub(in super::super) host_ip: String,
    /// Empty where the engine chooses, though there is a colon; `None` where there is none.
    pub(in super::super) published: Option<String>,
    pub(in super::super) target: u16,
    pub(in super::super) protocol: String,
}

/// The short form as it is split, before anything is made of its parts.
struct Parts<'a> {
    /// Empty where no address is written.
    address: &'a str,
    /// The port on the host; `None` where there is no colon before the target.
    published: Option<&'a str>,
    target: &'a str,
    protocol: Option<&'a str>,
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
        if item.unset.is_some() {
            canonical.push(with_holes(&text, &item).unwrap_or(item));
            continue;
        }
        match parse(&text) {
            Ok(parsed) => {
                let more = if parsed.len() > 1 { parsed.len() } else { 0 };
                if notes.grow(Growth::Ports, more, item.at).is_err() {
                    return;
                }
                canonical.extend(parsed.into_iter().map(|port| node(port, item.at)));
            }
            Err(expected) => {
                let mut diagnostic = Diagnostic::new(
                    format!("`{text}` is not a valid port"),
                    notes.place(item.at),
                )
                .label(expected);
                if text.matches(':').count() > 2 && !text.contains('[') {
                    diagnostic =
                        diagnostic.help("write an IPv6 address in brackets: \"[::1]:80:80\"");
                }
                notes.push(diagnostic);
            }
        }
    }
    *items = canonical;
}

fn node(port: Parsed, at: Mark) -> Node {
    let mut node = Node::new(Kind::Map(Map::new()), at);
    if !port.host_ip.is_empty() {
        node.set("host_ip", Node::text(port.host_ip, at), at);
    }
    if let Some(published) = port.published {
        node.set("published", Node::text(published, at), at);
    }
    // Compose drops what is 0, and then misses it.
    if port.target > 0 {
        node.set("target", Node::new(Kind::whole(port.target), at), at);
    }
    node.set("protocol", Node::text(port.protocol, at), at);
    node
}

/// The mapping for a short form that names variables without a value: a part that holds one stays as
/// it is written, and is marked as unset. `None` where the other parts are wrong.
fn with_holes(text: &str, item: &Node) -> Option<Node> {
    let at = item.at;
    let parts = parts(text);
    let is_hole = |text: &str| text.contains('$');
    let mut node = Node::new(Kind::Map(Map::new()), at);
    let mut set = |key: &str, written: &str, known: Kind| {
        let mut value = Node::new(known, at);
        if is_hole(written) {
            value = Node::text(written, at);
            value.unset.clone_from(&item.unset);
        }
        node.set(key, value, at);
    };
    if !parts.address.is_empty() {
        let known = host_ip(parts.address).ok();
        let known = known.or(is_hole(parts.address).then_some(""))?;
        set("host_ip", parts.address, Kind::Text(known.to_owned()));
    }
    if let Some(written) = parts.published {
        if !written.is_empty() && !is_hole(written) {
            range(written).ok()?;
        }
        set("published", written, Kind::Text(written.to_owned()));
    }
    let target = range(parts.target).ok();
    match target.filter(|(first, last)| first == last) {
        Some((target, _)) => set("target", parts.target, Kind::whole(target)),
        None if is_hole(parts.target) => set("target", parts.target, Kind::Null),
        // How a range is spread is not known before the other range is.
        None => return None,
    }
    let written = parts.protocol.unwrap_or_default();
    let known = protocol(written).ok();
    let known = known.or(is_hole(written).then(String::new))?;
    set("protocol", written, Kind::Text(known));
    Some(node)
}

fn parts(text: &str) -> Parts<'_> {
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

/// `[[ADDRESS:]PUBLISHED:]TARGET[/PROTOCOL]`, where both ports may be ranges.
pub(in super::super) fn parse(text: &str) -> Result<Vec<Parsed>, &'static str> {
    let parts = parts(text);
    let protocol = protocol(parts.protocol.unwrap_or_default());
    let host_ip = host_ip(parts.address)?;
    if parts.target.is_empty() {
        return Err("expected a port of the container behind the last colon");
    }
    let (first, last) = range(parts.target)?;
    let published = parts.published.filter(|published| !published.is_empty());
    let range_of_host = published.map(range).transpose()?;
    if let Some((from, to)) = range_of_host
        && first != last
        && last - first != to - from
    {
        return Err("expected ranges of one length on both sides");
    }
    let protocol = protocol?;
    let port = |index: u16| Parsed {
        host_ip: host_ip.to_owned(),
        published: match range_of_host {
            None => parts.published.map(str::to_owned),
            // The engine chooses one.
            Some((from, to)) if first == last && from != to => Some(format!("{from}-{to}")),
            Some((from, _)) => Some((from + index).to_string()),
        },
        target: first + index,
        protocol: protocol.clone(),
    };
    Ok((0..=last - first).map(port).collect())
}

fn protocol(text: &str) -> Result<String, &'static str> {
    let text = text.to_lowercase();
    match text.as_str() {
        "" => Ok("tcp".to_owned()),
        "tcp" | "udp" | "sctp" => Ok(text),
        _ => Err("expected the protocol tcp, udp or sctp"),
    }
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

/// One port, or a range from low to high; what stands behind a second `-` says nothing.
fn range(text: &str) -> Result<(u16, u16), &'static str> {
    const EXPECTED: &str = "expected a port or a range of ports from low to high";
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
    use super::{Mark, Node, parse, with_holes};

    fn read(text: &str) -> Vec<String> {
        let ports = parse(text).unwrap().into_iter();
        ports
            .map(|port| {
                format!(
                    "{} {} {}/{}",
                    port.host_ip,
                    port.published.unwrap_or_default(),
                    port.target,
                    port.protocol
                )
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
        let node = with_holes(text, &item)?;
        let parts = node.entries().map(|(key, entry)| {
            let part = entry.value.scalar().unwrap_or_default();
            match entry.value.unset {
                Some(_) => format!("{key}=<{part}>"),
                None => format!("{key}={part}"),
            }
        });
        Some(parts.collect::<Vec<_>>().join(" "))
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
    fn what_compose_refuses() {
        for text in [
            "",
            "a",
            "::1:80:80",
            "localhost:80:80",
            "80:80:80:80",
            "1-3:1-2",
            "80/icmp",
            "80:",
            "[::1:80:80",
            "+1",
            "70000",
            "2-1",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
