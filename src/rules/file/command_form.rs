//! Commands in a form that runs something else than what they say.

use super::shell::is_shell;
use super::{each, hook};
use crate::compose::{At, Service, TEST_KINDS};
use crate::rules::prelude::*;
use crate::text::command_line::{end_of_command, split, takes_line};

pub(super) static RULE: Rule = Rule {
    code: "command-form",
    severity: Severity::Error,
    title: "Each word of a command is an item of its list, and a shell gets its line as one item",
    why: "`[CMD, \"redis-cli ping\"]` looks for a program whose name has a space in it. Of `[CMD-SHELL, redis-cli, ping]` the shell runs `redis-cli` alone, and of \
          `[sh, -c, echo, hi]` it runs `echo`: what follows are the arguments `$0`, `$1` of the line.",
    origin: "Dockerfile reference, exec form and shell form",
    bad: service!("healthcheck: { test: [CMD, 'redis-cli ping'] }"),
    good: service!("healthcheck: { test: [CMD, redis-cli, ping] }"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let test = service.dig(&["healthcheck", "test"]);
        let entrypoint = service.get("entrypoint");
        let mut argv = entrypoint.map(argv).unwrap_or_default();
        argv.extend(service.get("command").map(self::argv).unwrap_or_default());
        let mut found = vec![
            test.and_then(|test| of_test(service, test)),
            test.and_then(|test| behind_a_shell(service, &words(test))),
            test.and_then(|test| of_text(service, test)),
            test.and_then(|test| without_a_shell(service, &of_program(test))),
            without_a_shell(service, &argv),
            of_entrypoint(service),
            behind_a_shell(service, &argv),
        ];
        let hooks = hook::of(service.at).filter_map(|(_, hook)| hook.field("command"));
        let hooks: Vec<At<'_>> = hooks.collect();
        for hook in hooks.iter().map(|hook| self::argv(*hook)) {
            found.push(behind_a_shell(service, &hook));
            found.push(without_a_shell(service, &hook));
        }
        let own = ["entrypoint", "command"];
        let own = own.into_iter().filter_map(|field| service.get(field));
        found.extend(own.chain(hooks).map(|command| cut_off(service, command)));
        found.into_iter().flatten().collect::<Vec<_>>()
    })
}

/// A test in one text that begins as one in a list does: a shell runs a text.
fn of_text(service: Service<'_>, test: At<'_>) -> Option<Found> {
    let written = test.text()?;
    let kind = written.split_whitespace().next()?;
    if !TEST_KINDS.contains(&kind) {
        return None;
    }
    let message = format!(
        "the health check of `{}` runs a program named `{kind}`",
        service.name
    );
    let found = Found::new(service.name, message, test.place());
    Some(
        found
            .label("a shell runs a text as it is")
            .help(if kind == "NONE" {
                "write `[NONE]`, or `disable: true` instead of `test`".to_owned()
            } else {
                format!("leave `{kind}` out, or write a list")
            }),
    )
}

/// The words of a test that runs a program.
fn of_program(test: At<'_>) -> Vec<(String, At<'_>)> {
    let mut words = words(test);
    if words.first().is_some_and(|(kind, _)| kind == "CMD") {
        words.remove(0);
        return words;
    }
    Vec::new()
}

/// Programs that read such signs themselves: other shells, and those with expressions.
const READERS: [&str; 13] = [
    "cmd", "cmd.exe", "powershell", "pwsh", "fish", "nu", "tcpdump", "tshark", "test", "[", "expr",
    "find", "tmux",
];

const WITH_A_SHELL: &str = "write `sh -c \"…\"` with the whole line in quotes";

/// What only a shell understands among the words of a program.
fn without_a_shell(service: Service<'_>, argv: &[(String, At<'_>)]) -> Option<Found> {
    let reads = |word: &str| {
        is_shell(word) || READERS.contains(&word.rsplit('/').next().unwrap_or_default())
    };
    // Options alone are for the program of the image.
    let is_unknown = argv.first().is_none_or(|(word, _)| word.starts_with('-'));
    if is_unknown || argv.iter().any(|(word, _)| reads(word)) {
        return None;
    }
    let is_of_shell = |word: &str| {
        matches!(word, "&&" | "||" | "|" | ";" | "&" | ">" | ">>") || word.starts_with("2>")
    };
    let (word, at) = argv.iter().skip(1).find(|(word, _)| is_of_shell(word))?;
    let message = format!(
        "the program of `{}` is given `{word}` as an argument",
        service.name
    );
    let found = Found::new(service.name, message, at.place());
    Some(found.label("no shell runs it").help(WITH_A_SHELL))
}

