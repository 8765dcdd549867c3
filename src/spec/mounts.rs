//! What a service mounts: volumes by name, directories of the host, or what Compose's own syntax says.

use super::located::Located;
use super::names::{AbsolutePath, Key};
use super::read::keyed;
use crate::diagnostic::Diagnostics;
use crate::yaml::{Content, Cursor, Tree};

/// A mount of a service.
#[derive(Debug, Clone)]
pub(crate) struct Mounted {
    /// The volume by its key in the Compose file, where it is a named one.
    pub(crate) volume: Option<Located<Key>>,
    /// Where in the container it is.
    pub(crate) target: Located<String>,
    /// Whether the service cannot write to it.
    pub(crate) is_read_only: bool,
    /// The mount in Compose's own syntax; where there is none, it is a plain mount of the volume.
    pub(crate) written: Option<Tree>,
}

/// The mounts of a service: a mapping of volumes to paths, or a list in Compose's own syntax.
pub(super) fn mounts(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Vec<Mounted> {
    if let Content::Map(_) = cursor.tree().content() {
        let entries = keyed::<Key>(cursor, problems).into_iter();
        return entries
            .filter_map(|(volume, entry)| {
                let target: AbsolutePath = entry.parse(problems)?;
                Some(Mounted {
                    volume: Some(Located::new(volume, entry.key_place())),
                    target: Located::new(target.to_string(), entry.place()),
                    is_read_only: false,
                    written: None,
                })
            })
            .collect();
    }
    let items = cursor.list(problems).into_iter();
    items.filter_map(|item| written(item.tree())).collect()
}

/// A mount in Compose's own syntax. What is wrong with it is for the reader of Compose files to say.
fn written(tree: &Tree) -> Option<Mounted> {
    let (source, target, is_read_only) = match tree.content() {
        Content::Map(_) => {
            let is_volume = tree.get("type").and_then(Tree::as_str) == Some("volume");
            let source = tree.get("source").and_then(Tree::as_str);
            let target = tree.get("target").and_then(Tree::as_str)?;
            let read_only = tree.get("read_only").and_then(Tree::to_text);
            (
                source.filter(|_| is_volume),
                target,
                read_only.as_deref() == Some("true"),
            )
        }
        _ => match tree.as_str()?.split_once(':') {
            Some((source, rest)) => {
                let (target, options) = rest.split_once(':').unwrap_or((rest, ""));
                let is_read_only = options.split(',').any(|option| option == "ro");
                (Some(source), target, is_read_only)
            }
            None => (None, tree.as_str()?, false),
        },
    };
    // A path, or a name with a variable, is no key.
    let volume = source.and_then(|source| source.parse().ok());
    Some(Mounted {
        volume: volume.map(|volume| Located::new(volume, tree.place())),
        target: Located::new(target.to_owned(), tree.place()),
        is_read_only,
        written: Some(tree.clone()),
    })
}
