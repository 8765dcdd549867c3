//! Reading files of custom rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use strum::IntoEnumIterator as _;

use super::super::rule::{Check, Rule};
use super::{CustomRule, evaluate};
use crate::compose::section_names;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::finding::Code;
use crate::sandbox::{Sandbox, Watch};
use crate::severity::Level;
use crate::source::{Place, Source};
use crate::text::word;
use crate::yaml::{self, Cursor, Tree};

word!(
    /// The code of a custom rule.
    CustomCode,
    |text| text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
    "lower-case letters, digits and `-`, beginning with a letter, at most 63"
);

/// What a rule is checked for, unless it says so.
const SERVICES: &str = "services.*";

/// The rules of files, or all that is wrong with them.
pub(super) fn rules(sources: &[Arc<Source>]) -> Result<Vec<CustomRule>, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut read = Vec::new();
    let mut known: BTreeMap<String, Place> = BTreeMap::new();
    let sandbox = Sandbox::new();
    let watch = sandbox.watch(evaluate::ALLOWANCE);
    for source in sources {
        match yaml::parse(source) {
            Ok(value) => {
                let tree = Tree::of(&value, source, &mut problems);
                file(&tree.cursor(), &watch, &mut known, &mut read, &mut problems);
            }
            Err(mistakes) => problems.extend(mistakes),
        }
    }
    problems.or(read)
}

fn file(
    cursor: &Cursor<'_>,
    watch: &Watch<'_>,
    known: &mut BTreeMap<String, Place>,
    read: &mut Vec<CustomRule>,
    problems: &mut Diagnostics,
) {
    let Some(mut fields) = cursor.fields(problems) else {
        return;
    };
    let listed = fields.required("rules", problems);
    let items = listed.map(|list| list.list(problems));
    for item in items.unwrap_or_default() {
        read.extend(rule(&item, watch, known, problems));
    }
    fields.finish(problems);
}

fn rule(
    cursor: &Cursor<'_>,
    watch: &Watch<'_>,
    known: &mut BTreeMap<String, Place>,
    problems: &mut Diagnostics,
) -> Option<CustomRule> {
    let mut fields = cursor.fields(problems)?;
    let code = fields
        .required("code", problems)
        .and_then(|code| new_code(&code, known, problems));
    let level = fields.required("level", problems);
    let levels: Vec<(&str, Level)> = Level::iter().map(|level| (level.into(), level)).collect();
    let level = level.and_then(|level| level.one_of(&levels, problems));
    let message = fields
        .required("message", problems)
        .and_then(|message| message.text(problems));
    let help = fields.optional("help").and_then(|help| help.text(problems));
    let each = match fields.optional("for") {
        Some(each) => path(&each, problems),
        None => Some(SERVICES),
    };
    let require = fields.required("require", problems);
    let place = require.as_ref().map(Cursor::place);
    let require = require.and_then(|require| {
        let text = require.text(problems)?;
        evaluate::is_expression(text, &require.place(), watch, problems).then_some(text)
    });
    fields.finish(problems);
    let (code, level, message, each, require) = (code?, level?, message?, each?, require?);
    // A run has its rules to its end, and a rule is `'static` to all who know it. Their files are small.
    let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let (each, require) = (leak(each), leak(require.trim()));
    let rule = Rule {
        code: leak(code.as_str()),
        severity: level.severity(),
        title: leak(message),
        why: leak(help.unwrap_or_default()),
        check: Check::Custom { each, require },
        ..Rule::DEFAULT
    };
    Some(CustomRule {
        rule: Box::leak(Box::new(rule)),
        each,
        require,
        place: place?,
    })
}

/// A path that leads to something.
fn path<'a>(cursor: &Cursor<'a>, problems: &mut Diagnostics) -> Option<&'a str> {
    let path = cursor.text(problems)?;
    let first = path.split('.').next().unwrap_or_default();
    if first == "*" || section_names().any(|section| section == first) {
        return Some(path);
    }
    let message = format!("a Compose file has no field `{first}`");
    problems.push(
        Diagnostic::new(message, cursor.place())
            .label("expected a path such as `services.*.ports.*`")
            .did_you_mean(first, section_names()),
    );
    None
}

/// A code that no other rule has.
fn new_code(
    cursor: &Cursor<'_>,
    known: &mut BTreeMap<String, Place>,
    problems: &mut Diagnostics,
) -> Option<CustomCode> {
    let code: CustomCode = cursor.parse(problems)?;
    let name = code.as_str();
    let is_taken = super::super::by_code(name).is_some() || name.parse::<Code>().is_ok();
    let problem = if is_taken {
        Diagnostic::new(
            format!("`{name}` is the code of a built-in rule"),
            cursor.place(),
        )
        .label("expected another code")
        .help("begin it with a name of your own, such as `acme-`")
    } else if let Some(first) = known.get(name) {
        Diagnostic::new(format!("`{name}` is the code of two rules"), cursor.place())
            .label("used again here")
            .related(first, "first used here")
    } else {
        known.insert(name.to_owned(), cursor.place());
        return Some(code);
    };
    problems.push(problem);
    None
}
