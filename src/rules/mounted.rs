//! The files of the project that environments mount, and the fixtures.

mod brought;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use self::brought::Brought;
pub(super) use self::brought::settings;
use super::deployed::Deployed;
use crate::files::folders::FIXTURES;
use crate::files::{EntryKind, Links, ReadError, Root, Total, limits};
use crate::redact::TextForm;
use crate::source::{Place, Source};
use crate::spec::Data;
use crate::text::path::{clean, is_in};

/// The files of the project that environments which say what their data is mount, and the fixtures that they embed.
#[derive(Debug, Default)]
pub struct MountedFiles {
    /// What each Compose file mounts, by its place in the list of those of the subject.
    mounts: BTreeMap<usize, Vec<Mounted>>,
    /// The fixtures whose text each Compose file has, and where.
    embedded: BTreeMap<usize, Vec<(Arc<Source>, Place)>>,
}

/// A file that a Compose file mounts.
#[derive(Debug, Clone)]
pub(super) struct Mounted {
    /// Where the Compose file says so.
    pub(super) place: Place,
    /// Its path in the project.
    pub(super) path: String,
    /// Its text, or why there is none.
    pub(super) text: Result<Arc<Source>, NoText>,
}

/// Why there is no text of a file.
#[derive(Debug, Clone)]
pub(super) enum NoText {
    /// There is no such file.
    Missing,
    /// It cannot be read.
    Because(String),
}

impl From<ReadError> for NoText {
    fn from(error: ReadError) -> Self {
        if error.is_not_found() {
            Self::Missing
        } else {
            Self::Because(error.to_string())
        }
    }
}

impl Mounted {
    /// Whether it is a fixture.
    pub(super) fn is_fixture(&self) -> bool {
        is_in(&self.path, FIXTURES)
    }
}

