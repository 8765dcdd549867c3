//! What a Compose file brings into its services: paths of the project, and texts.

use crate::compose::{At, Mount, Service, Written};
use crate::source::Place;
use crate::state::MountKind;

/// A path that a Compose file brings into a service.
#[derive(Debug)]
pub(super) struct Brought {
    /// The path as it is written, with the variables filled in that have a value.
    pub(super) path: String,
    /// Where the Compose file says so.
    pub(super) place: Place,
    /// Whether a store loads what is in a folder there when it creates its database.
    pub(super) is_loaded: bool,
}

impl Brought {
    fn at(at: At<'_>) -> Option<Self> {
        Some(Self {
            path: at.text()?,
            place: at.place(),
            is_loaded: false,
        })
    }
}

/// The paths that the configs, secrets, mounts, volumes and env files of a Compose file name.
pub(super) fn paths(file: &Written) -> Vec<Brought> {
    let entries = ["configs", "secrets"]
        .into_iter()
        .flat_map(|section| file.entries(section));
    let mut found: Vec<Brought> = entries
        .filter_map(|(_, entry)| Brought::at(entry.field("file")?))
        .collect();
    for service in file.services() {
        let mounts = service.mounts();
        found.extend(mounts.filter_map(|mount| mounted(file, &mount)));
        for field in ["env_file", "label_file"] {
            let listed = service
                .get(field)
                .into_iter()
                .flat_map(|at| at.items().chain((!at.is_list()).then_some(at)));
            found.extend(listed.filter_map(|at| Brought::at(at.get("path").unwrap_or(at))));
        }
    }
    found
}

/// The path of a bind mount, or of a volume that is one by the options of its driver.
fn mounted(file: &Written, mount: &Mount<'_>) -> Option<Brought> {
    let path = if mount.kind == MountKind::Bind {
        mount.source.clone()?
    } else {
        let volume = file.declared("volumes", mount.source.as_deref()?)?;
        let options = volume.driver_option("o")?.text()?;
        let mut options = options.split(',');
        let is_bind = options.any(|option| matches!(option, "bind" | "rbind"));
        is_bind.then(|| volume.driver_option("device")?.text())??
    };
    Some(Brought {
        path,
        place: mount.place(),
        is_loaded: loads(&mount.target),
    })
}

/// Whether an image loads what is mounted in a folder: `/docker-entrypoint-initdb.d` of most stores, and what others have
/// instead.
fn loads(target: &str) -> bool {
    target.contains("initdb") || target.contains("entrypoint")
}

/// The texts that services are given in the file itself: values of variables and commands.
pub(in crate::rules) fn settings(service: Service<'_>) -> Vec<(String, Place)> {
    let fields: [&[&str]; 7] = [
        &["environment"],
        &["command"],
        &["entrypoint"],
        &["healthcheck", "test"],
        &["build", "args"],
        &["post_start"],
        &["pre_stop"],
    ];
    let mut found = Vec::new();
    for at in fields.iter().filter_map(|path| service.dig(path)) {
        at.each_scalar(&mut |_, text, at| found.push((text.to_owned(), at.place())));
    }
    found
}
