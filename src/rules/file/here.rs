//! The files that a Compose file names, where it is run in the folder that it is in.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use crate::compose::{At, Service};
use crate::files::{self, Root, limits};
use crate::git::Git;
use crate::redact::TextForm;
use crate::rules::Deployed;
use crate::rules::subject::assigned;
use crate::source::Source;
use crate::text::path::{clean, is_in};

/// Endings of files that are copied to the real ones when a service is set up.
const SAMPLES: [&str; 8] = [
    ".dist", ".example", ".sample", ".template", ".tmpl", ".default", "-example", "-sample",
];

/// Names of samples of `.env` that do not begin with it.
const SAMPLES_OF_ENV: [&str; 8] = [
    "default.env", "defaults.env", "env.defaults", "env.example", "example.env", "env.sample",
    "sample.env", "env.template",
];

/// The folder that relative paths of a Compose file start from, where its files can be looked at: what specs render runs in
/// another folder, on its host.
pub(super) fn folder<'a>(deployed: &'a Deployed<'_>) -> Option<&'a Path> {
    let is_here = deployed.of.is_none_or(|(_, host)| host.by_hand().is_some());
    deployed.file.directory.as_deref().filter(|_| is_here)
}

/// The files of the project that a Compose file belongs to.
pub(super) struct OwnFiles<'a> {
    /// The folder that relative paths start from.
    pub(super) folder: &'a Path,
    /// The project's own, in which they are.
    root: PathBuf,
    /// What specs render runs in its folder on its host: what is beside it there is not here.
    is_rendered: bool,
}

impl<'a> OwnFiles<'a> {
    pub(super) fn of(deployed: &'a Deployed<'_>) -> Option<Self> {
        let folder = deployed.file.directory.as_deref()?;
        let output = deployed.of.and_then(|(_, host)| host.output());
        let depth = output.map_or(0, |output| output.file().matches('/').count());
        Some(Self {
            folder,
            root: folder.ancestors().nth(depth)?.to_owned(),
            is_rendered: output.is_some(),
        })
    }

    /// Whether a path belongs to the project, and there is neither a file nor a sample that it is made of.
    pub(super) fn lack(&self, path: &str) -> bool {
        let is_below = |folder: &Path| folder.to_str().is_some_and(|folder| is_in(path, folder));
        // The fixtures and the source code may be elsewhere as a whole.
        let has_folder = || {
            let folder = Path::new(path).parent();
            folder.is_some_and(|folder| folder != self.root && folder.is_dir())
        };
        let may_be_away = self.is_rendered && (is_below(self.folder) || !has_folder());
        is_below(&self.root)
            && !may_be_away
            && !Path::new(path).exists()
            && !samples(path).iter().any(|it| Path::new(it).exists())
    }

    /// Those of these paths that git ignores: they are made where the project runs.
    pub(super) fn ignored<'p>(&self, paths: impl Iterator<Item = &'p str>) -> BTreeSet<String> {
        let relative = |path: &'p str| Path::new(path).strip_prefix(&self.root).ok()?.to_str();
        let relative: Vec<&str> = paths.filter_map(relative).collect();
        if relative.is_empty() {
            return BTreeSet::new();
        }
        let root = Root::open(&self.root).ok();
        let ignored = root
            .and_then(|root| Git::of(&root).ignored(&relative).ok())
            .unwrap_or_default()
            .into_iter();
        ignored
            .filter_map(|path| Some(self.root.join(path).to_str()?.to_owned()))
            .collect()
    }
}

/// A path as it is on this machine, where it is known.
pub(super) fn resolved(folder: &Path, path: &str) -> Option<String> {
    if path.contains('$') || path.starts_with('~') {
        return None;
    }
    Some(clean(&if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{}/{path}", folder.to_str()?)
    }))
}

/// The context of a build and the name of its Dockerfile, as they are written.
pub(super) fn build(build: At<'_>) -> (String, String) {
    let field = |key: &str| build.field(key).and_then(|at| at.text());
    let context = build.text().or_else(|| field("context"));
    (
        context.unwrap_or_else(|| ".".to_owned()),
        field("dockerfile").unwrap_or_else(|| "Dockerfile".to_owned()),
    )
}

/// What the samples of a file may be called.
pub(super) fn samples(path: &str) -> Vec<String> {
    let mut samples: Vec<String> = SAMPLES.iter().map(|end| format!("{path}{end}")).collect();
    if let Some(folder) = path.strip_suffix(".env").filter(|rest| rest.ends_with('/')) {
        samples.extend(SAMPLES_OF_ENV.iter().map(|name| format!("{folder}{name}")));
    }
    samples
}

/// The paths of the env files of a service, where they can be looked at.
pub(super) fn env_files(deployed: &Deployed<'_>, service: Service<'_>) -> Vec<String> {
    let Some(folder) = folder(deployed) else {
        return Vec::new();
    };
    let named = service.items("env_file");
    let named = named.filter_map(|file| file.get("path").unwrap_or(file).text());
    named.filter_map(|file| resolved(folder, &file)).collect()
}

/// Env files by their paths, with the variables that they set. Each is read once, where it is first asked for.
#[derive(Default)]
pub(super) struct EnvFiles(RefCell<HashMap<String, BTreeSet<String>>>);

impl EnvFiles {
    /// Whether a file sets a variable.
    pub(super) fn has(&self, path: &str, name: &str) -> bool {
        let mut files = self.0.borrow_mut();
        if let Some(names) = files.get(path) {
            return names.contains(name);
        }
        let names = files.entry(path.to_owned());
        let names = names.or_insert_with(|| variables([path.to_owned()]));
        names.contains(name)
    }
}

/// The variables that the samples of `.env` set.
pub(super) fn sampled(deployed: &Deployed<'_>) -> BTreeSet<String> {
    let Some(folder) = folder(deployed).and_then(Path::to_str) else {
        return BTreeSet::new();
    };
    variables(samples(&format!("{folder}/.env")))
}

/// The variables that env files set, as far as there are such files.
fn variables(files: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files {
        if let Ok(text) = files::named(Path::new(&file), limits::ENV_FILE) {
            let source = Source::of(TextForm::Variables, file, text);
            names.extend(assigned(&source).map(|(name, ..)| name.to_owned()));
        }
    }
    names
}
