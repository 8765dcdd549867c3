//! The texts of the templates, as they are read from their folder.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::{Diagnostics, unreadable};
use crate::files::folders::TEMPLATES;
use crate::files::{EntryKind, ReadError, Root, Total, limits};
use crate::source::Source;
use crate::text::unix_lines;

/// The texts of templates by their names.
pub(super) type Sources = BTreeMap<String, Arc<Source>>;

/// The texts of all files below `templates/` that end in `.j2`, by their paths below it.
pub(super) fn below(root: &Root, problems: &mut Diagnostics) -> BTreeMap<String, String> {
    let mut collector = Collector {
        root,
        texts: BTreeMap::new(),
        total: Total::new(limits::TEMPLATES),
        problems,
    };
    collector.collect("", 1);
    collector.texts
}

struct Collector<'a> {
    root: &'a Root,
    texts: BTreeMap<String, String>,
    total: Total,
    problems: &'a mut Diagnostics,
}

impl Collector<'_> {
    fn collect(&mut self, prefix: &str, depth: usize) {
        let shown = format!("{TEMPLATES}/{prefix}");
        let shown = shown.trim_end_matches('/');
        let names = match self.root.names(Path::new(shown)) {
            Ok(_) if depth > limits::FOLDER_DEPTH => Err(ReadError::TooDeep),
            names => names,
        };
        let names = match names {
            Ok(names) => names,
            // A project may do without templates.
            Err(error) if prefix.is_empty() && error.is_not_found() => return,
            Err(error) => return self.problems.push(unreadable(shown, "read", &error)),
        };
        for (name, kind) in names {
            let relative = format!("{prefix}{name}");
            let is_template = Path::new(&name).extension().is_some_and(|end| end == "j2");
            let read = match kind {
                Ok(EntryKind::Folder) => {
                    self.collect(&format!("{relative}/"), depth + 1);
                    continue;
                }
                Ok(_) if is_template => self.read(&relative),
                Ok(_) => continue,
                Err(error) => Err(error),
            };
            match read {
                Ok(text) => {
                    self.texts.insert(relative, text);
                }
                Err(error) => {
                    let shown = format!("{TEMPLATES}/{relative}");
                    self.problems.push(unreadable(&shown, "read", &error));
                }
            }
        }
    }

    fn read(&mut self, relative: &str) -> Result<String, ReadError> {
        let path = Path::new(TEMPLATES).join(relative);
        let text = self.root.text(&path, limits::TEMPLATE)?;
        self.total.add(text.len())?;
        Ok(unix_lines(&text).into_owned())
    }
}
