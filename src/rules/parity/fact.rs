//! What is known of a thing that environments are compared by.

use super::alike::is_alike;
use super::own::{NameForm, OwnNames};
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

/// The value of a thing of which it is only known that it is present.
const PRESENT: &str = "present";

/// What a fact is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A value, of which there are no parts.
    Value,
    /// A mapping of which the parts are compared.
    Mapping,
    /// A thing with a name of its own, such as a service.
    Thing,
}

/// A text in which names of an environment have their kinds.
#[derive(Clone, PartialEq, Eq)]
struct WithKinds {
    /// The kinds instead of the names.
    kinds: String,
    /// The kinds beside the names.
    marked: String,
}

/// A thing, as it is written and without what is the environment's own in it. Most are compared and never shown, so that
/// what is to be hidden of one is looked for when it is.
#[derive(Clone)]
pub(super) struct Fact {
    /// The value as it is written; it is not to be shown.
    written: String,
    /// The value without the environment's own names; it is not to be shown either.
    generic: String,
    /// The value with the kinds of its names, where it has any.
    names: Option<WithKinds>,
    hides: Hides,
    /// The amount that it is, however it is written.
    amount: Option<i64>,
    /// Whether it is what is meant where nothing is written.
    is_default: bool,
    kind: Kind,
    pub(super) place: Place,
}

impl Fact {
    /// A thing that a spec says.
    pub(super) fn of_spec(value: impl Into<String>, place: &Place) -> Self {
        let value = value.into();
        Self {
            written: value.clone(),
            generic: value,
            names: None,
            hides: Hides::Shapes,
            amount: None,
            is_default: false,
            kind: Kind::Value,
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
        Self::named(hides, text, &|text, form| own.written(text, form), place)
    }

    /// The value of a variable, which may be a number that is a name.
    pub(super) fn of_variable(
        own: &OwnNames<'_>,
        hides: Hides,
        text: impl Fn(&Naming<'_>) -> String,
        place: Place,
    ) -> Self {
        Self::named(
            hides,
            text,
            &|text, form| own.written_variable(text, form),
            place,
        )
    }

    fn named(
        hides: Hides,
        text: impl Fn(&Naming<'_>) -> String,
        own: &dyn Fn(&str, NameForm) -> String,
        place: Place,
    ) -> Self {
        let of = |form| text(&|text| own(text, form));
        let written = text(&str::to_owned);
        let generic = of(NameForm::Hidden);
        let names = (written != generic).then(|| WithKinds {
            kinds: of(NameForm::Kinds),
            marked: of(NameForm::Marked),
        });
        Self {
            written,
            generic,
            names,
            hides,
            amount: None,
            is_default: false,
            kind: Kind::Value,
            place,
        }
    }

    /// The same thing, which is an amount where that is known.
    pub(super) fn of_amount(self, amount: Option<i64>) -> Self {
        Self { amount, ..self }
    }

    /// The same thing, which is what is meant without it where that is so.
    pub(super) fn default_if(self, is_default: bool) -> Self {
        Self { is_default, ..self }
    }

    /// Whether it is what is meant where nothing is written.
    pub(super) fn is_default(&self) -> bool {
        self.is_default
    }

    /// That a thing is present.
    pub(super) fn present(place: &Place) -> Self {
        Self::of_spec(PRESENT, place).of_thing()
    }

    /// That a mapping is present.
    pub(super) fn mapping(place: &Place) -> Self {
        Self {
            kind: Kind::Mapping,
            ..Self::of_spec(PRESENT, place)
        }
    }

    /// The same fact, of a thing with a name of its own.
    pub(super) fn of_thing(self) -> Self {
        Self {
            kind: Kind::Thing,
            ..self
        }
    }

    /// Whether it says that a mapping is present.
    pub(super) fn is_of_mapping(&self) -> bool {
        self.kind == Kind::Mapping
    }

    /// Whether it is of a thing with a name of its own.
    pub(super) fn is_of_thing(&self) -> bool {
        self.kind == Kind::Thing
    }

    /// Whether two environments have the same: as it is written, or but for what is their own.
    fn is_like(&self, other: &Self) -> bool {
        let is_named_like = || match (&self.names, &other.names) {
            (Some(own), Some(other)) => {
                own.kinds == other.kinds || is_alike(&own.marked, &other.marked)
            }
            _ => false,
        };
        self.written == other.written
            || is_named_like()
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
