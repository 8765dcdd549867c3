//! What rules check.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::compose::{FileArgument, Request, Written};
use crate::diagnostic::Diagnostics;
use crate::journal::Journal;
use crate::parallel;
use crate::render::{Places, Rendered};
use crate::source::{Place, Source};
use crate::spec::{Catalog, Environment, Host};

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
    /// The files of variables of hosts with Compose files of their own.
    pub variables: Vec<EnvFile>,
    /// The values of the specs that no template reads.
    pub unread: Vec<Place>,
    /// Where somebody wrote what rendered files say.
    pub places: Option<Places<'a>>,
}

/// A file of variables.
#[derive(Debug)]
pub struct EnvFile {
    /// Its text.
    pub source: Arc<Source>,
    /// Whether it is in version control.
    pub is_committed: bool,
    /// Whether services get all of it; otherwise what Compose files ask for.
    pub is_whole: bool,
    /// The hosts that read it.
    pub hosts: BTreeSet<String>,
}

/// The names and values that a file of variables sets, the values without quotes, and where these are.
pub(super) fn assigned(source: &Source) -> impl Iterator<Item = (&str, &str, Range<usize>)> {
    let mut start = 0;
    let lines = source.text.split_inclusive('\n').map(move |line| {
        start += line.len();
        (start - line.len(), line)
    });
    lines.filter_map(|(start, line)| {
        let (name, value) = assignment(line)?;
        let at = start + line.rfind(value)?;
        Some((name, value, at..at + value.len()))
    })
}

/// The name and the value that a line of a file of variables sets, without quotes.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let (name, value) = line
        .strip_prefix("export ")
        .unwrap_or(line)
        .split_once('=')?;
    let value = value.trim_start();
    let value = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value.get(1..)?.split(quote).next()?,
        _ => value.split(" #").next()?.trim_end(),
    };
    Some((name.trim(), value)).filter(|(name, _)| !name.starts_with('#'))
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

    /// Whether it is rendered from specs and templates.
    #[must_use]
    pub fn is_rendered(&self) -> bool {
        self.of.is_some_and(|(_, host)| host.output().is_some())
    }

    /// The machine that it runs on; all files without a spec are assumed to run on one.
    #[must_use]
    pub fn machine(&self) -> &str {
        self.of.map_or("", |(_, host)| host.machine.as_str())
    }

    /// Whether somebody wrote it by hand.
    #[must_use]
    pub fn is_by_hand(&self) -> bool {
        self.of.is_none_or(|(_, host)| host.by_hand().is_some())
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
            places: None,
        })
    }

    /// Compose files without a spec, by project; they are found and read as `request` says, and relative names start
    /// from the folder `here`.
    ///
    /// # Errors
    /// A file that cannot be read, or that brings in one that cannot.
    pub fn of_files(
        files: Vec<Vec<FileArgument>>,
        here: &Path,
        request: &Request,
    ) -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::default();
        let mut deployed = Vec::new();
        for file in files {
            let request = Request {
                files: file,
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
            places: None,
        })
    }
}
