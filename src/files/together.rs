//! Replacing several files: all of them, or none.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use super::{Access, ReadError, Root, Staged, limits, sweep};

/// A file that is to have another text.
#[derive(Debug)]
pub(crate) struct Replacement<'a> {
    /// The folder that it is in or below.
    pub(crate) root: &'a Root,
    /// Its path from there.
    pub(crate) path: &'a Path,
    /// What it holds.
    pub(crate) old: &'a str,
    /// What it is to hold.
    pub(crate) new: &'a str,
}

/// A file that could not be replaced, by its number, and why.
pub(crate) type Failed = (usize, ReadError);

impl Replacement<'_> {
    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    fn name(&self) -> &OsStr {
        self.path.file_name().unwrap_or_default()
    }

    /// Makes sure that it is the file that was read: no link, and not written by somebody else since.
    fn look(&self) -> Result<(), ReadError> {
        let bytes = self.root.own_bytes(self.path, limits::COMPOSE_FILE)?;
        if bytes != self.old.as_bytes() {
            return Err(io::Error::other("it was changed meanwhile").into());
        }
        Ok(())
    }

    fn stage(&self, text: &str) -> io::Result<Staged<'_>> {
        let metadata = self.root.folder(self.folder())?.metadata(self.name())?;
        let access = Access::Like(metadata);
        self.root.stage(self.folder(), text.as_bytes(), &access)
    }

    fn place(&self, staged: Staged<'_>) -> io::Result<()> {
        staged.place(self.folder(), self.name())
    }
}

/// Replaces files, for whoever has the locks of their roots. All texts are on the disk before the first takes its
/// place. After an error, those that took theirs are put back.
pub(crate) fn replace_all(files: &[Replacement<'_>]) -> Result<(), Vec<Failed>> {
    // What a killed run left, before there is anything of this one.
    let is_ours = |_: &OsStr, beginning: &[u8]| {
        let mut texts = files.iter().map(|file| file.new.as_bytes());
        texts.any(|text| text.starts_with(beginning))
    };
    let mut failed = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let swept = || -> Result<(), ReadError> {
            file.look()?;
            Ok(sweep(&file.root.folder(file.folder())?, is_ours)?)
        };
        failed.extend(swept().err().map(|error| (number, error)));
    }
    if !failed.is_empty() {
        return Err(failed);
    }
    let mut staged = Vec::new();
    for (number, file) in files.iter().enumerate() {
        match file.stage(file.new) {
            Ok(one) => staged.push((number, file, one)),
            Err(error) => failed.push((number, error.into())),
        }
    }
    if !failed.is_empty() {
        return Err(failed);
    }
    let mut done: Vec<(usize, &Replacement<'_>)> = Vec::new();
    for (number, file, one) in staged {
        if let Err(error) = file.place(one) {
            failed.push((number, error.into()));
            for (number, file) in done {
                let put_back = file.stage(file.old).and_then(|one| file.place(one));
                failed.extend(put_back.err().map(|error| (number, error.into())));
            }
            return Err(failed);
        }
        done.push((number, file));
    }
    Ok(())
}
