//! Compose files become the state that they ask of a host.
//!
//! A file means what `docker compose config` says; the tests compare the two. A project is read in
//! passes with one job each:
//!
//! ```text
//! text ─ tree ─► documents ─ fill ─► ─ extends ─► ─ include ─► ─ merge, unique ─► ─ shape ─►
//!      ─ canonical ─► ─ paths ─► ─ normalize, values, check ─► ─ expected ─► State
//! ```
//!
//! - `tree` reads YAML so that every value knows its place, in whichever file that is;
//! - `fill` fills in variables, for each file with its own;
//! - `extends` and `include` bring in other services and files;
//! - `merge` merges two definitions, `unique` drops what is then listed twice;
//! - `shape` checks which fields there are, and of which kinds;
//! - `canonical` writes every field in one form; what comes after knows no other;
//! - `paths` makes paths absolute, `normalize` adds what is implied, `values` and `check` find what
//!   does not fit;
//! - `expected` makes the types of the state.
//!
//! What a pass does with a field is in the one table of them, `fields`.
//!
//! A pass reports all mistakes at once; the passes after it would only report what follows from them.

mod beside;
mod canonical;
mod check;
mod definition;
mod dotenv;
mod edit;
mod edited;
mod expected;
mod extends;
mod extension;
mod fields;
mod fill;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod given;
mod growth;
mod include;
mod interpolate;
mod kept;
mod load;
mod loader;
mod merge;
mod name;
mod normalize;
mod notes;
mod paths;
mod plain;
mod quantities;
mod refused;
mod relocate;
mod request;
mod shape;
mod stack;
mod surroundings;
mod trail;
mod tree;
mod twice;
mod unique;
mod values;
mod view;
mod wording;
mod written;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use beside::Beside;
pub(crate) use canonical::volume::unknown_option as unknown_mount_option;
pub(crate) use extension::EXTENSION;
#[cfg(test)]
pub(crate) use fields::free_mappings;
pub(crate) use fields::{COMPARED_SECTIONS, IN_TWO_FORMS, ListItems, SECTIONS, TEST_KINDS};
pub(crate) use given::{Builder, GivenValue};
pub use interpolate::Lookup;
pub use interpolate::{Filled, InterpolationError, Unset, interpolate};
pub use load::load_from;
pub(crate) use load::{load, note_refused};
pub(crate) use refused::{refused as refused_by_stacks, unmet_constraint};
pub(crate) use request::found;
pub use request::{FileArgument, Loaded, Request};
pub(crate) use written::Resource;
pub use written::Written;

pub(crate) use edit::Editor;
pub(crate) use edited::{flow, says_the_same};
pub(crate) use fill::flag_of_text;
pub(crate) use kept::kept;
pub(crate) use name::normal as normal_name;
pub(crate) use plain::Plain;
pub(crate) use quantities::{bytes, nano_cpus, nanoseconds};
pub(crate) use stack::Why;
pub(crate) use surroundings::{NAMES as FILE_NAMES, OVERRIDES};
pub(crate) use tree::float_text;
pub(crate) use view::{Address, At, Dependency, HostPort, Mount, Pair, Port, Restart, Service};

use crate::diagnostic::{Diagnostic, Diagnostics, unreadable};
use crate::files::{self, Boundary, limits};
use crate::orchestrator::Orchestrator;
use crate::redact::TextForm;
use crate::source::Source;
use crate::state::State;
use crate::variables::Variables;
use loader::{File, LoadContext, Loader, Reading};
use notes::{Notes, Stop};
use tree::Node;

/// Adds the variables of files (`--env-file`) to those that are set; what is set wins, and of two
/// files the later one.
pub(crate) fn with_files(
    variables: Variables,
    named: &[PathBuf],
) -> Result<Variables, Diagnostics> {
    let mut entries = dotenv::Entries::new();
    let mut problems = Diagnostics::default();
    for file in named {
        let name = file.display().to_string();
        let text = match files::named(file, limits::ENV_FILE) {
            Ok(text) => text,
            Err(error) => {
                problems.push(unreadable(&name, "read", &error));
                continue;
            }
        };
        if let Err(mistake) = dotenv::read(&text, &variables, Unset::Strict, &mut entries) {
            problems.push(mistake.diagnostic(&Source::of(TextForm::Variables, name, text)));
        }
    }
    let of_files = entries.into_iter().map(|(name, value)| (name, value.text));
    problems.or(variables.over(of_files))
}

/// The top-level fields of a Compose file.
pub(crate) fn section_names() -> impl Iterator<Item = &'static str> {
    let known = fields::FILE.map.map(|map| map.known);
    known.unwrap_or_default().iter().map(|(name, _)| *name)
}

