//! What is known of a thing that environments are compared by.

use super::own::OwnNames;
use crate::redact::{Sensitive, is_hidden_path};
use crate::source::Place;

/// How names are written in a text.
pub(super) type Naming<'a> = dyn Fn(&str) -> String + 'a;

/// What of a value is hidden where it is shown.
#[derive(Clone)]
pub(super) enum Hides {
    /// What its shape gives away.
    Shapes,
    /// All of it.
    All,
    /// What the name of an option asks for.
    OfOption(String),
    /// What the path and the name of a field ask for.
    OfField(String),
}

/// A thing, as it is written and without what is the environment's own in it. Most are compared and never shown, so that
/// what is to be hidden of one is looked for when it is.
#[derive(Clone)]
pub(super) struct Fact {
    /// The value as it is written; it is not to be shown.
    written: String,
    /// The value without the environment's own names; it is not to be shown either.
    generic: String,
    /// The value with the kinds of its names instead of them, where it has any.
    kinds: Option<String>,
    hides: Hides,
    /// The amount that it is, however it is written.
    amount: Option<i64>,
    pub(super) place: Place,
}

impl Fact {
    /// A thing that a spec says.
    pub(super) fn of_spec(value: impl Into<String>, place: &Place) -> Self {
        let value = value.into();
        Self {
            written: value.clone(),
            generic: value,
            kinds: None,
            hides: Hides::Shapes,
            amount: None,
            place: place.clone(),
        }
    }

    /// A text of a file: what it is as it is written, and with the environment's own names replaced.
    pub(super) fn of_text(
        own: &OwnNames<'_>,
        hides: Hides,
        text: impl Fn(&Naming<'_>) -> String,
        place: Place,
    ) -> Self {
        let names = |text: &str| own.generic(text);
        Self::named(hides, text, &names, &|text| own.kinds(text), place)
    }

    /// The value of a variable, which may be a number that is a name.
    pub(super) fn of_variable(
        own: &OwnNames<'_>,
        hides: Hides,
        text: impl Fn(&Naming<'_>) -> String,
        place: Place,
    ) -> Self {
        let names = |text: &str| match own.number(text) {
            Some(_) => "…".to_owned(),
            None => own.generic(text),
        };
        let kinds = |text: &str| match own.number(text) {
            Some(mark) => format!("…{mark}"),
            None => own.kinds(text),
        };
        Self::named(hides, text, &names, &kinds, place)
    }

    fn named(
        hides: Hides,
        text: impl Fn(&Naming<'_>) -> String,
        names: &Naming<'_>,
        kinds: &Naming<'_>,
        place: Place,
    ) -> Self {
        let written = text(&str::to_owned);
        let generic = text(names);
        let kinds = (written != generic).then(|| text(kinds));
        Self {
            written,
            generic,
            kinds,
            hides,
            amount: None,
            place,
        }
    }

    /// The same thing, which is an amount where that is known.
    pub(super) fn of_amount(self, amount: Option<i64>) -> Self {
        Self { amount, ..self }
    }

    /// That a thing is present.
    pub(super) fn present(place: &Place) -> Self {
        Self::of_spec("present", place)
    }

    /// Whether two environments have the same: as it is written, or but for what is their own.
    fn is_like(&self, other: &Self) -> bool {
        self.written == other.written
            || self.generic == other.generic && self.kinds == other.kinds
            || self.amount.is_some() && self.amount == other.amount
    }

    /// Whether it is written in the same way.
    pub(super) fn is_written_like(&self, other: &Self) -> bool {
        self.written == other.written
    }

    /// Without the environment's own names, as it may be shown. `what` is the thing's name.
    pub(super) fn shown(&self, what: &str) -> Sensitive {
        let text = self.generic.as_str();
        match &self.hides {
            Hides::Shapes => Sensitive::public(text),
            Hides::All => Sensitive::whole(text),
            Hides::OfOption(name) => Sensitive::of_option(name, text),
            Hides::OfField(_) if is_hidden_path(what) => Sensitive::whole(text),
            Hides::OfField(name) => Sensitive::of_field(name, text),
        }
    }

    pub(super) fn is_in(&self, others: &[Self]) -> bool {
        others.iter().any(|other| self.is_like(other))
    }
}
