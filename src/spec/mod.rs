//! Specs: `environments/*.yaml` become a [`Catalog`].
//!
//! Every file is read to its end, every mistake in it is noted, and what one file says of another's
//! things is checked; only a catalogue without a mistake comes out.

mod allow;
mod check;
mod environment;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod ignore;
mod layout;
mod located;
mod names;
mod numbered;
mod pull_request;
mod read;
mod service;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_yaml::Value;

pub use allow::{Allowance, Difference};
pub use environment::{
    Access, Channels, Compute, Data, Environment, Health, Host, Isolation, Namespaces, Promotion,
    Reach, Requirement, Secrets,
};
pub use ignore::{Day, IgnoreRule};
pub use layout::{Network, Routes, Volume, VolumeKind};
pub use located::Located;
pub use names::{
    AbsolutePath, Domain, Endpoint, FilePath, HostPort, Image, Invalid, Key, Memory, Mode, Name,
    Period, ProjectName, Protocol, Published, Reference, RegistryPrefix, Release, Route, RoutePath,
    Subnet, Variable, Word,
};
pub use numbered::Numbered;
pub use pull_request::{PLACEHOLDER, PullRequest};
pub use service::{Call, ImageSource, Limits, Metrics, Role, Service};

use environment::{EnvironmentFile, HostFile};
use layout::{Layout, read_map};
use read::located;
use service::Description;

use crate::diagnostic::{Diagnostic, Diagnostics, closest, unreadable};
use crate::files::{Root, Total, limits};
use crate::redact::Form;
use crate::source::{Place, Source};
use crate::yaml::{self, Cursor};

/// The folder of the specs, below the project's root.
pub const FOLDER: &str = "environments";

/// The file that says what the environments have in common.
const CATALOG_FILE: &str = "catalog.yaml";

/// Everything that the specs say.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The product's name.
    pub product: Located<Name>,
    /// Where the product's own images are, if it has any.
    pub registry: Option<Registry>,
    /// The physical boxes.
    pub machines: BTreeMap<Name, Machine>,
    /// The domains that only private networks may see, with a second factor, wherever the internet
    /// reaches the environment.
    pub private_domains: Vec<Located<Key>>,
    /// The findings of `check` that are allowed everywhere.
    pub allow: Vec<Located<Allowance>>,
    /// The environments, in the order of their names.
    pub environments: Vec<Environment>,
    /// The texts of the specs.
    pub sources: Vec<Arc<Source>>,
}

/// Where the product's own images are.
#[derive(Debug, Clone)]
pub struct Registry {
    /// The registry and folder.
    pub prefix: Located<RegistryPrefix>,
    /// The variable that holds the tag being deployed.
    pub tag: Located<Variable>,
}

/// A physical box.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Where it is described.
    pub place: Place,
    /// Its addresses on private networks, by name.
    pub addresses: BTreeMap<Key, Located<std::net::IpAddr>>,
}

impl Catalog {
    /// Every host with its environment, in the order of environments and hosts.
    pub fn hosts(&self) -> impl Iterator<Item = (&Environment, &Host)> {
        self.environments.iter().flat_map(|environment| {
            environment
                .hosts
                .iter()
                .map(move |host| (environment, host))
        })
    }

    /// Every service with its environment and host, in the order of these.
    pub fn services(&self) -> impl Iterator<Item = (&Environment, &Host, &Service)> {
        self.hosts().flat_map(|(environment, host)| {
            let services = host.services.values();
            services.map(move |service| (environment, host, service))
        })
    }
}

