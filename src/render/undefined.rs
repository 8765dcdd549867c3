//! The error about a name in a template that has no value, with the name that was probably meant.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::context::optional;
use super::meaning::{Given, Seen, Step, below, of_variable, seen_at, words};
use super::texts::Sources;
use super::usage::Node;
use crate::diagnostic::Diagnostic;
use crate::source::Place;
use crate::text::expected;
use crate::text::plural::counted;

/// So many services without a value are named; of more, only their number is said.
const FEW: usize = 8;

/// Adds to an error what is wrong with an expression such as `service.limit` that has no value, in one of these
/// templates.
pub(super) fn explained(
    diagnostic: Diagnostic,
    expression: &str,
    sources: &Sources,
    context: Option<&Arc<Node>>,
) -> Diagnostic {
    let steps: Vec<&str> = expression
        .split(['.', '[', ']'])
        .map(|step| step.trim_matches(['\'', '"']))
        .filter(|step| !step.is_empty())
        .collect();
    let found = context.zip(steps.first()).and_then(|(context, first)| {
        let contexts = [context];
        let given = Given::new(&contexts);
        let route = of_variable(sources, diagnostic.place(), first, &given)?;
        Found::at(context, &route, &steps)
    });
    match found {
        Some(found) => found.said(diagnostic, expression, &steps),
        None => elsewhere(
            diagnostic,
            expression,
            &steps,
            context.map(|context| &**context),
        ),
    }
}

/// The first name without a value in an expression that makes a list or a mapping.
pub(super) fn in_part(
    place: &Place,
    sources: &Sources,
    context: Option<&Arc<Node>>,
) -> Option<Diagnostic> {
    let contexts = [context?];
    let given = Given::new(&contexts);
    let text = &place.source.text;
    let mut lacking = seen_at(sources, place, &given).into_iter().filter(|seen| {
        let rest = text.get(seen.at().end..).unwrap_or_default().trim_start();
        let lacks = match seen {
            Seen::Variable { meaning, .. } => meaning.is_none(),
            Seen::Entry { holder, name, .. } => {
                given.one_at(&below(holder, Step::Name(name))).is_none()
            }
            _ => false,
        };
        // `default` may follow.
        lacks && !rest.starts_with(['|', '('])
    });
    let end = lacking.next()?.at().end;
    let before = text.get(..end)?;
    let is_part = |c: char| c.is_alphanumeric() || "_.[]\"'".contains(c);
    let start = before.trim_end_matches(is_part).len();
    let expression = before.get(start..)?;
    let place = Place::bytes(&place.source, start..end);
    let diagnostic = Diagnostic::new(format!("`{expression}` is undefined"), place);
    Some(explained(diagnostic, expression, sources, context))
}

/// What is at the steps before the one without a value, in all that the first of them may be.
struct Found<'a> {
    /// The step without a value.
    at: usize,
    /// What has it.
    having: usize,
    /// What lacks it, and the name of each where it is one of several.
    lacking: Vec<(Option<&'a str>, &'a Node)>,
    /// The names before it that only have a value where the specs give them one.
    optional: &'static [&'static str],
}

