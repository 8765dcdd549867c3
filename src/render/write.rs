//! From rendered texts to files: what would change, and changing it, all or nothing.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::Path;

use super::Rendered;
use super::diff::unified_diff;
use super::plan::HEADER;
use crate::diagnostic::{Diagnostic, Diagnostics, unreadable};
use crate::files::folders::GENERATED;
use crate::files::{
    Access, EntryKind, Links, Lock, NewFolders, NotPlaced, PathRefusal, ReadError, Root, Staged,
    Total, is_temporary, limits, nearest, place_all, split, sweep,
};
use crate::parallel;
use crate::source::{Place, Source};
use crate::spec::{Catalog, PLACEHOLDER};
use crate::text::unix_lines;

/// How a generated file compares with the text that was rendered for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileStatus {
    /// The file holds the text already.
    Unchanged,
    /// The file holds another text.
    Stale,
    /// There is no such file.
    Missing,
    /// The file was generated once, and no host renders it any more.
    Orphaned,
}

/// A file of a run.
#[derive(Debug)]
pub(crate) struct File {
    /// The file, relative to the project's root.
    pub(crate) path: String,
    /// How it compares with what was rendered.
    pub(crate) change: FileStatus,
    /// What is in the file, where that is not what was rendered; it need not be a text.
    old: Vec<u8>,
    new: String,
    place: Place,
}

impl File {
    /// How many lines the file has now.
    pub(crate) fn lines(&self) -> usize {
        self.new.bytes().filter(|byte| *byte == b'\n').count()
    }

    /// The changes from the file to the rendered text, as a unified diff; empty where nothing changes.
    pub(crate) fn diff(&self) -> String {
        let (old_name, new_name) = match self.change {
            FileStatus::Unchanged => return String::new(),
            FileStatus::Missing => ("/dev/null".to_owned(), format!("b/{}", self.path)),
            FileStatus::Orphaned => (format!("a/{}", self.path), "/dev/null".to_owned()),
            FileStatus::Stale => (format!("a/{}", self.path), format!("b/{}", self.path)),
        };
        let old = String::from_utf8_lossy(&self.old);
        unified_diff(&unix_lines(&old), &self.new, &old_name, &new_name)
    }

    /// Something could not be done with it. A link is an error of the spec too: its output
    /// would be somewhere else.
    fn problem(&self, doing: &str, error: io::Error) -> Diagnostic {
        problem(&self.path, &self.place, doing, &error.into())
    }
}

fn problem(path: &str, place: &Place, doing: &str, error: &ReadError) -> Diagnostic {
    let refusal = match error {
        ReadError::Io(error) => PathRefusal::of(error),
        _ => None,
    };
    let Some(PathRefusal::Link(link)) = refusal else {
        return unreadable(path, doing, error);
    };
    let link = link.display();
    Diagnostic::new(format!("`{link}` is a symbolic link"), place)
        .label("expected a regular file, with no symbolic link in its path")
        .help(format!("remove the link `{link}`"))
}

/// The files of a run, in the order of the hosts; orphans come last.
#[derive(Debug)]
pub(crate) struct RenderedFiles<'a> {
    root: &'a Root,
    /// The files.
    pub(crate) files: Vec<File>,
}

/// A file whose text is on the disk, and has not taken its place yet.
struct Ready<'a> {
    file: &'a File,
    staged: Staged<'a>,
    access: Access,
}

impl<'a> RenderedFiles<'a> {
    /// Compares what was rendered with the files of the project at `root`. Orphans are looked for
    /// only where `is_whole` says that every host was rendered.
    pub(crate) fn of(
        root: &'a Root,
        catalog: &Catalog,
        rendered: &[Rendered<'_>],
        is_whole: bool,
    ) -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::default();
        let mut files = Vec::new();
        for one in rendered.iter().filter(|one| one.planned.is_written) {
            let path = &one.source.name;
            let place = &one.output.path.place;
            let (change, old) = match present(root, path) {
                Ok(Some(bytes)) if is_same(&bytes, &one.source.text) => {
                    (FileStatus::Unchanged, Vec::new())
                }
                // A file that is not UTF-8 is stale like any other.
                Ok(Some(bytes)) => (FileStatus::Stale, bytes),
                Ok(None) => (FileStatus::Missing, Vec::new()),
                Err(error) => {
                    problems.push(problem(path, place, "read", &error));
                    continue;
                }
            };
            files.push(File {
                path: path.clone(),
                change,
                old,
                new: one.source.text.clone(),
                place: place.clone(),
            });
        }
        if is_whole {
            match orphans(root, catalog) {
                Ok(found) => files.extend(found),
                Err(error) => problems.push(unreadable(GENERATED, "read", &error)),
            }
        }
        problems.or(Self { root, files })
    }

