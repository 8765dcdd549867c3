//! Evaluating the expressions of rules.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cel::{Context, Env, ExecutionError, Value};

use super::super::cut;
use super::super::deployed::Deployed;
use super::super::found::Found;
use super::super::rule::Rule;
use super::super::subject::Subject;
use super::CustomRule;
use crate::compose::Plain;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::sandbox::{Allowance, Sandbox, Stopped, Watch};
use crate::source::Place;

/// What all rules may cost together. A rule that people write takes microseconds for each service.
pub(super) const ALLOWANCE: Allowance = Allowance {
    time: Duration::from_secs(5),
    memory: 512 * 1024 * 1024,
};

/// How long an expression may be, in bytes.
const MOST_BYTES: usize = 4096;

/// The language, which takes a while to set up.
fn language() -> &'static Arc<Env> {
    static LANGUAGE: OnceLock<Arc<Env>> = OnceLock::new();
    LANGUAGE.get_or_init(|| Arc::new(Env::stdlib()))
}

/// Whether a text is an expression; what is wrong with it is noted.
pub(super) fn is_expression(
    text: &str,
    place: &Place,
    watch: &Watch<'_>,
    problems: &mut Diagnostics,
) -> bool {
    if text.len() > MOST_BYTES {
        let label = format!("expected at most {MOST_BYTES} bytes");
        let problem = Diagnostic::new("the expression is too long", place).label(label);
        problems.push(problem);
        return false;
    }
    let given = text.to_owned();
    let parsed = watch.run(move || {
        let mistakes = language().compile(&given).err()?;
        // What comes after the first is often its consequence.
        let first = mistakes.errors.into_iter().next();
        Some(first.map_or(((1, 1), String::new()), |first| (first.pos, first.msg)))
    });
    let ((line, column), reason) = match parsed {
        Ok(None) => return true,
        Ok(Some(mistake)) => mistake,
        Err(why) => {
            let message = format!("the expression cannot be read: {}", stopped(&why));
            problems.push(Diagnostic::new(message, place));
            return false;
        }
    };
    let reason = reason.strip_prefix("Syntax error: ").unwrap_or(&reason);
    // The rest is a list of all signs of the language.
    let reason = reason.split(" expecting ").next().unwrap_or_default();
    problems.push(
        Diagnostic::new(format!("this is not valid CEL: {reason}"), place)
            .label(format!("at line {line}, column {column} of the expression"))
            .help("the language is described at https://cel.dev"),
    );
    false
}

/// What breaks the rules among the Compose files of a subject.
pub(super) fn all(
    rules: &[CustomRule],
    subject: &Subject<'_>,
) -> Result<Vec<(&'static Rule, Found)>, Diagnostics> {
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let sandbox = Sandbox::new();
    let watch = sandbox.watch(ALLOWANCE);
    let mut problems = Diagnostics::default();
    let mut found = Vec::new();
    for (number, deployed) in subject.deployed.iter().enumerate() {
        match in_file(rules, deployed, &watch) {
            Ok(own) => found.extend(own.into_iter().map(|(rule, found)| {
                let deployed = Some(number);
                (rule, Found { deployed, ..found })
            })),
            Err(mistakes) => problems.extend(mistakes),
        }
    }
    // A rule that cannot be evaluated is the same mistake in every file.
    problems.once().or(found)
}

/// What an expression sees of the value that its rule is checked for.
struct Given {
    name: String,
    service: String,
    value: serde_json::Value,
}

