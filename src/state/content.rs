//! Files inside containers: what Compose copies into them, and what an engine shows of them. Of a
//! content, only a digest is kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};
use strum::IntoStaticStr;

use crate::redact::Sensitive;

/// How many bytes of one mount, or of what is copied, are read.
pub const MAX_BOUND_BYTES: usize = 16 << 20;
/// How many files of one mount are read.
pub const MAX_BOUND_FILES: usize = 1000;

/// A secret or config that Compose copies into the containers of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Where in the container; an absolute path.
    pub target: String,
    /// Its path in the Compose file: `configs.NAME`, `secrets.NAME`.
    pub path: String,
    /// The digest of its content; nothing where a variable that it is made of has no value.
    pub digest: Option<Sensitive>,
    /// Its permissions, where the file sets them.
    pub mode: Option<u32>,
    /// Its owner, where the file sets it.
    pub uid: Option<u64>,
    /// Its group, where the file sets it.
    pub gid: Option<u64>,
}

/// In a state as JSON, what is copied is known by its place in the container.
pub(super) fn targets<S: Serializer>(copies: &[Copied], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(copies.iter().map(|copied| &copied.target))
}

/// What is at a place in a container, or in the project's folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Content {
    /// What kind of thing it is.
    pub kind: FileKind,
    /// The permissions of a file, where it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<u32>,
    /// Its owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<u64>,
    /// Its group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gid: Option<u64>,
    /// When it was last changed, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// The digests of the files and links that were read: of the file itself under an empty name, else
    /// of those below the directory, by their paths there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, Sensitive>,
    /// Why it, or the rest of it, could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

impl Content {
    /// One that could not be read.
    #[must_use]
    pub fn unread(why: impl Into<String>) -> Self {
        Self {
            unread: Some(why.into()),
            ..Self::default()
        }
    }

    /// Why the rest of a mount is not read.
    #[must_use]
    pub fn beyond() -> String {
        let size = MAX_BOUND_BYTES >> 20;
        format!("only {MAX_BOUND_FILES} files and {size} MiB of it are read")
    }

    /// The digest of a symbolic link, by what is written in it.
    #[must_use]
    pub fn link(target: &[u8]) -> Sensitive {
        Sensitive::digest([b"link to ", target].concat())
    }

    /// Whether what it holds was read, at least in part.
    #[must_use]
    pub fn is_read(&self) -> bool {
        // An empty directory holds nothing; only an archive tells the mode.
        !self.files.is_empty() || self.mode.is_some()
    }

    /// Whether something can be compared with it: a part of it was read, or it is an empty directory.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.unread.is_none() || !self.files.is_empty()
    }

    /// The digest of a file.
    #[must_use]
    pub fn digest(&self) -> Option<&Sensitive> {
        self.files.get("")
    }
}

/// What kind of thing is at a place in a container.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// It is not known.
    #[default]
    Unknown,
    /// There is nothing.
    Missing,
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A socket, a device or the like.
    Other,
}

impl FileKind {
    /// The words for it, with the article.
    #[must_use]
    pub fn described(self) -> &'static str {
        match self {
            Self::Unknown => "not known",
            Self::Missing => "missing",
            Self::File => "a file",
            Self::Directory => "a directory",
            Self::Link => "a symbolic link",
            Self::Other => "a socket or device",
        }
    }
}

/// What was changed in a container since it was created, in its own files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Changes {
    /// The paths that were changed, without those that images and engines change by themselves.
    pub paths: BTreeMap<String, PathChange>,
    /// How many more there are.
    #[serde(skip_serializing_if = "is_zero")]
    pub more: usize,
    /// Why they are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// How a path was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum PathChange {
    /// It was there, and is another.
    Modified,
    /// It is new.
    Added,
    /// It is gone.
    Deleted,
}

impl PathChange {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
