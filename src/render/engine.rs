//! The template engine: what it knows, how it writes a value, and what it may cost.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::value::{Kwargs, Object, ValueKind};
use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior, Value};

use super::functions::{self, RENDERED, content_digest, fixture, refusal};
use super::marks::Marks;
use super::merge::merge;
use super::origins::{self, Origins};
use super::placeholders::{self, Fault, Substituted};
use super::structure::{Dollar, Structure, bare};
use super::syntax::syntax;
use super::texts::Sources;
use super::usage::Node;
use crate::files;
use crate::source::Source;

/// A template that gives YAML; every `{{ }}` in it becomes a YAML scalar.
const YAML_ENDS: [&str; 2] = [".yml.j2", ".yaml.j2"];

/// How deep templates may embed each other.
const MAX_EMBEDDED: usize = 16;

/// What the templates of one host may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Budget {
    /// Steps of the engine, each of which also pays for 64 bytes that a template makes.
    pub(super) fuel: u64,
    /// Bytes of the rendered text.
    pub(super) bytes: usize,
}

impl Budget {
    /// What a host with so many services may cost. Those of a real project take 300 steps and two
    /// kilobytes each.
    pub(super) fn of(services: usize) -> Self {
        let fuel = u64::try_from(services).unwrap_or(u64::MAX);
        Self {
            fuel: fuel
                .saturating_mul(1000)
                .saturating_add(100_000)
                .min(500_000),
            bytes: services
                .saturating_mul(4096)
                .saturating_add(1 << 20)
                .min(4 << 20),
        }
    }
}

impl Budget {
    /// What a text may cost that has marks in it.
    pub(super) fn twice(self) -> Self {
        Self {
            fuel: self.fuel.saturating_mul(2),
            bytes: self.bytes.saturating_mul(2),
        }
    }
}

/// The name of a text that is written as it is, and is empty.
pub(super) const NOTHING: &str = "_";

/// The compiled templates.
#[derive(Debug, Clone)]
pub(super) struct TemplateEngine {
    environment: Environment<'static>,
    marks: Marks,
    /// The characters of the templates that marks could be chosen from.
    used: BTreeSet<char>,
    /// Where the files are that templates read.
    root: Option<Arc<files::Root>>,
    /// The names of the templates that were rendered, included, imported or embedded.
    loaded: Arc<Mutex<BTreeSet<String>>>,
}

impl TemplateEngine {
    /// An engine without templates, for texts that hold the `used` characters. `None` where these
    /// leave no marks.
    pub(super) fn new(used: BTreeSet<char>) -> Option<Self> {
        let marks = Marks::absent_from(&used)?;
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // Without it an error has a line but no column. Nothing prints the debug text itself: it
        // would show values.
        environment.set_debug(true);
        environment.set_syntax(syntax());
        environment.set_auto_escape_callback(|name| {
            let kind = if gives_yaml(name) { "yaml" } else { "text" };
            AutoEscape::Custom(Cow::Borrowed(kind))
        });
        // Both print values whole, however large they are.
        environment.remove_global("debug");
        environment.remove_filter("pprint");
        environment.add_filter("merge", merge);
        functions::add_to(&mut environment, marks);
        Some(Self {
            environment,
            marks,
            used,
            root: None,
            loaded: Arc::default(),
        })
    }

    /// The names of the templates that were used until now.
    pub(super) fn loaded(&self) -> BTreeSet<String> {
        lock(&self.loaded).clone()
    }

    /// The project whose files templates can read.
    pub(super) fn root(&self) -> Option<&files::Root> {
        self.root.as_deref()
    }

    /// Lets templates read files of a project.
    pub(super) fn set_root(&mut self, root: Option<Arc<files::Root>>) {
        self.root = root;
    }

    /// The same templates with a mark before everything that they write. `None` where one cannot have them.
    pub(super) fn tracing(&self, sources: &Sources) -> Option<Self> {
        let mut engine = Self::new(self.used.clone())?;
        engine.set_root(self.root.clone());
        for (index, (name, source)) in sources.iter().enumerate() {
            let marked = origins::marked(source, index, self.marks.origin)?;
            engine.add(name, &Source::new(name.as_str(), marked)).ok()?;
        }
        Some(engine)
    }

    /// Lets templates use [`NOTHING`].
    pub(super) fn add_nothing(&mut self) {
        let nothing = Value::from_safe_string(String::new());
        self.environment.add_global(NOTHING, nothing);
    }

    /// Compiles a template.
    pub(super) fn add(&mut self, name: &str, source: &Source) -> Result<(), Error> {
        let (name, text) = (name.to_owned(), source.text.clone());
        self.environment.add_template_owned(name, text)
    }

    /// The environment and marks for values of this tree. `None` where no marks are left.
    fn suited_to(&self, context: &Node) -> Option<(Cow<'_, Environment<'static>>, Marks)> {
        let mut used = BTreeSet::new();
        context.note_characters(&mut used);
        if !self.marks.clash(&used) {
            return Some((Cow::Borrowed(&self.environment), self.marks));
        }
        used.extend(&self.used);
        let marks = Marks::absent_from(&used)?;
        let mut environment = self.environment.clone();
        functions::add_to(&mut environment, marks);
        Some((Cow::Owned(environment), marks))
    }

