//! Rendering: the catalogue and the templates become Compose files.
//!
//! Every host is rendered in memory, read back and compared with its spec before any file is
//! written, so that a run writes all of its files or none.

mod added;
mod asked;
mod bounds;
mod captured;
mod context;
mod contract;
mod cut;
mod definition;
mod diff;
mod document;
mod engine;
mod explain;
mod functions;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod idioms;
mod line;
mod load;
mod marks;
mod meaning;
mod merge;
mod mistakes;
mod once;
mod origins;
mod placeholders;
mod places;
mod plan;
mod rendered;
mod signature;
mod stack;
mod structure;
mod syntax;
mod templates;
mod texts;
mod unclosed;
mod undefined;
mod unknown;
mod unread;
mod usage;
mod write;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

pub(crate) use context::NAMES;
pub(crate) use diff::{lines, patch, patch_or_diff, unified_diff};
pub(crate) use load::load;
pub(crate) use syntax::is_tag;

pub use places::Places;
pub use plan::{Planned, RenderPlan, Selection};
pub use rendered::Rendered;
pub(crate) use signature::is_own_function;
pub(crate) use structure::yaml;
pub use templates::Templates;
pub(crate) use unknown::Unknown;
pub(crate) use write::{FileStatus, RenderedFiles, remove_leftovers};

use self::asked::Asked;
use self::engine::{Budget, TemplateEngine};
use self::mistakes::Attempt;
use self::origins::Origins;
use self::placeholders::Substituted;
use crate::compose::{self, Document};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::files::folders::TEMPLATES;
use crate::parallel;
use crate::sandbox::{Stopped, Watch};
use crate::source::{Place, Source};
use crate::spec::{Catalog, Name, OutputFile, PullRequest};
use crate::state::DEFINITION;

/// Renders every host of a plan that is rendered, in its order.
pub fn render<'a>(
    catalog: &'a Catalog,
    templates: &Templates,
    plan: &RenderPlan<'a>,
    pull_request: Option<PullRequest>,
) -> Result<Vec<Rendered<'a>>, Diagnostics> {
    render_all(catalog, templates, plan, pull_request, false)
}

/// What the templates of all hosts use.
#[derive(Debug, Default)]
pub struct Usage {
    /// The values of the specs that no template reads.
    pub(crate) unread: Vec<Unread>,
    /// What templates read of environments: the environment, the section, and the name in it.
    pub(crate) read: BTreeSet<(Name, &'static str, String)>,
    /// The templates that no host uses, and no template that one uses.
    pub(crate) templates: Vec<Arc<Source>>,
    /// The names and texts in templates that nothing in the specs has.
    pub(crate) unknown: Vec<Unknown>,
}

/// A value of the specs that no template reads.
#[derive(Debug)]
pub(crate) struct Unread {
    pub(crate) place: Place,
    /// Whether a template reads another one that a spec has instead of it.
    pub(crate) is_replaced: bool,
}

/// Renders every host of a plan for rules to judge.
pub fn render_to_judge<'a>(
    catalog: &'a Catalog,
    templates: &Templates,
    plan: &RenderPlan<'a>,
    pull_request: Option<PullRequest>,
) -> Result<Vec<Rendered<'a>>, Diagnostics> {
    render_all(catalog, templates, plan, pull_request, true)
}

impl Usage {
    /// What the templates used when all hosts of a project were rendered for rules to judge.
    #[must_use]
    pub fn of(catalog: &Catalog, templates: &Templates, rendered: &[Rendered<'_>]) -> Self {
        let mut read = BTreeSet::new();
        for one in rendered {
            // Where there is no template, all but free values is taken for read.
            if one.output.template.is_some() {
                let of = &one.planned.environment.name;
                let names =
                    context::read(&one.context).map(|(section, name)| (of.clone(), section, name));
                read.extend(names);
            }
            if !catalog.is_strict() {
                context::judged(&one.context);
            }
        }
        let contexts: Vec<_> = rendered.iter().map(|one| &one.context).collect();
        Self {
            unknown: unknown::unknown(catalog, &templates.used(), &contexts),
            unread: unread::unread(contexts.iter().copied()),
            read,
            templates: templates.unused(),
        }
    }
}

/// Renders every host of a plan; `is_judged` says whether rules are to judge the files.
fn render_all<'a>(
    catalog: &'a Catalog,
    templates: &Templates,
    plan: &RenderPlan<'a>,
    pull_request: Option<PullRequest>,
    is_judged: bool,
) -> Result<Vec<Rendered<'a>>, Diagnostics> {
    let planned = plan.hosts.iter();
    let jobs: Vec<(&Planned<'a>, &'a OutputFile)> = planned
        .filter_map(|planned| Some((planned, planned.host.output()?)))
        .collect();
    let services = jobs
        .iter()
        .map(|(planned, _)| planned.host.services.len())
        .sum();
    let budget = budget(catalog);
    let runner = Runner {
        is_judged,
        ..Runner::new(templates, services, budget)
    };
    let size = |(planned, _): &(&Planned<'_>, &OutputFile)| planned.host.services.len();
    let done = parallel::map_largest_first(&jobs, size, |(planned, output)| {
        let context = context::of(catalog, planned, templates.root());
        let unreadable = stack::unreadable(planned, templates.root());
        unreadable
            .or(())
            .and_then(|()| render_one(&runner, planned, output, &context, pull_request))
    });
    let mut problems = Diagnostics::default();
    let mut rendered = Vec::new();
    for ((planned, _), result) in jobs.iter().zip(done) {
        match result {
            Ok(one) => rendered.push(one),
            Err(mistakes) if jobs.len() == 1 => problems.extend(mistakes),
            Err(mistakes) => {
                let host = planned.host.name.as_str();
                problems.extend(mistakes.into_iter().map(|one| one.in_host(host)));
            }
        }
    }
    problems.across_hosts().or(rendered)
}

