//! The Compose files of a target, read again with other texts.

use std::path::PathBuf;
use std::sync::Arc;

use crate::compose::{self, FileArgument, Request};
use crate::files::{self, ReadError, limits};
use crate::redact::TextForm;
use crate::source::Source;
use crate::state::State;

/// What the expected state of a target is read from.
#[derive(Debug, Clone)]
pub(crate) enum Texts {
    /// Files that people write, as they are named from a folder.
    Written {
        /// The folder.
        here: PathBuf,
        /// The files, and how they are read.
        request: Request,
        /// Other files of the project's folder that these include or extend.
        brought: Vec<PathBuf>,
    },
    /// A file that a spec renders.
    Rendered {
        /// The file.
        source: Arc<Source>,
        /// How it is read.
        options: compose::Options,
    },
}

impl Texts {
    /// Whether a spec renders them, so that nobody edits them.
    pub(crate) fn are_rendered(&self) -> bool {
        matches!(self, Self::Rendered { .. })
    }

    /// The files that these include or extend, and then those that are named, in the order in which they are merged; without
    /// standard input.
    pub(crate) fn sources(&self) -> Result<Vec<Arc<Source>>, ReadError> {
        match self {
            Self::Rendered { source, .. } => Ok(vec![Arc::clone(source)]),
            Self::Written {
                here,
                request,
                brought,
            } => brought
                .iter()
                .map(PathBuf::as_path)
                .chain(request.files.iter().filter_map(FileArgument::path))
                .map(|path| {
                    let text = files::named(&here.join(path), limits::COMPOSE_FILE)?;
                    let shown = path.strip_prefix(here).unwrap_or(path);
                    Ok(Source::of(
                        TextForm::Compose,
                        shown.display().to_string(),
                        text,
                    ))
                })
                .collect(),
        }
    }

    /// What they ask for with other texts; nothing where Compose refuses them.
    pub(crate) fn read(&self, texts: &[Arc<Source>]) -> Option<State> {
        match self {
            Self::Rendered { options, .. } => compose::read(texts.first()?, options).ok(),
            Self::Written {
                here,
                request,
                brought,
            } => {
                let mut texts = texts.iter();
                let mut request = request.clone();
                for path in brought {
                    let text = texts.next()?.text.clone();
                    request.edited.insert(path.clone(), text);
                }
                for file in &mut request.files {
                    if let Some(path) = file.path() {
                        let text = texts.next()?.text.clone();
                        *file = FileArgument::Edited(path.to_owned(), text);
                    }
                }
                compose::load_from(here, &request)
                    .ok()
                    .map(|loaded| loaded.state)
            }
        }
    }
}
