//! A whole project, checked against every rule.

use std::sync::Arc;

use super::checked::Checked;
use super::custom::CustomRules;
use super::error::CheckError;
use super::scope::Scope;
use super::selection::RuleSelection;
use super::subject::Subject;
use crate::files::Root;
use crate::journal::Journal;
use crate::parallel;
use crate::render::{self, Places, RenderPlan, Rendered, Templates, Usage};
use crate::spec::Catalog;

/// What is checked of a project, and against which rules.
#[derive(Debug)]
pub(crate) struct Project<'a> {
    /// Its root.
    pub(crate) root: &'a Root,
    /// Its specs.
    pub(crate) catalog: &'a Catalog,
    /// Its templates.
    pub(crate) templates: &'a Templates,
    /// The hosts and environments whose findings are reported; none means all.
    pub(crate) names: &'a [String],
    /// Which rules and levels are reported.
    pub(crate) selection: RuleSelection,
    /// The custom rules.
    pub(crate) custom: CustomRules,
}

impl<'a> Project<'a> {
    /// All of a project, checked against all rules with what `given` selects, over the settings of its specs.
    pub(crate) fn new(
        root: &'a Root,
        catalog: &'a Catalog,
        templates: &'a Templates,
        custom: CustomRules,
        given: RuleSelection,
    ) -> Result<Self, CheckError> {
        Ok(Self {
            root,
            catalog,
            templates,
            names: &[],
            selection: given.with(&custom).over(catalog.check.as_ref())?,
            custom,
        })
    }

    /// Checks the project.
    pub(crate) fn check(self) -> Result<Checked, CheckError> {
        self.check_then(|_, checked| Ok(checked))
    }

    /// Checks the project. `then` is given what was checked and what was found.
    pub(crate) fn check_then<T, E: From<CheckError>>(
        self,
        then: impl FnOnce(&Subject<'_>, Checked) -> Result<T, E>,
    ) -> Result<T, E> {
        let Self {
            root,
            catalog,
            templates,
            names,
            selection,
            custom,
        } = self;
        let plan = RenderPlan::whole(catalog, None);
        let mut rendered =
            render::render_to_judge(catalog, templates, &plan, None).map_err(CheckError::Files)?;
        let texts = templates.sources().map(Arc::clone);
        let journal = Journal::load(root).map_err(CheckError::Files)?;
        let subject = Subject::of_project(catalog, &mut rendered, texts, journal)
            .map_err(CheckError::Files)?;
        // Not freed: a process checks once, and its end frees everything at once.
        let rendered: &[Rendered<'a>] = rendered.leak();
        let subject = Subject {
            places: Some(Places::of(catalog, templates, rendered)),
            ..subject
        };
        // Only `Usage::of` looks at what templates were given.
        let (usage, subject) = parallel::both(
            || Usage::of(catalog, templates, rendered),
            || subject.with_files_of(root),
        );
        let subject = &*Box::leak(Box::new(subject.with_usage(usage)));
        let custom = custom.check(subject).map_err(CheckError::Files)?;
        let folder = root.path().canonicalize().map_err(CheckError::Folder)?;
        let scope = Scope::of_project(selection, catalog, names, folder);
        let checked = Checked::of(subject, &custom, scope);
        then(subject, checked)
    }
}