impl MountedFiles {
    /// Reads the fixtures, and the files that services of environments with a promise about their data mount.
    #[must_use]
    pub fn read(root: &Root, deployed: &[Deployed<'_>]) -> Self {
        let mut reader = Reader {
            root,
            known: BTreeMap::new(),
            total: Total::new(limits::FIXTURES),
            has_fixtures: root
                .metadata(Path::new(FIXTURES), Links::Inside)
                .is_ok_and(|metadata| metadata.is_dir()),
        };
        let promised: Vec<_> = deployed
            .iter()
            .enumerate()
            .filter_map(|(at, one)| Some((at, data_of(one)?, one)))
            .collect();
        if promised.is_empty() {
            return Self::default();
        }
        let mut names = Vec::new();
        reader.list(FIXTURES, Wanted::All, 1, &mut names);
        let texts = names.iter().map(|name| reader.text(name));
        let fixtures: Vec<_> = texts.filter_map(Result::ok).collect();
        let by_text: BTreeMap<String, &Arc<Source>> = fixtures
            .iter()
            .rev()
            .map(|fixture| (squeezed(&fixture.text), fixture))
            .filter(|(text, _)| text.len() >= MIN_TEXT)
            .collect();
        let mut found = Self::default();
        for (at, data, deployed) in promised {
            let mut mounted = Vec::new();
            for brought in brought::paths(&deployed.file) {
                mounted.extend(reader.mounted(deployed, &brought, data));
            }
            found.mounts.insert(at, mounted);
            let embedded = embedded(deployed, &fixtures, &by_text);
            found.embedded.insert(at, embedded);
        }
        found
    }

    /// What a Compose file mounts.
    pub(super) fn of(&self, at: usize) -> &[Mounted] {
        self.mounts.get(&at).map_or(&[], Vec::as_slice)
    }

    /// The fixtures whose text a Compose file has, and where.
    pub(super) fn embedded(&self, at: usize) -> &[(Arc<Source>, Place)] {
        self.embedded.get(&at).map_or(&[], Vec::as_slice)
    }
}

/// Which data the environment of a Compose file has.
pub(super) fn data_of(deployed: &Deployed<'_>) -> Option<Data> {
    let (environment, _) = deployed.of?;
    environment.data.as_ref().map(|data| data.value)
}

/// A shorter text, such as `{}`, says nothing of where it comes from.
const MIN_TEXT: usize = 16;

/// How many fixtures are looked for in a file, so that each is found in more than its own value: with a text before or behind.
const MAX_SOUGHT: usize = 16;

/// A text without its blanks and line ends, which a template may have changed.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The fixtures whose text is a value of a Compose file, or that its templates were given, and where.
fn embedded(
    deployed: &Deployed<'_>,
    fixtures: &[Arc<Source>],
    by_text: &BTreeMap<String, &Arc<Source>>,
) -> Vec<(Arc<Source>, Place)> {
    let shortest = by_text.keys().map(String::len).min();
    let mut values = Vec::new();
    deployed.file.model().each_scalar(&mut |_, text, at| {
        if shortest.is_some_and(|shortest| text.len() >= shortest) {
            values.push((squeezed(text), at.place()));
        }
    });
    let whole = values.iter().filter_map(|(text, place)| {
        let fixture = by_text.get(text)?;
        Some((Arc::clone(fixture), place.clone()))
    });
    let mut found: Vec<_> = whole.collect();
    let is_given = |fixture: &&Arc<Source>| {
        let name = fixture
            .name
            .strip_prefix(FIXTURES)
            .and_then(|name| name.strip_prefix('/'));
        name.is_some_and(|name| deployed.fixtures.contains(name))
    };
    for (count, fixture) in fixtures.iter().filter(is_given).enumerate() {
        if found.iter().any(|(known, _)| known.name == fixture.name) {
            continue;
        }
        let text = squeezed(&fixture.text);
        let is_sought = count < MAX_SOUGHT && text.len() >= MIN_TEXT;
        let mut holding = values.iter().filter(|(value, _)| value.contains(&text));
        let holding = is_sought.then(|| holding.next()).flatten();
        let place = match holding {
            Some((_, place)) => place.clone(),
            None => Place::whole(&deployed.file.source),
        };
        found.push((Arc::clone(fixture), place));
    }
    found
}

/// The folder that relative paths of a Compose file start from, in the project.
fn folder(root: &Root, deployed: &Deployed<'_>) -> Option<String> {
    let (_, host) = deployed.of?;
    if let Some(output) = host.output() {
        let file = output.file();
        return Some(file.rsplit_once('/')?.0.to_owned());
    }
    let root = std::path::absolute(root.path()).ok()?;
    let folder = deployed.file.directory.as_deref()?;
    let inner = folder.strip_prefix(root).ok()?;
    Some(inner.to_str()?.to_owned()).map(|inner| {
        if inner.is_empty() {
            ".".to_owned()
        } else {
            inner
        }
    })
}

/// Which files of a folder are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// All of them.
    All,
    /// Fixtures, and data by the endings of its files: others are sources of programs.
    Data,
    /// Fixtures.
    Fixtures,
}

/// Endings of files with rows.
const DATA: [&str; 6] = ["sql", "dump", "csv", "tsv", "ndjson", "jsonl"];

/// Folders with the sources of others.
const OTHERS: [&str; 5] = ["node_modules", "vendor", "venv", "target", "__pycache__"];

/// How many files of one mounted folder are looked at.
const MAX_FILES: usize = 10_000;

/// Reads each file once.
struct Reader<'a> {
    root: &'a Root,
    known: BTreeMap<String, Result<Arc<Source>, NoText>>,
    total: Total,
    /// Whether there are fixtures at all: a part of the project may be checked without them.
    has_fixtures: bool,
}

