//! Specs, templates, the journal, and the files of a project.

use std::fs;

use super::{CONTROLS, DRIFT_FORMATS, MARKUP, both, each, holds, quoted};
use crate::project::{Project, composegen, root};

const COMMANDS: [&[&str]; 13] = [
    &["render", "--check"],
    &["render", "--check", "--color", "always"],
    &["render", "--diff", "--format", "json"],
    &["check"],
    &["check", "--format", "github"],
    &["check", "--format", "sarif"],
    &["check", "--format", "json"],
    &["diff", "prod", "preview", "--color", "always"],
    &["drift", "--all", "--docker", "unix:///nowhere"],
    &["catalog"],
    &["catalog", "--color", "always"],
    &["catalog", "--format", "json"],
    &["catalog", "--format", "markdown"],
];

fn run(project: &Project, what: &str, arguments: &[&str]) {
    let mut command = composegen();
    let path = std::env::var("PATH").unwrap();
    let output = command
        .args(arguments)
        .current_dir(project.path("."))
        .env("PATH", path)
        .output()
        .unwrap();
    holds(what, arguments, &output);
}

/// The lines of the specs with another value, and with another key.
#[test]
fn every_word_of_a_spec_is_shown_as_text() {
    let mut cases = Vec::new();
    let sound = Project::sound();
    for file in fs::read_dir(sound.path("environments")).unwrap() {
        let name = format!("environments/{}", file.unwrap().file_name().display());
        let text = sound.read(&name);
        for (index, line) in text.lines().enumerate() {
            let Some((key, _)) = line.split_once(':') else {
                continue;
            };
            let margin = " ".repeat(key.len() - key.trim_start().len());
            let changed = [
                format!("{key}: {}", quoted(&both())),
                format!("{key}: [{}]", quoted(MARKUP)),
                format!("{margin}{}: 1", quoted(&both())),
            ];
            for other in changed {
                let lines = text.lines().enumerate();
                let lines = lines.map(|(at, line)| if at == index { other.as_str() } else { line });
                cases.push((name.clone(), index, lines.collect::<Vec<_>>().join("\n")));
            }
        }
    }
    assert!(cases.len() > 150);
    let cases: Vec<_> = cases.into_iter().enumerate().collect();
    each(&cases, |(index, (name, line, text))| {
        let project = Project::sound();
        project.write(name, text);
        let what = format!("{name}:{}", line + 1);
        run(&project, &what, COMMANDS[index % COMMANDS.len()]);
    });
}

/// What may be any text gets through to what is printed.
#[test]
fn free_words_are_shown_as_text() {
    each(&[CONTROLS.to_owned(), MARKUP.to_owned(), both()], |text| {
        let project = Project::sound();
        let reason = quoted(text);
        project.edit(
            "environments/catalog.yaml",
            "The gate is the way in.",
            &text.replace(['\n', '\r', '\u{1b}'], " "),
        );
        project.edit(
            "environments/catalog.yaml",
            "public-port: ",
            &format!("no-such-rule: {reason}, root-user: {reason}, public-port: "),
        );
        for command in COMMANDS {
            run(&project, "reason", command);
        }
        let project = Project::sound();
        project.edit(
            "environments/catalog.yaml",
            "calls: [compute]",
            &format!("calls: [compute]\n    note: {reason}"),
        );
        project.edit(
            "templates/web.yml.j2",
            "\n",
            &format!("\n# {{{{ {reason} }}}} {}\n", text.replace('\n', " ")),
        );
        for command in COMMANDS {
            run(&project, "template", command);
        }
        // Why two environments may differ, and why a finding is ignored.
        let project = Project::nata();
        let why = "In prod, the models have their own disk; staging does not need a second one.";
        project.edit("environments/staging.yaml", why, &reason);
        run(&project, "differs", &["diff", "staging", "prod"]);
        run(
            &project,
            "differs",
            &["diff", "staging", "prod", "--color", "always"],
        );
        run(
            &project,
            "differs",
            &["diff", "staging", "prod", "--format", "json"],
        );
        let project = Project::sound();
        let rule = format!(
            "ignore: [{{ code: service-config, resource: app, reason: {reason}, until: 2999-01-01 }}]"
        );
        project.edit(
            "environments/prod.yaml",
            "    output: web.yml\n",
            &format!("    output: web.yml\n    {rule}\n"),
        );
        fs::copy(
            root().join("tests/fixtures/hosts/web.json"),
            project.path("web.json"),
        )
        .unwrap();
        for format in DRIFT_FORMATS {
            run(
                &project,
                "ignored",
                &[
                    "drift", "--host", "web", "--snapshot", "web.json", "--format", format,
                ],
            );
        }
    });
}