    /// Whether every file is as it was rendered.
    pub(crate) fn is_empty(&self) -> bool {
        self.files
            .iter()
            .all(|file| file.change == FileStatus::Unchanged)
    }

    /// Writes the files that are stale or missing. An orphan is left to the user: nothing that
    /// composegen was not asked to remove is removed.
    ///
    /// All texts are on the disk before the first of them takes its place: beside their files, or in
    /// the nearest folder above that exists, so that a run that is killed leaves no empty folders.
    /// Whether the places themselves outlast a loss of power is left to the system: either file is
    /// whole, and the old one is known as stale.
    /// After an error, the files that had taken their place by then are put back byte for byte.
    pub(crate) fn write(&self, _lock: &Lock) -> Result<(), Diagnostics> {
        let to_write: Vec<&File> = self
            .files
            .iter()
            .filter(|file| matches!(file.change, FileStatus::Stale | FileStatus::Missing))
            .collect();
        let mut folders = NewFolders::new(self.root);
        if let Some(first) = to_write.first() {
            // Everything is below this one, and what a killed run leaves is looked for in it.
            folders
                .create(Path::new(GENERATED))
                .map_err(|error| first.problem("write", error))?;
        }
        let staged = parallel::map_waiting(&to_write, |file| self.stage(file));
        let mut problems = Diagnostics::default();
        let mut ready = Vec::new();
        for (file, staged) in to_write.iter().zip(staged) {
            match staged {
                Ok(one) => ready.push(one),
                Err(error) => problems.push(file.problem("write", error)),
            }
        }
        if !problems.is_empty() {
            drop(ready);
            folders.remove();
            return Err(problems);
        }
        let placed = place_all(
            ready,
            |ready| {
                let (folder, name) = split(&ready.file.path);
                folders.create(folder)?;
                ready.staged.place(folder, name)?;
                Ok((ready.file, ready.access))
            },
            |(file, access)| self.put_back(file, &access),
        );
        placed.map_err(|NotPlaced { failed, left }| {
            folders.remove();
            let problem = |doing, (number, error): (usize, io::Error)| {
                let file: Option<&&File> = to_write.get(number);
                file.map(|file| file.problem(doing, error))
            };
            let mut problems = Diagnostics::default();
            problems.extend(problem("write", failed));
            problems.extend(left.into_iter().filter_map(|one| problem("put back", one)));
            problems
        })
    }

    /// Puts a text on the disk near the file that it is to become.
    fn stage<'b>(&'b self, file: &'b File) -> io::Result<Ready<'b>> {
        let (folder, name) = split(&file.path);
        let (nearest, opened) = nearest(self.root, folder)?;
        let replaced = match opened.metadata(name) {
            Ok(metadata) if nearest == folder => Some(metadata),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => None,
        };
        if replaced
            .as_ref()
            .is_some_and(|replaced| !replaced.is_file())
        {
            return Err(io::Error::other(
                "its name is taken by something that is not a regular file",
            ));
        }
        let access = replaced.map_or(Access::New(0o644), Access::Like);
        let staged = self.root.stage(nearest, file.new.as_bytes(), &access)?;
        Ok(Ready {
            file,
            staged,
            access,
        })
    }

    fn put_back(&self, file: &File, access: &Access) -> io::Result<()> {
        let (folder, name) = split(&file.path);
        if file.change == FileStatus::Missing {
            return self.root.folder(folder)?.remove_file(name);
        }
        self.root
            .stage(folder, &file.old, access)?
            .place(folder, name)
    }
}

