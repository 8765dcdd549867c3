//! The templates of a project and the engine that runs them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Object, ValueKind};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value,
};

use super::definition;
use super::texts::{self, FOLDER};
use super::usage::Node;
use super::weave::{self, CLOSE, Dollar, Misplaced, OPEN, PART, PART_BARE, VARIABLE};
use crate::diagnostic::{Diagnostic, Diagnostics, closest};
use crate::files;
use crate::source::{Place, Source};

/// A template that gives YAML; every `{{ }}` in it becomes a YAML scalar.
const YAML_ENDS: [&str; 2] = [".yml.j2", ".yaml.j2"];

/// Steps that one render may take; far more than a Compose file of a thousand services needs.
const FUEL: u64 = 20_000_000;

/// All templates of a project.
#[derive(Debug)]
pub struct Templates {
    sources: BTreeMap<String, Arc<Source>>,
    engine: Environment<'static>,
}

impl Templates {
    /// Reads every file below `templates/` of the project at `root`.
    ///
    /// # Errors
    /// A file that cannot be read, is no UTF-8 or is no template.
    pub fn load(root: &files::Root) -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::default();
        let sources: BTreeMap<String, Arc<Source>> = texts::below(root, &mut problems)
            .into_iter()
            .map(|(name, text)| {
                let source = Source::new(format!("{FOLDER}/{name}"), text);
                (name, source)
            })
            .collect();
        let mut templates = Self {
            sources,
            engine: engine(),
        };
        for (name, source) in &templates.sources {
            if let Some(at) = source.text.find(is_mark) {
                let place = Place::bytes(source, at..at + 1);
                problems.push(
                    Diagnostic::new("a template holds a character that is no text", place)
                        .label("expected no noncharacter (U+FDD0 to U+FDEF)"),
                );
                continue;
            }
            let text = source.text.clone();
            if let Err(error) = templates.engine.add_template_owned(name.clone(), text) {
                problems.push(templates.explain(&error, None));
            }
        }
        problems.or(templates)
    }

    /// The text of a template.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&Arc<Source>> {
        self.sources.get(name)
    }

    /// The texts of all templates.
    pub fn sources(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.sources.values()
    }

    /// The names of all templates.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sources.keys().map(String::as_str)
    }

    /// Renders a template that gives YAML.
    pub(super) fn render(&self, name: &str, context: &Arc<Node>) -> Result<String, Diagnostic> {
        let rendered = self
            .engine
            .get_template(name)
            .and_then(|template| template.render(Value::from_object(Root(Arc::clone(context)))))
            .map_err(|error| self.explain(&error, Some(context)))?;
        weave::weave(&rendered, Dollar::Escape).map_err(|misplaced| self.misplaced(&misplaced))
    }

    /// An error of the engine as a diagnostic, at the innermost template that it names.
    fn explain(&self, error: &Error, context: Option<&Arc<Node>>) -> Diagnostic {
        let mut innermost = error;
        let mut cause: Option<&(dyn std::error::Error + 'static)> =
            std::error::Error::source(error);
        while let Some(inner) = cause {
            if let Some(inner) = inner.downcast_ref::<Error>() {
                innermost = inner;
            }
            cause = inner.source();
        }
        if let Some(misplaced) = innermost.detail().and_then(decode_misplaced) {
            return self.misplaced(&misplaced);
        }
        let reason = innermost.detail().map_or_else(
            || innermost.kind().to_string(),
            |detail| match innermost.kind() {
                ErrorKind::UndefinedError | ErrorKind::InvalidOperation => detail.to_owned(),
                kind => format!("{kind}: {detail}"),
            },
        );
        let place = self.place(innermost).or_else(|| self.place(error));
        let place = place.unwrap_or_else(|| Place::whole(&Source::new(FOLDER, "")));
        let marked = place
            .range()
            .and_then(|range| place.source.text.get(range))
            .unwrap_or_default()
            .to_owned();
        let mut diagnostic = Diagnostic::new(reason, place);
        if innermost.kind() == ErrorKind::UndefinedError {
            diagnostic = diagnostic.label("expected a name that the specs give a value");
            let word = marked.rsplit('.').next().unwrap_or_default();
            let mut names = BTreeSet::new();
            if let Some(context) = context {
                context.names(&mut names);
            }
            diagnostic = diagnostic.did_you_mean(word, names);
        }
        if innermost.kind() == ErrorKind::TemplateNotFound {
            let wanted = innermost.detail().unwrap_or_default();
            let wanted = wanted.split(['"', '`', '\'']).nth(1).unwrap_or_default();
            if let Some(near) = closest(wanted, self.names()) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            }
        }
        diagnostic
    }

    fn place(&self, error: &Error) -> Option<Place> {
        let source = self.sources.get(error.name()?)?;
        if let Some(range) = error.range() {
            return Some(Place::bytes(source, range));
        }
        let line = error.line()?;
        let start = source
            .text
            .split_inclusive('\n')
            .take(line - 1)
            .map(str::len)
            .sum();
        let text = source.text.get(start..)?.lines().next()?;
        let indent = text.len() - text.trim_start().len();
        Some(Place::bytes(source, start + indent..start + text.len()))
    }

    /// A `{{ }}` that is only a part of a scalar. The engine knows which template it stands in;
    /// the text before it on its line tells where.
    fn misplaced(&self, misplaced: &Misplaced) -> Diagnostic {
        let Some(source) = self.sources.get(&misplaced.template) else {
            let place = Place::whole(&Source::new(FOLDER, ""));
            return Diagnostic::new("a `{{ }}` stands where no value may", place)
                .label(misplaced.why);
        };
        let text = &source.text;
        let found = text
            .match_indices("{{")
            .map(|(at, _)| at)
            .filter(|at| {
                let line_start = text
                    .get(..*at)
                    .and_then(|t| t.rfind('\n'))
                    .map_or(0, |n| n + 1);
                let written = text.get(line_start..*at).unwrap_or_default();
                // Values before it on the line were filled in already; the last piece was not.
                let last = written.rsplit("}}").next().unwrap_or_default();
                !last.trim().is_empty() && misplaced.before.ends_with(last)
            })
            .max_by_key(|at| {
                let line_start = text
                    .get(..*at)
                    .and_then(|t| t.rfind('\n'))
                    .map_or(0, |n| n + 1);
                at - line_start
            });
        let place = match found {
            Some(at) => {
                let end = text
                    .get(at..)
                    .and_then(|t| t.find("}}"))
                    .map_or(2, |end| end + 2);
                Place::bytes(source, at..at + end)
            }
            None => Place::whole(source),
        };
        Diagnostic::new("a `{{ }}` is only a part of a YAML value", place).label(misplaced.why)
    }
}

