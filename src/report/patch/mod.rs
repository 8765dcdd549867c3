//! What to write in Compose files so that they say what hosts run.

mod human;

use std::path::{Component, Path, PathBuf};

use super::{Format, Report, Writer};
use crate::finding::Finding;
use crate::patch::{Patched, SkipReason};
use crate::redact;
use crate::render;
use crate::text::path::{clean, relative};
use crate::text::printable;

/// The patches of a run.
#[derive(Debug)]
pub(crate) struct PatchReport(pub(crate) Vec<HostPatch>);

/// The patch of a host's files.
#[derive(Debug)]
pub(crate) struct HostPatch {
    title: String,
    /// The patch of each file that changes, after a comment, which programs that apply patches skip.
    files: Vec<String>,
    /// How many findings the files then no longer have.
    accepted: usize,
    /// What is left out, and why.
    left: Vec<String>,
}

impl Report for PatchReport {
    const WRITERS: &'static [(Format, Writer<Self>)] = &[(Format::Human, human::write)];
}

impl HostPatch {
    pub(crate) fn of(title: String, is_rendered: bool, patched: &Patched) -> Self {
        let paths: Vec<&str> = patched.files.iter().map(|(old, _)| &*old.name).collect();
        let here = std::env::current_dir().unwrap_or_default();
        let (mut folder, names) = applied_in(&paths, &here);
        let files = patched.files.iter().zip(names).map(|((old, new), name)| {
            let patch = render::patch(&old.text, &new.text, &name);
            let note = if is_rendered {
                format!(
                    "# `{}` is rendered: change the specs or templates so that they give this\n",
                    old.name
                )
            } else {
                // What applies it is told once.
                let folder = folder.take();
                folder.map_or_else(String::new, |folder| format!("# apply it in `{folder}`\n"))
            };
            format!("{}{patch}", printable(&note))
        });
        let left = patched
            .left
            .iter()
            .map(|(finding, why)| left_out(finding, *why));
        Self {
            title,
            files: files.collect(),
            accepted: patched.accepted,
            left: left.collect(),
        }
    }
}

/// That a Compose file cannot say what a finding is about, and why.
pub(crate) fn left_out(finding: &Finding, why: SkipReason) -> String {
    redact::text(&format!("left out: {} ({why})", finding.message)).into_owned()
}

/// Where a patch of files is to be applied, unless that is here, and the names that they have there. A path that leads out
/// of the folder is refused by what applies patches.
fn applied_in(paths: &[&str], here: &Path) -> (Option<String>, Vec<String>) {
    let is_below = |path: &&str| {
        let mut parts = Path::new(path).components();
        parts.all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
    };
    if paths.iter().all(is_below) {
        return (None, paths.iter().map(|&path| path.to_owned()).collect());
    }
    let whole = paths.iter().map(|path| here.join(path));
    let whole: Vec<PathBuf> = whole
        .map(|path| clean(&path.to_string_lossy()).into())
        .collect();
    let folders = whole.iter().filter_map(|path| path.parent());
    let common = folders.reduce(|common, folder| {
        let mut above = common.ancestors();
        above
            .find(|above| folder.starts_with(above))
            .unwrap_or(common)
    });
    let folder = common.unwrap_or(here);
    let names = whole.iter().map(|path| relative(folder, path)).collect();
    let is_absolute = paths.iter().any(|path| path.starts_with('/'));
    let shown = if is_absolute {
        folder.display().to_string()
    } else {
        relative(here, folder)
    };
    (Some(shown), names)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::applied_in;

    #[test]
    fn files_of_a_patch_are_named_from_one_folder() {
        for (paths, folder, names) in [
            (
                &["compose.yml", "inc/a.yml"][..],
                None,
                &["compose.yml", "inc/a.yml"][..],
            ),
            (&["../compose.yml"], Some(".."), &["compose.yml"]),
            (
                &["compose.yml", "../compose.yml"],
                Some(".."),
                &["inc/compose.yml", "compose.yml"],
            ),
            (
                &["../a/b.yml", "../../c.yml"],
                Some("../.."),
                &["shop/a/b.yml", "c.yml"],
            ),
            (
                &["/etc/a.yml", "/etc/b/c.yml"],
                Some("/etc"),
                &["a.yml", "b/c.yml"],
            ),
            (&["/a.yml"], Some("/"), &["a.yml"]),
        ] {
            let (is, found) = applied_in(paths, Path::new("/srv/shop/inc"));
            assert_eq!(is.as_deref(), folder, "{paths:?}");
            assert_eq!(found, names, "{paths:?}");
        }
    }
}
