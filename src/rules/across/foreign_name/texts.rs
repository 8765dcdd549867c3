//! The texts in which names are looked for.

use crate::compose::{At, Written};
use crate::rules::subject::{EnvFile, assigned};
use crate::source::Place;

/// A text of a file.
pub(super) struct Text<'a> {
    pub(super) written: String,
    pub(super) place: Place,
    pub(super) service: Option<&'a str>,
    /// The variable whose value it is, in an env file.
    pub(super) variable: Option<String>,
    pub(super) kind: TextKind,
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextKind {
    /// The value of a variable, or a word of a command.
    Value,
    /// Where an image comes from: a registry belongs to no environment.
    Image,
    /// Anything else.
    Other,
}

impl Text<'_> {
    /// The line of a long text that holds what was found, where it can be found in the file.
    pub(super) fn place_of(&self, hit: &str) -> Place {
        let start = self.place.range().map(|range| range.start);
        let Some(start) = start.filter(|_| self.written.contains('\n')) else {
            return self.place.clone();
        };
        let source = &self.place.source;
        let rest = source.text.get(start..).unwrap_or_default();
        match rest.find(hit) {
            Some(at) => Place::bytes(source, start + at..start + at + hit.len()),
            None => self.place.clone(),
        }
    }
}

/// Every text of a file, including keys, as the names of labels are texts too.
pub(super) fn of_file(file: &Written) -> Vec<Text<'_>> {
    let mut found = Vec::new();
    for (section, at) in file.text().entries() {
        if section != "services" {
            below(at, None, TextKind::Other, &mut found);
            continue;
        }
        for (service, at) in at.entries() {
            for (field, at) in at.entries() {
                let kind = match field {
                    "environment" | "command" | "entrypoint" => TextKind::Value,
                    "image" => TextKind::Image,
                    _ => TextKind::Other,
                };
                below(at, Some(service), kind, &mut found);
            }
        }
    }
    found
}

fn below<'a>(at: At<'a>, service: Option<&'a str>, kind: TextKind, found: &mut Vec<Text<'a>>) {
    let text = |written: String, place: Place, kind: TextKind| Text {
        written,
        place,
        service,
        variable: None,
        kind,
    };
    if let Some(written) = at.text() {
        found.push(text(written, at.place(), kind));
    }
    for item in at.items() {
        below(item, service, kind, found);
    }
    for (key, at) in at.entries() {
        found.push(text(key.to_owned(), at.key_place(), TextKind::Other));
        below(at, service, kind, found);
    }
}

/// The values in an env file that reach the services of a Compose file.
pub(super) fn of_variables<'a>(variables: &EnvFile, file: &Written) -> Vec<Text<'a>> {
    let source = &variables.source;
    let is_used = |name: &str| {
        let forms = [format!("${name}"), format!("${{{name}")];
        file.sources()
            .iter()
            .any(|text| forms.iter().any(|form| text.text.contains(form)))
    };
    assigned(source)
        .filter(|(name, ..)| variables.is_whole || is_used(name))
        .map(|(name, value, _)| Text {
            written: value.to_owned(),
            place: Place::whole(source),
            service: None,
            variable: Some(name.to_owned()),
            kind: TextKind::Value,
        })
        .collect()
}
