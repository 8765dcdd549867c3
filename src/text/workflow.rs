//! Workflow commands of GitHub Actions
//! (<https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>), escaped as its
//! toolkit escapes them (`packages/core/src/command.ts`).

use std::fmt;

use super::{lines, visible};

/// A command, as one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    name: &'static str,
    properties: Vec<String>,
    message: String,
}

impl Command {
    /// A command of this name that says `message`, which may have several lines.
    pub(crate) fn new(name: &'static str, message: &str) -> Self {
        Self {
            name,
            properties: Vec::new(),
            message: percent(&lines(message)),
        }
    }

    /// Adds a property, such as the name of a file.
    pub(crate) fn property(&mut self, name: &'static str, value: &str) {
        let value = percent(&visible(value))
            .replace(':', "%3A")
            .replace(',', "%2C");
        self.properties.push(format!("{name}={value}"));
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let properties = self.properties.join(",");
        writeln!(f, "::{} {properties}::{}", self.name, self.message)
    }
}

fn percent(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::tests::nasty;

    fn unescaped(text: &str) -> String {
        let text = text.replace("%3A", ":").replace("%2C", ",");
        text.replace("%0A", "\n")
            .replace("%0D", "\r")
            .replace("%25", "%")
    }

    proptest! {
        #[test]
        fn a_command_stays_one_command(message in nasty(), file in nasty()) {
            let mut command = Command::new("error", &message);
            command.property("file", &file);
            command.property("line", "1");
            let line = command.to_string();
            let (head, said) = line.strip_prefix("::error file=").unwrap().split_once(",line=1::").unwrap();
            let said = said.strip_suffix('\n').unwrap();
            prop_assert!(!head.contains([':', ',', '\n', '\r']));
            prop_assert!(!said.contains(['\n', '\r']));
            prop_assert_eq!(unescaped(head), visible(&file));
            prop_assert_eq!(unescaped(said), lines(&message));
        }
    }
}
