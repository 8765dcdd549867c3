//! Doors for the fuzz targets; they exist with `--cfg fuzzing` only.

use super::canonical::{port, volume};
use super::tree::{Mark, Node};

/// The ports that a short form stands for, each as the address, the port on the host, the port in the
/// container and the protocol.
pub fn ports(text: &str) -> Result<Vec<(String, String, u16, String)>, &'static str> {
    let ports = port::parse(text, &Node::text(text, Mark::default()))?;
    let part = |port: &Node, key| port.get(key).and_then(Node::scalar).unwrap_or_default();
    let ports = ports.iter().map(|port| {
        let target = part(port, "target").parse().unwrap_or_default();
        (
            part(port, "host_ip"),
            part(port, "published"),
            target,
            part(port, "protocol"),
        )
    });
    Ok(ports.collect())
}

/// The mount that a short form stands for, as its source, its target and whether it is read-only.
pub fn mount(text: &str) -> Result<(String, String, bool), &'static str> {
    let mount = volume::parse(text)?;
    Ok((
        mount.source.to_owned(),
        mount.target.to_owned(),
        mount.is_read_only,
    ))
}
