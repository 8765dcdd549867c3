//! Slips of the keyboard beside a secret: most make a file that is not YAML, or not a Compose file.

use super::{CANARIES, leaks, said};
use crate::drift::fake::Fake;
use crate::project::Project;

/// What is written with a slip; `K` is the name, `@` the secret, and `\n` goes on at the indentation.
const SLIPS: [&str; 45] = [
    "- K: @", "- K=@", "K: @", "K:@", "K=@", "K @", "K: \u{40}@", "K: `@", "K: %@", "K: \"@",
    "K: '@", "K: !@", "K: !@ x", "K: *@", "K: &@ x", "K: &@", "K: {@", "K: [@", "K: ]@", "K: ,@",
    "K: [@]", "K: {a: @}", "K: @\nK: @", "K: \"\\q@\"", "K: \"@\" @", "K: 'it's @'", "- - K: @",
    "? @", "K: ? @", "K: - @", "<<: @", "<<: *@", "K: ${@", "K: ${X:?@}", "K: ${@:?x}", "K: $${@",
    "K: pa$@", "K:\t@", "K: |@", "K: >\n  @: x", "K: @: x", "K: # @", "K:\n  @", "K:\n- @",
    "\"K: @",
];

/// Fields whose values may be secrets, with the indentation of what is below them.
const FIELDS: [(&str, &str); 15] = [
    (
        "services:\n  a:\n    image: x:1\n    environment:\n",
        "      ",
    ),
    ("services:\n  a:\n    image: x:1\n    command:\n", "      "),
    (
        "services:\n  a:\n    image: x:1\n    entrypoint:\n",
        "      ",
    ),
    ("services:\n  a:\n    image: x:1\n    labels:\n", "      "),
    (
        "services:\n  a:\n    image: x:1\n    annotations:\n",
        "      ",
    ),
    (
        "services:\n  a:\n    build:\n      context: .\n      args:\n",
        "        ",
    ),
    (
        "services:\n  a:\n    image: x:1\n    deploy:\n      labels:\n",
        "        ",
    ),
    (
        "services:\n  a:\n    image: x:1\n    healthcheck:\n      test:\n",
        "        ",
    ),
    (
        "services:\n  a:\n    image: x:1\n    logging:\n      options:\n",
        "        ",
    ),
    (
        "services:\n  a:\n    image: x:1\n    enviroment:\n",
        "      ",
    ),
    ("configs:\n  c:\n    content:\n", "      "),
    ("configs:\n  c:\n    content: |\n", "      "),
    ("volumes:\n  v:\n    driver_opts:\n", "      "),
    ("networks:\n  n:\n    driver_opts:\n", "      "),
    ("x-env: &env\n", "  "),
];

/// What is behind the slip: mistakes of its own, so that a sound file has something to say too.
const REST: &str = "  z:\n    image: y:1\n    ports: ['x']\n";

/// Every slip in every field, each in all of its variants.
fn files() -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for (field, indent) in FIELDS {
        for slip in SLIPS {
            let mut files = Vec::new();
            for canary in CANARIES {
                let slip = slip.replace('@', canary);
                let lines = slip.replace('\n', &format!("\n{indent}"));
                files.push(format!("{field}{indent}{lines}\n"));
                if canary == CANARIES[0] {
                    // One column off, in both directions, with a tab, and with more behind it.
                    let fewer = indent.replacen(' ', "", 1);
                    files.push(format!("{field}{fewer}{lines}\n"));
                    files.push(format!(
                        "{field}{indent}A: b\n{indent} {lines}\n{indent}C: d\n"
                    ));
                    files.push(format!(
                        "{field}{indent}A: b\n{fewer}{lines}\n{indent}C: d\n"
                    ));
                    files.push(format!("{field}{indent}\t{lines}\n"));
                    files.push(format!("{field}\t{lines}\n"));
                    files.push(format!("{field}{indent}{lines}\n").replace('\n', "\r\n"));
                    files.push(format!("{field}{indent}{lines}\nservices:\n{REST}"));
                }
            }
            // On one line, in brackets.
            let slip = slip.replace('@', CANARIES[0]).replace('\n', " ");
            let flow = field.trim_end().trim_end_matches('|');
            files.push(format!("{flow} {{{slip}}}\n"));
            files.push(format!("{flow} [{slip}]\n"));
            files.push(format!("{flow} {slip}\n"));
            files.push(format!(
                "services: {{a: {{image: 'x:1', environment: {{{slip}}}, command: [{slip}]}}}}\n"
            ));
            all.push(files);
        }
    }
    all
}

#[test]
fn no_slip_beside_a_secret_shows_it() {
    // One variant of each, and of the next slip another one.
    let files = files().into_iter().enumerate();
    let files = files.map(|(index, mut variants)| variants.swap_remove(index % variants.len()));
    let files: Vec<String> = files.collect();
    assert!(files.len() > 600);
    show_none(&files);
}

/// `cargo test --test it manual_no_variant -- --ignored` tries them all.
#[test]
#[ignore = "takes minutes; the test above takes one variant of each"]
fn manual_no_variant_of_a_slip_beside_a_secret_shows_it() {
    show_none(&files().concat());
}

fn show_none(files: &[String]) {
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let found: Vec<String> = std::thread::scope(|scope| {
        let halves = files.chunks(files.len().div_ceil(workers));
        let workers: Vec<_> = halves
            .map(|files| {
                scope.spawn(move || {
                    files
                        .iter()
                        .filter_map(|file| leak_of(file))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    assert!(
        found.is_empty(),
        "{} files show it:\n{}",
        found.len(),
        found[..found.len().min(60)].join("\n")
    );
}

fn leak_of(file: &str) -> Option<String> {
    let said = said(file);
    let leaks = leaks(&said);
    let first = leaks.first()?;
    Some(format!("--- {file:?}\n{first}"))
}

#[test]
fn no_command_shows_a_secret_beside_a_slip() {
    let project = Project::empty();
    let engine = Fake::empty();
    let url = engine.url();
    let mut shown = Vec::new();
    for slip in ["- K: @", "K: \u{40}@", "K: \"@", "K: ${@", "K: {@"] {
        let text = format!(
            "{}      {}\n",
            FIELDS[0].0,
            slip.replacen('@', CANARIES[0], 1)
        );
        let text = if slip == "K: \u{40}@" {
            text.replace(CANARIES[0], &format!("@{}", CANARIES[0]))
        } else {
            text
        };
        project.write("c.yml", &text);
        for arguments in [
            &["state", "-f", "c.yml"] as &[&str],
            &["state", "-v", "-f", "c.yml"],
            &["state", "-q", "-f", "c.yml"],
            &["drift", "-f", "c.yml", "--docker", "unix:///nonexistent"],
            &["drift", "-f", "c.yml", "--docker", &url],
            &["drift", "-f", "c.yml", "--docker", &url, "--diff"],
            &["drift", "-f", "c.yml", "--docker", &url, "--format", "json"],
            &["snapshot", "-f", "c.yml", "--docker", &url],
            &["check", "-f", "c.yml"],
            &["check", "-f", "c.yml", "--format", "sarif"],
            &["check", "-f", "c.yml", "--format", "github"],
            &["check", "-f", "c.yml", "--format", "json"],
        ] {
            let ran = project.run(arguments);
            let output = ran.stdout + &ran.stderr;
            assert!(
                !output.is_empty() || arguments.contains(&"-q"),
                "{arguments:?}"
            );
            shown.extend(
                leaks(&output)
                    .into_iter()
                    .map(|line| format!("{arguments:?}: {line}")),
            );
        }
    }
    assert_eq!(shown, <[String; 0]>::default());
}
