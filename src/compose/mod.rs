//! A Compose file becomes the state that it asks of a host.
//!
//! What a file means is what `docker compose config` says that it means; the tests hold the two
//! against each other. A file is read whole: all of its mistakes are told in one run.

mod config;
mod dotenv;
mod environment;
mod interpolate;
mod mounts;
mod networks;
mod ports;
mod quantities;
mod reader;
mod services;
mod words;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde_yaml::Value;

pub use interpolate::{Failure, Filled, Lookup, Unset, Variables, interpolate};

use crate::diagnostic::{Diagnostic, Diagnostics, unreadable};
use crate::source::{Place, Source};
use crate::state::{State, VERSION};
use crate::yaml::{self, Cursor};
use reader::Reader;

/// Adds the variables of files (`--env-file`) to those that are set; what is set wins, and of two
/// files the later one.
///
/// # Errors
/// A file that cannot be read, or is no file of variables.
pub fn with_files(variables: Variables, files: &[PathBuf]) -> Result<Variables, Diagnostics> {
    let mut entries = dotenv::Entries::new();
    let mut problems = Diagnostics::default();
    for file in files {
        let name = file.display().to_string();
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => {
                problems.push(unreadable(&name, "read", &error));
                continue;
            }
        };
        if let Err(mistake) = dotenv::read(&text, &variables, Unset::Strict, &mut entries) {
            let place = Place::bytes(&Source::new(name, text), mistake.at);
            problems.push(Diagnostic::new(mistake.message, place).label(mistake.expected));
        }
    }
    let of_files = entries.into_iter().map(|(name, value)| (name, value.text));
    problems.or(variables.over(of_files))
}

/// How to read a Compose file.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder that relative paths start from; absolute.
    pub directory: PathBuf,
    /// The variables that the file can name.
    pub variables: Variables,
    /// What becomes of a variable without a value.
    pub unset: Unset,
    /// Whether the files of variables and labels that services name are read.
    pub reads_files: bool,
}

impl Options {
    /// Reads the file for itself: no variable is filled in, and no other file is read.
    #[must_use]
    pub fn verbatim() -> Self {
        Self {
            directory: PathBuf::from("/"),
            variables: Variables::default(),
            unset: Unset::Keep,
            reads_files: false,
        }
    }
}

/// The state that a Compose file asks for.
///
/// # Errors
/// Everything that is wrong with the file, or that is not supported.
pub fn read(source: &Arc<Source>, options: &Options) -> Result<State, Diagnostics> {
    read_value(source, &yaml::parse(source)?, options)
}

/// The state that a Compose file asks for, where the file was parsed before.
///
/// # Errors
/// As [`read`].
pub fn read_value(
    source: &Arc<Source>,
    value: &Value,
    options: &Options,
) -> Result<State, Diagnostics> {
    let mut problems = Diagnostics::default();
    let root = Cursor::root(value, source);
    refuse_unsupported(&root, &mut problems);
    let reader = Reader {
        root: root.clone(),
        options,
        unset: RefCell::new(BTreeMap::new()),
    };
    let project = if let Some(name) = root.get("name") {
        reader.scalar(&name, &mut problems).unwrap_or_default()
    } else {
        problems.push(
            Diagnostic::new("the file names no project", root.place())
                .label("expected a field `name`"),
        );
        String::new()
    };
    let services = services::read(&reader, &mut problems);
    let networks = networks::networks(&reader, &project, &services, &mut problems);
    let volumes = networks::volumes(&reader, &project, &services, &mut problems);
    problems.or(State {
        version: VERSION,
        project,
        networks,
        volumes,
        services,
        unset: reader.unset.into_inner(),
        live: None,
    })
}

/// Keys that bring in more than the file says; to skip one in silence would be to misread the file.
fn refuse_unsupported(root: &Cursor<'_>, problems: &mut Diagnostics) {
    let mut refuse = |cursor: Option<Cursor<'_>>, key: &str| {
        problems.extend(cursor.map(|cursor| {
            Diagnostic::new(format!("`{key}` is not supported"), cursor.key_place())
                .label("this would bring in more than the file says")
                .help("give the file as `docker compose config` prints it")
        }));
    };
    refuse(root.get("include"), "include");
    refuse(root.get("<<"), "<<");
    let services = root.get("services");
    let services = services.map(|services| services.entries(&mut Diagnostics::default()));
    for (_, service) in services.unwrap_or_default() {
        for key in ["extends", "volumes_from", "<<"] {
            refuse(service.get(key), key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Options, read};
    use crate::source::Source;
    use crate::state::Digest;

    #[test]
    fn what_has_no_value_is_noted_under_its_path_and_never_guessed() {
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
        assert_eq!((web.config.memory, web.config.pids), (Some(64 << 20), None));
        assert_eq!(web.config.environment["A"], None);
        assert_eq!(web.config.environment["C"], Some(Digest::of("C", "$D")));
        assert_eq!(web.config.environment["E"], None);
    }
}
