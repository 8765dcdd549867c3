//! Reading a project, with what `docker stack deploy` refuses of it.

use std::path::Path;

use super::refused::{Refusal, refused};
use super::request::{Loaded, Request, load_meant};
use super::written::Written;
use crate::diagnostic::{self, Diagnostics};
use crate::state::State;

/// Reads a project.
pub(crate) fn load(request: &Request) -> Result<Loaded, Diagnostics> {
    let here = diagnostic::current_folder()?;
    load_from(&here, request)
}

/// Adds to the state of a stack what `docker stack deploy` refuses of its file.
pub(crate) fn note_refused(state: &mut State, file: &Written) {
    if let Some(stack) = &mut state.stack {
        stack.refused = refused(file).into_iter().map(Refusal::known).collect();
    }
}

/// Reads a project, where relative names on the command line start from the folder `here`.
pub fn load_from(here: &Path, request: &Request) -> Result<Loaded, Diagnostics> {
    let mut loaded = load_meant(here, request)?;
    if loaded.state.stack.is_some() {
        let file = Written::filled(here, request, &loaded.state.project);
        if let Some(file) = file {
            note_refused(&mut loaded.state, &file);
        }
    }
    Ok(loaded)
}
