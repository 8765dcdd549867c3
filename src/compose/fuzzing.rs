//! Doors for the fuzz targets; they exist with `--cfg fuzzing` only.

use super::canonical::{port, volume};

/// The ports that a short form stands for, each as the address, the port on the host, the port in the
/// container and the protocol.
pub(crate) fn ports(text: &str) -> Result<Vec<(String, String, u16, String)>, &'static str> {
    let ports = port::parse(text)?.into_iter();
    Ok(ports
        .map(|port| {
            (
                port.host_ip,
                port.published.unwrap_or_default(),
                port.target,
                port.protocol,
            )
        })
        .collect())
}

/// The mount that a short form stands for, as its source, its target and whether it is read-only.
pub(crate) fn mount(text: &str) -> Result<(String, String, bool), &'static str> {
    let mount = volume::parse(text)?;
    Ok((
        mount.source.to_owned(),
        mount.target.to_owned(),
        mount.is_read_only,
    ))
}
