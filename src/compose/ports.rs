//! Published ports, in the short and the long form (compose-go, `types/types.go`; go-connections,
//! `nat/parse.go`).

use std::net::IpAddr;

use super::reader::Reader;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::state::{Port, PortRange, Protocol};
use crate::yaml::Cursor;

/// The ports of a service, sorted.
pub(super) fn read(
    reader: &Reader<'_>,
    cursor: &Cursor<'_>,
    problems: &mut Diagnostics,
) -> Vec<Port> {
    let mut ports = Vec::new();
    for item in cursor.list(problems) {
        if item.value().is_mapping() {
            ports.extend(long(reader, &item, problems));
            continue;
        }
        let Some(text) = reader.known(&item, problems) else {
            continue;
        };
        match short(&text) {
            Ok(found) => ports.extend(found),
            Err(expected) => problems.push(
                Diagnostic::new(format!("`{text}` is no port"), item.place()).label(expected),
            ),
        }
    }
    ports.sort();
    ports.dedup();
    ports
}

/// `[[ADDRESS:]PUBLISHED:]TARGET[/PROTOCOL]`, where both ports may be ranges.
fn short(text: &str) -> Result<Vec<Port>, &'static str> {
    let (text, protocol) = match text.split_once('/') {
        Some((text, word)) => (
            text,
            protocol(word).ok_or("expected the protocol tcp, udp or sctp")?,
        ),
        None => (text, Protocol::Tcp),
    };
    let (rest, target) = text.rsplit_once(':').unwrap_or(("", text));
    let (address, published) = rest.rsplit_once(':').unwrap_or(("", rest));
    let target: PortRange = target.parse()?;
    let published: Option<PortRange> = match published {
        "" => None,
        published => Some(published.parse()?),
    };
    pairs(host_ip(address)?, published, target, protocol)
}

/// One entry per port of the container.
fn pairs(
    host_ip: Option<IpAddr>,
    published: Option<PortRange>,
    target: PortRange,
    protocol: Protocol,
) -> Result<Vec<Port>, &'static str> {
    let port = |target, published| Port {
        target,
        protocol,
        host_ip,
        published,
    };
    let (first, last) = target.bounds();
    let Some(published) = published else {
        return Ok((first..=last).map(|target| port(target, None)).collect());
    };
    if target.count() == 1 {
        return Ok(vec![port(first, Some(published))]);
    }
    if target.count() != published.count() {
        return Err("expected ranges of one length on both sides");
    }
    let (from, to) = published.bounds();
    let both = (first..=last).zip(from..=to);
    Ok(both
        .map(|(target, published)| port(target, PortRange::one(published)))
        .collect())
}

fn host_ip(text: &str) -> Result<Option<IpAddr>, &'static str> {
    const EXPECTED: &str = "expected an IP address before the ports, IPv6 in brackets";
    if text.is_empty() {
        return Ok(None);
    }
    let address = match text.strip_prefix('[') {
        Some(v6) => v6.strip_suffix(']').ok_or(EXPECTED)?,
        None if text.contains(':') => return Err(EXPECTED),
        None => text,
    };
    address.parse().map(Some).map_err(|_| EXPECTED)
}

fn protocol(word: &str) -> Option<Protocol> {
    match word.to_ascii_lowercase().as_str() {
        "tcp" => Some(Protocol::Tcp),
        "udp" => Some(Protocol::Udp),
        "sctp" => Some(Protocol::Sctp),
        _ => None,
    }
}

fn long(reader: &Reader<'_>, cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Vec<Port> {
    let mut is_known = true;
    let mut scalar = |key| {
        let field = cursor.get(key).filter(|field| !field.is_null())?;
        let text = reader.known(&field, problems);
        is_known &= text.is_some();
        text
    };
    let (target, published) = (scalar("target"), scalar("published"));
    let (address, word) = (scalar("host_ip"), scalar("protocol"));
    if !is_known {
        return Vec::new();
    }
    let ports = (|| {
        let target: PortRange = target.ok_or("expected a field `target`")?.parse()?;
        let published = match published.as_deref() {
            None | Some("") => None,
            Some(published) => Some(published.parse()?),
        };
        let word = word.as_deref().unwrap_or("tcp");
        let protocol = protocol(word).ok_or("expected the protocol tcp, udp or sctp")?;
        let host_ip = match address.as_deref() {
            None | Some("") => None,
            Some(address) => Some(
                address
                    .parse()
                    .map_err(|_| "expected `host_ip` to be an IP address")?,
            ),
        };
        pairs(host_ip, published, target, protocol)
    })();
    ports.unwrap_or_else(|expected: &str| {
        problems.push(Diagnostic::new("this is no port", cursor.place()).label(expected));
        Vec::new()
    })
}

#[cfg(test)]
mod tests {
    use super::short;

    fn read(text: &str) -> Vec<String> {
        let ports = short(text).unwrap();
        let json = ports.iter().map(|port| {
            let published = port
                .published
                .map_or("any".to_owned(), |range| range.to_string());
            let address = port
                .host_ip
                .map_or("all".to_owned(), |address| address.to_string());
            format!(
                "{address} {published} {}/{}",
                port.target,
                port.protocol.as_str()
            )
        });
        json.collect()
    }

    #[test]
    fn the_short_form() {
        assert_eq!(read("80"), ["all any 80/tcp"]);
        assert_eq!(read("8080:80"), ["all 8080 80/tcp"]);
        assert_eq!(read("127.0.0.1:8080:80/udp"), ["127.0.0.1 8080 80/udp"]);
        assert_eq!(read("127.0.0.1::80"), ["127.0.0.1 any 80/tcp"]);
        assert_eq!(read("[::1]:80:80"), ["::1 80 80/tcp"]);
        assert_eq!(
            read("9000-9001:80-81"),
            ["all 9000 80/tcp", "all 9001 81/tcp"]
        );
        assert_eq!(read("9000-9009:80"), ["all 9000-9009 80/tcp"]);
        assert_eq!(read("80-81"), ["all any 80/tcp", "all any 81/tcp"]);
        assert_eq!(read(":80"), ["all any 80/tcp"]);
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
            "0",
        ] {
            assert!(short(text).is_err(), "{text}");
        }
    }
}
