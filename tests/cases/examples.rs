//! The examples of the rules: the bad one is found by its rule, and the good one is not.

use composegen::rules::{self, Example, Rule};
use libtest_mimic::Trial;
use serde_yaml::Value;

use crate::checked::{self, codes};
use crate::project::{Project, root};

pub(crate) fn cases() -> Vec<Trial> {
    rules::all()
        .flat_map(|rule| {
            let name = format!("examples::{}", rule.code);
            [
                crate::case(format!("{name}::bad"), || bad(rule)),
                crate::case(format!("{name}::good"), || good(rule)),
            ]
        })
        .collect()
}

fn bad(rule: &Rule) -> Result<(), String> {
    let found = found(rule, &rule.bad)?;
    if found.contains(&rule.code) {
        return Ok(());
    }
    Err(format!("found {found:?}"))
}

fn good(rule: &Rule) -> Result<(), String> {
    let found = found(rule, &rule.good)?;
    // A Compose file or a journal of an example ignores what other rules require.
    let is_good = match rule.good {
        Example::Compose(_) | Example::Beside { .. } | Example::Journal(_) => {
            !found.contains(&rule.code)
        }
        _ => found.is_empty(),
    };
    if is_good {
        return Ok(());
    }
    Err(format!("found {found:?}"))
}

/// Merges a value into another: mappings key by key, anything else as a whole.
fn merge(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Mapping(below), Value::Mapping(above)) if !above.is_empty() => {
            for (key, value) in above {
                match below.get_mut(&key) {
                    Some(there) => merge(there, value),
                    None => {
                        below.insert(key, value);
                    }
                }
            }
        }
        (below, above) => *below = above,
    }
}

/// The codes of the findings in an example.
fn found(rule: &Rule, example: &Example) -> Result<Vec<&'static str>, String> {
    let project = Project::copy_of(&root().join("tests/fixtures/clean"));
    let engine = rule.only.unwrap_or_default();
    match example {
        Example::Spec { file, text } => {
            let name = format!("environments/{file}");
            let mut spec: Value = serde_yaml::from_str(&project.read(&name)).unwrap();
            merge(&mut spec, serde_yaml::from_str(text).unwrap());
            project.write(&name, &serde_yaml::to_string(&spec).unwrap());
        }
        Example::Template { file, text } => {
            let name = format!("templates/{file}");
            project.write(&name, &(project.read(&name) + text));
        }
        Example::Journal(text) => project.write("releases/journal.jsonl", text),
        Example::Compose(files) => {
            let written = files.iter().enumerate().map(|(at, text)| {
                let name = format!("compose.{at}.yml");
                project.write(&name, text);
                name
            });
            let names: Vec<String> = written.collect();
            return checked::files(&project.path(""), &names, engine)
                .map_err(|why| why.to_string());
        }
        Example::Beside {
            compose,
            file,
            text,
        } => {
            project.write(file, text);
            project.write("compose.yml", compose);
            let names = ["compose.yml".to_owned()];
            return checked::files(&project.path(""), &names, engine)
                .map_err(|why| why.to_string());
        }
    }
    let findings = checked::project(&project.path("")).map_err(|why| why.to_string())?;
    Ok(codes(&findings))
}
