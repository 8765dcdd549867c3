//! The templates of a project.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::bounds;
use super::engine::{self, Engine};
use super::explain::{explain, nowhere};
use super::sandbox::{Allowance, Sandbox};
use crate::diagnostic::{Diagnostic, Diagnostics, unreadable};
use crate::source::{Place, Source};

/// The folder of the templates, below the project's root.
pub(super) const FOLDER: &str = "templates";

/// Folders below folders below folders: deeper than anyone keeps templates, and an end to cycles.
const MAX_DEPTH: usize = 16;

/// What templates may cost beyond what fuel bounds. To compile those of a real project takes half a
/// millisecond, and what is left is for rendering them.
const ALLOWANCE: Allowance = Allowance {
    time: Duration::from_millis(1200),
    memory: 96 * 1024 * 1024,
};

/// The texts of templates by their names.
pub(super) type Sources = BTreeMap<String, Arc<Source>>;

/// All templates of a project.
#[derive(Debug)]
pub struct Templates {
    sources: Arc<Sources>,
    engine: Arc<Engine>,
    sandbox: Sandbox,
    /// The time that compiling left.
    left: Duration,
}

impl Templates {
    /// Reads every file below `templates/` of the project at `root`.
    ///
    /// # Errors
    /// A file that cannot be read, is not UTF-8, is too large or is not a template.
    pub fn load(root: &Path) -> Result<Self, Diagnostics> {
        let mut texts = BTreeMap::new();
        let mut problems = Diagnostics::default();
        collect(&root.join(FOLDER), "", 0, &mut texts, &mut problems);
        let sources: Sources = texts
            .into_iter()
            .map(|(name, text)| {
                let source = Source::new(format!("{FOLDER}/{name}"), text);
                (name, source)
            })
            .collect();
        let sources = Arc::new(sources);
        let sandbox = Sandbox::new().map_err(|why| Diagnostic::new(why.to_string(), nowhere()))?;
        let done = Arc::new(AtomicUsize::new(0));
        let (given, progress) = (Arc::clone(&sources), Arc::clone(&done));
        let start = Instant::now();
        let compiled = sandbox
            .watch(ALLOWANCE)
            .run(move || compile(&given, &progress));
        match compiled {
            Ok(Ok(engine)) => problems.or(Self {
                sources,
                engine: Arc::new(engine),
                sandbox,
                left: ALLOWANCE.time.saturating_sub(start.elapsed()),
            }),
            Ok(Err(found)) => {
                problems.extend(found);
                Err(problems)
            }
            Err(why) => {
                let current = sources.values().nth(done.load(Ordering::Relaxed));
                let place = current.map_or_else(nowhere, Place::whole);
                problems.push(Diagnostic::new(why.to_string(), place));
                Err(problems)
            }
        }
    }

    /// The text of a template.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&Arc<Source>> {
        self.sources.get(name)
    }

    /// The texts of all templates.
    pub fn sources(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.sources.values()
    }

    /// The names of all templates.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sources.keys().map(String::as_str)
    }

    /// The compiled templates.
    pub(super) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// What rendering hosts with so many services may cost beyond what fuel bounds. Those of a real
    /// project take 30 microseconds for each.
    pub(super) fn allowance(&self, services: usize) -> Allowance {
        let each = u32::try_from(services).unwrap_or(u32::MAX);
        Allowance {
            time: self.left + Duration::from_micros(100).saturating_mul(each),
            memory: services
                .saturating_mul(32 * 1024)
                .saturating_add(ALLOWANCE.memory),
        }
    }

    /// Where the templates run.
    pub(super) fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// All templates with their texts.
    pub(super) fn by_name(&self) -> &Arc<Sources> {
        &self.sources
    }
}

/// Compiles all templates, or tells all that is wrong with them. `done` counts those whose turn is
/// over.
fn compile(sources: &Sources, done: &AtomicUsize) -> Result<Engine, Diagnostics> {
    let syntax = engine::syntax();
    let mut problems = Diagnostics::default();
    let mut used = BTreeSet::new();
    let mut sound = Vec::new();
    for (name, source) in sources {
        match bounds::check(source, &syntax, &mut used) {
            Ok(()) => sound.push((name, source)),
            Err(problem) => problems.push(problem),
        }
    }
    let Some(mut engine) = Engine::new(used) else {
        problems.push(Diagnostic::new(engine::NO_MARKS, nowhere()));
        return Err(problems);
    };
    for (name, source) in sound {
        if let Err(error) = engine.add(name, source) {
            problems.push(explain(&error, sources, name, None));
        }
        done.fetch_add(1, Ordering::Relaxed);
    }
    problems.or(engine)
}

/// Reads the files of a folder and its folders. Symbolic links are left out: a template from
/// outside the project would be a source that nobody sees in a review.
fn collect(
    folder: &Path,
    prefix: &str,
    depth: usize,
    texts: &mut BTreeMap<String, String>,
    problems: &mut Diagnostics,
) {
    let shown = format!("{FOLDER}/{prefix}");
    let shown = shown.trim_end_matches('/');
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return problems.push(unreadable(shown, "read", &error)),
    };
    for entry in entries {
        let (entry, kind) = match entry.and_then(|entry| Ok((entry.file_type()?, entry))) {
            Ok((kind, entry)) => (entry, kind),
            Err(error) => {
                problems.push(unreadable(shown, "read", &error));
                continue;
            }
        };
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let relative = format!("{prefix}{name}");
        if kind.is_dir() && depth < MAX_DEPTH {
            collect(
                &entry.path(),
                &format!("{relative}/"),
                depth + 1,
                texts,
                problems,
            );
        } else if kind.is_file() && Path::new(name).extension().is_some_and(|end| end == "j2") {
            match std::fs::read_to_string(entry.path()) {
                Ok(text) => {
                    texts.insert(relative, text);
                }
                Err(error) => {
                    problems.push(unreadable(&format!("{FOLDER}/{relative}"), "read", &error));
                }
            }
        }
    }
}
