//! What is known of a thing that environments are compared by.

use super::own::Own;
use crate::redact::Sensitive;
use crate::source::Place;

/// How names are written in a text.
pub(super) type Naming<'a> = dyn Fn(&str) -> String + 'a;

/// A thing, as it is written and without what is the environment's own in it.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    pub(super) written: Sensitive,
    pub(super) generic: Sensitive,
    /// The value with the kinds of its names instead of them, where it has any.
    pub(super) kinds: Option<Sensitive>,
    /// The amount that it is, however it is written.
    pub(super) amount: Option<i64>,
    pub(super) place: Place,
}

impl Fact {
    /// A thing that a spec says.
    pub(super) fn of_spec(value: Sensitive, place: &Place) -> Self {
        Self {
            written: value.clone(),
            generic: value,
            kinds: None,
            amount: None,
            place: place.clone(),
        }
    }

    /// A text of a file: what it is as it is written, and with the environment's own names replaced.
    pub(super) fn of_text(
        own: &Own<'_>,
        text: impl Fn(&Naming<'_>) -> Sensitive,
        place: Place,
    ) -> Self {
        let names = |text: &str| own.generic(text);
        Self::named(text, &names, &|text| own.kinds(text), place)
    }

    /// The value of a variable, which may be a number that is a name.
    pub(super) fn of_variable(
        own: &Own<'_>,
        text: impl Fn(&Naming<'_>) -> Sensitive,
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
        Self::named(text, &names, &kinds, place)
    }

    fn named(
        text: impl Fn(&Naming<'_>) -> Sensitive,
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
            amount: None,
            place,
        }
    }

    /// That a thing is present.
    pub(super) fn present(place: &Place) -> Self {
        Self::of_spec(Sensitive::public("present"), place)
    }

    /// Whether two environments have the same: as it is written, or but for what is their own.
    fn is_like(&self, other: &Self) -> bool {
        self.written == other.written
            || self.generic == other.generic && self.kinds == other.kinds
            || self.amount.is_some() && self.amount == other.amount
    }

    pub(super) fn is_in(&self, others: &[Self]) -> bool {
        others.iter().any(|other| self.is_like(other))
    }
}
