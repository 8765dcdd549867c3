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
    /// The name: that of the command line, the environment, the last file that has one, or the directory.
    pub(super) fn name(
        &mut self,
        request: &Request,
        files: &[File],
        directory: &Path,
        variables: &Variables,
    ) -> Result<String, Stop> {
        let from_environment = variables.get("COMPOSE_PROJECT_NAME").map(str::to_owned);
        for (name, what) in [
            (request.project_name.clone(), "--project-name"),
            (from_environment, "COMPOSE_PROJECT_NAME"),
        ] {
            let Some(name) = name.filter(|name| !name.is_empty()) else {
                continue;
            };
            // A swarm accepts upper case too (moby/swarmkit, `controlapi/common.go`).
            let is_valid = if request.orchestrator.is_swarm() {
                normal(&name) == name.to_ascii_lowercase()
            } else {
                normal(&name) == name
            };
            if !is_valid {
                self.refuse_name(&name, what);
                return Err(Stop);
            }
            return Ok(name);
        }
        let last = files
            .iter()
            .flat_map(|file| &file.documents)
            .filter(|document| document.root.text_of("name").is_some())
            .filter_map(|document| document.root.get("name"))
            .next_back();
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
            return self.notes.stop(
                Diagnostic::new("the project has no name", source)
                    .label("expected a name with letters or digits")
                    .help("set `name` in the file, or use -p"),
            );
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
            format!("`{name}` is not a valid project name"),
            Place::whole(&source),
        )
        .label(if self.orchestrator.is_swarm() {
            "expected letters, digits, `-` and `_`, a letter or digit first"
        } else {
            "expected lower case letters, digits, `-` and `_`, a letter or digit first"
        });
        let normal = normal(name);
        if !normal.is_empty() {
            diagnostic = diagnostic.help(format!("use `{normal}`"));
        }
        self.notes.push(diagnostic);
    }
}

/// A name as Compose makes one of any text: lower case letters, digits, `-` and `_`, of which the
/// last two cannot begin it.
pub(crate) fn normal(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .filter(|c| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-'))
        .skip_while(|c| matches!(c, '_' | '-'))
        .collect()
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