/// One budget for all, so that a template that takes too much fails at the same place for each.
fn budget(catalog: &Catalog) -> Budget {
    let most = catalog.hosts().map(|(_, host)| host.services.len()).max();
    Budget::of(most.unwrap_or_default())
}

/// The templates, and where they run.
#[derive(Debug)]
struct Runner<'a> {
    templates: &'a Templates,
    watch: Watch<'a>,
    /// Where templates with mistakes run again.
    again: Watch<'a>,
    /// Whether rules are to judge what is rendered.
    is_judged: bool,
    /// The templates with marks that say where a text comes from, once they were needed.
    tracing: Arc<OnceLock<Option<TemplateEngine>>>,
    budget: Budget,
}

impl<'a> Runner<'a> {
    /// For hosts with so many services.
    fn new(templates: &'a Templates, services: usize, budget: Budget) -> Self {
        let watch = || templates.sandbox().watch(templates.allowance(services));
        Self {
            templates,
            watch: watch(),
            again: watch(),
            is_judged: false,
            tracing: Arc::default(),
            budget,
        }
    }

    /// The text that the template called `name` gives.
    fn fill_in(
        &self,
        name: &str,
        template: &Arc<Source>,
        context: &Arc<usage::Node>,
    ) -> Result<Substituted, Diagnostics> {
        let engine = Arc::clone(self.templates.engine());
        let sources = Arc::clone(self.templates.by_name());
        let (wanted, given, budget) = (name.to_owned(), Arc::clone(context), self.budget);
        // An error of the engine holds values, so it must not leave the thread: to drop a list in a
        // list in a list takes a large stack.
        let work = move || {
            let rendered = engine.render(&wanted, &given, budget);
            rendered.map_err(|error| explain::explain(&error, &sources, &wanted, Some(&given)))
        };
        match self.watch.run(work) {
            Ok(Ok(rendered)) => Ok(rendered),
            Ok(Err(first)) => Err(self.mistakes(name, context).unwrap_or_else(|| first.into())),
            // What takes too much is reported at its place.
            Err(Stopped::Another) => Err(Diagnostics::default()),
            Err(why) => Err(Diagnostic::new(explain::stopped(&why), Place::whole(template)).into()),
        }
    }

    /// All mistakes in a template that has at least one.
    fn mistakes(&self, name: &str, context: &Arc<usage::Node>) -> Option<Diagnostics> {
        let engine = Arc::clone(self.templates.engine());
        let sources = Arc::clone(self.templates.by_name());
        let (wanted, given, budget) = (name.to_owned(), Arc::clone(context), self.budget);
        let work = move || {
            let attempt = Attempt {
                engine: &engine,
                sources: &sources,
                name: &wanted,
                context: &given,
                budget,
            };
            attempt.mistakes()
        };
        self.again.run(work).ok().flatten()
    }

    /// Where the parts of the text come from that the template called `name` gives.
    fn origins(&self, name: &str, context: &Arc<usage::Node>) -> Option<Origins> {
        let engine = Arc::clone(self.templates.engine());
        let sources = Arc::clone(self.templates.by_name());
        let (wanted, given, budget) = (name.to_owned(), Arc::clone(context), self.budget);
        let tracing = Arc::clone(&self.tracing);
        let work = move || {
            let tracing = tracing.get_or_init(|| engine.tracing(&sources));
            let traced = tracing.as_ref()?.trace(&wanted, &given, budget.twice());
            traced.ok()
        };
        self.again.run(work).ok().flatten()
    }

