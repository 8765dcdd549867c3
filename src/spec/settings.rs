//! What `check` reports and fails on, as a catalogue or `composegen.yaml` sets it.

use std::sync::Arc;

use super::located::Located;
use super::read::{readable, record};
use crate::diagnostic::Diagnostics;
use crate::severity::{FailOn, Level};
use crate::source::Source;
use crate::yaml::{self, Tree};

/// The file of the settings of a folder without specs.
pub(crate) const SETTINGS_FILE: &str = "composegen.yaml";

record! {
    /// What `check` reports, and what it fails on.
    pub(crate) CheckSettings, read(cursor, fields, problems):
    /// The lowest level that is reported.
    optional pub(crate) level: Option<Located<Level>>,
    /// The lowest level that fails; that which is reported where it is not set.
    optional pub(crate) fail_on: Option<Located<FailOn>>,
    /// The codes that are reported, where not all are; `*` stands for any text.
    optional pub(crate) select: Vec<Located<String>>,
    /// The codes that are not reported.
    optional pub(crate) ignore: Vec<Located<String>>,
}

record! {
    /// What an environment or a host sets for itself.
    pub(crate) OwnCheckSettings, read(cursor, fields, problems):
    /// The lowest level that is reported of it.
    optional pub(crate) level: Option<Located<Level>>,
}

record! {
    /// `composegen.yaml`: the settings of a folder without specs.
    pub(crate) Settings, read(cursor, fields, problems):
    /// Those of `check`.
    optional pub(crate) check: Option<CheckSettings>,
}

readable!(CheckSettings, OwnCheckSettings);

#[allow(clippy::derivable_impls, reason = "the struct is declared by a macro")]
impl Default for Settings {
    fn default() -> Self {
        Self { check: None }
    }
}

impl Settings {
    /// Reads a file of settings.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn of(source: &Arc<Source>) -> Result<Self, Diagnostics> {
        let value = yaml::parse(source)?;
        let mut problems = Diagnostics::default();
        // A file or a section without settings sets nothing.
        let tree = Tree::of(&value, source, &mut problems).without_null();
        if tree.is_null() {
            return problems.or(Self::default());
        }
        let settings = Self::read(&tree.cursor(), &mut problems);
        match settings {
            Some(settings) => problems.or(settings),
            None => Err(problems),
        }
    }
}
