//! The pass that includes whole files, each read with a directory and variables of its own
//! (compose-go, `loader/include.go`).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::fields::SECTIONS;
use super::growth::Growth;
use super::loader::{LoadContext, Loader, NamedBy, Reading};
use super::notes::Stop;
use super::relocate::relocate_file;
use super::tree::{Kind, Map, Mark, Node};
use crate::diagnostic::Diagnostic;
use crate::text::path;
use crate::variables::Variables;

/// An item of `include`: a mapping or a path.
struct Include {
    at: Mark,
    /// The file, and those that override it.
    paths: Vec<(String, Mark)>,
    directory: Option<String>,
    env_files: Vec<(String, Mark)>,
}

/// How many files may include one another in a row.
const MAX_DEPTH: usize = 50;

impl Loader {
    /// Adds what a document includes to it. `chain` are the files that led here.
    pub(super) fn include(
        &mut self,
        root: &mut Node,
        context: &LoadContext,
        chain: &[PathBuf],
    ) -> Result<(), Stop> {
        let Some(entry) = root.as_map_mut().and_then(|map| map.remove("include")) else {
            return Ok(());
        };
        self.notes.brought_in.push(("include", entry.key_at));
        if entry.value.is_null() {
            return Ok(());
        }
        if !self.reads_files {
            let diagnostic = Diagnostic::new(
                "`include` is not supported here",
                self.notes.place(entry.key_at),
            )
            .label("only this file is read here")
            .help("use the output of `docker compose config` instead");
            return self.notes.stop(diagnostic);
        }
        let Some(items) = entry.value.as_list() else {
            let message = format!("`include` is {}", entry.value.kind.words());
            return self
                .notes
                .refuse(entry.value.at, message, "expected a list");
        };
        for item in items {
            let include = self.read_include(item)?;
            let imported = self.included(&include, context, chain)?;
            // The passes that come look at all of it again.
            self.notes.grow(Growth::Again, imported.size(), item.at)?;
            self.import(root, imported)?;
        }
        Ok(())
    }

    fn read_include(&mut self, item: &Node) -> Result<Include, Stop> {
        let mut include = Include {
            at: item.at,
            paths: Vec::new(),
            directory: None,
            env_files: Vec::new(),
        };
        if let Some(path) = item.as_text() {
            include.paths.push((path.to_owned(), item.at));
            return Ok(include);
        }
        if item.as_map().is_none() {
            let message = format!("an item of `include` is {}", item.kind.words());
            return self.notes.refuse(
                item.at,
                message,
                "expected a path, or a mapping with `path`",
            );
        }
        include.paths = self.texts(item.field("path"))?;
        include.env_files = self.texts(item.field("env_file"))?;
        include.directory = item
            .field("project_directory")
            .and_then(Node::scalar)
            .filter(|directory| !directory.is_empty());
        Ok(include)
    }

    /// A text, or a list of them.
    fn texts(&mut self, node: Option<&Node>) -> Result<Vec<(String, Mark)>, Stop> {
        let Some(node) = node else {
            return Ok(Vec::new());
        };
        let items = match node.kind {
            Kind::Text(_) => std::slice::from_ref(node),
            _ => node.items(),
        };
        if items.is_empty() && node.as_list().is_none() {
            let message = format!("this is {}", node.kind.words());
            return self
                .notes
                .refuse(node.at, message, "expected text or a list");
        }
        let mut texts = Vec::new();
        for item in items {
            let Some(text) = item.as_text() else {
                let message = format!("this is {}", item.kind.words());
                return self.notes.refuse(item.at, message, "expected text");
            };
            texts.push((text.to_owned(), item.at));
        }
        Ok(texts)
    }