/// The fields that an entry of a section of a Compose file may have, such as those of a service in `services`.
pub(crate) fn field_names(section: &str) -> Vec<&'static str> {
    fields::of_section(section)
        .iter()
        .map(|(name, _)| *name)
        .collect()
}

/// The fields that a mapping of a service may have, or each in a list, by its path; `None` where it may have any.
pub(crate) fn fields_of_service(path: &[&str]) -> Option<Vec<&'static str>> {
    let service = fields::Field::below(Some(&fields::FILE), "services");
    let service = fields::Field::below(service, "service");
    let field = path.iter().try_fold(service?, |field, key| {
        fields::Field::below(Some(field), key)
    })?;
    let map = field.map.or_else(|| field.list?.items.map)?;
    let is_closed = matches!(
        map.others,
        fields::Others::Refused | fields::Others::Extensions
    );
    is_closed.then(|| map.known.iter().map(|(name, _)| *name).collect())
}

/// How the value of a field of a service may be written, with `…` for what is in it.
pub(crate) fn form_of_field(name: &str) -> &'static str {
    let service = fields::Field::below(Some(&fields::FILE), "services");
    let service = fields::Field::below(service, "service");
    match fields::Field::below(service, name) {
        Some(field) if field.map.is_some() => "{…}",
        Some(field) if field.list.is_some() => "[…]",
        _ => "…",
    }
}

/// How to read a single Compose file.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder that relative paths start from; absolute.
    pub directory: PathBuf,
    /// The folder of the project that it belongs to; absolute. What lies outside is never quoted.
    pub project: PathBuf,
    /// The variables that the file can name.
    pub variables: Variables,
    /// What becomes of a variable without a value.
    pub unset: Unset,
    /// What the project is to run on.
    pub orchestrator: Orchestrator,
    /// The name of the project, where the file has none.
    pub name: Option<String>,
    /// The enabled profiles.
    pub profiles: Vec<String>,
    /// Whether other files are read: those of variables and labels, and those that are included or
    /// extended.
    pub reads_files: bool,
}

impl Options {
    /// Reads only the file: no variable is filled in, and no other file is read.
    pub fn verbatim() -> Self {
        Self {
            directory: PathBuf::from("/"),
            project: PathBuf::new(),
            variables: Variables::default(),
            unset: Unset::Keep,
            orchestrator: Orchestrator::default(),
            name: None,
            profiles: Vec::new(),
            reads_files: false,
        }
    }
}

/// A Compose file that was parsed and not yet interpreted.
#[derive(Debug)]
pub struct Document {
    file: File,
    notes: Notes,
}

impl Document {
    /// Reads a text.
    pub fn parse(source: &Arc<Source>) -> Result<Self, Diagnostics> {
        let mut loader = Loader::new(Reading::Meant, Unset::Keep, Path::new(""));
        match loader.text(source, Path::new(&source.name)) {
            Ok(file) => Ok(Self {
                file,
                notes: loader.notes,
            }),
            Err(Stop) => Err(loader.notes.problems),
        }
    }

    /// What was parsed, with the text in which the digests of its definitions are: all else is at the same places there, which
    /// the text then knows as well.
    pub(crate) fn with_digests(&self, source: &Arc<Source>) -> Self {
        let mut notes = Notes::default();
        notes.add(source);
        if let Some(outline) = self.root().and_then(tree::outline) {
            source.keep_outline(outline);
        }
        Self {
            file: self.file.clone(),
            notes,
        }
    }

    fn root(&self) -> Option<&Node> {
        Some(&self.file.documents.first()?.root)
    }

    /// The name of the project, as it is written.
    pub fn name(&self) -> Option<&str> {
        self.root()?.get("name")?.as_text()
    }

    /// The names that a section declares, as `services` or `volumes`.
    pub fn names(&self, section: &str) -> Vec<&str> {
        self.root()
            .into_iter()
            .flat_map(|root| root.section(section))
            .map(|(name, _)| name)
            .collect()
    }
}

/// The state that a Compose file asks for.
pub fn read(source: &Arc<Source>, options: &Options) -> Result<State, Diagnostics> {
    read_document(Document::parse(source)?, options)
}

/// The state that a Compose file asks for that needs nothing else: it names no variables with values and no
/// other files. Nothing where Compose refuses it.
pub(crate) fn read_plain(files: &[Arc<Source>]) -> Option<State> {
    read(files.first()?, &Options::verbatim()).ok()
}

