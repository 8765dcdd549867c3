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

/// Why not all of some things took their places: what happened to which of them, by their numbers.
#[derive(Debug)]
pub(crate) struct NotPlaced {
    /// The one that did not take its place.
    pub(crate) failed: (usize, io::Error),
    /// Those before it that could not be put back.
    pub(crate) left: Vec<(usize, io::Error)>,
}

/// Lets things take their places, one after the other: all of them, or none. `place` gives what `put_back` needs.
pub(crate) fn place_all<T, D>(
    things: Vec<T>,
    mut place: impl FnMut(T) -> io::Result<D>,
    put_back: impl Fn(D) -> io::Result<()>,
) -> Result<(), NotPlaced> {
    let mut done = Vec::new();
    for (number, thing) in things.into_iter().enumerate() {
        match place(thing) {
            Ok(one) => done.push(one),
            Err(error) => {
                let left = done
                    .into_iter()
                    .map(put_back)
                    .enumerate()
                    .filter_map(|(earlier, put)| Some((earlier, put.err()?)));
                return Err(NotPlaced {
                    failed: (number, error),
                    left: left.collect(),
                });
            }
        }
    }
    Ok(())
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
            Ok(one) => staged.push((file, one)),
            Err(error) => failed.push((number, error.into())),
        }
    }
    if !failed.is_empty() {
        return Err(failed);
    }
    let put_back = |file: &Replacement<'_>| file.place(file.stage(file.old)?);
    place_all(
        staged,
        |(file, staged)| file.place(staged).map(|()| file),
        put_back,
    )
    .map_err(|NotPlaced { failed, left }| {
        let all = std::iter::once(failed).chain(left);
        all.map(|(number, error)| (number, error.into())).collect()
    })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io;

    use super::{NotPlaced, place_all};

    #[test]
    fn after_an_error_all_that_took_their_places_are_put_back() {
        let said = RefCell::new(Vec::new());
        let place = |thing: &'static str| {
            said.borrow_mut().push(format!("place {thing}"));
            match thing {
                "full" => Err(io::Error::other("no space")),
                _ => Ok(thing),
            }
        };
        let put_back = |thing: &'static str| {
            said.borrow_mut().push(format!("put back {thing}"));
            match thing {
                "stuck" => Err(io::Error::other("busy")),
                _ => Ok(()),
            }
        };
        let placed = place_all(vec!["a", "stuck", "full", "never"], place, put_back);
        let NotPlaced { failed, left } = placed.unwrap_err();
        assert_eq!((failed.0, failed.1.to_string()), (2, "no space".into()));
        assert_eq!(left.len(), 1);
        assert_eq!((left[0].0, left[0].1.to_string()), (1, "busy".into()));
        let expected = [
            "place a", "place stuck", "place full", "put back a", "put back stuck",
        ];
        assert_eq!(*said.borrow(), expected);
        assert!(place_all(vec!["a", "b"], place, put_back).is_ok());
    }
}