fn is_mark(c: char) -> bool {
    ('\u{FDD0}'..='\u{FDEF}').contains(&c)
}

fn gives_yaml(name: &str) -> bool {
    YAML_ENDS.iter().any(|end| name.ends_with(end))
}

fn engine() -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_fuel(Some(FUEL));
    // Without it an error has a line but no column. Nothing prints the debug text itself: it
    // would show values.
    engine.set_debug(true);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build();
    if let Ok(syntax) = syntax {
        engine.set_syntax(syntax);
    }
    engine.set_auto_escape_callback(|name| {
        AutoEscape::Custom(Cow::Borrowed(if gives_yaml(name) {
            "yaml"
        } else {
            "text"
        }))
    });
    engine.set_formatter(format_value);
    engine.add_function("var", variable);
    engine.add_function("definition", || definition::PLACEHOLDER);
    engine
}

/// Writes the value of a `{{ }}`: a mark in YAML, a bare word in any other text.
fn format_value(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    let refuse = |message: &str| Err(Error::new(ErrorKind::InvalidOperation, message.to_owned()));
    if value.is_safe() {
        // What a macro or an include gave is rendered already.
        return out
            .write_str(value.as_str().unwrap_or_default())
            .map_err(Error::from);
    }
    let is_yaml = matches!(state.auto_escape(), AutoEscape::Custom(kind) if *kind == "yaml");
    let template = state.name().to_owned();
    let part = match value.kind() {
        ValueKind::String => PART,
        ValueKind::Number | ValueKind::Bool => PART_BARE,
        ValueKind::Undefined => return refuse("this has no value"),
        ValueKind::None => {
            return refuse("this is none; write `{% if %}` around what depends on it");
        }
        _ => return refuse("this is a list or a mapping; write `{% for %}` to go through it"),
    };
    let text = match value.kind() {
        // The engine writes these as Python does.
        ValueKind::Bool => value.is_true().to_string(),
        ValueKind::Number => {
            let number = value.to_string();
            number.strip_suffix(".0").unwrap_or(&number).to_owned()
        }
        _ => value.to_string(),
    };
    if is_yaml {
        return write!(out, "{OPEN}{template}{part}{text}{CLOSE}").map_err(Error::from);
    }
    let is_word = |c: char| c.is_alphanumeric() || "._:/@%+,=*~?&!-".contains(c);
    if let Some(bad) = text.chars().find(|c| !is_word(*c)) {
        return refuse(&format!(
            "this value holds `{bad}`, which could change what the text around it means"
        ));
    }
    out.write_str(&text).map_err(Error::from)
}

/// `var(NAME, WHY)`: the value of a variable on the host, required by Compose.
fn variable(name: &str, why: &str) -> Result<String, Error> {
    let refuse = |message| Err(Error::new(ErrorKind::InvalidOperation, message));
    if name.parse::<crate::spec::Variable>().is_err() {
        return refuse("`var` takes the name of a variable: letters, digits and `_`");
    }
    if why.is_empty() || why.contains(['{', '}', '$', '\n', '\r']) {
        return refuse("`var` takes a reason without `$`, `{`, `}` and line breaks");
    }
    Ok(format!("{VARIABLE}{{{name}:?{why}}}"))
}

/// What a template is given: the names of the tree, and `embed`.
#[derive(Debug)]
struct Root(Arc<Node>);

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        if name == "embed" {
            let root = Arc::clone(self);
            return Some(Value::from_function(
                move |state: &mut State<'_, '_>, name: &str| embed(&root, state, name),
            ));
        }
        self.0.get(name)
    }
}

/// `embed(NAME)`: the text that another template gives, as one value.
fn embed(root: &Arc<Root>, state: &mut State<'_, '_>, name: &str) -> Result<String, Error> {
    let template = state.env().get_template(name)?;
    let text = template.render(Value::from_dyn_object(Arc::clone(root)))?;
    if !gives_yaml(name) {
        return Ok(text);
    }
    weave::weave(&text, Dollar::Keep)
        .map_err(|misplaced| Error::new(ErrorKind::InvalidOperation, encode_misplaced(&misplaced)))
}

/// Carries a [`Misplaced`] through an error of the engine, which holds text only.
fn encode_misplaced(misplaced: &Misplaced) -> String {
    format!(
        "{OPEN}{}{PART}{}{PART}{}",
        misplaced.template, misplaced.before, misplaced.why
    )
}

fn decode_misplaced(detail: &str) -> Option<Misplaced> {
    let mut parts = detail.strip_prefix(OPEN)?.split(PART);
    let (template, before) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    Some(Misplaced {
        template,
        before,
        why: "it must be a whole YAML value; join texts inside it: `{{ a ~ \":\" ~ b }}`",
    })
}