    /// What is wrong with a file that a template gave, at places in templates and specs alone.
    fn traced(&self, file: &TemplateOutput<'_>, problems: Diagnostics) -> Diagnostics {
        let is_rendered = |place: &Place| place.source.name == file.path;
        let origins = self
            .origins(file.name, file.context)
            .filter(|origins| origins.done.text == file.body.text);
        let sources = self.templates.by_name();
        let place = |at: &Place| -> Option<Place> {
            if !is_rendered(at) {
                return None;
            }
            let found = origins
                .as_ref()
                .and_then(|found| found.place(at, file.header.len(), sources));
            Some(found.unwrap_or_else(|| Place::whole(file.template)))
        };
        let problems = problems.into_iter().map(|problem| {
            let service =
                once::service_of(problem.place()).filter(|_| is_rendered(problem.place()));
            (problem.traced(&place), service)
        });
        once::once(problems)
    }
}

/// A file that a template gave.
struct TemplateOutput<'a> {
    path: String,
    name: &'a str,
    template: &'a Arc<Source>,
    context: &'a Arc<usage::Node>,
    header: &'a str,
    body: &'a Substituted,
}

fn render_one<'a>(
    runner: &Runner<'_>,
    planned: &Planned<'a>,
    output: &'a OutputFile,
    context: &Arc<usage::Node>,
    pull_request: Option<PullRequest>,
) -> Result<Rendered<'a>, Diagnostics> {
    let header = planned.header(output, pull_request);
    let Some(template) = &output.template else {
        context.mark_read_but_values();
        let (source, state) = asked::file(context, planned, output, &header)?;
        return Ok(Rendered {
            planned: *planned,
            output,
            source,
            state,
            asked: None,
            others: asked::Fields::new(),
            fixtures: BTreeSet::new(),
            context: Arc::clone(context),
            written: None,
        });
    };
    let asked = Asked::of(context, planned, output)?;
    let Some(template_source) = runner.templates.source(template.as_str()) else {
        return Err(Diagnostic::new(
            format!("there is no template `{}`", template.value),
            template.place.clone(),
        )
        .label(format!("expected a file below `{TEMPLATES}/`"))
        .did_you_mean(template.as_str(), runner.templates.names())
        .into());
    };
    let body = runner.fill_in(template.as_str(), template_source, context)?;
    let file = TemplateOutput {
        path: output.file(),
        name: template.as_str(),
        template: template_source,
        context,
        header: &header,
        body: &body,
    };
    let verified = verified(planned, output, asked, &file, runner.is_judged);
    verified.map_err(|problems| runner.traced(&file, problems))
}

/// The file that a template gave, read back and compared with what the specs ask for.
fn verified<'a>(
    planned: &Planned<'a>,
    output: &'a OutputFile,
    asked: Asked,
    file: &TemplateOutput<'_>,
    is_judged: bool,
) -> Result<Rendered<'a>, Diagnostics> {
    let options = planned.options();
    let (document, source) = labelled(&file.path, file.header, file.body, &options)?;
    let others = asked.without_own(document.fields_beside_table());
    let declared = contract::Declared::of(&document);
    let beside = document.beside_state();
    let kept = is_judged.then(|| document.with_digests(&source));
    let state = compose::read_document(document, &options)
        .map_err(|problems| declared.explaining(problems, planned.host, file.template))?;
    // Those of all hosts are made side by side; where one cannot be, that is reported when it is taken.
    let judged = kept.and_then(|document| rendered::written(planned, document).ok());
    let all = planned.with_profiles(&source, &state);
    let contract = contract::Contract {
        host: planned.host,
        template: file.template,
        source: &source,
        declared: &declared,
        asked: &asked,
        state: all.as_ref().unwrap_or(&state),
        beside: &beside,
    };
    contract.check().or(Rendered {
        planned: *planned,
        output,
        source,
        state,
        asked: Some(asked.state),
        others,
        fixtures: file.body.fixtures.clone(),
        context: Arc::clone(file.context),
        written: judged,
    })
}

/// The text of a file with its digests filled in.
fn labelled(
    path: &str,
    header: &str,
    body: &Substituted,
    options: &compose::Options,
) -> Result<(Document, Arc<Source>), Diagnostics> {
    let asked: Vec<usize> = body.digests.iter().map(|at| header.len() + at).collect();
    let source = Source::new(path, format!("{header}{}", body.text));
    let mut document = Document::parse(&source)?;
    let others: Diagnostics = document
        .other_definitions(&asked)
        .into_iter()
        .map(|at| {
            Diagnostic::new(
                format!("the label `{DEFINITION}` is composegen's own"),
                Place::bytes(&source, at),
            )
            .label("expected `{{ definition() }}`, or no such label")
        })
        .collect();
    if !others.is_empty() {
        return Err(others);
    }
    let digests = document.label_definitions(&asked);
    match definition::fill_in(&source.text, &asked, &digests) {
        Ok(text) => Ok((document, Source::new(path, text))),
        // What is around it may be wrong, so that it is in no service.
        Err(at) => Err(match compose::read_document(document, options) {
            Err(problems) => problems,
            Ok(_) => Diagnostic::new(
                "`definition()` is not allowed here",
                Place::bytes(&source, at),
            )
            .label(definition::EXPECTED)
            .into(),
        }),
    }
}