#[test]
fn names_and_contents_of_files_are_shown_as_text() {
    let names: Vec<String> = [CONTROLS, MARKUP, &both()]
        .iter()
        .map(|text| text.replace('/', "_").chars().take(50).collect())
        .collect();
    each(&names, |name| {
        let project = Project::sound();
        assert_eq!(project.run(&["render"]).code, Some(0));
        project.write(
            "generated/compose/web.yml",
            &format!("# {}\n ::error::x\n\u{1b}]0;t\u{7}\r::error::y\n", both()),
        );
        for command in COMMANDS {
            run(&project, "content", command);
        }
        run(
            &project,
            "content",
            &["render", "--diff", "--color", "always"],
        );
        for (file, text) in [
            (
                format!("generated/compose/{name}.yml"),
                "# composegen\nservices: {}\n",
            ),
            (format!("environments/{name}.yaml"), "x"),
            (format!("environments/{name}b.yaml"), "environment: [\n"),
            (format!("templates/{name}.j2"), "{{ nothing.at.all }}"),
            (format!("templates/{name}/c.j2"), "{% if"),
        ] {
            project.write(&file, text);
            for command in COMMANDS {
                run(&project, &file, command);
            }
        }
        let inside = Project::empty();
        let sound = Project::sound();
        for file in [
            "environments/catalog.yaml",
            "environments/prod.yaml",
            "environments/preview.yaml",
        ] {
            inside.write(&format!("{name}/{file}"), &sound.read(file));
        }
        for command in COMMANDS {
            run(&inside, "folder", &[&["-C", name], command].concat());
        }
    });
}

#[test]
fn the_journal_and_what_git_says_are_shown_as_text() {
    use std::os::unix::fs::PermissionsExt as _;

    let fields = [
        "time", "ref", "commit", "environment", "files", "approver", "previous", "extra",
    ];
    each(&fields, |field| {
        let project = Project::sound();
        let text = serde_json::to_string(&both()).unwrap();
        let entry = |field: &str| {
            let own = |name: &str, value: &str| {
                if name == field {
                    text.clone()
                } else {
                    value.to_owned()
                }
            };
            format!(
                "{{\"time\":{},\"ref\":{},\"commit\":{},\"environment\":{},\"files\":{{{}:{}}},\"approver\":{},\"previous\":{}{}}}",
                own("time", "\"2026-01-01T00:00:00Z\""),
                own("ref", "\"main\""),
                own("commit", "\"0123456789abcdef0123456789abcdef01234567\""),
                own("environment", "\"prod\""),
                own("files", "\"generated/compose/web.yml\""),
                own("files", "\"x\""),
                own("approver", "\"a\""),
                own("previous", "null"),
                if field == "extra" {
                    format!(",{text}:1")
                } else {
                    String::new()
                },
            )
        };
        project.write(
            "releases/journal.jsonl",
            &format!("{}\n{}\n\u{1b}[31m::error::x\n", entry(field), entry("")),
        );
        for command in COMMANDS {
            run(&project, field, command);
        }
        // A git that says the same wherever it is asked, on both streams.
        let said = both();
        project.write("said", &said);
        project.write("bin/git", "#!/bin/sh\nhere=${0%/bin/git}\n/bin/cat \"$here/said\"\n/bin/cat \"$here/said\" >&2\nexit $STATUS\n");
        fs::set_permissions(project.path("bin/git"), fs::Permissions::from_mode(0o755)).unwrap();
        for (status, format) in [("0", "human"), ("0", "json"), ("1", "human")] {
            for reference in ["main", both().as_str()] {
                let arguments = [
                    "promote", reference, "--to", "prod", "--approved-by", &said, "--format",
                    format,
                ];
                let mut command = composegen();
                command.args(arguments).current_dir(project.path("."));
                let path = format!("{}:/bin:/usr/bin", project.path("bin").display());
                let output = command
                    .env("PATH", path)
                    .env("STATUS", status)
                    .output()
                    .unwrap();
                holds(field, &arguments, &output);
            }
        }
    });
}
