//! Commands in a form that runs something else than what they say.

use super::each;
use super::shell::is_shell;
use crate::compose::{At, Service};
use crate::rules::prelude::*;
use crate::text::command_line::takes_line;

pub(super) static RULE: Rule = Rule {
    code: "command-form",
    severity: Severity::Error,
    title: "Each word of a command is an item of its list, and a shell gets its line as one item",
    why: "`[CMD, \"redis-cli ping\"]` looks for a program whose name has a space in it. Of `[CMD-SHELL, redis-cli, ping]` the shell runs `redis-cli` alone, and so of a \
          `command` of several items behind `entrypoint: [sh, -c]`.",
    origin: "Dockerfile reference, exec form and shell form",
    bad: service!("healthcheck: { test: [CMD, 'redis-cli ping'] }"),
    good: service!("healthcheck: { test: [CMD, redis-cli, ping] }"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let test = service.dig(&["healthcheck", "test"]);
        let found = [
            test.and_then(|test| of_test(service, test)),
            of_entrypoint(service),
            behind_a_shell(service),
        ];
        found.into_iter().flatten().collect::<Vec<_>>()
    })
}

/// The items of a list whose texts are known.
fn words(list: At<'_>) -> Vec<(String, At<'_>)> {
    list.items()
        .map(|item| Some((item.text().filter(|_| item.is_known())?, item)))
        .collect::<Option<Vec<_>>>()
        .unwrap_or_default()
}

/// A program of several words, which no file has as its name.
fn as_one_word(service: Service<'_>, program: &str, at: At<'_>) -> Option<Found> {
    let words: Vec<&str> = program.split_whitespace().collect();
    if words.len() < 2 {
        return None;
    }
    let message = format!("`{}` runs a program with spaces in its name", service.name);
    let found = Found::new(service.name, message, at.place());
    Some(found.label("expected an item for each word"))
}

fn of_test(service: Service<'_>, test: At<'_>) -> Option<Found> {
    let words = words(test);
    match words.as_slice() {
        [(kind, _), (program, at)] if kind == "CMD" => {
            as_one_word(service, program, *at).map(|found| {
                found.help("write an item for each word, or `CMD-SHELL` instead of `CMD`")
            })
        }
        [(kind, _), _, (_, second), ..] if kind == "CMD-SHELL" => {
            let message = format!("the shell of `{}` runs only the first word", service.name);
            let found = Found::new(service.name, message, second.place());
            Some(
                found
                    .label("expected the whole line in one item")
                    .help("write `CMD` instead of `CMD-SHELL`, or one item"),
            )
        }
        _ => None,
    }
}

fn of_entrypoint(service: Service<'_>) -> Option<Found> {
    let words = words(service.get("entrypoint")?);
    match words.as_slice() {
        [(program, at)] => as_one_word(service, program, *at),
        _ => None,
    }
}

/// A command of several items behind `sh -c`, which takes one.
fn behind_a_shell(service: Service<'_>) -> Option<Found> {
    let entrypoint = words(service.get("entrypoint")?);
    let [.., (shell, _), (option, _)] = entrypoint.as_slice() else {
        return None;
    };
    if !is_shell(shell) || !takes_line(option) {
        return None;
    }
    let command = words(service.get("command")?);
    let [_, (_, second), ..] = command.as_slice() else {
        return None;
    };
    let message = format!(
        "the shell of `{}` runs only the first item of `command`",
        service.name
    );
    let found = Found::new(service.name, message, second.place());
    Some(found.label("expected the whole line in one item"))
}
