//! The words that the tables are written in.

use super::{Fields, List, Others, Pattern, Shape};

/// A scalar of these kinds.
pub(super) const fn of(scalars: u8) -> Shape {
    Shape {
        scalars,
        words: &[],
        pattern: None,
        range: None,
        list: None,
        map: None,
    }
}

/// A list.
pub(super) const fn list(items: &'static Shape) -> Shape {
    of(0).or_list(items)
}

/// A list in which nothing stands twice.
pub(super) const fn unique(items: &'static Shape) -> Shape {
    of(0).or_unique(items)
}

/// A mapping with these fields and those that begin with `x-`.
pub(super) const fn map(known: &'static [(&'static str, Shape)]) -> Shape {
    of(0).or_map(known)
}

impl Shape {
    pub(super) const fn or_list(mut self, items: &'static Shape) -> Self {
        self.list = Some(List {
            items,
            is_unique: false,
        });
        self
    }

    pub(super) const fn or_unique(mut self, items: &'static Shape) -> Self {
        self.list = Some(List {
            items,
            is_unique: true,
        });
        self
    }

    pub(super) const fn or_map(mut self, known: &'static [(&'static str, Shape)]) -> Self {
        self.map = Some(Fields {
            known,
            required: &[],
            others: Others::Extensions,
        });
        self
    }

    /// Fields that a mapping must have.
    pub(super) const fn required(mut self, required: &'static [&'static str]) -> Self {
        if let Some(fields) = self.map {
            self.map = Some(Fields { required, ..fields });
        }
        self
    }

    /// The fields of a mapping that are not known by name.
    pub(super) const fn others(mut self, others: Others) -> Self {
        if let Some(fields) = self.map {
            self.map = Some(Fields { others, ..fields });
        }
        self
    }

    /// The words that a text is one of.
    pub(super) const fn words(mut self, words: &'static [&'static str]) -> Self {
        self.words = words;
        self
    }

    /// What a text has to hold, and how that is said.
    pub(super) const fn pattern(mut self, fits: fn(&str) -> bool, expected: &'static str) -> Self {
        let pattern: Pattern = (fits, expected);
        self.pattern = Some(pattern);
        self
    }

    /// The least and the greatest whole number.
    pub(super) const fn range(mut self, low: i128, high: i128) -> Self {
        self.range = Some((low, high));
        self
    }
}
