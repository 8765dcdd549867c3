//! The name of a project (compose-go, `loader/loader.go`, `projectName`).

use std::path::Path;

use super::interpolate::interpolate;
use super::loader::{File, Loader};
use super::notes::Stop;
use super::request::Request;
use super::tree::Node;
use super::wording::refusal;
use crate::diagnostic::Diagnostic;
use crate::source::{Place, Source};
use crate::variables::Variables;

impl Loader {
    /// The name: asked for, of the environment, of the last file that has one, of the folder.
    pub(super) fn name(
        &mut self,
        request: &Request,
        files: &[File],
        directory: &Path,
        variables: &Variables,
    ) -> Result<String, Stop> {
        let from_environment = variables.get("COMPOSE_PROJECT_NAME").map(str::to_owned);
        for (name, what) in [
            (request.project_name.clone(), "the name that is asked for"),
            (from_environment, "COMPOSE_PROJECT_NAME"),
        ] {
            let Some(name) = name.filter(|name| !name.is_empty()) else {
                continue;
            };
            if normal(&name) != name {
                self.refuse_name(&name, what);
                return Err(Stop);
            }
            return Ok(name);
        }
        let names = files.iter().flat_map(|file| &file.documents);
        let names = names.filter_map(|document| document.root.get("name"));
        let mut set = names.filter(|name| name.as_text().is_some_and(|text| !text.is_empty()));
        let last = set.next_back();
        let name = if let Some(node) = last {
            normal(&self.filled_name(node, variables)?)
        } else {
            let folder = directory.file_name().map(|name| name.to_string_lossy());
            normal(&folder.unwrap_or_default())
        };
        if name.is_empty() {
            let source = match last {
                Some(node) => self.notes.place(node.at),
                None => Place::whole(&Source::new(directory.display().to_string(), "")),
            };
            self.notes.push(
                Diagnostic::new("the project has no name", source)
                    .label("expected a name with letters or digits")
                    .help("name it in the file (`name: …`), or with -p"),
            );
            return Err(Stop);
        }
        Ok(name)
    }

    fn filled_name(&mut self, node: &Node, variables: &Variables) -> Result<String, Stop> {
        let text = node.as_text().unwrap_or_default();
        interpolate(text, variables, self.unset)
            .map(|filled| filled.text)
            .map_err(|failure| {
                let place = self.notes.place(node.at);
                let diagnostic = Diagnostic::new(failure.to_string(), place);
                self.notes.push(refusal(&failure, diagnostic));
                Stop
            })
    }

    fn refuse_name(&mut self, name: &str, what: &str) {
        let source = Source::new(what, "");
        let mut diagnostic = Diagnostic::new(
            format!("`{name}` cannot be the name of a project"),
            Place::whole(&source),
        )
        .label("expected lower case letters, digits, `-` and `_`, a letter or digit first");
        let normal = normal(name);
        if !normal.is_empty() {
            diagnostic = diagnostic.help(format!("take `{normal}`"));
        }
        self.notes.push(diagnostic);
    }
}

/// A name as Compose makes one of any text: lower case letters, digits, `-` and `_`, of which the
/// last two cannot begin it.
pub(crate) fn normal(name: &str) -> String {
    let lower = name.to_lowercase();
    let kept = lower
        .chars()
        .filter(|c| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-'));
    let kept: String = kept.collect();
    kept.trim_start_matches(['_', '-']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn names_are_made_of_any_text() {
        for (name, expected) in [
            ("My.Proj!ect", "myproject"),
            ("_-a_b-", "a_b-"),
            ("…", ""),
            ("1a", "1a"),
        ] {
            assert_eq!(normal(name), expected);
        }
    }
}