/// The state that a Compose file asks for, where its text was read before.
pub fn read_document(document: Document, options: &Options) -> Result<State, Diagnostics> {
    let mut loader = Loader {
        notes: document.notes,
        reads_files: options.reads_files,
        orchestrator: options.orchestrator,
        home: options.variables.get("HOME").map(str::to_owned),
        boundary: Boundary::around(&options.project),
        ..Loader::new(Reading::Meant, options.unset, &options.directory)
    };
    let state = understand(&mut loader, document.file, options);
    match state {
        Ok(state) if loader.notes.problems.is_empty() => Ok(state),
        _ => Err(loader.notes.problems),
    }
}

fn understand(loader: &mut Loader, file: File, options: &Options) -> Result<State, Stop> {
    let context = LoadContext {
        directory: options.directory.clone(),
        variables: Arc::new(options.variables.clone()),
    };
    let mut model = loader.model(vec![file], &context, &[])?;
    let own = model.as_map_mut().and_then(|map| map.remove("name"));
    let own = own.as_ref().and_then(|entry| entry.value.as_text());
    let Some(name) = own.or(options.name.as_deref()) else {
        let keys = model.entries().map(|(_, entry)| entry.key_at);
        let first = keys.min_by_key(|at| at.start).unwrap_or(model.at);
        let place = loader.notes.place(first);
        return loader.notes.stop(
            Diagnostic::new("the file has no project name", place)
                .label("expected `name:` before this"),
        );
    };
    expected::project(loader, model, name, &context, &options.profiles)
}

#[cfg(test)]
mod tests {
    use super::{Options, read};
    use crate::redact::Sensitive;
    use crate::source::Source;

    #[test]
    fn a_field_shows_neither_a_secret_variable_nor_a_secret_in_place_of_an_address() {
        let source = Source::new(
            "compose.yml",
            "name: p\nservices:\n  web:\n    image: a\n    user: ${DB_PASSWORD}\n    \
             hostname: a-${API_TOKEN:-hunter2}\n    extra_hosts: [password=hunter2, 'db:10.0.0.1']\n",
        );
        let mut options = Options::verbatim();
        options.variables.set("DB_PASSWORD", "hunter2");
        let state = read(&source, &options).unwrap();
        let json = crate::redact::to_json(&state).unwrap();
        assert!(
            !json.contains("hunter2") && json.contains("db:10.0.0.1"),
            "{json}"
        );
        assert_eq!(
            state.services["web"].config.fields.text("user"),
            Some("hunter2")
        );
    }

    #[test]
    fn a_secret_variable_behind_an_alias_is_hidden() {
        let source = Source::new(
            "compose.yml",
            "name: p\nx-user: &user ${DB_PASSWORD}\nx-base: &base {hostname: '${API_TOKEN}'}\n\
             services:\n  web: {image: a, user: *user}\n  \
             api: {<<: *base, image: a}\n",
        );
        let mut options = Options::verbatim();
        for name in ["DB_PASSWORD", "API_TOKEN"] {
            options.variables.set(name, "hunter2");
        }
        let state = read(&source, &options).unwrap();
        let json = crate::redact::to_json(&state).unwrap();
        assert!(!json.contains("hunter2"), "{json}");
        let user = state.services["web"].config.fields.text("user");
        assert_eq!(user, Some("hunter2"));
    }

    #[test]
    fn a_variable_without_a_value_is_noted_under_its_path_and_never_guessed() {
        let source = Source::new(
            "compose.yml",
            "name: p\nservices:\n  web:\n    image: a:${TAG}\n    ports: ['80:80', '${PORT}:81']\n    \
             environment: [A=$B, 'C=$$D', E]\n    labels: {l: '${L}'}\n    mem_limit: ${M:-64m}\n    \
             pids_limit: ${PIDS}\n    volumes: ['$DATA:/data']\n",
        );
        let state = read(&source, &Options::verbatim()).unwrap();
        let unset: Vec<String> = state
            .unset
            .iter()
            .map(|(path, names)| format!("{path}: {}", names.join(" ")))
            .collect();
        assert_eq!(
            unset,
            [
                "services.web.environment.A: B",
                "services.web.environment.E: E",
                "services.web.image: TAG",
                "services.web.labels.l: L",
                "services.web.pids_limit: PIDS",
                "services.web.ports[1]: PORT",
                "services.web.volumes[0]: DATA",
            ]
        );
        let web = &state.services["web"];
        assert_eq!((web.ports.len(), web.mounts.len()), (1, 0));
        let fields = &web.config.fields;
        assert_eq!(fields.number("mem_limit"), Some(64 << 20));
        assert_eq!(fields.number("pids_limit"), None);
        let environment = fields.map("environment");
        assert_eq!(environment["A"], None);
        assert_eq!(environment["C"], Some(Sensitive::whole("$D")));
        assert_eq!(environment["E"], None);
    }
}