    /// Renders a template that gives YAML.
    pub(super) fn render(
        &self,
        name: &str,
        context: &Arc<Node>,
        budget: Budget,
    ) -> Result<Substituted, Error> {
        self.trace(name, context, budget).map(|traced| traced.done)
    }

    /// Renders with where the parts come from, if this engine marks them.
    pub(super) fn trace(
        &self,
        name: &str,
        context: &Arc<Node>,
        budget: Budget,
    ) -> Result<Origins, Error> {
        let (environment, marks) = self.suited_to(context).ok_or_else(|| refusal(NO_MARKS))?;
        let host = Arc::new(HostEngine {
            environment: environment.into_owned(),
            marks,
            context: Arc::clone(context),
            bytes: budget.bytes,
            root: self.root.clone(),
            loaded: Arc::clone(&self.loaded),
            fixtures: Mutex::default(),
        });
        let outermost = Arc::new(Embedded {
            name: name.to_owned(),
            by: None,
        });
        let (mut traced, _) = host.run(&outermost, budget.fuel, Dollar::Escape)?;
        traced.done.fixtures = std::mem::take(&mut lock(&host.fixtures));
        Ok(traced)
    }
}

pub(super) const NO_MARKS: &str = "the specs and templates leave no character unused";

/// What all templates of one host share.
#[derive(Debug)]
struct HostEngine {
    environment: Environment<'static>,
    marks: Marks,
    context: Arc<Node>,
    bytes: usize,
    root: Option<Arc<files::Root>>,
    /// The templates that were used, for any host.
    loaded: Arc<Mutex<BTreeSet<String>>>,
    /// The fixtures that were read.
    fixtures: Mutex<BTreeSet<String>>,
}

/// A template that is being rendered, and the one that embeds it.
#[derive(Debug)]
struct Embedded {
    name: String,
    by: Option<Arc<Embedded>>,
}

impl Embedded {
    /// The names of this template and those around it, the innermost first.
    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self), |inner| inner.by.as_deref())
            .map(|embedded| embedded.name.as_str())
    }
}

impl HostEngine {
    /// Renders a template, and returns how much fuel it took.
    fn run(
        self: &Arc<Self>,
        template: &Arc<Embedded>,
        fuel: u64,
        dollar: Dollar,
    ) -> Result<(Origins, u64), Error> {
        let values = SharedValues::default();
        let (text, used) = self.fill(template, fuel, &values, None)?;
        let unmarked = origins::unmarked(text, self.marks.origin);
        let (raw, marks) = unmarked.ok_or_else(|| refusal(RENDERED))?;
        let held = std::mem::take(&mut lock(&values).held);
        let (index, why) =
            match placeholders::substitute(&raw, self.marks, &held, dollar, self.bytes) {
                Ok(done) => return Ok((Origins { raw, marks, done }, used)),
                Err(Fault::TooLong) => return Err(too_long(self.bytes)),
                Err(Fault::Broken) => return Err(refusal(RENDERED)),
                Err(Fault::Misplaced(index, why)) => (index, why),
            };
        // Only the engine knows where it is. It does the same again, up to the one that is wrong.
        self.fill(template, fuel, &SharedValues::default(), Some((index, why)))?;
        Err(refusal(why.0).with_source(why))
    }

    /// Runs a template, which leaves a placeholder for every value. With `stop`, the value of that
    /// index is an error.
    fn fill(
        self: &Arc<Self>,
        template: &Arc<Embedded>,
        fuel: u64,
        values: &SharedValues,
        stop: Option<(usize, placeholders::Misplaced)>,
    ) -> Result<(String, u64), Error> {
        let mut environment = self.environment.clone();
        environment.set_fuel(Some(fuel));
        let (marks, bytes) = (self.marks, self.bytes);
        let values = Arc::clone(values);
        environment.set_formatter(move |out, state, value| {
            let Some(held) = write(out, state, value, marks, bytes)? else {
                return Ok(());
            };
            let mut values = lock(&values);
            if let Some((_, why)) = stop.filter(|(index, _)| *index == values.held.len()) {
                return Err(refusal(why.0).with_source(why));
            }
            values.bytes += held.len();
            if values.bytes > bytes {
                return Err(too_long(bytes));
            }
            let placeholder = placeholders::placeholder(marks, values.held.len());
            values.held.push(held);
            out.write_str(&placeholder).map_err(Error::from)
        });
        let root = TemplateContext {
            host: Arc::clone(self),
            template: Arc::clone(template),
        };
        let loaded = Arc::clone(&self.loaded);
        lock(&loaded).insert(template.name.clone());
        environment.set_path_join_callback(move |name, _| {
            lock(&loaded).insert(name.to_owned());
            Cow::Borrowed(name)
        });
        let captured = environment
            .get_template(&template.name)?
            .render_captured(Value::from_object(root))?;
        let used = captured.state().fuel_levels().map_or(0, |(used, _)| used);
        Ok((captured.into_output(), used))
    }

