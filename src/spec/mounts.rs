//! What a service mounts: volumes by name, directories of the host, or what Compose's own syntax says.

use super::in_compose::each;
use super::located::Located;
use super::names::{AbsolutePath, Key};
use super::read::keyed;
use crate::compose::Mount;
use crate::diagnostic::Diagnostics;
use crate::source::Place;
use crate::state::MountKind;
use crate::yaml::{Cursor, Tree, TreeContent};

/// A mount of a service.
#[derive(Debug, Clone)]
pub(crate) struct Mounted {
    /// The volume by its key in the Compose file, where it is a named one.
    pub(crate) volume: Option<Located<Key>>,
    /// Where in the container it is.
    pub(crate) target: Located<String>,
    /// Whether it is in memory, and belongs to the service alone.
    pub(crate) is_tmpfs: bool,
    /// Whether the service cannot write to it.
    pub(crate) is_read_only: bool,
    /// The mount in Compose's own syntax; where there is none, it is a plain mount of the volume.
    pub(crate) written: Option<Tree>,
}

/// The mounts of a service: a mapping of volumes to paths, or a list in Compose's own syntax.
pub(super) fn mounts(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Vec<Mounted> {
    if let TreeContent::Map(_) = cursor.tree().content() {
        return keyed::<Key>(cursor, problems)
            .into_iter()
            .filter_map(|(volume, entry)| {
                let target: AbsolutePath = entry.parse(problems)?;
                Some(Mounted {
                    volume: Some(Located::new(volume, entry.key_place())),
                    target: Located::new(target.to_string(), entry.place()),
                    is_tmpfs: false,
                    is_read_only: false,
                    written: None,
                })
            })
            .collect();
    }
    // Whatever is not a list is noted.
    cursor.list(problems);
    each("volumes", cursor.tree().items(), |service, item| {
        let mounts = service.mounts();
        mounts
            .map(|mount| Mounted {
                written: Some(item.clone()),
                ..mounted(&mount, &item.place())
            })
            .collect()
    })
}

/// A mount of a Compose file. A path, or a name with a variable, is not a key of a volume.
pub(super) fn mounted(mount: &Mount<'_>, place: &Place) -> Mounted {
    let volume = mount
        .source
        .as_ref()
        .filter(|_| mount.kind == MountKind::Volume);
    let volume = volume.and_then(|key| key.parse().ok());
    Mounted {
        volume: volume.map(|key| Located::new(key, place.clone())),
        target: Located::new(mount.target.clone(), place.clone()),
        is_tmpfs: mount.kind == MountKind::Tmpfs,
        is_read_only: mount.read_only,
        written: None,
    }
}