/// Reads the specs of the project at `root`.
///
/// Environments that exist once per pull request are filled in with `pull_request`.
///
/// # Errors
/// All mistakes in all files.
pub fn load(root: &Root, pull_request: PullRequest) -> Result<Catalog, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut common = None;
    let mut environments = Vec::new();
    let sources = sources(root)?;
    for source in sources.iter().cloned() {
        let value = match yaml::parse(&source) {
            Ok(value) => value,
            Err(mistakes) => {
                problems.extend(mistakes);
                continue;
            }
        };
        if source.name.ends_with(&format!("/{CATALOG_FILE}")) {
            common = Common::read(&Cursor::root(&value, &source), &mut problems);
            continue;
        }
        let filled = resolve(&value, &source, pull_request, &mut problems);
        let root = Cursor::root(&filled, &source);
        let mut file = EnvironmentFile::read(&root, &mut problems);
        for host in file.iter_mut().flat_map(|file| &mut file.hosts) {
            let written = value
                .get("hosts")
                .and_then(|hosts| hosts.get(host.name.as_str()));
            let as_written = |key: &str| {
                let text = written
                    .and_then(|host| host.get(key))
                    .and_then(Value::as_str);
                text.map(str::to_owned)
            };
            host.output_pattern = as_written("output");
            host.project_pattern = as_written("project");
        }
        if let Some(file) = file.as_mut().filter(|file| file.per_pull_request) {
            file.written = Some(Arc::new(value));
        }
        environments.extend(file);
    }
    // Without the catalogue every reference to it would dangle.
    let Some(common) = common else {
        return Err(problems);
    };
    let mut unused = Diagnostics::default();
    check::unused_descriptions(&common, &environments, &mut unused);
    let catalog = common.complete(environments, sources, &mut problems);
    check::check(&catalog, &mut problems);
    // What a broken reference should have used would seem to be used by nobody.
    if problems.is_empty() {
        problems.extend(unused);
    }
    problems.or(catalog)
}

/// The texts of the specs, in the order of their names; the catalogue must be among them.
fn sources(root: &Root) -> Result<Vec<Arc<Source>>, Diagnostics> {
    let folder = Path::new(FOLDER);
    let mut problems = Diagnostics::default();
    let mut names = Vec::new();
    let found = root.names(folder);
    for (name, kind) in found.map_err(|error| unreadable(FOLDER, "read", &error))? {
        let end = Path::new(&name).extension();
        let is_spec = end.is_some_and(|end| end == "yaml" || end == "yml");
        match kind {
            Ok(_) if is_spec => names.push(name),
            Ok(_) => {}
            Err(error) => problems.push(unreadable(&format!("{FOLDER}/{name}"), "read", &error)),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if !names.iter().any(|name| name == CATALOG_FILE) {
        let place = Place::whole(&Source::new(FOLDER, ""));
        let near = closest(CATALOG_FILE, names.iter().map(String::as_str));
        let mut problem = Diagnostic::new(format!("there is no `{FOLDER}/{CATALOG_FILE}`"), place)
            .label("expected a file that says what the environments have in common");
        if let Some(near) = near {
            problem = problem.help(format!("did you mean to call `{near}` so?"));
        }
        return Err(problem.into());
    }
    let mut sources = Vec::new();
    let mut total = Total::new(limits::SPECS);
    for name in names {
        let shown = format!("{FOLDER}/{name}");
        let text = root.text(&folder.join(&name), limits::SPEC);
        match text.and_then(|text| total.add(text.len()).map(|()| text)) {
            Ok(text) => sources.push(Source::of(Form::Spec, shown, text)),
            Err(error) => problems.push(unreadable(&shown, "read", &error)),
        }
    }
    problems.or(sources)
}

/// Fills in the pull request's number where there is one of the environment per pull request.
fn resolve<'a>(
    value: &'a Value,
    source: &Arc<Source>,
    pull_request: PullRequest,
    problems: &mut Diagnostics,
) -> Cow<'a, Value> {
    let cursor = Cursor::root(value, source);
    if pull_request::is_per_pull_request(value) {
        pull_request::demand(&cursor, problems);
    } else if !pull_request::refuse(&cursor, problems) {
        return Cow::Borrowed(value);
    }
    Cow::Owned(pull_request::fill_in(value, pull_request))
}

/// What the catalogue's file says.
#[derive(Debug)]
struct Common {
    product: Located<Name>,
    registry: Option<Registry>,
    machines: BTreeMap<Name, Machine>,
    services: BTreeMap<Name, Description>,
    stacks: BTreeMap<Name, Located<Layout>>,
    private_domains: Vec<Located<Key>>,
    allow: Vec<Located<Allowance>>,
}

impl Common {
    fn read(root: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        let mut fields = root.fields(problems)?;
        let product = fields
            .required("product", problems)
            .and_then(|c| located(&c, c.parse(problems)));
        let registry = fields
            .optional("registry")
            .and_then(|c| registry(&c, problems));
        let machines = read_map(fields.required("machines", problems), machine, problems);
        let services = read_map(
            fields.optional("services"),
            |c, problems| Some(Description::read(c, problems)),
            problems,
        );
        let stacks = read_map(fields.optional("stacks"), stack, problems);
        let private_domains = fields
            .optional("private_domains")
            .map(|c| read::parse_list(&c, problems))
            .unwrap_or_default();
        let allow = allow::allowances(&mut fields, problems);
        fields.finish(problems);
        Some(Self {
            product: product?,
            registry,
            machines,
            services,
            stacks,
            private_domains,
            allow,
        })
    }

