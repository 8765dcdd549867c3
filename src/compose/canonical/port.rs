//! Published ports in their short form (go-connections, `nat/nat.go`; compose-go,
//! `transform/ports.go`).

use std::net::IpAddr;

use super::super::growth::Growth;
use super::super::notes::Notes;
use super::super::tree::{Kind, Map, Mark, Node};
use crate::diagnostic::Diagnostic;

/// A published port, as Compose holds it: no address, no port of the host and an unknown port are
/// empty.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Parsed {
    pub(in super::super) host_ip: String,
    pub(in super::super) published: String,
    pub(in super::super) target: u16,
    pub(in super::super) protocol: String,
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
            Kind::Text(text) if item.unset.is_none() => text.clone(),
            Kind::Int(number) => number.get().to_string(),
            Kind::Map(_) | Kind::Text(_) => {
                canonical.push(item);
                continue;
            }
            _ => {
                let message = format!("a port cannot be {}", item.kind.words());
                notes.problem(item.at, message, "expected a port, as in \"8080:80\"");
                continue;
            }
        };
        match parse(&text) {
            Ok(parsed) => {
                let more = if parsed.len() > 1 { parsed.len() } else { 0 };
                if notes.grow(Growth::Ports, more, item.at).is_err() {
                    return;
                }
                canonical.extend(parsed.into_iter().map(|port| node(port, item.at)));
            }
            Err(expected) => {
                let mut diagnostic =
                    Diagnostic::new(format!("`{text}` is no port"), notes.place(item.at))
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
    if !port.published.is_empty() {
        node.set("published", Node::text(port.published, at), at);
    }
    // Compose drops what is 0, and then misses it.
    if port.target > 0 {
        node.set("target", Node::new(Kind::whole(port.target), at), at);
    }
    node.set("protocol", Node::text(port.protocol, at), at);
    node
}

/// `[[ADDRESS:]PUBLISHED:]TARGET[/PROTOCOL]`, where both ports may be ranges.
pub(in super::super) fn parse(text: &str) -> Result<Vec<Parsed>, &'static str> {
    let (rest, target) = text.rsplit_once(':').unwrap_or(("", text));
    let (address, published) = rest.rsplit_once(':').unwrap_or(("", rest));
    let mut parts = target.split('/');
    let target = parts.next().unwrap_or_default();
    let protocol = match parts.next() {
        None | Some("") => "tcp".to_owned(),
        Some(protocol) => protocol.to_lowercase(),
    };
    let host_ip = host_ip(address)?;
    if target.is_empty() {
        return Err("expected a port of the container behind the last colon");
    }
    let (first, last) = range(target)?;
    let (from, to) = if published.is_empty() {
        (0, 0)
    } else {
        range(published)?
    };
    if !published.is_empty() && first != last && last - first != to - from {
        return Err("expected ranges of one length on both sides");
    }
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err("expected the protocol tcp, udp or sctp");
    }
    let port = |index: u16| {
        let published = match (published.is_empty(), first == last && from != to) {
            (true, _) => String::new(),
            // The engine chooses one.
            (false, true) => format!("{from}-{to}"),
            (false, false) => (from + index).to_string(),
        };
        Parsed {
            host_ip: host_ip.to_owned(),
            published,
            target: first + index,
            protocol: protocol.clone(),
        }
    };
    Ok((0..=last - first).map(port).collect())
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
    use super::parse;

    fn read(text: &str) -> Vec<String> {
        let ports = parse(text).unwrap().into_iter();
        ports
            .map(|port| {
                format!(
                    "{} {} {}/{}",
                    port.host_ip, port.published, port.target, port.protocol
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
