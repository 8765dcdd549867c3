//! The templates of a project.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aho_corasick::AhoCorasick;

use super::bounds;
use super::engine::{self, TemplateEngine};
use super::explain::{explain, nowhere, stopped};
use super::syntax::syntax;
use super::texts::{self, Sources};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::files;
use crate::files::folders::TEMPLATES;
use crate::redact::TextForm;
use crate::sandbox::{Allowance, Sandbox, Work};
use crate::source::{Place, Source};

/// What templates may cost beyond what fuel bounds. To compile those of a real project takes half a
/// millisecond, and what is left is for rendering them.
const ALLOWANCE: Allowance = Allowance {
    time: Duration::from_millis(1200),
    memory: 96 * 1024 * 1024,
};

/// All templates of a project.
#[derive(Debug)]
pub struct Templates {
    sources: Arc<Sources>,
    engine: Arc<TemplateEngine>,
    sandbox: Sandbox,
    /// The time that compiling left.
    left: Duration,
}

impl Templates {
    /// Reads every file below `templates/` of the project at `root`.
    pub fn load(root: &files::Root) -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::default();
        let sources: Sources = texts::below(root, &mut problems)
            .into_iter()
            .map(|(name, text)| {
                let source = Source::of(TextForm::Template, format!("{TEMPLATES}/{name}"), text);
                (name, source)
            })
            .collect();
        let sources = Arc::new(sources);
        let sandbox = Sandbox::new();
        let done = Arc::new(AtomicUsize::new(0));
        let (given, progress) = (Arc::clone(&sources), Arc::clone(&done));
        let own_root = root.try_clone().ok().map(Arc::new);
        let compiled = sandbox.watch(ALLOWANCE).run(move || {
            let work = Work::begin();
            let compiled = compile(&given, &progress, own_root);
            compiled.map(|engine| (engine, work.cost()))
        });
        match compiled {
            Ok(Ok((engine, cost))) => problems.or(Self {
                sources,
                engine: Arc::new(engine),
                sandbox,
                left: ALLOWANCE.time.saturating_sub(cost),
            }),
            Ok(Err(found)) => {
                problems.extend(found);
                Err(problems)
            }
            Err(why) => {
                let current = sources.values().nth(done.load(Ordering::Relaxed));
                let place = current.map_or_else(nowhere, Place::whole);
                problems.push(Diagnostic::new(stopped(&why), place));
                Err(problems)
            }
        }
    }

    /// The text of a template.
    pub(crate) fn source(&self, name: &str) -> Option<&Arc<Source>> {
        self.sources.get(name)
    }

    /// The texts of all templates.
    pub fn sources(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.sources.values()
    }

    /// The names of all templates.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.sources.keys().map(String::as_str)
    }

    /// The templates that were used until now.
    pub(super) fn used(&self) -> Vec<&Arc<Source>> {
        let loaded = self.engine.loaded();
        loaded.iter().filter_map(|name| self.source(name)).collect()
    }

    /// The templates that nothing used until now, and that no other names.
    pub(super) fn unused(&self) -> Vec<Arc<Source>> {
        let loaded = self.engine.loaded();
        let mut others: Vec<_> = self
            .sources
            .iter()
            .filter(|(name, _)| !loaded.contains(*name))
            .collect();
        if others.is_empty() {
            return Vec::new();
        }
        let search = AhoCorasick::new(others.iter().map(|(name, _)| name));
        // Without such a search, nothing is known to be unused.
        let Ok(search) = search else {
            return Vec::new();
        };
        let mut named = BTreeSet::new();
        for (name, source) in self.sources.iter() {
            let found = search
                .find_overlapping_iter(source.text.as_str())
                .filter_map(|found| Some(others.get(found.pattern().as_usize())?.0));
            named.extend(found.filter(|found| *found != name));
        }
        others.retain(|(name, _)| !named.contains(name));
        others
            .into_iter()
            .map(|(_, source)| Arc::clone(source))
            .collect()
    }

    /// The project that they are of.
    pub(super) fn root(&self) -> Option<&files::Root> {
        self.engine.root()
    }

    /// The compiled templates.
    pub(super) fn engine(&self) -> &Arc<TemplateEngine> {
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

/// Compiles all templates, or returns all that is wrong with them. `done` counts those that are
/// done.
fn compile(
    sources: &Sources,
    done: &AtomicUsize,
    root: Option<Arc<files::Root>>,
) -> Result<TemplateEngine, Diagnostics> {
    let syntax = syntax();
    let mut problems = Diagnostics::default();
    let mut used = BTreeSet::new();
    let mut sound = Vec::new();
    for (name, source) in sources {
        match bounds::check(source, &syntax, &mut used) {
            Ok(()) => sound.push((name, source)),
            Err(problem) => problems.push(problem),
        }
    }
    let Some(mut engine) = TemplateEngine::new(used) else {
        problems.push(Diagnostic::new(engine::NO_MARKS, nowhere()));
        return Err(problems);
    };
    for (name, source) in sound {
        if let Err(error) = engine.add(name, source) {
            problems.push(explain(&error, sources, name, None));
        }
        done.fetch_add(1, Ordering::Relaxed);
    }
    engine.set_root(root);
    problems.or(engine)
}
