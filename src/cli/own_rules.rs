//! The files of rules of one's own: those that the catalogue or `composegen.yaml` names, and those of the command line.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::diagnostic::{Diagnostic, Diagnostics, unreadable};
use crate::files::{self, Root, limits};
use crate::redact::Form;
use crate::rules::Own;
use crate::source::Source;
use crate::spec::{Catalog, FilePath, Located};

/// The option for them.
#[derive(Debug, Default, Args)]
pub(super) struct RulesArgs {
    /// File of further rules (docs/own-rules.md); can be repeated
    #[arg(long = "rules", value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// The files of rules that a file of the project names.
pub(super) struct Listed<'a> {
    /// The folder that their paths start from; they are below it.
    pub(super) root: &'a Root,
    /// What messages call that folder.
    pub(super) name: &'a Path,
    /// The paths.
    pub(super) files: &'a [Located<FilePath>],
}

impl RulesArgs {
    /// The rules of the files, those that are listed first.
    pub(super) fn read(&self, listed: Option<&Listed<'_>>) -> Result<Own, Diagnostics> {
        let mut problems = Diagnostics::default();
        let mut sources = Vec::new();
        if let Some(listed) = listed {
            for file in listed.files {
                let path = Path::new(file.value.as_str());
                let name = listed.name.join(path).display().to_string();
                match listed.root.text(path, limits::RULES) {
                    Ok(text) => sources.push(Source::of(Form::Spec, name, text)),
                    Err(error) => problems.push(
                        Diagnostic::new(format!("cannot read `{name}`: {error}"), &file.place)
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
        Own::read(&problems.or(sources)?)
    }

    /// The rules that the catalogue names, and these.
    pub(super) fn with_catalog(&self, root: &Root, catalog: &Catalog) -> Result<Own, Diagnostics> {
        self.read(Some(&Listed {
            root,
            name: Path::new(""),
            files: &catalog.rules,
        }))
    }
}
