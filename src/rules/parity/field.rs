//! Fields of a Compose file as they are written: each, or each of its parts, is a fact.

use super::own::OwnNames;
use super::values::{FREE, amount, form_at, is_default, ulimit, written};
use super::{Fact, Facts, Hides, Naming, has_own};
use crate::compose::At;
use crate::fields::{Form, tmpfs_entry};
use crate::redact;
use crate::state::DEFINITION;

/// Lists of mappings with commands, which are compared as a whole.
const HIDDEN: [&str; 3] = ["develop", "post_start", "pre_stop"];

/// A field as it is written.
#[derive(Clone, Copy)]
pub(super) struct WrittenField<'a> {
    /// The path that its fact has.
    what: &'a str,
    /// Its name.
    field: &'a str,
    form: Form,
    at: At<'a>,
    /// Whether its name is one that the user gives, so that nothing is known of what it is where it is not written.
    is_free: bool,
}

impl<'a> WrittenField<'a> {
    /// A field of which the text is compared.
    pub(super) fn new(what: &'a str, field: &'a str, at: At<'a>) -> Self {
        let form = Form::Text;
        Self {
            what,
            field,
            form,
            at,
            is_free: false,
        }
    }

    pub(super) fn with_form(self, form: Form) -> Self {
        Self { form, ..self }
    }

    /// A part of it, whose fact has a path of its own.
    fn part<'b>(self, what: &'b str, at: At<'b>) -> WrittenField<'b>
    where
        'a: 'b,
    {
        WrittenField { what, at, ..self }
    }
}

/// Adds the fact of a field as it is written; where it is a mapping, one fact for each of its parts. Says whether all of them are
/// what is meant without them.
pub(super) fn of_field(
    own: &OwnNames<'_>,
    written_field: WrittenField<'_>,
    facts: &mut Facts,
) -> bool {
    let WrittenField {
        what,
        field,
        form,
        at,
        is_free,
    } = written_field;
    if at.is_null() {
        return !is_free;
    }
    if form == Form::Ulimits {
        for (name, at) in at.entries() {
            let what = format!("{what}.{name}");
            facts.insert(what, Fact::of_spec(ulimit(at), &at.key_place()));
        }
        return at.entries().next().is_none();
    }
    if form == Form::Tmpfs {
        for (text, at) in at.texts() {
            let (target, options) = tmpfs_entry(&text);
            let options = |own: &Naming<'_>| own(options);
            let fact = Fact::of_text(own, Hides::Shapes, options, at.place());
            let what = facts.path(own, what, target, |target| target);
            facts.insert(what, fact);
        }
        return at.texts().next().is_none();
    }
    if form.is_map() && field != "logging" {
        entries(own, what, at, facts);
        return at.pairs().next().is_none();
    }
    let name = at.name().unwrap_or(field);
    if at.is_mapping() {
        let mut is_default = true;
        let is_free = FREE.contains(&name);
        for (key, at) in at.entries() {
            let what = format!("{what}.{key}");
            let part = WrittenField {
                is_free,
                ..written_field.part(&what, at)
            };
            is_default &= of_field(own, part, facts);
        }
        if has_own(what, at) {
            // Where it is missing as a whole, that is one difference.
            let fact = Fact::mapping(&at.key_place());
            facts.insert(what.to_owned(), fact.default_if(is_default));
        }
        return is_default;
    }
    let hides = if is_option(what) {
        Hides::OfOption(name.to_owned())
    } else if HIDDEN.contains(&field) {
        Hides::All
    } else {
        Hides::OfField(name.to_owned())
    };
    let form = form_at(what).unwrap_or(form);
    let text = |own: &Naming<'_>| written(own, form, at);
    let amount = at.text().and_then(|text| amount(form, &text));
    let fact = Fact::of_text(own, hides, text, at.last_place());
    let is_default = !is_free && is_default(what, form, at, amount);
    facts.insert(
        what.to_owned(),
        fact.of_amount(amount).default_if(is_default),
    );
    is_default
}

/// Whether a path leads to an option of a driver, some of which are known to be public.
fn is_option(what: &str) -> bool {
    let holder = what.rsplit_once('.').map_or("", |(holder, _)| holder);
    holder.ends_with(".driver_opts") || holder.ends_with(".logging.options")
}

/// Adds one fact for each entry of a mapping: a variable, a label, an option. Their values may be secret, except those of known
/// options.
fn entries(own: &OwnNames<'_>, what: &str, at: At<'_>, facts: &mut Facts) {
    for pair in at.pairs() {
        // It is the digest of the definition, in which the environment's own names are.
        if pair.name == DEFINITION {
            continue;
        }
        let text = pair.value.unwrap_or_default();
        let name = &pair.name;
        let hides = if is_option(&format!("{what}.{name}")) {
            Hides::OfOption(name.clone())
        } else {
            Hides::All
        };
        let value = |own: &Naming<'_>| own(&text);
        let fact = if what.ends_with(".environment") {
            Fact::of_variable(own, hides, value, pair.at.place())
        } else {
            Fact::of_text(own, hides, value, pair.at.place())
        };
        let what = facts.path(own, what, name, |name| {
            redact::name(&name, !text.is_empty()).into_owned()
        });
        facts.insert(what, fact);
    }
}
