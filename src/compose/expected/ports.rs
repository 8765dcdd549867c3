//! Published ports.

use std::net::IpAddr;

use super::Reader;
use crate::compose::tree::{Kind, Node};
use crate::state::{Port, PortRange, Protocol};

/// The ports of a service, sorted.
pub(super) fn read(reader: &mut Reader<'_>, service: &Node) -> Vec<Port> {
    let mut ports = Vec::new();
    for item in service.get("ports").map(Node::items).unwrap_or_default() {
        if !reader.all_known(item) {
            continue;
        }
        match port(item) {
            Ok(port) => ports.push(port),
            Err((at, expected)) => {
                reader
                    .loader
                    .notes
                    .problem(at.at, "this is not a valid port", expected);
            }
        }
    }
    ports.sort();
    ports.dedup();
    ports
}

fn port(item: &Node) -> Result<Port, (&Node, &'static str)> {
    const EXPECTED: &str = "expected a port from 1 to 65535";
    let target = item.get("target").unwrap_or(item);
    let number = match &target.kind {
        Kind::Int(number) => u16::try_from(number.get()).ok(),
        _ => None,
    };
    let number = number
        .filter(|number| *number > 0)
        .ok_or((target, EXPECTED))?;
    let protocol = item.get("protocol").unwrap_or(item);
    let word = protocol.as_text().unwrap_or("tcp").to_ascii_lowercase();
    let protocol = match word.as_str() {
        "" => Protocol::Tcp,
        word => word.parse().map_err(|expected| (protocol, expected))?,
    };
    let host_ip: Option<IpAddr> = match item.field("host_ip") {
        None => None,
        Some(address) => {
            let text = address.as_text().unwrap_or_default();
            Some(
                text.parse()
                    .map_err(|_| (address, "expected an IP address"))?,
            )
        }
    };
    let published = match item.field("published") {
        None => None,
        Some(published) => match published.scalar().unwrap_or_default().as_str() {
            // The engine chooses.
            "" | "0" => None,
            text => Some(
                text.parse::<PortRange>()
                    .map_err(|expected| (published, expected))?,
            ),
        },
    };
    Ok(Port {
        target: number,
        protocol,
        host_ip,
        published,
    })
}
