//! What is noted while a record of an engine's answer is read.

use std::cell::{Cell, RefCell};
#[cfg(test)]
use std::collections::BTreeMap;

/// How many fields of one record are noted as unreadable; the rest of them would say no more.
pub(super) const MAX_MISREAD: usize = 20;

/// A field that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misread {
    /// Its path in the record, as in `HostConfig.Privileged`.
    pub(super) field: String,
    /// What it may be.
    pub(super) expected: String,
    /// What it is: its kind, or a word of the engine's.
    pub(super) found: String,
}

/// What is noted while a record is read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    misread: RefCell<Vec<Misread>>,
    weight: Cell<usize>,
    #[cfg(test)]
    pub(super) fields: RefCell<BTreeMap<String, Field>>,
}

/// How a field is read; tests try every way in which it can be wrong.
#[cfg(test)]
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Field {
    /// Whether every engine sends it.
    pub(super) is_must: bool,
    /// Whether it is one of a set of words, or has a form.
    pub(super) is_word: bool,
}

impl Reading {
    /// What could not be read.
    pub(super) fn misread(self) -> Vec<Misread> {
        self.misread.into_inner()
    }

    /// About how many bytes it takes to keep what was read.
    pub(super) fn weight(&self) -> usize {
        self.weight.get()
    }

    /// Adds how many bytes are kept.
    pub(super) fn weigh(&self, bytes: usize) {
        self.weight.set(self.weight.get() + bytes);
    }

    pub(super) fn note(&self, misread: Misread) {
        let mut all = self.misread.borrow_mut();
        // The first mistake of a field explains those after it.
        if all.len() < MAX_MISREAD && all.iter().all(|other| other.field != misread.field) {
            all.push(misread);
        }
    }
}
