//! The variables and labels of a service: its own, and those of files.

use std::collections::BTreeMap;
use std::path::Path as FilePath;

use super::dotenv::{self, Entries};
use super::interpolate::{Filled, Lookup, Unset};
use super::reader::Reader;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Place, Source};
use crate::state::Digest;
use crate::yaml::{Cursor, Path};

/// The variables of a service: those of its `env_file`s, and over them its own `environment`
/// (compose-go, `types/project.go`, `WithServicesEnvironmentResolved`).
pub(super) fn variables(
    reader: &Reader<'_>,
    service: &Cursor<'_>,
    problems: &mut Diagnostics,
) -> BTreeMap<String, Option<Digest>> {
    let at = service.path().key("environment");
    let own = own(reader, service, problems);
    let mut entries: Entries = own
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.clone()?)))
        .collect();
    for file in env_files(reader, service, problems) {
        let around = Around { reader, own: &own };
        read_file(reader, &file, &around, &mut entries, problems);
    }
    for (name, value) in own {
        match value {
            Some(value) => drop(entries.insert(name, value)),
            // Its value comes from outside, and there is none.
            None if reader.options.unset == Unset::Strict => drop(entries.remove(&name)),
            None => {
                let unset = vec![name.clone()];
                let text = String::new();
                entries.insert(name, Filled { text, unset });
            }
        }
    }
    let digests = entries.into_iter().map(|(name, value)| {
        let digest = if value.unset.is_empty() || reader.options.unset == Unset::Strict {
            Some(Digest::of(&name, &value.text))
        } else {
            reader.note_unset(&at.key(name.as_str()), value.unset);
            None
        };
        (name, digest)
    });
    digests.collect()
}

/// `environment`, as a list or a mapping; nothing for a variable that comes from outside and is not
/// set there.
fn own(
    reader: &Reader<'_>,
    service: &Cursor<'_>,
    problems: &mut Diagnostics,
) -> BTreeMap<String, Option<Filled>> {
    let Some(field) = service.get("environment").filter(|field| !field.is_null()) else {
        return BTreeMap::new();
    };
    let outside = |name: &str| {
        let value = reader.options.variables.value(name)?;
        Some(Filled {
            text: value.to_owned(),
            unset: Vec::new(),
        })
    };
    let mut own = BTreeMap::new();
    if field.value().is_sequence() {
        for item in field.list(problems) {
            let Some(filled) = reader.filled(&item, problems) else {
                continue;
            };
            match filled.text.split_once('=') {
                Some((name, value)) => {
                    let value = Filled {
                        text: value.to_owned(),
                        unset: filled.unset,
                    };
                    own.insert(name.to_owned(), Some(value));
                }
                None => drop(own.insert(filled.text.clone(), outside(&filled.text))),
            }
        }
        return own;
    }
    for (name, value) in field.entries(problems) {
        let value = if value.is_null() {
            outside(name)
        } else {
            let Some(filled) = reader.filled(&value, problems) else {
                continue;
            };
            Some(filled)
        };
        own.insert(name.to_owned(), value);
    }
    own
}

/// The labels of a service: those of its `label_file`s, and over them its own.
pub(super) fn labels(
    reader: &Reader<'_>,
    service: &Cursor<'_>,
    problems: &mut Diagnostics,
) -> BTreeMap<String, String> {
    let at = service.path().key("labels");
    let mut entries = Entries::new();
    for file in files(reader, service, "label_file", problems) {
        read_file(reader, &file, &Nothing, &mut entries, problems);
    }
    let mut labels = BTreeMap::new();
    for (name, value) in entries {
        if !value.unset.is_empty() {
            reader.note_unset(&at.key(name.as_str()), value.unset);
        }
        labels.insert(name, value.text);
    }
    if let Some(own) = service.get("labels").filter(|own| !own.is_null()) {
        labels.extend(reader.pairs(&own, problems));
    }
    labels
}

/// A file of variables that a service names.
struct File<'a> {
    at: Cursor<'a>,
    path: String,
    is_required: bool,
    is_raw: bool,
}

fn env_files<'a>(
    reader: &Reader<'_>,
    service: &Cursor<'a>,
    problems: &mut Diagnostics,
) -> Vec<File<'a>> {
    files(reader, service, "env_file", problems)
}

