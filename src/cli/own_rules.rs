//! The files of rules of one's own: those that the catalogue names, and those of the command line.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::diagnostic::{Diagnostic, Diagnostics, unreadable};
use crate::files::{self, Root, limits};
use crate::redact::Form;
use crate::rules::Own;
use crate::source::Source;
use crate::spec::Catalog;

/// The option for them.
#[derive(Debug, Default, Args)]
pub(super) struct RulesArgs {
    /// File of further rules (docs/own-rules.md); can be repeated
    #[arg(long = "rules", value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl RulesArgs {
    /// The texts of the files, those of the catalogue first.
    pub(super) fn sources(
        &self,
        project: Option<(&Root, &Catalog)>,
    ) -> Result<Vec<Arc<Source>>, Diagnostics> {
        let mut problems = Diagnostics::default();
        let mut sources = Vec::new();
        if let Some((root, catalog)) = project {
            for file in &catalog.rules {
                let name = file.value.as_str();
                match root.text(Path::new(name), limits::RULES) {
                    Ok(text) => sources.push(Source::of(Form::Spec, name, text)),
                    Err(error) => problems.push(
                        Diagnostic::new(
                            format!("cannot read `{name}`: {error}"),
                            file.place.clone(),
                        )
                        .label("expected a file of rules of the project"),
                    ),
                }
            }
        }
        for file in &self.files {
            let name = file.display().to_string();
            match files::named(file, limits::RULES) {
                Ok(text) => sources.push(Source::of(Form::Spec, name, text)),
                Err(error) => problems.push(unreadable(&name, "read", &error)),
            }
        }
        problems.or(sources)
    }
}

/// The rules that the catalogue names.
pub(super) fn of_catalog(root: &Root, catalog: &Catalog) -> Result<Own, Diagnostics> {
    Own::read(&RulesArgs::default().sources(Some((root, catalog)))?)
}
