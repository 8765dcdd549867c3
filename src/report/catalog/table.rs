//! A table in which each column is an environment or a host, and each row a fact. It has no row that
//! nothing fills.

use serde::Serialize;

use crate::redact;

/// How a text looks; what it says does not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tone {
    /// As any text.
    Plain,
    /// Something that was found to be as it should be.
    Good,
    /// Something that is made up, or open to the internet.
    Mark,
    /// Something that is not as it should be.
    Warning,
    /// Something that is broken.
    Bad,
    /// Something that is not known.
    Quiet,
}

/// A line of a cell.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Item {
    /// What of it, where there are several: the kind of a namespace, a domain's name.
    name: Option<String>,
    /// What it says.
    text: String,
    /// How it looks.
    pub(crate) tone: Tone,
}

/// A fact.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    /// What it is about.
    pub(crate) label: String,
    /// Its cell in each column.
    pub(crate) cells: Vec<Vec<Item>>,
}

/// A table.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Table {
    /// What its columns are: `Environment`, `Host`.
    pub(crate) title: &'static str,
    /// The names of the columns.
    pub(crate) columns: Vec<String>,
    /// The facts.
    pub(crate) rows: Vec<Row>,
}

impl Table {
    pub(super) fn new(title: &'static str, columns: impl Iterator<Item = String>) -> Self {
        Self {
            title,
            columns: columns.collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a fact, unless no column says anything of it.
    pub(super) fn row(&mut self, label: impl Into<String>, cells: impl Iterator<Item = Vec<Item>>) {
        let cells: Vec<_> = cells.collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            let label = label.into();
            self.rows.push(Row { label, cells });
        }
    }
}

impl Item {
    pub(super) fn new(text: impl Into<String>, tone: Tone) -> Self {
        Self {
            name: None,
            text: redact::text(&text.into()).into_owned(),
            tone,
        }
    }

    /// Says what it is about.
    pub(super) fn of(self, name: impl Into<String>) -> Self {
        let name = Some(name.into());
        Self { name, ..self }
    }

    /// The line: `database: shop_prod`.
    pub(super) fn line(&self) -> String {
        match &self.name {
            Some(name) => format!("{name}: {}", self.text),
            None => self.text.clone(),
        }
    }
}

/// A line as any text.
pub(super) fn plain(text: impl Into<String>) -> Item {
    Item::new(text, Tone::Plain)
}

/// A line of a name and what it is for, as any text.
pub(super) fn named(name: &str, value: &str) -> Item {
    plain(value).of(name)
}
