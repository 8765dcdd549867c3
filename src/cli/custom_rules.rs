//! The files of custom rules: those that the catalogue or `composegen.yaml` names, and those of the command line.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;

use super::{Global, project};
use crate::diagnostic::{Diagnostic, Diagnostics, unreadable};
use crate::files::{self, Root, limits};
use crate::redact::TextForm;
use crate::rules::CustomRules;
use crate::source::Source;
use crate::spec::{self, Catalog, FilePath, Located, PullRequest, SETTINGS_FILE, Settings};

/// The option for them.
#[derive(Debug, Default, Args)]
pub(super) struct RulesArgs {
    /// File of custom rules (docs/custom-rules.md); can be repeated
    #[arg(long = "rules", value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// The files of custom rules that a file of the project names.
struct Listed<'a> {
    /// The folder that their paths start from; they are below it.
    root: &'a Root,
    /// What messages call that folder.
    name: &'a Path,
    /// The paths.
    files: &'a [Located<FilePath>],
}

impl RulesArgs {
    /// The rules of these files alone.
    pub(super) fn alone(&self) -> Result<CustomRules, Diagnostics> {
        self.read(None)
    }

    /// The rules of the files, those that are listed first.
    fn read(&self, listed: Option<&Listed<'_>>) -> Result<CustomRules, Diagnostics> {
        let mut problems = Diagnostics::default();
        let mut sources = Vec::new();
        if let Some(listed) = listed {
            for file in listed.files {
                let path = Path::new(file.value.as_str());
                let name = listed.name.join(path).display().to_string();
                match listed.root.text(path, limits::RULES) {
                    Ok(text) => sources.push(Source::of(TextForm::Spec, name, text)),
                    Err(error) => problems.push(
                        Diagnostic::new(format!("cannot read `{name}`: {error}"), &file.place)
                            .label("expected a rules file in the project"),
                    ),
                }
            }
        }
        for file in &self.files {
            let name = file.display().to_string();
            match files::named(file, limits::RULES) {
                Ok(text) => sources.push(Source::of(TextForm::Spec, name, text)),
                Err(error) => problems.push(unreadable(&name, "read", &error)),
            }
        }
        CustomRules::read(&problems.or(sources)?)
    }

    /// The settings of the nearest `composegen.yaml`, the rules that it names, and these.
    pub(super) fn with_settings(&self, here: &Path) -> anyhow::Result<(Settings, CustomRules)> {
        let (settings, folder) = settings(here)?;
        let root = match folder {
            Some(folder) if !settings.rules.is_empty() => Some((Root::open(&folder)?, folder)),
            _ => None,
        };
        let listed = root.as_ref().map(|(root, folder)| Listed {
            root,
            name: folder.strip_prefix(here).unwrap_or(folder),
            files: &settings.rules,
        });
        let custom = self.read(listed.as_ref())?;
        Ok((settings, custom))
    }

    /// The rules that the catalogue names, and these.
    pub(super) fn with_catalog(
        &self,
        root: &Root,
        catalog: &Catalog,
    ) -> Result<CustomRules, Diagnostics> {
        self.read(Some(&Listed {
            root,
            name: Path::new(""),
            files: &catalog.rules,
        }))
    }

    /// The custom rules of the project or the folder that a command runs in, and these.
    pub(super) fn of_here(&self, global: &Global) -> anyhow::Result<CustomRules> {
        if global.directory.is_some() || project::is_here() {
            let root = project::root(global)?;
            let catalog = spec::load(&root, PullRequest::SAMPLE)?;
            return Ok(self.with_catalog(&root, &catalog)?);
        }
        let here = project::here()?;
        Ok(self.with_settings(&here)?.1)
    }
}

/// The settings of the nearest `composegen.yaml`, in this folder or in one above it, and the folder.
fn settings(here: &Path) -> anyhow::Result<(Settings, Option<PathBuf>)> {
    for folder in here.ancestors() {
        let file = folder.join(SETTINGS_FILE);
        let name = file
            .strip_prefix(here)
            .unwrap_or(&file)
            .display()
            .to_string();
        match files::named(&file, limits::SPEC) {
            Ok(text) => {
                let settings = Settings::of(&Source::of(TextForm::Spec, name, text))?;
                return Ok((settings, Some(folder.to_owned())));
            }
            Err(error) if error.is_not_found() => {}
            Err(error) => bail!("cannot read `{name}`: {error}"),
        }
    }
    Ok((Settings::default(), None))
}