/// A command in one text of which Compose drops a part.
fn cut_off(service: Service<'_>, command: At<'_>) -> Option<Found> {
    let text = command.text().filter(|_| command.is_known())?;
    let sign = end_of_command(&text)?;
    let message = format!(
        "Compose drops `{sign}` and what follows from the command of `{}`",
        service.name
    );
    let found = Found::new(service.name, message, command.place());
    Some(found.label("no shell runs it").help(WITH_A_SHELL))
}

/// The words that a program is given. Compose splits a text itself.
fn argv(command: At<'_>) -> Vec<(String, At<'_>)> {
    if command.is_list() {
        return words(command);
    }
    let text = command.text().filter(|_| command.is_known());
    let split = text.and_then(|text| split(&text)).unwrap_or_default();
    split.into_iter().map(|word| (word, command)).collect()
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

/// A line in several words behind `sh -c`, which takes one.
fn behind_a_shell(service: Service<'_>, argv: &[(String, At<'_>)]) -> Option<Found> {
    // `su -s /bin/sh -c` gives the shell to another program, whose arguments follow.
    let is_own = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| argv.get(at));
        before.is_none_or(|(word, _)| word == "--" || !word.starts_with('-'))
    };
    let mut words = argv.iter().enumerate();
    let (shell, _) = words.find(|(at, (word, _))| is_shell(word) && is_own(*at))?;
    let mut rest = argv.iter().skip(shell + 1);
    let is_option = |word: &str| word.starts_with(['-', '+']);
    rest.by_ref()
        .take_while(|(word, _)| is_option(word))
        .find(|(word, _)| takes_line(word))?;
    let mut rest = rest.skip_while(|(word, _)| is_option(word));
    let (line, _) = rest.next()?;
    let (_, first) = rest.next()?;
    // What is behind a line of several words is first a name for it, as in `[sh, -c, "a; b", sh]`.
    let is_one_word = !line.contains(char::is_whitespace);
    // A script may be given a name as well.
    let is_script = is_one_word && line.contains('/');
    if is_script || reads_arguments(line) || !is_one_word && rest.next().is_none() {
        return None;
    }
    let message = format!(
        "the shell of `{}` runs only the item after `-c`",
        service.name
    );
    let found = Found::new(service.name, message, first.place());
    Some(found.label("expected the whole line in one item"))
}

/// Whether a line of a shell reads the arguments behind it: `$0`, `$1`, `${1}`, `$@`, `$*`, `$#`, or all of them by `shift`, `getopts`
/// and a `for` without a list.
fn reads_arguments(line: &str) -> bool {
    let is_argument = |c: char| c.is_ascii_digit() || matches!(c, '@' | '*' | '#');
    let mut variables = line.split('$').skip(1);
    let mut words = line.split(|c: char| !c.is_alphanumeric());
    variables.any(|rest| {
        rest.strip_prefix('{')
            .unwrap_or(rest)
            .starts_with(is_argument)
    }) || words.any(|word| matches!(word, "shift" | "getopts" | "for"))
}

#[cfg(test)]
mod tests {
    use super::reads_arguments;

    #[test]
    fn a_line_reads_its_arguments_by_their_numbers_or_as_a_whole() {
        for line in [
            "echo \"$1\"",
            "exec \"$@\"",
            "echo ${1:-x}",
            "echo $0",
            "echo $# $*",
            "echo ${#}",
            "shift; run",
            "for x; do echo $x; done",
        ] {
            assert!(reads_arguments(line), "{line}");
        }
        for line in ["echo", "echo $HOME", "exec $$", "echo ${HOME}", "format"] {
            assert!(!reads_arguments(line), "{line}");
        }
    }
}