/// What breaks the rules in a file.
fn in_file(
    rules: &[CustomRule],
    deployed: &Deployed<'_>,
    watch: &Watch<'_>,
) -> Result<Vec<(&'static Rule, Found)>, Diagnostics> {
    let values: Vec<Vec<Plain<'_>>> = rules
        .iter()
        .map(|rule| {
            let path: Vec<&str> = rule.each.split('.').collect();
            deployed.file.each_plain(&path)
        })
        .collect();
    let given: Vec<(&'static str, Vec<Given>)> = rules
        .iter()
        .zip(&values)
        .map(|(rule, values)| {
            let given = values.iter().map(|plain| Given {
                name: plain.name.clone(),
                service: plain.service.unwrap_or_default().to_owned(),
                value: plain.value.clone(),
            });
            (rule.require, given.collect())
        })
        .collect();
    let project = deployed.file.plain();
    let current = Arc::new(AtomicUsize::new(0));
    let progress = Arc::clone(&current);
    let verdicts = watch
        .run(move || verdicts(&project, &given, &progress))
        .map_err(|why| {
            let rule = rules.get(current.load(Ordering::Relaxed));
            let code = rule.map_or("", |rule| rule.rule.code);
            let file = Place::whole(&deployed.file.source);
            let place = rule.map_or(file, |rule| rule.place.clone());
            let message = format!("the rule `{code}` cannot be evaluated: {}", stopped(&why));
            Diagnostic::new(message, place)
        })?;
    let mut problems = Diagnostics::default();
    let mut found = Vec::new();
    for ((rule, values), verdicts) in rules.iter().zip(values).zip(verdicts) {
        let mut broken = Vec::new();
        for (plain, verdict) in values.iter().zip(verdicts) {
            match verdict {
                Ok(true) => {}
                Ok(false) => broken.push(finding(rule.rule, plain).belonging(deployed)),
                Err(reason) => {
                    let code = rule.rule.code;
                    let message = format!("the rule `{code}` cannot be evaluated: {}", reason.why);
                    let problem =
                        Diagnostic::new(message, &rule.place).related(plain.place(), "for this");
                    problems.push(reason.help.into_iter().fold(problem, Diagnostic::help));
                    break;
                }
            }
        }
        if deployed.of.is_none() {
            cut(&mut broken);
        }
        found.extend(broken.into_iter().map(|found| (rule.rule, found)));
    }
    problems.or(found)
}

/// That a value breaks a rule.
fn finding(rule: &Rule, plain: &Plain<'_>) -> Found {
    let service = plain.service.unwrap_or_default();
    let message = rule
        .title
        .replace("{service}", service)
        .replace("{name}", &plain.name);
    let what = plain.service.unwrap_or(&plain.name);
    let found = Found::new(what, message, plain.place());
    let found = plain.service.into_iter().fold(found, Found::service);
    if rule.why.is_empty() {
        return found;
    }
    found.help(rule.why.to_owned())
}

/// Why an expression is neither true nor false.
struct Undecided {
    why: String,
    help: Option<String>,
}

type Verdict = Result<bool, Undecided>;

/// Whether each value fulfils the expression that it is given to.
fn verdicts(
    project: &serde_json::Value,
    given: &[(&'static str, Vec<Given>)],
    progress: &AtomicUsize,
) -> Vec<Vec<Verdict>> {
    let mut context = Context::with_env(Arc::clone(language()));
    let project = cel::to_value(project).unwrap_or(Value::Null);
    context.add_variable_from_value("project", project);
    let mut all = Vec::new();
    for (number, (text, values)) in given.iter().enumerate() {
        progress.store(number, Ordering::Relaxed);
        let Ok(program) = language().compile(text) else {
            all.push(Vec::new());
            continue;
        };
        let verdicts = values.iter().map(|given| {
            let mut context = context.new_inner_scope();
            let value = cel::to_value(&given.value).unwrap_or(Value::Null);
            context.add_variable_from_value("self", value);
            context.add_variable_from_value("name", given.name.clone());
            context.add_variable_from_value("service", given.service.clone());
            match program.execute(&context) {
                Ok(Value::Bool(is_kept)) => Ok(is_kept),
                Ok(other) => Err(Undecided {
                    why: format!("its value is a {}, expected true or false", other.type_of()),
                    help: None,
                }),
                Err(error) => Err(reason(&error)),
            }
        });
        all.push(verdicts.collect());
    }
    all
}

/// Why an expression has no value, without values of the Compose file: they may be secret.
fn reason(error: &ExecutionError) -> Undecided {
    let why = match error {
        ExecutionError::NoSuchKey(key) => {
            return Undecided {
                why: format!("there is no field `{key}`"),
                help: Some(format!("ask first: `has(self.{key}) && …`")),
            };
        }
        ExecutionError::UndeclaredReference(name) => {
            return Undecided {
                why: format!("there is no variable or function `{name}`"),
                help: Some("there are `self`, `name`, `service` and `project`".to_owned()),
            };
        }
        ExecutionError::NoSuchOverload(overload) => format!(
            "`{}` cannot be used with {}",
            overload.function().trim_matches(['_', '@']),
            overload.argument_types().join(" and ")
        ),
        ExecutionError::ValuesNotComparable(..) => "it compares values of two types".to_owned(),
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
            "it divides by zero".to_owned()
        }
        ExecutionError::Overflow(..) => "a number is too large".to_owned(),
        ExecutionError::IndexOutOfBounds(_) => "a list has no such item".to_owned(),
        ExecutionError::InvalidArgumentCount { expected, actual } => {
            format!("a function takes {expected} arguments, and is given {actual}")
        }
        _ => "an operator or function does not fit its values".to_owned(),
    };
    Undecided { why, help: None }
}

/// Why the sandbox gave up.
fn stopped(why: &Stopped) -> String {
    match why {
        Stopped::Time => "it takes too long".to_owned(),
        Stopped::Memory => "it takes too much memory".to_owned(),
        Stopped::Another => "another one takes too much".to_owned(),
        Stopped::Failed => "the evaluation failed".to_owned(),
        Stopped::NoThread(error) => format!("cannot start a thread: {error}"),
    }
}
