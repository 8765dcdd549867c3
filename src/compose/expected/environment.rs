//! The variables and labels of a service: its own, and those of files.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Reader, mounts};
use crate::compose::dotenv::{self, Entries};
use crate::compose::growth::Growth;
use crate::compose::interpolate::{Filled, Lookup, Unset};
use crate::compose::tree::{Mark, Node};
use crate::compose::view;
use crate::compose::wording::{required, unset_warning};
use crate::diagnostic::Diagnostic;
use crate::files::limits;
use crate::redact::{self, Sensitive, TextForm};
use crate::source::Source;
use crate::variables::Variables;

/// The variables of a service: those of its `env_file`s, and over them its own `environment`
/// (compose-go, `types/project.go`, `WithServicesEnvironmentResolved`).
pub(super) fn variables(
    reader: &mut Reader<'_>,
    name: &str,
    service: &Node,
) -> BTreeMap<String, Option<Sensitive>> {
    let context = reader.context;
    let own = own(service.field("environment"), &context.variables);
    let mut entries: Entries = own
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.clone()?)))
        .collect();
    let is_stack = reader.loader.orchestrator.is_swarm();
    let around = Around {
        variables: &context.variables,
        own: &own,
    };
    // `docker stack deploy` asks the shell alone.
    let around: &dyn Lookup = if is_stack {
        &*context.variables
    } else {
        &around
    };
    let files = service.get("env_file").map(Node::items).unwrap_or_default();
    for (index, file) in files.iter().enumerate() {
        let field = format!("services.{name}.env_file[{index}]");
        let Some(file) = NamedEnvFile::of(reader, file, field) else {
            continue;
        };
        file.read(reader, around, &mut entries);
    }
    put_over(&mut entries, own, reader.keeps());
    if is_stack {
        from_shell(&mut entries, &context.variables);
    }
    if mounts::has_api_socket(service) {
        // The credentials are copied there, unless the service knows better.
        let folder = || Filled {
            text: "/run/secrets/docker".to_owned(),
            ..Filled::default()
        };
        entries
            .entry("DOCKER_CONFIG".to_owned())
            .or_insert_with(folder);
    }
    values(reader, name, entries)
}

/// Puts the variables of `environment` over those of files. One without a value, which would come from outside, removes
/// that of a file, or is kept as unset where unset variables are kept.
fn put_over(entries: &mut Entries, own: BTreeMap<String, Option<Filled>>, keeps: bool) {
    for (name, value) in own {
        match value {
            Some(value) => {
                entries.insert(name, value);
            }
            None if !keeps => {
                entries.remove(&name);
            }
            None => {
                let filled = Filled {
                    unset: vec![name.clone()],
                    ..Filled::default()
                };
                entries.insert(name, filled);
            }
        }
    }
}

/// The values of variables. What depends on an unset variable is noted, and has none where such are kept.
fn values(
    reader: &mut Reader<'_>,
    name: &str,
    entries: Entries,
) -> BTreeMap<String, Option<Sensitive>> {
    let keeps = reader.keeps();
    let mut values = BTreeMap::new();
    for (key, value) in entries {
        let value = if keeps && !value.unset.is_empty() {
            let field = redact::name(&key, false);
            reader.note(
                &format!("services.{name}.environment.{field}"),
                &value.unset,
            );
            None
        } else {
            Some(Sensitive::whole(value.text))
        };
        values.insert(key, value);
    }
    values
}

/// Gives empty variables the values that the shell of `docker stack deploy` has (docker/cli, `cli/compose/loader`,
/// `updateEnvironment`).
fn from_shell(entries: &mut Entries, shell: &Variables) {
    for (name, value) in entries {
        if value.text.is_empty()
            && value.unset.is_empty()
            && let Some(text) = shell.get(name)
        {
            text.clone_into(&mut value.text);
        }
    }
}

/// `environment`, as a list or a mapping; nothing for a variable that comes from outside and is not
/// set there.
fn own(field: Option<&Node>, variables: &Variables) -> BTreeMap<String, Option<Filled>> {
    let mut own = BTreeMap::new();
    let Some(field) = field else { return own };
    let outside = |name: &str| {
        Some(Filled {
            text: variables.get(name)?.to_owned(),
            ..Filled::default()
        })
    };
    let unset = |node: &Node| {
        let unset = node.unset.as_ref();
        unset.map(|unset| unset.names.clone()).unwrap_or_default()
    };
    for (name, value, at) in view::pairs(field) {
        let filled = match value {
            Some(text) => Some(Filled {
                text,
                unset: unset(at),
                ..Filled::default()
            }),
            None => outside(&name),
        };
        own.insert(name, filled);
    }
    own
}

