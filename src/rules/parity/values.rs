//! The values of fields, in the form in which those of two environments are compared.

use crate::compose::{At, bytes, nano_cpus, nanoseconds};
use crate::fields::capability;
use crate::fields::{Field, Form, SERVICE};

/// The form of a field of a service that is a part of another: `deploy.resources.limits.memory`.
fn form_at(what: &str) -> Option<Form> {
    let mut dots = what.match_indices('.').map(|(at, _)| at);
    let section = dots.next().and_then(|at| what.get(..at));
    // A name may have dots in it.
    let mut paths = dots
        .filter_map(|at| what.get(at + 1..))
        .filter(|_| section == Some("services"));
    paths.find_map(|path| {
        let mut rows = SERVICE.iter();
        let is = |row: &&Field| row.path == path || row.deploy == Some(path);
        rows.find(is).map(|row| row.form)
    })
}

/// The amount that a field is, however it is written: `1G` is `1024M`.
pub(super) fn amount(what: &str, form: Form, text: &str) -> Option<i64> {
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    match form_at(what).unwrap_or(form) {
        Form::Bytes => bytes(text),
        Form::NanoCpus => nano_cpus(text),
        Form::Duration | Form::Nanoseconds | Form::Seconds => nanoseconds(text),
        _ => None,
    }
}

/// The text of a field, each of its scalars as `generic` gives it.
pub(super) fn written(generic: &dyn Fn(&str) -> String, form: Form, at: At<'_>) -> String {
    let mut texts = Vec::new();
    at.each_scalar(&mut |key, text, _| {
        let text = generic(text);
        texts.push(match key {
            // The names of options are as much of them as their values.
            Some(key) if at.is_list() => format!("{key}={text}"),
            _ => text,
        });
    });
    if form == Form::Capabilities {
        texts = texts.iter().map(|text| capability(text)).collect();
    }
    if form.is_list() && form != Form::List {
        texts.sort();
        texts.dedup();
    }
    texts.join(" ")
}
