//! Specs: `environments/*.yaml` become a [`Catalog`].
//!
//! Every file is read to its end, every mistake in it is noted, and references between files are
//! checked; only a catalogue without a mistake is returned.

mod address;
mod allow;
mod by_hand;
mod catalog;
mod check;
mod description;
mod environment;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod host;
mod ignore;
mod in_compose;
mod layout;
mod located;
mod merged;
mod mounts;
mod names;
mod numbered;
mod ports;
mod pull_request;
mod read;
mod roles;
#[cfg(test)]
mod schema;
mod service;
mod settings;
mod shared;
mod upstream;
mod words;

use std::path::Path;
use std::sync::Arc;

use serde_yaml::Value;

pub use address::Published;
pub(crate) use address::{Route, Subnet};
pub(crate) use allow::Allowance;
pub(crate) use by_hand::ByHand;
pub use catalog::Catalog;
pub(crate) use catalog::UnusedDeclaration;
pub use environment::Environment;
pub(crate) use environment::{Isolation, Promotion, Secrets};
pub use host::Host;
pub(crate) use host::OutputFile;
pub use ignore::Day;
pub(crate) use layout::{Ephemeral, Network, Volume, VolumeKind};
pub(crate) use located::Located;
pub(crate) use names::{FilePath, Key, Name, Variable};
pub(crate) use numbered::Numbered;
pub(crate) use pull_request::PLACEHOLDER;
pub use pull_request::PullRequest;
#[cfg(test)]
pub(crate) use schema::documents as schema_documents;
#[cfg(test)]
pub(crate) use service::OWN_FIELDS;
pub use service::Service;
pub(crate) use service::{ImageSource, OpenPort};
pub(crate) use settings::{CheckSettings, SETTINGS_FILE, Settings};
pub(crate) use shared::Machine;
pub(crate) use upstream::{LevelKind, Upstream};
pub(crate) use words::{Data, Health, Reach, Requirement, StartCondition, Trait};

use shared::Shared;

use crate::diagnostic::{Diagnostic, Diagnostics, closest, unreadable};
use crate::files::folders::ENVIRONMENTS;
use crate::files::{Root, Total, limits};
use crate::parallel;
use crate::redact::TextForm;
use crate::source::{Place, Source};
use crate::yaml::{self, Tree};

/// The file that says what the environments have in common.
pub(crate) const CATALOG_FILE: &str = "catalog.yaml";

/// Where editors find the schema of a spec: of the `catalog`, or of an `environment`.
pub(crate) fn schema_url(name: &str) -> String {
    format!("https://raw.githubusercontent.com/composegen/composegen/main/schemas/{name}.json")
}

/// Reads the specs of the project at `root`.
///
/// Environments that exist once per pull request are filled in with `pull_request`.
pub fn load(root: &Root, pull_request: PullRequest) -> Result<Catalog, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut shared = None;
    let mut files = Vec::new();
    let sources = sources(root)?;
    let parsed = parallel::map_largest_first(&sources, |source| source.text.len(), yaml::parse);
    for (source, parsed) in sources.iter().zip(parsed) {
        match parsed {
            Ok(value) if source.name.ends_with(&format!("/{CATALOG_FILE}")) => {
                let tree = Tree::of(&value, source, &mut problems);
                shared = Shared::read(&tree.cursor(), &mut problems);
            }
            Ok(value) => files.push((source, value)),
            Err(mistakes) => {
                problems.unreadable(named_by_file(source));
                problems.extend(mistakes);
            }
        }
    }
    let size = |(source, _): &(&Arc<Source>, Value)| source.text.len();
    let read = parallel::map_largest_first(&files, size, |(source, value)| {
        let mut problems = problems.of_part();
        let shared = shared.as_ref();
        let read = environment(source, value, shared, pull_request, root, &mut problems);
        (read, problems)
    });
    let mut environments = Vec::new();
    for (environment, mistakes) in read {
        environments.extend(environment);
        problems.merge(mistakes);
    }
    // Without the catalogue every reference to it would dangle.
    let Some(shared) = shared else {
        return Err(problems);
    };
    environments.sort_by(|a, b| a.name.cmp(&b.name));
    let mut catalog = Catalog {
        unused: check::unused_descriptions(&shared, &environments),
        product: shared.product,
        strict: shared.strict,
        namespaces: shared.namespaces,
        upstreams: shared.upstreams,
        registry: shared.registry,
        machines: shared.machines,
        private_domains: shared.private_domains,
        allow: shared.allow,
        rules: shared.rules,
        check: shared.check,
        environments,
        sources,
    };
    check::check(&catalog, &mut problems);
    catalog.unused.extend(check::unused_resources(&catalog));
    // A service that several environments describe together is read for each of them.
    problems.once().or(catalog)
}

