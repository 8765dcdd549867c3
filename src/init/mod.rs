//! A project to start from: files of specs, and the Compose files that they render to.
//!
//! Everything is made and verified in memory and in a temporary folder, so that what is written works.

mod from;
mod starter;

use std::path::Path;

pub(crate) use from::{Adopted, ComparedEnvironment, Existing, adopt};
pub(crate) use starter::{GITIGNORE, gitignore, starter};

use crate::diagnostic::{Diagnostics, unreadable};
use crate::files::{NewFile, Root};
use crate::render::{self, RenderPlan, Templates};
use crate::spec::{self, PullRequest};

/// The Compose files that specs and templates render to.
pub(crate) fn rendered(files: &[NewFile]) -> Result<Vec<NewFile>, Diagnostics> {
    const SHOWN: &str = "a temporary folder";
    let folder = tempfile::tempdir().map_err(|error| unreadable(SHOWN, "create", &error))?;
    let root = Root::open(folder.path()).map_err(|error| unreadable(SHOWN, "open", &error))?;
    root.create_all(files)
        .map_err(|error| unreadable(SHOWN, "write to", &error))?;
    let catalog = spec::load(&root, PullRequest::SAMPLE)?;
    let templates = Templates::load(&root)?;
    let plan = RenderPlan::whole(&catalog, None);
    let rendered = render::render(&catalog, &templates, &plan, None)?;
    let texts = rendered.iter().map(|one| NewFile {
        path: one.source.name.clone(),
        text: one.source.text.clone(),
    });
    Ok(texts.collect())
}

/// The name of a product that is made in a folder.
pub(crate) fn product(folder: &Path) -> Option<String> {
    let absolute = std::path::absolute(folder).ok()?;
    let path = crate::text::path::clean(&absolute.to_string_lossy());
    let name = crate::compose::normal_name(Path::new(&path).file_name()?.to_str()?);
    (!name.is_empty() && name.len() <= 40).then_some(name)
}
