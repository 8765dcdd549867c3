//! What `check` reports and fails on, as a catalogue or `composegen.yaml` sets it.

use std::sync::Arc;

use super::located::Located;
use super::names::FilePath;
use super::read::{Readable, record};
use crate::diagnostic::Diagnostics;
use crate::severity::{FailOn, Level};
use crate::source::Source;
use crate::yaml::{self, Cursor, Tree};

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
    /// Files of custom rules for `check`, below its folder.
    optional pub(crate) rules: Vec<Located<FilePath>>,
}

impl Readable for CheckSettings {
    fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        // An empty section sets nothing.
        (!cursor.tree().is_null()).then(|| Self::read(cursor, problems))?
    }

    #[cfg(test)]
    fn schema() -> serde_json::Value {
        super::schema::removable(Self::schema())
    }
}

impl Readable for OwnCheckSettings {
    fn read(cursor: &Cursor<'_>, problems: &mut Diagnostics) -> Option<Self> {
        (!cursor.tree().is_null()).then(|| Self::read(cursor, problems))?
    }

    #[cfg(test)]
    fn schema() -> serde_json::Value {
        super::schema::removable(Self::schema())
    }
}

#[allow(clippy::derivable_impls, reason = "the struct is declared by a macro")]
impl Default for Settings {
    fn default() -> Self {
        Self {
            check: None,
            rules: Vec::new(),
        }
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
        let tree = Tree::of(&value, source, &mut problems);
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