/// A text, or a list of texts and of mappings with `path`, `required` and `format`.
fn files<'a>(
    reader: &Reader<'_>,
    service: &Cursor<'a>,
    key: &str,
    problems: &mut Diagnostics,
) -> Vec<File<'a>> {
    let Some(field) = service.get(key).filter(|field| !field.is_null()) else {
        return Vec::new();
    };
    let items = if field.value().is_sequence() {
        field.list(problems)
    } else {
        vec![field]
    };
    let mut files = Vec::new();
    for at in items {
        let mut file = File {
            path: String::new(),
            is_required: true,
            is_raw: false,
            at,
        };
        let path = if file.at.value().is_mapping() {
            if let Some(required) = file.at.get("required") {
                file.is_required = reader.boolean(&required, problems).unwrap_or(true);
            }
            if let Some(format) = file.at.get("format") {
                match reader.known(&format, problems).as_deref() {
                    None | Some("") => {}
                    Some("raw") => file.is_raw = true,
                    Some(other) => problems.push(
                        Diagnostic::new(format!("there is no format `{other}`"), format.place())
                            .label("expected `raw`, or no format"),
                    ),
                }
            }
            let Some(path) = file.at.get("path") else {
                problems.push(
                    Diagnostic::new("this names no file", file.at.place())
                        .label("expected a field `path`"),
                );
                continue;
            };
            path
        } else {
            file.at.clone()
        };
        if let Some(path) = reader.known(&path, problems) {
            file.path = reader.path(&path);
            files.push(file);
        }
    }
    files
}

fn read_file(
    reader: &Reader<'_>,
    file: &File<'_>,
    around: &dyn Lookup,
    entries: &mut Entries,
    problems: &mut Diagnostics,
) {
    if !reader.options.reads_files {
        return;
    }
    let path = FilePath::new(&file.path);
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if !file.is_required {
                return;
            }
            if reader.options.unset == Unset::Keep {
                // It may well be on the host alone: what it holds cannot be told, though no
                // variable is to blame.
                reader.note_unset(file.at.path(), vec![]);
                return;
            }
            problems.push(
                Diagnostic::new(format!("there is no file `{}`", file.path), file.at.place())
                    .label("expected a file of variables")
                    .help("write it, or say `required: false`"),
            );
            return;
        }
        Err(error) => {
            problems.push(
                Diagnostic::new(
                    format!("cannot read `{}`: {error}", file.path),
                    file.at.place(),
                )
                .label("expected a file of variables"),
            );
            return;
        }
    };
    let read = if file.is_raw {
        dotenv::read_raw(&text, around, entries)
    } else {
        dotenv::read(&text, around, reader.options.unset, entries)
    };
    if let Err(mistake) = read {
        let source = Source::new(file.path.clone(), text);
        problems.push(
            Diagnostic::new(mistake.message, Place::bytes(&source, mistake.at))
                .label(mistake.expected)
                .related(file.at.place(), "the file is named here"),
        );
    }
}

/// What the values of an `env_file` may name: the variables outside, then the service's own.
struct Around<'a> {
    reader: &'a Reader<'a>,
    own: &'a BTreeMap<String, Option<Filled>>,
}

impl Lookup for Around<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        let own = || {
            let value = self.own.get(name)?.as_ref()?;
            let is_known = value.unset.is_empty() || self.reader.options.unset == Unset::Strict;
            is_known.then_some(value.text.as_str())
        };
        self.reader.options.variables.value(name).or_else(own)
    }
}

/// The values of a `label_file` name only what stands above them.
struct Nothing;

impl Lookup for Nothing {
    fn value(&self, _: &str) -> Option<&str> {
        None
    }
}

impl Reader<'_> {
    /// Takes note of a field that cannot be told, as these variables have no value.
    pub(super) fn note_unset(&self, at: &Path, names: Vec<String>) {
        if self.options.unset == Unset::Keep {
            let mut unset = self.unset.borrow_mut();
            let known = unset.entry(at.to_string()).or_default();
            for name in names {
                if !known.contains(&name) {
                    known.push(name);
                }
            }
        }
    }
}