impl<'a> Found<'a> {
    /// Follows steps through what the templates are given. The first of them stands for what is at a route.
    fn at(context: &'a Arc<Node>, route: &[Step<'_>], steps: &[&str]) -> Option<Self> {
        let mut holders: Vec<(Option<&str>, &Arc<Node>)> = vec![(None, context)];
        for step in route {
            let mut next = Vec::new();
            for (name, node) in holders {
                match step {
                    Step::Name(step) => next.extend(node.step(step).map(|node| (name, node))),
                    Step::Any if node.length().is_some() => {
                        next.extend(node.children().map(|node| (name, node)));
                    }
                    Step::Any => {
                        next.extend(node.entries().map(|(name, node)| (Some(name), node)));
                    }
                }
            }
            holders = next;
        }
        if holders.is_empty() {
            return None;
        }
        let mut before = words(route);
        for (at, step) in steps.iter().enumerate().skip(1) {
            let next = |(name, node): &(Option<&'a str>, &'a Arc<Node>)| {
                node.step(step).map(|node| (*name, node))
            };
            let having: Vec<_> = holders.iter().filter_map(next).collect();
            if having.len() < holders.len() {
                let lacking = holders.iter().filter(|one| next(one).is_none());
                return Some(Self {
                    optional: optional(&before),
                    at,
                    having: having.len(),
                    lacking: lacking.map(|(name, node)| (*name, &***node)).collect(),
                });
            }
            holders = having;
            before.push(step);
        }
        None
    }

    fn said(&self, diagnostic: Diagnostic, expression: &str, steps: &[&str]) -> Diagnostic {
        let (before, rest) = steps.split_at_checked(self.at).unwrap_or((steps, &[]));
        let word = rest.first().copied().unwrap_or_default();
        let holder = holder(expression, before, word);
        if self.having > 0 || self.optional.contains(&word) {
            // Where more follows, its holder is what has no value.
            let end = holder.len()
                + expression.get(holder.len()..).map_or(0, |rest| {
                    rest.find(word).map_or(rest.len(), |at| at + word.len())
                });
            let name = match rest {
                [_] => expression,
                _ => expression.get(..end).unwrap_or(expression),
            };
            return lacks_optional(diagnostic, name, &self.names());
        }
        let nodes = || self.lacking.iter().map(|(_, node)| *node);
        if nodes().all(Node::is_empty) {
            return diagnostic.label(format!("`{holder}` is empty in the specs"));
        }
        if word.parse::<usize>().is_ok() {
            let lengths = nodes().filter_map(Node::length);
            if let Some(longest) = lengths.clone().max() {
                let most = if lengths.min() == Some(longest) {
                    ""
                } else {
                    "at most "
                };
                let entries = counted(longest, "entry", "entries");
                return diagnostic.label(format!("`{holder}` has {most}{entries}"));
            }
        }
        let known: BTreeSet<&str> = nodes().flat_map(Node::own_names).collect();
        if word.parse::<usize>().is_ok() && !known.is_empty() {
            return diagnostic.label(expected::one_of(&known));
        }
        let diagnostic = diagnostic.label(UNKNOWN);
        for part in ["options", "compose"] {
            let mut parts = nodes().filter_map(|node| node.entry(part));
            if parts.any(|part| part.entry(word).is_some()) {
                return diagnostic.help(format!(
                    "a field of Compose is in `{holder}.{part}.{word}`, where the specs set it"
                ));
            }
        }
        diagnostic.did_you_mean(word, known)
    }

    /// The names of those that lack it, for a message.
    fn names(&self) -> String {
        let names: Vec<&str> = self.lacking.iter().filter_map(|(name, _)| *name).collect();
        match names.as_slice() {
            [] => String::new(),
            few if few.len() <= FEW => {
                let quoted: Vec<String> = few.iter().map(|name| format!("`{name}`")).collect();
                format!(", not set for {}", quoted.join(", "))
            }
            many => format!(
                ", not set for {} of {}",
                many.len(),
                many.len() + self.having
            ),
        }
    }
}

const UNKNOWN: &str = "expected a name that the specs give a value";

/// The help for a name that has a value only where the specs give it one.
fn lacks_optional(diagnostic: Diagnostic, name: &str, lacking: &str) -> Diagnostic {
    diagnostic
        .label(format!(
            "expected a value; it is optional in the specs{lacking}"
        ))
        .help(format!("test for it first: `{name} is defined`"))
}

/// The part of an expression before one of its steps, without what leads to that.
fn holder<'a>(expression: &'a str, before: &[&str], word: &str) -> &'a str {
    let mut end = 0;
    for step in before {
        let rest = expression.get(end..).unwrap_or_default();
        end += rest.find(step).map_or(0, |at| at + step.len());
    }
    let rest = expression.get(end..).unwrap_or_default();
    let found = rest.find(word).map_or(expression.len(), |at| end + at);
    let holder = expression.get(..found).unwrap_or(expression);
    holder.trim_end_matches(['.', '[', '\'', '"'])
}

/// The help for a name that a template itself gives, of which only the attributes can be known.
fn elsewhere(
    diagnostic: Diagnostic,
    expression: &str,
    steps: &[&str],
    context: Option<&Node>,
) -> Diagnostic {
    let mut known = BTreeSet::new();
    match context {
        Some(context) if steps.len() == 1 => known = context.own_names(),
        Some(context) => context.names(&mut known),
        None => {}
    }
    let attributes = steps.iter().skip(usize::from(steps.len() > 1));
    let unknown = attributes.clone().find(|step| !known.contains(*step));
    let word = unknown.or(attributes.last()).copied().unwrap_or_default();
    let at = steps.iter().position(|step| *step == word);
    let (before, rest) = steps.split_at(at.unwrap_or(steps.len()));
    if before.is_empty() && optional(&[]).contains(&word) {
        let name = if rest.len() > 1 { word } else { expression };
        return lacks_optional(diagnostic, name, "");
    }
    if word.parse::<usize>().is_ok() {
        return diagnostic.label("expected the number of an entry of the list, from 0");
    }
    diagnostic.label(UNKNOWN).did_you_mean(word, known)
}