    /// `embed(NAME)`: the text that another template gives, as one value.
    fn embed(
        self: &Arc<Self>,
        by: &Arc<Embedded>,
        state: &mut State<'_, '_>,
        name: &str,
    ) -> Result<String, Error> {
        let around: Vec<&str> = by.names().collect();
        if let Some(at) = around.iter().position(|outer| *outer == name) {
            let cycle: Vec<&str> = around
                .iter()
                .take(at + 1)
                .rev()
                .copied()
                .chain([name])
                .collect();
            return Err(refusal(format!(
                "templates embed each other: {}",
                cycle.join(" → ")
            )));
        }
        if around.len() > MAX_EMBEDDED {
            return Err(refusal(format!(
                "more than {MAX_EMBEDDED} templates embed each other"
            )));
        }
        let template = Arc::new(Embedded {
            name: name.to_owned(),
            by: Some(Arc::clone(by)),
        });
        let fuel = state.fuel_levels().map_or(0, |(_, left)| left);
        let (rendered, used) = self.run(&template, fuel, Dollar::Keep)?;
        state.consume_fuel(used)?;
        Ok(rendered.done.text)
    }
}

/// The values of a text that is being rendered, in the order of their placeholders.
#[derive(Debug, Default)]
struct HeldValues {
    held: Vec<Structure>,
    bytes: usize,
}

type SharedValues = Arc<Mutex<HeldValues>>;

fn lock<T>(values: &Mutex<T>) -> MutexGuard<'_, T> {
    values.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a template is given: the names of the tree, `embed` and `fixture`.
#[derive(Debug)]
struct TemplateContext {
    host: Arc<HostEngine>,
    template: Arc<Embedded>,
}

impl Object for TemplateContext {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        if name == "embed" {
            let root = Arc::clone(self);
            return Some(Value::from_function(
                move |state: &mut State<'_, '_>, name: &str| {
                    root.host.embed(&root.template, state, name)
                },
            ));
        }
        if name == "fixture" {
            let host = Arc::clone(&self.host);
            return Some(Value::from_function(
                move |state: &mut State<'_, '_>, name: &str, options: Kwargs| {
                    let root = host.root.as_deref();
                    let default: Option<Value> = options.get("default")?;
                    options.assert_all_used()?;
                    let Some(text) = fixture(root, name, default.is_some(), host.marks)? else {
                        return Ok(default.unwrap_or_default());
                    };
                    state.consume_fuel(u64::try_from(text.len() / 64).unwrap_or(u64::MAX))?;
                    lock(&host.fixtures).insert(name.to_owned());
                    Ok::<_, Error>(Value::from(text))
                },
            ));
        }
        if name == "content_digest" {
            let host = Arc::clone(&self.host);
            return Some(Value::from_function(
                move |state: &mut State<'_, '_>, name: &str| {
                    let (digest, bytes) = content_digest(host.root.as_deref(), name)?;
                    state.consume_fuel(u64::try_from(bytes / 64).unwrap_or(u64::MAX))?;
                    Ok::<_, Error>(digest)
                },
            ));
        }
        self.host.context.get(name, self.host.marks)
    }
}

fn gives_yaml(name: &str) -> bool {
    YAML_ENDS.iter().any(|end| name.ends_with(end))
}

fn too_long(bytes: usize) -> Error {
    refusal(format!("the rendered text has more than {bytes} bytes"))
}

/// Writes the value of a `{{ }}`, or returns the value of a placeholder.
fn write(
    out: &mut Output<'_>,
    state: &State<'_, '_>,
    value: &Value,
    marks: Marks,
    mut room: usize,
) -> Result<Option<Structure>, Error> {
    if value.is_safe() {
        // What a macro or an include gave is rendered already.
        let text = value.as_str().unwrap_or_default();
        return out.write_str(text).map(|()| None).map_err(Error::from);
    }
    match value.kind() {
        ValueKind::Undefined => return Err(refusal("this has no value")),
        ValueKind::None => {
            return Err(refusal(
                "this is none; put `{% if %}` around what depends on it",
            ));
        }
        _ => {}
    }
    if matches!(state.auto_escape(), AutoEscape::Custom(kind) if *kind == "yaml") {
        return Structure::of(value, marks, &mut room).map(Some);
    }
    let text = match value.kind() {
        ValueKind::String => value.to_string(),
        ValueKind::Bool | ValueKind::Number => bare(value),
        _ => {
            return Err(refusal(
                "this is a list or a mapping; use `{% for %}` for its entries",
            ));
        }
    };
    if marks.is_rendered(&text) {
        return Err(refusal(RENDERED));
    }
    let is_word = |c: char| c.is_alphanumeric() || "._:/@%+,=*~?&!-".contains(c);
    if let Some(bad) = text.chars().find(|c| !is_word(*c)) {
        let bad = if bad == marks.dollar { '$' } else { bad };
        return Err(refusal(format!(
            "this value holds `{bad}`, which could change what the text around it means"
        )));
    }
    out.write_str(&text).map(|()| None).map_err(Error::from)
}