    /// Puts the catalogue under each environment.
    fn complete(
        self,
        files: Vec<EnvironmentFile>,
        sources: Vec<Arc<Source>>,
        problems: &mut Diagnostics,
    ) -> Catalog {
        let mut environments: Vec<Environment> = Vec::new();
        for mut file in files {
            let hosts = std::mem::take(&mut file.hosts);
            let hosts = hosts
                .into_iter()
                .filter_map(|host| self.host(host, &file.services, problems))
                .collect();
            environments.extend(file.complete(hosts));
        }
        environments.sort_by(|a, b| a.name.cmp(&b.name));
        Catalog {
            product: self.product,
            registry: self.registry,
            machines: self.machines,
            private_domains: self.private_domains,
            allow: self.allow,
            environments,
            sources,
        }
    }

    /// Puts its stack, and its services' descriptions, under a host.
    fn host(
        &self,
        mut file: HostFile,
        own: &BTreeMap<Name, Description>,
        problems: &mut Diagnostics,
    ) -> Option<Host> {
        let mut layout = std::mem::take(&mut file.layout);
        if let Some(name) = &file.stack {
            let Some(stack) = self.stacks.get(&name.value) else {
                problems.push(check::dangling("stack", name, self.stacks.keys()));
                return None;
            };
            layout = stack.value.clone().with(layout);
        }
        for (what, is_missing) in [
            ("template", layout.template.is_none()),
            ("services", layout.services.is_none()),
        ] {
            if is_missing {
                problems.push(
                    Diagnostic::new(
                        format!("host `{}` has no `{what}`", file.name),
                        file.place.clone(),
                    )
                    .label(format!(
                        "expected a field `{what}`, or a `stack` that has it"
                    )),
                );
            }
        }
        let listed = layout.services.unwrap_or_default();
        let mut services = BTreeMap::new();
        let mut places = BTreeMap::new();
        for name in &listed {
            let ports = file.ports.remove(&name.value).map(|ports| ports.value);
            places.insert(name.value.clone(), name.place.clone());
            let shared = self.services.get(&name.value);
            let description = match (shared, own.get(&name.value)) {
                (Some(shared), own) => shared.with(own),
                (None, Some(own)) => own.clone(),
                (None, None) => {
                    let known = self.services.keys().chain(own.keys());
                    problems.push(check::dangling("service", name, known));
                    continue;
                }
            };
            services.extend(
                description
                    .complete(name, ports.unwrap_or_default(), problems)
                    .map(|service| (name.value.clone(), service)),
            );
        }
        for (name, ports) in file.ports {
            let name = Located::new(name, ports.place);
            let known = listed.iter().map(|name| &name.value);
            problems.push(check::dangling("service", &name, known));
        }
        Some(Host {
            name: file.name,
            place: file.place,
            machine: file.machine?,
            docker: file.docker?,
            project: file.project?,
            template: layout.template?,
            output: file.output?,
            output_pattern: file.output_pattern.unwrap_or_default(),
            project_pattern: file.project_pattern.unwrap_or_default(),
            services,
            listed: places,
            networks: layout.networks,
            volumes: layout.volumes,
            routes: layout.routes,
            exclusive: file.exclusive,
            ignore: file.ignore,
        })
    }
}

fn registry(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Registry> {
    let mut fields = cursor.fields(problems)?;
    let prefix = fields
        .required("prefix", problems)
        .and_then(|c| located(&c, c.parse(problems)));
    let tag = fields
        .required("tag", problems)
        .and_then(|c| located(&c, c.parse(problems)));
    fields.finish(problems);
    Some(Registry {
        prefix: prefix?,
        tag: tag?,
    })
}

fn machine(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Machine> {
    let mut fields = cursor.fields(problems)?;
    let addresses = fields
        .optional("addresses")
        .map(|c| read::parse_map(&c, problems))
        .unwrap_or_default();
    fields.finish(problems);
    Some(Machine {
        place: cursor.key_place(),
        addresses,
    })
}

fn stack(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Located<Layout>> {
    let mut fields = cursor.fields(problems)?;
    let layout = Layout::read(&mut fields, problems);
    fields.finish(problems);
    Some(Located::new(layout, cursor.key_place()))
}
