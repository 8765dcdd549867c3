//! Reading a project, with what `docker stack deploy` refuses of it.

use std::path::Path;

use super::refused::{Refusal, refused};
use super::request::{Loaded, Request, load_meant};
use super::written::Written;
use crate::diagnostic::{self, Diagnostics};

/// Reads a project.
pub(crate) fn load(request: &Request) -> Result<Loaded, Diagnostics> {
    let here = std::env::current_dir();
    let here = here.map_err(|error| diagnostic::unreadable(".", "find", &error))?;
    load_from(&here, request)
}

/// Reads a project, where relative names on the command line start from the folder `here`.
pub fn load_from(here: &Path, request: &Request) -> Result<Loaded, Diagnostics> {
    let mut loaded = load_meant(here, request)?;
    if let Some(stack) = &mut loaded.state.stack {
        let file = Written::filled(here, request, &loaded.state.project);
        let refused = file.iter().flat_map(refused);
        stack.refused = refused.map(Refusal::known).collect();
    }
    Ok(loaded)
}