/// Reads the spec of an environment.
fn environment(
    source: &Arc<Source>,
    value: &Value,
    shared: Option<&Shared>,
    pull_request: PullRequest,
    root: &Root,
    problems: &mut Diagnostics,
) -> Option<Environment> {
    let mut tree = Tree::of(value, source, problems);
    if pull_request::is_per_pull_request(value) {
        pull_request::demand(&tree, problems);
        pull_request::fill_in(&mut tree, pull_request, problems);
    } else {
        let help = "add `per: pull-request` if there is one of this environment per pull request";
        if pull_request::refuse(&tree, help, problems) {
            // With it, more would be wrong.
            pull_request::fill_in_sample(&mut tree);
        }
    }
    let cursor = tree.cursor();
    let read = Environment::read(&cursor, problems, shared, value, pull_request, root);
    if read.is_none() {
        let name = cursor
            .get("environment")
            .and_then(|name| name.tree().as_str().map(str::to_owned));
        problems.unreadable(name.unwrap_or_else(|| named_by_file(source)));
    }
    read
}

/// The name that an environment mostly has: that of its file.
fn named_by_file(source: &Source) -> String {
    let name = Path::new(&source.name).file_stem().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The texts of the specs, in the order of their names; the catalogue must be among them.
fn sources(root: &Root) -> Result<Vec<Arc<Source>>, Diagnostics> {
    let folder = Path::new(ENVIRONMENTS);
    let mut problems = Diagnostics::default();
    let mut names = Vec::new();
    let found = root.names(folder);
    for (name, kind) in found.map_err(|error| unreadable(ENVIRONMENTS, "read", &error))? {
        let end = Path::new(&name).extension();
        let is_spec = end.is_some_and(|end| end == "yaml" || end == "yml");
        match kind {
            Ok(_) if is_spec => names.push(name),
            Ok(_) => {}
            Err(error) => problems.push(unreadable(
                &format!("{ENVIRONMENTS}/{name}"),
                "read",
                &error,
            )),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if !names.iter().any(|name| name == CATALOG_FILE) {
        let place = Place::whole(&Source::new(ENVIRONMENTS, ""));
        let near = closest(CATALOG_FILE, names.iter().map(String::as_str));
        let mut problem = Diagnostic::new(
            format!("there is no `{ENVIRONMENTS}/{CATALOG_FILE}`"),
            place,
        )
        .label("expected a file that says what the environments have in common");
        if let Some(near) = near {
            problem = problem.help(format!("did you mean to name `{near}` like this?"));
        }
        return Err(problem.into());
    }
    let mut sources = Vec::new();
    let mut total = Total::new(limits::SPECS);
    for name in names {
        let shown = format!("{ENVIRONMENTS}/{name}");
        let text = root.text(&folder.join(&name), limits::SPEC);
        match text.and_then(|text| total.add(text.len()).map(|()| text)) {
            Ok(text) => sources.push(Source::of(TextForm::Spec, shown, text)),
            Err(error) => problems.push(unreadable(&shown, "read", &error)),
        }
    }
    problems.or(sources)
}
