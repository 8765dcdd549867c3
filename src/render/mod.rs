//! Rendering: the catalogue and the templates become Compose files.
//!
//! Every host is rendered in memory, read back and compared with its spec before any file is
//! written, so that a run writes all of its files or none.

mod asked;
mod bounds;
mod captured;
mod clock;
mod context;
mod contract;
mod definition;
mod diff;
mod document;
mod engine;
mod explain;
mod functions;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod line;
mod marks;
mod placeholders;
mod plan;
mod sandbox;
mod scalar;
mod structure;
mod templates;
mod texts;
mod usage;
mod write;

use std::sync::Arc;

pub(crate) use diff::unified_diff;

pub use plan::{Plan, Planned, Selection};
pub use templates::Templates;
pub(crate) use write::{Change, Changes, remove_leftovers};

use self::asked::Asked;
use self::engine::Budget;
use self::placeholders::Substituted;
use self::sandbox::{Stopped, Watch};
use crate::compose::{self, Document};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::files::folders::TEMPLATES;
use crate::parallel;
use crate::source::{Place, Source};
use crate::spec::{Catalog, Output, PullRequest};
use crate::state::State;

/// A host's Compose file, rendered and verified.
#[derive(Debug)]
pub struct Rendered<'a> {
    /// What was to be rendered.
    pub(crate) planned: Planned<'a>,
    /// Where it is written.
    pub(crate) output: &'a Output,
    /// The Compose file.
    pub source: Arc<Source>,
    /// What the Compose file asks of the host, read back from its text.
    pub state: State,
}

/// Renders every host of a plan that is rendered, in its order.
pub fn render<'a>(
    catalog: &'a Catalog,
    templates: &Templates,
    plan: &Plan<'a>,
    pull_request: Option<PullRequest>,
) -> Result<Vec<Rendered<'a>>, Diagnostics> {
    render_noting_unread(catalog, templates, plan, pull_request).map(|(rendered, _)| rendered)
}

/// Renders every host of a plan, and notes the places of the values that no template reads.
pub fn render_noting_unread<'a>(
    catalog: &'a Catalog,
    templates: &Templates,
    plan: &Plan<'a>,
    pull_request: Option<PullRequest>,
) -> Result<(Vec<Rendered<'a>>, Vec<Place>), Diagnostics> {
    let planned = plan.hosts.iter();
    let jobs: Vec<(&Planned<'a>, &'a Output)> = planned
        .filter_map(|planned| Some((planned, planned.host.output()?)))
        .collect();
    let services = jobs.iter().map(|(planned, _)| planned.host.services.len());
    // One budget for all, so that a template that takes too much fails at the same place for each.
    let most = catalog.hosts().map(|(_, host)| host.services.len()).max();
    let budget = Budget::of(most.unwrap_or_default());
    let runner = Runner {
        templates,
        watch: templates
            .sandbox()
            .watch(templates.allowance(services.sum())),
        budget,
    };
    let size = |(planned, _): &(&Planned<'_>, &Output)| planned.host.services.len();
    let done = parallel::map_largest_first(&jobs, size, |(planned, output)| {
        let context = context::of(catalog, planned.environment, planned.host);
        let result = render_one(&runner, planned, output, &context, pull_request);
        (context, result)
    });
    let mut problems = Diagnostics::default();
    let mut rendered = Vec::new();
    let mut contexts = Vec::new();
    for (context, result) in done {
        contexts.push(context);
        match result {
            Ok(one) => rendered.push(one),
            Err(mistakes) => problems.extend(mistakes),
        }
    }
    // Only with all hosts is it known that none reads a value.
    let unread = if plan.is_whole {
        usage::unread(&contexts)
    } else {
        Vec::new()
    };
    problems.or((rendered, unread))
}

/// The templates, and where they run.
struct Runner<'a> {
    templates: &'a Templates,
    watch: Watch<'a>,
    budget: Budget,
}

impl Runner<'_> {
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
            Ok(rendered) => rendered.map_err(Diagnostics::from),
            // What takes too much is reported at its place.
            Err(Stopped::Another) => Err(Diagnostics::default()),
            Err(why) => Err(Diagnostic::new(why.to_string(), Place::whole(template)).into()),
        }
    }
}

fn render_one<'a>(
    runner: &Runner<'_>,
    planned: &Planned<'a>,
    output: &'a Output,
    context: &Arc<usage::Node>,
    pull_request: Option<PullRequest>,
) -> Result<Rendered<'a>, Diagnostics> {
    let host = planned.host;
    let asked = Asked::of(context, planned, output)?;
    let Some(template) = &output.template else {
        context.mark_read_but_values();
        return asked.rendered(planned, output, pull_request);
    };
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
    let header = planned.header(output, pull_request);
    let whole = Place::whole(template_source);
    let (document, source) = labelled(&output.file(), &header, &body).map_err(|problems| {
        let problems = problems.into_iter();
        let explained: Vec<_> = problems
            .map(|problem| problem.related(&whole, "rendered from this template"))
            .collect();
        explained.into_iter().collect::<Diagnostics>()
    })?;
    let declared = contract::Declared::of(&document);
    let state = compose::read_document(document, &compose::Options::verbatim())?;
    let contract = contract::Contract {
        host,
        template: template_source,
        source: &source,
        declared: &declared,
        asked: &asked,
        state: &state,
    };
    contract.check().or(Rendered {
        planned: *planned,
        output,
        source,
        state,
    })
}

/// The text of a file with its digests filled in.
fn labelled(
    path: &str,
    header: &str,
    body: &Substituted,
) -> Result<(Document, Arc<Source>), Diagnostics> {
    let asked: Vec<usize> = body.digests.iter().map(|at| header.len() + at).collect();
    let source = Source::new(path, format!("{header}{}", body.text));
    let mut document = Document::parse(&source)?;
    let digests = document.label_definitions(&asked);
    let text = definition::fill_in(&source.text, &asked, &digests).map_err(|expected| {
        Diagnostic::new("`definition()` is not allowed here", Place::whole(&source)).label(expected)
    })?;
    Ok((document, Source::new(path, text)))
}
