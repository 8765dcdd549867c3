//! What rules check.

use std::path::Path;
use std::sync::Arc;

use crate::compose::{FileArgument, Request, Written};
use crate::diagnostic::Diagnostics;
use crate::journal::Journal;
use crate::source::{Place, Source};
use crate::spec::{Catalog, Environment, Host};
use crate::{parallel, render::Rendered};

/// Specs with what they render, or hand-written Compose files.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The specs, where there are any.
    pub catalog: Option<&'a Catalog>,
    /// The Compose files.
    pub deployed: Vec<Deployed<'a>>,
    /// The release journal.
    pub journal: Journal,
    /// Further texts that may hold what no text may: specs and templates.
    pub texts: Vec<Arc<Source>>,
    /// The files of variables of hosts that are in version control.
    pub variables: Vec<Arc<Source>>,
    /// The values of the specs that no template reads.
    pub unread: Vec<Place>,
}

/// A Compose file, and where it runs.
#[derive(Debug)]
pub struct Deployed<'a> {
    /// Whose it is, where a spec says so.
    pub of: Option<(&'a Environment, &'a Host)>,
    /// The file; several that are merged are one.
    pub file: Arc<Written>,
}

impl Deployed<'_> {
    /// What people call it: the host, or the file.
    #[must_use]
    pub fn title(&self) -> &str {
        match self.of {
            Some((_, host)) => host.name.as_str(),
            None => &self.file.source.name,
        }
    }

    /// The machine that it runs on; all files without a spec are assumed to run on one.
    #[must_use]
    pub fn machine(&self) -> &str {
        self.of.map_or("", |(_, host)| host.machine.as_str())
    }

    /// Whether two of them belong to one environment.
    #[must_use]
    pub fn is_with(&self, other: &Self) -> bool {
        match (self.of, other.of) {
            (Some((a, _)), Some((b, _))) => a.name == b.name,
            _ => self.file.source.name == other.file.source.name,
        }
    }
}

impl<'a> Subject<'a> {
    /// A project's specs, with the files that they give or name.
    ///
    /// # Errors
    /// A rendered file that cannot be read back.
    pub fn of_project(
        catalog: &'a Catalog,
        rendered: &[Rendered<'a>],
        unread: Vec<Place>,
        templates: impl IntoIterator<Item = Arc<Source>>,
        journal: Journal,
    ) -> Result<Self, Diagnostics> {
        let files = parallel::map(rendered, |one| Written::read(&one.source));
        let mut problems = Diagnostics::default();
        let mut deployed = Vec::new();
        for (one, file) in rendered.iter().zip(files) {
            match file {
                Ok(file) => deployed.push(Deployed {
                    of: Some((one.planned.environment, one.planned.host)),
                    file: Arc::new(file),
                }),
                Err(mistakes) => problems.extend(mistakes),
            }
        }
        deployed.extend(catalog.hosts().filter_map(|(environment, host)| {
            Some(Deployed {
                of: Some((environment, host)),
                file: Arc::clone(&host.by_hand()?.written),
            })
        }));
        let mut texts = catalog.sources.clone();
        texts.extend(templates);
        problems.or(Self {
            catalog: Some(catalog),
            deployed,
            journal,
            texts,
            variables: Vec::new(),
            unread,
        })
    }

    /// Compose files without a spec, each a project for itself, that is found and read as `request`
    /// says; relative names start from the folder `here`.
    ///
    /// # Errors
    /// A file that cannot be read, or that brings in one that cannot.
    pub fn of_files(
        files: Vec<FileArgument>,
        here: &Path,
        request: &Request,
    ) -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::default();
        let mut deployed = Vec::new();
        for file in files {
            let request = Request {
                files: vec![file],
                ..request.clone()
            };
            match Written::load(here, &request) {
                Ok(file) => deployed.push(Deployed {
                    of: None,
                    file: Arc::new(file),
                }),
                Err(mistakes) => problems.extend(mistakes),
            }
        }
        problems.or(Self {
            catalog: None,
            deployed,
            journal: Journal::default(),
            texts: Vec::new(),
            variables: Vec::new(),
            unread: Vec::new(),
        })
    }
}
