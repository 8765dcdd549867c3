//! `check` in this process.

use std::path::Path;
use std::sync::Arc;

use composegen::compose::{FileArgument, Request, Unset};
use composegen::files::Root;
use composegen::journal::Journal;
use composegen::orchestrator::Orchestrator;
use composegen::render::{self, RenderPlan, Templates, Usage};
use composegen::rules::{self, Subject, Violation};
use composegen::spec::{self, PullRequest};
use composegen::variables::Variables;

/// The findings in a project, or why it cannot be checked.
pub(crate) fn project(folder: &Path) -> anyhow::Result<Vec<Violation>> {
    let root = Root::open(folder)?;
    let catalog = spec::load(&root, PullRequest::SAMPLE);
    let templates = Templates::load(&root);
    let (catalog, templates) = (catalog?, templates?);
    let plan = RenderPlan::whole(&catalog, None);
    let mut rendered = render::render_to_judge(&catalog, &templates, &plan, None)?;
    let usage = Usage::of(&catalog, &templates, &rendered);
    let texts = templates.sources().map(Arc::clone);
    let journal = Journal::load(&root)?;
    let subject = Subject::of_project(&catalog, &mut rendered, texts, journal)?;
    let subject = subject.with_usage(usage).with_files_of(&root);
    Ok(rules::judge(&subject, &rules::CustomRules::default()).findings)
}

/// The codes of the findings in Compose files of a folder that an engine is to run.
pub(crate) fn files(
    folder: &Path,
    names: &[String],
    orchestrator: Orchestrator,
) -> anyhow::Result<Vec<&'static str>> {
    let request = Request {
        profiles: vec!["*".to_owned()],
        orchestrator,
        ..Request::new(Variables::default(), Unset::Keep)
    };
    let files = names
        .iter()
        .map(|name| vec![FileArgument::Path(name.into())]);
    let subject = Subject::of_files(files.collect(), folder, &request)?;
    Ok(codes(
        &rules::judge(&subject, &rules::CustomRules::default()).findings,
    ))
}

pub(crate) fn codes(findings: &[Violation]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.rule.code).collect()
}
