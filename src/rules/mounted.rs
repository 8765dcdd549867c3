//! The files of the project that environments mount, and the fixtures.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::deployed::Deployed;
use crate::compose::Written;
use crate::files::folders::FIXTURES;
use crate::files::{Kind, Links, Root, Total, limits};
use crate::redact::Form;
use crate::source::{Place, Source};
use crate::spec::Data;
use crate::state::MountKind;
use crate::text::path::{clean, is_in};

/// The files of the project that environments which say what their data is mount, and all fixtures.
#[derive(Debug, Default)]
pub struct MountedFiles {
    /// The texts below `fixtures/`.
    fixtures: Vec<Arc<Source>>,
    /// What each Compose file mounts, by its place in the list of those of the subject.
    mounts: BTreeMap<usize, Vec<Mounted>>,
}

/// A file that a Compose file mounts or embeds.
#[derive(Debug, Clone)]
pub(super) struct Mounted {
    /// Where the Compose file says so.
    pub(super) place: Place,
    /// Its path in the project.
    pub(super) path: String,
    /// Its text, or why there is none.
    pub(super) text: Result<Arc<Source>, String>,
}

impl Mounted {
    /// Whether it is a fixture.
    pub(super) fn is_fixture(&self) -> bool {
        is_in(&self.path, FIXTURES)
    }
}

impl MountedFiles {
    /// Reads the fixtures, and the single files that services of environments with a promise about their data mount. Of a
    /// mounted folder only fixtures are read: others hold sources of programs.
    #[must_use]
    pub fn read(root: &Root, deployed: &[Deployed<'_>]) -> Self {
        let mut reader = Reader {
            root,
            known: BTreeMap::new(),
            total: Total::new(limits::FIXTURES),
        };
        let promised = deployed.iter().enumerate();
        let promised: Vec<_> = promised
            .filter_map(|(at, one)| Some((at, data_of(one)?, one)))
            .collect();
        if promised.is_empty() {
            return Self::default();
        }
        let mut names = Vec::new();
        reader.list(FIXTURES, 1, &mut names);
        let texts = names.iter().map(|name| reader.text(name));
        let fixtures: Vec<_> = texts.filter_map(Result::ok).collect();
        let mounts = promised.into_iter().map(|(at, data, deployed)| {
            let mut mounted = Vec::new();
            for (path, place) in mounts(root, deployed) {
                // The files of stores of its own are those of its machine.
                if data == Data::Own && !is_in(&path, FIXTURES) {
                    continue;
                }
                mounted.extend(reader.mounted(&path, &place));
            }
            (at, mounted)
        });
        Self {
            mounts: mounts.collect(),
            fixtures,
        }
    }

    /// What a Compose file mounts.
    pub(super) fn of(&self, at: usize) -> &[Mounted] {
        self.mounts.get(&at).map_or(&[], Vec::as_slice)
    }

    /// The fixture whose text this is.
    pub(super) fn fixture(&self, text: &str) -> Option<&Arc<Source>> {
        let text = text.trim_end();
        let is_it = |fixture: &&Arc<Source>| fixture.text.trim_end() == text;
        self.fixtures
            .iter()
            .find(is_it)
            .filter(|_| !text.is_empty())
    }
}

/// What the environment of a Compose file says of its data.
pub(super) fn data_of(deployed: &Deployed<'_>) -> Option<Data> {
    let (environment, _) = deployed.of?;
    environment.data.as_ref().map(|data| data.value)
}

/// The paths in the project that a Compose file mounts, with their places.
fn mounts(root: &Root, deployed: &Deployed<'_>) -> Vec<(String, Place)> {
    let Some(folder) = folder(root, deployed) else {
        return Vec::new();
    };
    let within = |path: &str| {
        let path = clean(&format!("{folder}/{path}"));
        (!path.starts_with("..")).then_some(path)
    };
    let configs = files(&deployed.file).into_iter();
    let services = deployed.file.services();
    let binds = services.flat_map(|service| {
        let binds = service
            .mounts()
            .filter(|mount| mount.kind == MountKind::Bind);
        let paths = binds.filter_map(|mount| {
            let path = mount.host_path().or_else(|| mount.source.clone());
            Some((path?, mount.place()))
        });
        paths.collect::<Vec<_>>()
    });
    let all = configs.chain(binds);
    let relative = all.filter(|(path, _)| !path.starts_with(['/', '~', '$']));
    relative
        .filter_map(|(path, place)| Some((within(&path)?, place)))
        .collect()
}

/// The files of configs, as they are written.
fn files(file: &Written) -> Vec<(String, Place)> {
    let configs = file.entries("configs");
    let files = configs.filter_map(|(_, config)| config.field("file"));
    files
        .filter_map(|file| Some((file.text()?, file.place())))
        .collect()
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

/// Reads each file once.
struct Reader<'a> {
    root: &'a Root,
    known: BTreeMap<String, Result<Arc<Source>, String>>,
    total: Total,
}

impl Reader<'_> {
    /// The files that are mounted with a path: itself, or all in it where it is a folder of fixtures.
    fn mounted(&mut self, path: &str, place: &Place) -> Vec<Mounted> {
        let mut names = Vec::new();
        match self.root.metadata(Path::new(path), Links::Inside) {
            Ok(metadata) if metadata.is_file() => names.push(path.to_owned()),
            Ok(metadata) if metadata.is_dir() && is_in(path, FIXTURES) => {
                self.list(path, 1, &mut names);
            }
            // A fixture that does not exist is reported as one that cannot be read.
            _ if is_in(path, FIXTURES) => names.push(path.to_owned()),
            _ => {}
        }
        let mounted = names.into_iter().map(|name| Mounted {
            place: place.clone(),
            text: self.text(&name),
            path: name,
        });
        mounted.collect()
    }

    fn text(&mut self, name: &str) -> Result<Arc<Source>, String> {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let text = self.root.text(Path::new(name), limits::FIXTURE);
        let text = text.and_then(|text| {
            self.total.add(text.len())?;
            Ok(Source::of(Form::Data, name, text))
        });
        let text = text.map_err(|error| error.to_string());
        self.known.insert(name.to_owned(), text.clone());
        text
    }

    /// The files in a folder and below it.
    fn list(&self, folder: &str, depth: usize, found: &mut Vec<String>) {
        let names = self.root.names(Path::new(folder)).unwrap_or_default();
        for (name, kind) in names {
            let name = format!("{folder}/{name}");
            match kind {
                Ok(Kind::Folder) if depth < limits::FOLDER_DEPTH => {
                    self.list(&name, depth + 1, found);
                }
                _ => found.push(name),
            }
        }
    }
}
