//! What a container mounts (Engine API, `MountPoint`), with the options that it was asked to be mounted with:
//! in `HostConfig.Mounts` (`Mount`), or as texts in `HostConfig.Binds`.

use std::collections::HashMap;

use super::answer::Answer;
use super::setup;
use crate::fields::{MOUNT, Value, Values};
use crate::redact::Sensitive;
use crate::state::{Mount, MountKind};
use crate::text::path::clean;

/// The mounts of a container, sorted by target; `host` is what it was asked for, where it was inspected.
pub(super) fn mounts(mounted: &Answer<'_>, host: Option<&Answer<'_>>) -> Vec<Mount> {
    let asked = host.map(RequestedMounts::of).unwrap_or_default();
    let mount = |mount: Answer<'_>| {
        let kind: Option<MountKind> = mount.must("Type").parse("a type of mount");
        let target = mount.must("Destination").filled();
        let is_writable = mount.must("RW").flag();
        let source = match kind? {
            // An anonymous volume has a name as well.
            MountKind::Volume => mount.must("Name").text().or(mount.at("Source").text()),
            MountKind::Bind => mount.must("Source").filled(),
            // The engine shows a directory of its own; what was not asked for is another container's.
            MountKind::Image => asked.source(target?),
            _ => mount.at("Source").text(),
        };
        let (kind, target) = (kind?, target?);
        let mut fields = asked.fields(&mount, target);
        if is_writable == Some(false) {
            fields.insert("read_only", Value::Flag(true));
        }
        fields.retain(|path| kind.has(path));
        Some(Mount {
            target: target.to_owned(),
            kind,
            source: source.map(str::to_owned),
            fields,
        })
    };
    let mut mounts: Vec<Mount> = mounted.items().filter_map(mount).collect();
    Mount::sort(&mut mounts);
    mounts
}

/// What a container was asked to mount, by target.
#[derive(Default)]
struct RequestedMounts<'a> {
    mounts: HashMap<String, Answer<'a>>,
    binds: HashMap<String, Vec<&'a str>>,
}

impl<'a> RequestedMounts<'a> {
    fn of(host: &Answer<'a>) -> Self {
        let mounts = host.at("Mounts").items();
        let mounts =
            mounts.filter_map(|mount| Some((clean(mount.must("Target").filled()?), mount)));
        let binds = host
            .at("Binds")
            .items()
            .filter_map(|bind| options(bind.text()?));
        Self {
            mounts: mounts.collect(),
            binds: binds.collect(),
        }
    }

    fn source(&self, target: &str) -> Option<&'a str> {
        self.mounts.get(target)?.at("Source").text()
    }

    /// The fields of what is mounted at a target. Whether it is read-only is left to the caller.
    fn fields(&self, mounted: &Answer<'a>, target: &str) -> Values {
        let mut fields = Values::default();
        let (asked, bind) = (self.mounts.get(target), self.binds.get(target));
        for field in MOUNT {
            let (above, path) = match field.engine.strip_prefix("HostConfig.Mounts.") {
                Some(path) => (asked, path),
                None => match field.engine.strip_prefix("Mounts.") {
                    Some(path) if path != "RW" => (Some(mounted), path),
                    _ => continue,
                },
            };
            if let Some(above) = above {
                let answer = path
                    .split('.')
                    .fold(above.clone(), |answer, name| answer.at(name));
                setup::set(&mut fields, field, &answer);
            }
        }
        for option in bind.into_iter().flatten() {
            match *option {
                "z" | "Z" => {
                    fields.insert("bind.selinux", Value::Text(Sensitive::public(*option)));
                }
                "nocopy" => fields.insert("volume.nocopy", Value::Flag(true)),
                _ => {}
            }
        }
        fields
    }
}

/// The target of `SOURCE:TARGET[:OPTIONS]`, and its options.
fn options(bind: &str) -> Option<(String, Vec<&str>)> {
    let (before, last) = bind.rsplit_once(':')?;
    if last.contains('/') {
        return Some((clean(last), Vec::new()));
    }
    let target = before.rsplit_once(':').map_or(before, |(_, target)| target);
    Some((clean(target), last.split(',').collect()))
}

#[cfg(test)]
mod tests {
    use super::options;

    #[test]
    fn a_bind_is_a_source_a_target_and_options() {
        for (bind, target, words) in [
            ("/a:/b", "/b", &[] as &[&str]),
            ("/a:/b:rw,z", "/b", &["rw", "z"]),
            ("data:/b/:nocopy", "/b", &["nocopy"]),
            (
                "data:/b:ro,rprivate,nosuid,rbind",
                "/b",
                &["ro", "rprivate", "nosuid", "rbind"],
            ),
        ] {
            assert_eq!(
                options(bind),
                Some((target.to_owned(), words.to_vec())),
                "{bind}"
            );
        }
        assert_eq!(options("/a"), None);
    }
}
