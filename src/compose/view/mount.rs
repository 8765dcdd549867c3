//! Something mounted.

use super::{At, flag};
use crate::compose::tree::Node;
use crate::source::Place;
use crate::state::MountKind;
use crate::text::expression::literal_matches;
use crate::text::path::clean;

/// Something mounted into a service.
#[derive(Debug, Clone)]
pub(crate) struct Mount<'a> {
    pub(crate) kind: MountKind,
    /// A path of the host or a volume's key, if there is one; a variable that is not set is kept as
    /// written.
    pub(crate) source: Option<String>,
    /// Where in the container.
    pub(crate) target: String,
    pub(crate) read_only: bool,
    /// Whether the engine creates a folder of the host that is not there: without it, it refuses the container.
    pub(crate) is_created: bool,
    /// How mounts made below it spread between host and container.
    pub(crate) propagation: Option<String>,
    at: At<'a>,
}

impl<'a> Mount<'a> {
    /// Reads an entry of `volumes` in its canonical form; `None` for one that Compose refuses.
    pub(in crate::compose) fn read(at: At<'a>) -> Option<Self> {
        let text = |at: At<'a>| at.text().filter(|text| !text.is_empty());
        Some(Self {
            kind: at.field("type")?.text()?.parse().ok()?,
            source: at.field("source").and_then(text),
            target: at.field("target")?.text()?,
            read_only: at.is_on("read_only"),
            is_created: is_created(at.node),
            propagation: at.dig(&["bind", "propagation"]).and_then(text),
            at,
        })
    }

    /// Where what is mounted is written.
    pub(crate) fn place(&self) -> Place {
        self.at.field("source").unwrap_or(self.at).place()
    }

    /// What is mounted, as it is written.
    pub(crate) fn written(&self) -> &'a str {
        let source = self.at.field("source").unwrap_or(self.at);
        let written = source.written();
        if source.node.at != self.at.node.at {
            return written;
        }
        // The short form is one text, in which a default of a variable may have colons too.
        let end = literal_matches(written, ':').next();
        written
            .get(..end.unwrap_or(written.len()))
            .unwrap_or(written)
    }

    /// The path of the host, without `.`, `..` and doubled slashes, where it is an absolute one.
    pub(crate) fn host_path(&self) -> Option<String> {
        let source = self.source.as_deref();
        let source =
            source.filter(|source| self.kind == MountKind::Bind && source.starts_with('/'));
        source.map(clean)
    }
}

/// Whether the engine creates the source of a bind mount in its canonical form, which says so where that is meant.
pub(in crate::compose) fn is_created(mount: &Node) -> bool {
    let creates = |bind: &Node| bind.field("create_host_path").and_then(flag);
    mount.get("bind").and_then(creates) == Some(true)
}
