//! A Compose file becomes the state that it asks of a host.
//!
//! What a file means is what `docker compose config` says that it means; the tests hold the two
//! against each other. A file is read whole: all of its mistakes are told in one run.

mod interpolate;
mod mounts;
mod networks;
mod ports;
mod reader;
mod services;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde_yaml::Value;

pub use interpolate::{Failure, Unset, Variables, interpolate};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Source;
use crate::state::{State, VERSION};
use crate::yaml::{self, Cursor};
use reader::Reader;

/// How to read a Compose file.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder that relative paths start from; absolute.
    pub directory: PathBuf,
    /// The variables that the file can name.
    pub variables: Variables,
    /// What becomes of a variable without a value.
    pub unset: Unset,
}

impl Options {
    /// Reads the file for itself: no variable is filled in.
    #[must_use]
    pub fn verbatim() -> Self {
        Self {
            directory: PathBuf::from("/"),
            variables: Variables::default(),
            unset: Unset::Keep,
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
        unset: BTreeMap::new(),
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