impl Reader<'_> {
    /// The files that a Compose file brings into a service with a path: itself, or those in it.
    fn mounted(&mut self, of: &Deployed<'_>, brought: &Brought, data: Data) -> Vec<Mounted> {
        let Some(path) = self.path(of, &brought.path) else {
            return Vec::new();
        };
        let real = self
            .root
            .real(Path::new(&path))
            .ok()
            .and_then(|real| Some(real.to_str()?.to_owned()));
        let metadata = self.root.metadata(Path::new(&path), Links::Inside);
        let mut names = Vec::new();
        match (real, metadata) {
            (Some(real), Ok(metadata)) if metadata.is_dir() => {
                let wanted = match data {
                    _ if is_in(&real, FIXTURES) => Wanted::All,
                    // The files of stores of its own are those of its machine.
                    Data::Own => Wanted::Fixtures,
                    _ if brought.is_loaded => Wanted::All,
                    _ => Wanted::Data,
                };
                self.list(&real, wanted, 1, &mut names);
            }
            (Some(real), Ok(metadata)) if metadata.is_file() => {
                names.push(if is_in(&path, FIXTURES) { path } else { real });
            }
            // A fixture that does not exist is reported as one that cannot be read.
            _ if is_in(&path, FIXTURES) && (self.has_fixtures || data == Data::Own) => {
                names.push(path);
            }
            _ => {}
        }
        let is_cut = names.len() >= MAX_FILES && data != Data::Own;
        let is_read = |name: &String| data != Data::Own || is_in(name, FIXTURES);
        let mut mounted: Vec<_> = names
            .into_iter()
            .filter(is_read)
            .map(|name| Mounted {
                place: brought.place.clone(),
                text: self.text(&name),
                path: name,
            })
            .collect();
        if is_cut {
            let why = format!("it has {MAX_FILES} files or more");
            mounted.push(Mounted {
                place: brought.place.clone(),
                text: Err(NoText::Because(why)),
                path: brought.path.clone(),
            });
        }
        mounted
    }

    /// A path in the project.
    fn path(&self, of: &Deployed<'_>, path: &str) -> Option<String> {
        let folder = folder(self.root, of)?;
        let here = std::path::absolute(self.root.path()).ok()?;
        if path.starts_with('/') {
            let path = clean(path);
            let inner = Path::new(&path).strip_prefix(&here).ok()?;
            return Some(clean(inner.to_str()?));
        }
        let mut working = ["${PWD}", "$PWD"].into_iter();
        if let Some(rest) = working.find_map(|pwd| path.strip_prefix(pwd)) {
            // `docker compose` runs in the project, or where the file is.
            let rest = rest.trim_start_matches('/');
            let both = [clean(rest), clean(&format!("{folder}/{rest}"))];
            let exists = |path: &&String| self.root.has(path).unwrap_or(false);
            return both.iter().find(exists).or(both.first()).cloned();
        }
        if path.starts_with(['~', '$']) {
            return None;
        }
        let path = clean(&format!("{folder}/{path}"));
        // A folder around the project has all of it.
        if path.split('/').all(|part| part == "..") {
            return Some(".".to_owned());
        }
        (!path.starts_with("..")).then_some(path)
    }

    fn text(&mut self, name: &str) -> Result<Arc<Source>, NoText> {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let text = self
            .root
            .text(Path::new(name), limits::FIXTURE)
            .and_then(|text| {
                self.total.add(text.len())?;
                Ok(Source::of(TextForm::Data, name, text))
            })
            .map_err(NoText::from);
        self.known.insert(name.to_owned(), text.clone());
        text
    }

    /// The files in a folder and below it.
    fn list(&self, folder: &str, wanted: Wanted, depth: usize, found: &mut Vec<String>) {
        let names = self.root.names(Path::new(folder)).unwrap_or_default();
        for (name, kind) in names {
            let is_other = name.starts_with('.') || OTHERS.contains(&name.as_str());
            let path = match folder {
                "." | "" => name,
                _ => format!("{folder}/{name}"),
            };
            let wanted = if is_in(&path, FIXTURES) {
                Wanted::All
            } else {
                wanted
            };
            match kind {
                _ if found.len() >= MAX_FILES => return,
                _ if is_other && wanted != Wanted::All => {}
                Ok(EntryKind::Folder) if depth < limits::FOLDER_DEPTH => {
                    self.list(&path, wanted, depth + 1, found);
                }
                _ if is_wanted(&path, wanted) => found.push(path),
                _ => {}
            }
        }
    }
}

/// Whether a file is looked at.
fn is_wanted(path: &str, wanted: Wanted) -> bool {
    let ending = path.rsplit('.').next().unwrap_or_default();
    match wanted {
        Wanted::All => true,
        Wanted::Data => DATA.contains(&ending),
        Wanted::Fixtures => false,
    }
}
