//! What a container mounts.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use crate::fields::Values;
use crate::text::Invalid;

/// Something mounted into a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Mount {
    /// Where in the container; an absolute, clean path.
    pub target: String,
    /// What is mounted.
    #[serde(rename = "type")]
    pub kind: MountKind,
    /// A path of the host, an image, a volume: its key, or its name on the engine where the container is
    /// a live one; nothing for a tmpfs, or an anonymous volume of a file.
    pub source: Option<String>,
    /// Its fields.
    #[serde(flatten, with = "crate::fields::of_mount")]
    #[cfg_attr(test, schemars(with = "crate::fields::schema::Mount"))]
    pub fields: Values,
}

impl Mount {
    /// Whether the container cannot write to it.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.fields.is_on("read_only")
    }

    /// Whether a live one is an anonymous volume; the engine names it by 64 hexadecimal digits.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.kind == MountKind::Volume && self.source.as_deref().is_none_or(is_digits)
    }

    /// Sorts mounts by target.
    pub fn sort(mounts: &mut [Self]) {
        let order = |mount: &Self| (mount.target.clone(), mount.kind, mount.source.clone());
        mounts.sort_by_cached_key(order);
    }
}

/// Whether a volume's name is one that the engine gave.
#[must_use]
pub fn is_digits(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What kind of thing is mounted.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = Invalid, parse_err_fn = not_a_mount)]
pub enum MountKind {
    /// A file or directory of the host.
    Bind,
    /// A volume, named or anonymous.
    Volume,
    /// Memory.
    Tmpfs,
    /// The file system of an image.
    Image,
    /// A named pipe of Windows.
    Npipe,
    /// A cluster volume (swarm).
    Cluster,
}

impl MountKind {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether such a mount can have the field at a path. `selinux` is an option of the short
    /// form, which a volume can have as well.
    #[must_use]
    pub fn has(self, path: &str) -> bool {
        match path.split_once('.') {
            Some(("bind", "selinux")) => matches!(self, Self::Bind | Self::Volume),
            Some((kind, _)) => kind == self.as_str(),
            // An image is never written to.
            None => self != Self::Image || path != "read_only",
        }
    }
}

fn not_a_mount(_: &str) -> Invalid {
    Invalid("expected one of bind, volume, tmpfs, image, npipe, cluster")
}
