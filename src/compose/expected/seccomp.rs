//! Seccomp profiles, which Compose reads from files (docker/compose, `parseSecurityOpts`).

use std::path::PathBuf;

use super::Reader;
use crate::compose::tree::Mark;
use crate::fields::seccomp_profile;
use crate::files::limits;
use crate::text::path::clean;

impl Reader<'_> {
    /// The profile in a file, as an option; nothing where it cannot be read here.
    pub(super) fn seccomp_profile(&mut self, file: &str, at: Mark) -> Option<String> {
        let loader = &mut *self.loader;
        if !loader.reads_files || loader.notes.has_outgrown_files() {
            return None;
        }
        let home = loader.home.as_deref();
        let path = match file.strip_prefix('~').zip(home) {
            Some((rest, home)) => format!("{home}/{rest}"),
            None => file.to_owned(),
        };
        // A `..` takes back the directory before it, which need not exist, as in Go's `filepath.Join`.
        let path = self.context.directory.join(path);
        let path = PathBuf::from(clean(&path.to_string_lossy()));
        let text = loader.boundary.text(&path, limits::SECCOMP_PROFILE).ok()?;
        loader.notes.add_read(&path);
        let bytes = text.text.len();
        loader.notes.count_variables_file(bytes, at).ok()?;
        seccomp_profile(&text.text)
    }
}
