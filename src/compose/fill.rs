//! The pass that fills in variables, in every text of a document (compose-go,
//! `interpolation/interpolation.go`), and gives the fields that are not text their own type
//! (`loader/interpolate.go`).

use super::fields::{Cast, FILE, FieldPass};
use super::growth::Growth;
use super::interpolate::{Lookup, Unset, interpolate, stack};
use super::notes::Notes;
use super::trail::Trail;
use super::tree::{self, Kind, Node};
use super::wording::{WITHHELD, refusal, required, unset_warning};
use crate::diagnostic::Diagnostic;
use crate::orchestrator::Orchestrator;
use crate::redact::{is_hidden_path, may_be_secret};
use crate::text::expression::nested_expressions;

/// Fills in the variables of a document, as what is to run it does.
pub(super) fn fill(
    node: &mut Node,
    variables: &dyn Lookup,
    unset: Unset,
    orchestrator: Orchestrator,
    notes: &mut Notes,
) {
    let pass = Filler {
        variables,
        unset,
        orchestrator,
    };
    pass.fill(node, &Trail::ROOT, notes);
}

/// Leaves the variables of a document as they are written, and marks the texts that hold some, so
/// that the passes after this one do not read them as values.
pub(super) fn leave(node: &mut Node) {
    match &mut node.kind {
        Kind::Text(text) if text.contains('$') => node.unset = Some(Box::default()),
        Kind::List(items) => items.iter_mut().for_each(leave),
        Kind::Map(map) => map.values_mut().for_each(|entry| leave(&mut entry.value)),
        _ => {}
    }
}

struct Filler<'a> {
    variables: &'a dyn Lookup,
    unset: Unset,
    orchestrator: Orchestrator,
}

impl Filler<'_> {
    fn fill(&self, node: &mut Node, trail: &Trail<'_>, notes: &mut Notes) {
        match &mut node.kind {
            Kind::Text(text) if text.contains('$') => {
                if notes.has_outgrown(Growth::Filled) {
                    return;
                }
                let mut named = nested_expressions(text).into_iter();
                if named.any(|expression| may_be_secret(expression.name)) {
                    notes.from_secrets.insert(node.at);
                }
                let filled = match self.orchestrator {
                    Orchestrator::Docker => interpolate(text, self.variables, self.unset),
                    Orchestrator::Swarm => stack::interpolate(text, self.variables, self.unset),
                };
                match filled {
                    Ok(mut filled) => {
                        if notes.grow(Growth::Filled, filled.grown, node.at).is_err() {
                            return;
                        }
                        *text = filled.text;
                        node.unset = None;
                        if !filled.required.is_empty() {
                            let is_hidden = is_hidden_path(&trail.to_string());
                            let is_outside = notes.is_outside(node.at);
                            for (name, why) in std::mem::take(&mut filled.required) {
                                let (name, why) = required(name, why, is_hidden, is_outside);
                                notes.required.insert(name, why);
                            }
                        }
                        if notes.is_outside(node.at) {
                            for name in &mut filled.unset {
                                WITHHELD.clone_into(name);
                            }
                        }
                        if filled.unset.is_empty() {
                            return;
                        }
                        if self.unset == Unset::Strict {
                            let path = trail.to_string();
                            for name in &filled.unset {
                                notes.warn(unset_warning(name, &path, is_hidden_path(&path)));
                            }
                        } else {
                            node.unset = Some(Box::new(tree::UnsetVariables {
                                path: trail.to_string(),
                                names: filled.unset,
                            }));
                        }
                    }
                    Err(failure) => {
                        let place = notes.place(node.at);
                        let failure = if is_hidden_path(&trail.to_string()) {
                            failure.without_reason()
                        } else {
                            failure
                        };
                        let diagnostic = Diagnostic::new(failure.to_string(), place);
                        notes.push(refusal(&failure, diagnostic));
                        // The passes after this one do not report what it might have been.
                        node.unset = Some(Box::default());
                    }
                }
            }
            Kind::List(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.fill(item, &trail.index(index), notes);
                }
            }
            Kind::Map(map) => {
                for (key, entry) in map {
                    self.fill(&mut entry.value, &trail.key(key), notes);
                }
            }
            _ => {}
        }
    }
}

/// Gives texts the type of their field, where that is not text.
pub(super) fn cast(root: &mut Node, notes: &mut Notes) {
    FILE.visit_mut(FieldPass::Cast, root, &mut |field, node| {
        if let Some(to) = field.cast {
            cast_one(node, to, notes);
        }
    });
}

fn cast_one(node: &mut Node, to: Cast, notes: &mut Notes) {
    let (Some(text), None) = (node.as_text(), &node.unset) else {
        return;
    };
    let (kind, expected) = match to {
        Cast::Whole => (text.parse::<i64>().ok().map(Kind::whole), "a whole number"),
        Cast::Fraction => (super::quantities::float(text).map(Kind::Float), "a number"),
        Cast::Boolean => (flag_of_text(text).map(Kind::Bool), "true or false"),
    };
    if let Some(kind) = kind {
        node.kind = kind;
    } else {
        let message = format!("`{text}` is not {expected}");
        notes.problem(node.at, message, format!("expected {expected}"));
    }
}

/// A boolean in the words of YAML 1.1 that Compose takes for one (compose-go, `loader/interpolate.go`, `toBoolean`).
pub(crate) fn flag_of_text(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "y" | "yes" | "on" => Some(true),
        "false" | "n" | "no" | "off" => Some(false),
        _ => None,
    }
}
