//! Why rules cannot be checked.

use std::fmt;
use std::io;

use crate::diagnostic::Diagnostics;
use crate::severity::Level;

/// Why rules cannot be checked.
#[derive(Debug)]
pub(crate) enum CheckError {
    /// Mistakes in specs, templates, settings or files of rules.
    Files(Diagnostics),
    /// A code on the command line that is of no rule; the text says so.
    UnknownCode(String),
    /// What is ignored has all that is selected: all rules, or those that are named.
    AllIgnored { is_selected: bool },
    /// All selected rules are below this level.
    AllBelow(Level),
    /// The folder of the project cannot be found.
    Folder(io::Error),
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files(problems) => problems.fmt(f),
            Self::UnknownCode(text) => f.write_str(text),
            Self::AllIgnored { is_selected: true } => {
                f.write_str("no rule is selected: `ignore` names all rules that `select` names")
            }
            Self::AllIgnored { is_selected: false } => {
                f.write_str("no rule is selected: `ignore` names all rules")
            }
            Self::AllBelow(level) => {
                let level: &str = level.into();
                write!(
                    f,
                    "no rule is selected: all selected rules are below the level `{level}`"
                )
            }
            Self::Folder(error) => error.fmt(f),
        }
    }
}

impl From<Diagnostics> for CheckError {
    fn from(problems: Diagnostics) -> Self {
        Self::Files(problems)
    }
}