/// The labels of a service: those of its `label_file`s, and over them its own.
pub(super) fn labels(
    reader: &mut Reader<'_>,
    name: &str,
    service: &Node,
) -> BTreeMap<String, String> {
    let at = format!("services.{name}.labels");
    let mut entries = Entries::new();
    let files = service
        .get("label_file")
        .map(Node::items)
        .unwrap_or_default();
    for (index, file) in files.iter().enumerate() {
        let field = format!("services.{name}.label_file[{index}]");
        if let Some(file) = NamedEnvFile::of(reader, file, field) {
            file.read(reader, &Variables::default(), &mut entries);
        }
    }
    let mut labels = BTreeMap::new();
    for (key, value) in entries {
        if reader.keeps() && !value.unset.is_empty() {
            reader.note(&format!("{at}.{key}"), &value.unset);
        }
        labels.insert(key, value.text);
    }
    labels.extend(reader.pairs(service.field("labels"), &at));
    labels
}

/// An env file that a service names.
struct NamedEnvFile {
    at: Mark,
    /// The path of the field that names it.
    field: String,
    path: String,
    is_required: bool,
    /// Whether its lines are values as they are: no quotes, no variables. So they are to `docker stack deploy`
    /// (docker/cli, `pkg/kvfile`).
    is_raw: bool,
}

impl NamedEnvFile {
    /// A path, or a mapping with `path`, `required` and `format`.
    fn of(reader: &mut Reader<'_>, node: &Node, field: String) -> Option<Self> {
        let is_stack = reader.loader.orchestrator.is_swarm();
        if node.as_map().is_none() {
            return Some(Self {
                at: node.at,
                field,
                path: reader.known(Some(node))?,
                is_required: true,
                is_raw: is_stack,
            });
        }
        let path = node.field("path")?;
        let format = reader.known(node.field("format")).unwrap_or_default();
        if !matches!(format.as_str(), "" | "raw" | ".env") {
            let at = node.field("format").unwrap_or(node).at;
            let message = format!("`{format}` is not a valid format");
            reader
                .loader
                .notes
                .problem(at, message, "expected `raw`, or no format");
        }
        Some(Self {
            at: path.at,
            field,
            path: reader.known(Some(path))?,
            is_required: reader.boolean(node.field("required")).unwrap_or(true),
            is_raw: is_stack || format == "raw",
        })
    }

    fn read(&self, reader: &mut Reader<'_>, around: &dyn Lookup, entries: &mut Entries) {
        let notes = &reader.loader.notes;
        if !reader.loader.reads_files || notes.has_outgrown_files() {
            return;
        }
        let path = Path::new(&self.path);
        let notes = &mut reader.loader.notes;
        let text = match reader.loader.boundary.text(path, limits::ENV_FILE) {
            Ok(text) => text,
            Err(error) if error.is_not_found() => {
                if !self.is_required {
                    return;
                }
                if reader.loader.unset == Unset::Keep {
                    // It may well be on the host alone: what it holds cannot be known, though no
                    // variable is to blame.
                    reader.note(&self.field, &[]);
                    return;
                }
                let diagnostic = Diagnostic::new(
                    format!("env file `{}` does not exist", self.path),
                    notes.place(self.at),
                )
                .label("expected an env file")
                .help("create it, or set `required: false`");
                notes.push(diagnostic);
                return;
            }
            Err(error) => {
                let message = format!("cannot read `{}`: {error}", self.path);
                notes.problem(self.at, message, "expected an env file");
                return;
            }
        };
        notes.add_read(path);
        if notes
            .count_variables_file(text.text.len(), self.at)
            .is_err()
        {
            return;
        }
        let before = entries.len();
        let read = if self.is_raw {
            dotenv::read_raw(&text.text, around, entries).map(|()| dotenv::Read::default())
        } else {
            dotenv::read(&text, around, reader.loader.unset, entries)
        };
        let name = reader.loader.display(Path::new(&self.path));
        let notes = &mut reader.loader.notes;
        // What is beyond a limit is among the notes, which end the reading.
        let _ = notes.grow(Growth::Variables, entries.len() - before, self.at);
        if let Ok(read) = &read {
            let _ = notes.grow(Growth::Filled, read.grown, self.at);
            for (name, why) in &read.required {
                let (name, why) = required(name.clone(), why.clone(), true, text.is_outside);
                notes.required.insert(name, why);
            }
            if reader.loader.unset == Unset::Strict {
                for (key, name) in &read.unset {
                    notes.warn(unset_warning(name, key, true));
                }
            }
        }
        if let Err(mistake) = read {
            let source = Source::of(TextForm::Variables, name, text);
            let named = notes.place(self.at);
            notes.push(
                mistake
                    .diagnostic(&source)
                    .related(named, "the file is referenced here"),
            );
        }
    }
}

/// What the values of an `env_file` may name: the variables outside, then the service's own.
struct Around<'a> {
    variables: &'a Variables,
    own: &'a BTreeMap<String, Option<Filled>>,
}

impl Lookup for Around<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        let own = || {
            let value = self.own.get(name)?.as_ref()?;
            value.unset.is_empty().then_some(value.text.as_str())
        };
        self.variables.value(name).or_else(own)
    }
}