    /// The model of what is included.
    fn included(
        &mut self,
        include: &Include,
        context: &LoadContext,
        chain: &[PathBuf],
    ) -> Result<Node, Stop> {
        let mut paths = Vec::new();
        for (path, at) in &include.paths {
            self.expect_local(path, *at, "`include` of")?;
            let path = self.path_of(path, context);
            paths.push((clean(&context.directory.join(path)), *at));
        }
        let Some((main, main_at)) = paths.first().cloned() else {
            return Ok(Node::new(Kind::Map(Map::new()), include.at));
        };
        if chain.len() > MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} files include one another");
            return self.notes.refuse(main_at, message, "this is not supported");
        }
        if chain.contains(&main) {
            let mut names: Vec<String> = chain.iter().map(|path| self.display(path)).collect();
            names.push(self.display(&main));
            let message = format!("files include each other in a cycle: {}", names.join(" → "));
            return self.notes.refuse(
                main_at,
                message,
                "expected a file that does not include this one",
            );
        }
        let directory = match &include.directory {
            Some(directory) => clean(&context.directory.join(self.path_of(directory, context))),
            None => main.parent().unwrap_or(&main).to_owned(),
        };
        let variables = self.included_variables(include, &directory, context)?;
        // A directory that does not exist is replaced by its parent.
        let is_missing = include
            .directory
            .as_deref()
            .is_some_and(|named| !named.starts_with('/'))
            && !directory.is_dir();
        let directory = match directory.parent() {
            Some(parent) if is_missing => parent.to_owned(),
            _ => directory,
        };
        let inner = LoadContext {
            directory,
            variables,
        };
        let mut files = Vec::new();
        for (path, at) in paths {
            files.push(self.file(&path, NamedBy::File(at))?);
        }
        let mut model = self.model(files, &inner, chain)?;
        if self.reading == Reading::Written {
            relocate_file(&mut model, &inner.directory, &context.directory);
        }
        Ok(model)
    }

    /// The variables around, and those of the env files of what is included.
    fn included_variables(
        &mut self,
        include: &Include,
        directory: &Path,
        context: &LoadContext,
    ) -> Result<Arc<Variables>, Stop> {
        let mut files = Vec::new();
        for (path, at) in &include.env_files {
            files.push((
                context.directory.join(self.path_of(path, context)),
                NamedBy::File(*at),
            ));
        }
        if include.env_files.is_empty() {
            let path = directory.join(".env");
            if path.is_file() {
                files.push((path, NamedBy::Custom));
            }
        }
        if files.is_empty() {
            return Ok(Arc::clone(&context.variables));
        }
        let mut variables = Variables::clone(&context.variables);
        self.notes
            .grow(Growth::Variables, variables.count(), include.at)?;
        self.add_env_files(&mut variables, &files)?;
        Ok(Arc::new(variables))
    }

    /// Adds the resources of an included model. One that is declared twice has to be the same.
    fn import(&mut self, root: &mut Node, mut imported: Node) -> Result<(), Stop> {
        for section in SECTIONS {
            let Some(from) = imported.get_mut(section) else {
                continue;
            };
            let at = from.at;
            let Kind::Map(from) = std::mem::take(&mut from.kind) else {
                continue;
            };
            if root.field(section).is_none() {
                root.set(section, Node::new(Kind::Map(Map::new()), at), at);
            }
            let Some(to) = root.get_mut(section).and_then(Node::as_map_mut) else {
                continue;
            };
            for (name, entry) in from {
                match to.get(&name) {
                    Some(known) if *known != entry => {
                        let what = section.trim_end_matches('s');
                        let diagnostic = Diagnostic::new(
                            format!(
                                "{what} `{name}` is declared here and in a file that is included"
                            ),
                            self.notes.place(known.key_at),
                        )
                        .label("expected a unique name, or the same declaration")
                        .related(
                            self.notes.place(entry.key_at),
                            "declared in the included file",
                        );
                        self.notes.push(diagnostic);
                    }
                    Some(_) => {}
                    None => {
                        to.insert(name, entry);
                    }
                }
            }
        }
        self.go_on()
    }
}

/// A path without `.` and `..`.
fn clean(path: &Path) -> PathBuf {
    PathBuf::from(path::clean(&path.display().to_string()))
}
