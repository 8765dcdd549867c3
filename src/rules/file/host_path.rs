//! Host paths that expose too much.

use super::host::each_mount;
use super::purpose;
use crate::rules::prelude::*;
use crate::text::host_path::is_sensitive;

pub(super) static RULE: Rule = Rule {
    code: "host-path",
    severity: Severity::Warning,
    title: "No container mounts system, device or home directories of the host",
    why: "They contain credentials, kernel settings and devices, which even a read-only mount exposes.",
    origin: "OWASP Docker Security rule 8, CIS Docker 5.6 (5.5 of older editions)",
    equivalents: &[
        compose_lint("CL-0013").except(
            "Not for the file of a secret or a config, as passing a file of the host is their \
             purpose. Not for the socket of a single service below `/run`, such as that of a \
             database. Not for a folder of an application below `/etc`, nor for read-only mounts \
             of the names of users and groups. Not for devices such as `/dev/dri`. Not for what a program that \
             watches the host, such as `node-exporter`, mounts read-only.",
        ),
        kics("Volume Has Sensitive Host Directory").except(
            "Not for everything below `/var`, `/srv`, `/media` or `/home`, where a host keeps \
             the data of its services, nor for a folder of an application below `/etc`. Not for \
             read-only mounts of the time zone or of programs, which expose nothing.",
        ),
    ],
    bad: service!("volumes: ['/home:/home:ro']"),
    good: service!("volumes: ['/srv/a:/a']"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each_mount(deployed, |service, mount| {
        let path = mount.path.as_str();
        if mount.is_read_only && purpose::watches_host(service) {
            return None;
        }
        let message = format!("`{}` mounts the host path `{path}`", service.name);
        is_sensitive(path, mount.is_read_only).then(|| {
            Found::new(service.name, message, &mount.place).label(if mount.is_read_only {
                "expected no host path, or only the part that is needed"
            } else {
                "expected no host path, or only the part that is needed, read-only"
            })
        })
    })
}
