//! Reading what a project is rendered from.

use super::Templates;
use crate::diagnostic::Diagnostics;
use crate::files::Root;
use crate::parallel;
use crate::spec::{self, Catalog, PullRequest};

/// The specs and templates of a project; the errors of both are reported together.
///
/// A run needs them until it ends. They are never freed, because freeing them value by value takes
/// half a millisecond and ending the process does it at once.
pub(crate) fn load(
    root: &Root,
    pull_request: Option<PullRequest>,
) -> Result<(&'static Catalog, &'static Templates), Diagnostics> {
    let (templates, catalog) = parallel::both(
        || Templates::load(root),
        || spec::load(root, pull_request.unwrap_or(PullRequest::SAMPLE)),
    );
    match (catalog, templates) {
        (Ok(catalog), Ok(templates)) => {
            Ok((Box::leak(Box::new(catalog)), Box::leak(Box::new(templates))))
        }
        (catalog, templates) => {
            let mut problems = Diagnostics::default();
            problems.extend(catalog.err().into_iter().flatten());
            problems.extend(templates.err().into_iter().flatten());
            Err(problems)
        }
    }
}