/// Removes what killed runs left below the folder of the generated files: texts of ours, whole or
/// not, under the names that they have before they take their place.
pub(crate) fn remove_leftovers(
    root: &Root,
    catalog: &Catalog,
    _lock: &Lock,
) -> Result<(), Diagnostics> {
    let removed = walk(root).and_then(|found| {
        let is_leftover =
            |path: &&String| is_temporary(name_of(path)) && !is_planned(catalog, path);
        let leftovers = found.iter().filter(is_leftover);
        let folders: BTreeSet<&Path> = leftovers
            .filter_map(|path| Path::new(path).parent())
            .collect();
        for folder in folders {
            sweep(&root.folder(folder)?, |name, beginning| {
                let path = folder.join(name);
                let is_ours = beginning.starts_with(HEADER.as_bytes())
                    || HEADER.as_bytes().starts_with(beginning);
                is_ours && path.to_str().is_some_and(|path| !is_planned(catalog, path))
            })?;
        }
        Ok(())
    });
    removed.map_err(|error| unreadable(GENERATED, "clean up", &error).into())
}

/// What is in a file of the project; nothing where there is none. No part of its path is a link.
fn present(root: &Root, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
    match root.own_bytes(Path::new(path), limits::GENERATED) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a file has a text, whatever its lines end with.
fn is_same(bytes: &[u8], text: &str) -> bool {
    bytes == text.as_bytes()
        || std::str::from_utf8(bytes).is_ok_and(|present| unix_lines(present) == text)
}

/// The generated files that no host renders any more.
fn orphans(root: &Root, catalog: &Catalog) -> Result<Vec<File>, ReadError> {
    let mut total = Total::new(limits::ALL_GENERATED);
    let mut orphans = Vec::new();
    for path in walk(root)? {
        // What a killed run left is for the next one to remove.
        if is_planned(catalog, &path) || is_temporary(name_of(&path)) {
            continue;
        }
        let Some(old) = present(root, &path)? else {
            continue;
        };
        total.add(old.len())?;
        if old.starts_with(HEADER.as_bytes()) {
            orphans.push(File {
                place: Place::whole(&Source::new(path.as_str(), "")),
                path,
                change: FileStatus::Orphaned,
                old,
                new: String::new(),
            });
        }
    }
    Ok(orphans)
}

/// Whether a host renders this file, or may for some pull request.
fn is_planned(catalog: &Catalog, path: &str) -> bool {
    let output = path
        .strip_prefix(GENERATED)
        .and_then(|path| path.strip_prefix('/'));
    let Some(output) = output else { return false };
    catalog
        .hosts()
        .any(|(environment, host)| match host.output() {
            Some(own) if environment.per_pull_request => is_instance(&own.pattern, output),
            Some(own) => own.path.as_str() == output,
            None => false,
        })
}

fn name_of(path: &str) -> &OsStr {
    Path::new(path).file_name().unwrap_or_default()
}

/// Whether `output` is the pattern with some pull request's number in it.
fn is_instance(pattern: &str, output: &str) -> bool {
    let Some((before, after)) = pattern.split_once(PLACEHOLDER) else {
        return pattern == output;
    };
    let number = output.strip_prefix(before).and_then(|rest| {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        rest.get(..digits)
    });
    number.is_some_and(|number| {
        !number.is_empty()
            && format!("{before}{number}{}", after.replace(PLACEHOLDER, number)) == output
    })
}

/// The regular files below the folder of the generated files, in the order of their paths.
fn walk(root: &Root) -> Result<Vec<String>, ReadError> {
    let mut files = Vec::new();
    let mut folders = vec![(GENERATED.to_owned(), 1)];
    while let Some((folder, depth)) = folders.pop() {
        if depth > limits::FOLDER_DEPTH {
            return Err(ReadError::TooDeep);
        }
        let entries = match root.list(Path::new(&folder), Links::Refused) {
            // Nothing was rendered yet, or a folder has gone meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            // A name that is not UTF-8 is not one of ours.
            let Some(name) = entry.name.to_str() else {
                continue;
            };
            let path = format!("{folder}/{name}");
            match entry.kind {
                EntryKind::File => files.push(path),
                EntryKind::Folder => folders.push((path, depth + 1)),
                // It is not a file of ours, but it must not lead out of the project.
                EntryKind::Link => root.hold(&[&path])?,
                EntryKind::Other => {}
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::is_instance;

    #[test]
    fn an_instance_is_the_pattern_with_a_number() {
        let pattern = "compose/preview.pr-<pr>.yml";
        assert!(is_instance(pattern, "compose/preview.pr-123.yml"));
        assert!(!is_instance(pattern, "compose/preview.pr-.yml"));
        assert!(!is_instance(pattern, "compose/preview.pr-12a.yml"));
        assert!(is_instance("<pr>/<pr>.yml", "7/7.yml"));
        assert!(!is_instance("<pr>/<pr>.yml", "7/8.yml"));
    }
}
