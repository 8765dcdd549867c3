//! Completions in real shells, as a person gets them with the Tab key, and the manual pages.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::drift::fake::{Fake, nothing};
use crate::outside::succeed;
use crate::project::{Project, Ran, composegen, root};

/// Types into an interactive shell in a terminal of its own (`zpty`), and prints the line after the Tab key as the shell
/// has it: `echo` is put in front of it, and Enter is pressed.
const TYPE: &str = r#"
zmodload zsh/zpty
zpty -b shell "$1"
ready() { zpty -w shell "echo is-''$1"; zpty -r shell seen "*is-$1*" || exit 3 }
ready started
zpty -w shell "PS1='' PROMPT=''; $2"
ready loaded
zpty -w -n shell "$3"$'\t'
sleep 1
zpty -w -n shell $'\x01echo line: \x05\n'
zpty -r shell seen $'*\nline: *\n*' || exit 4
print -r -- "${${${seen##*$'\n'line: }%%$'\n'*}%%[[:space:]]##}"
zpty -d shell
"#;

/// A command line after the Tab key.
fn completed(project: &Project, shell: &str, typed: &str) -> String {
    let (start, load) = match shell {
        "bash" => (
            "TERM=dumb bash --noprofile --norc -i",
            "source <(composegen completions bash)",
        ),
        "zsh" => (
            "TERM=dumb zsh -f -i",
            "autoload -Uz compinit; compinit -u -D; source <(composegen completions zsh)",
        ),
        shell => panic!("{shell}"),
    };
    let output = in_project(project, "timeout")
        .args([
            "60", "zsh", "-f", "-o", "extendedglob", "-c", TYPE, "zsh", start, load, typed,
        ])
        .output()
        .unwrap();
    let ran = Ran::from(output);
    assert_eq!(
        ran.code,
        Some(0),
        "{shell}: {typed}: {}{}",
        ran.stdout,
        ran.stderr
    );
    ran.stdout.trim_end().to_owned()
}

/// A program in a project, with composegen in its path.
fn in_project(project: &Project, program: &str) -> Command {
    let built = Path::new(env!("CARGO_BIN_EXE_composegen"))
        .parent()
        .unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut command = Command::new(program);
    command
        .current_dir(project.path("."))
        .env_clear()
        .env("HOME", project.path("."))
        .env("LANG", "C.UTF-8")
        .env("PATH", format!("{}:{path}", built.display()));
    command
}

/// What is typed, and what it becomes.
const LINES: [(&str, &str); 6] = [
    ("composegen dri", "composegen drift"),
    ("composegen drift we", "composegen drift web"),
    ("composegen drift --env pro", "composegen drift --env prod"),
    (
        "composegen drift web --service ap",
        "composegen drift web --service app",
    ),
    ("composegen rules no-hea", "composegen rules no-healthcheck"),
    ("composegen check --form", "composegen check --format"),
];

#[test]
#[ignore = "needs bash and zsh: make test"]
fn the_tab_key_completes_names_of_the_project() {
    let project = Project::sound();
    for shell in ["bash", "zsh"] {
        for (typed, expected) in LINES {
            assert_eq!(completed(&project, shell, typed), expected, "{shell}");
        }
    }
}

#[test]
#[ignore = "needs fish: make test"]
fn fish_completes_names_of_the_project() {
    let project = Project::sound();
    for (typed, expected) in LINES {
        let script = format!("composegen completions fish | source; complete -C '{typed}'");
        let offered = succeed(in_project(&project, "fish").args(["--no-config", "-c", &script]));
        let word = expected.rsplit(' ').next().unwrap();
        let mut words = offered.lines().filter_map(|line| line.split('\t').next());
        assert!(words.any(|one| one == word), "{typed}: {offered}");
    }
}

/// What a script is told, whatever the shell is.
fn asked(project: &Project, words: &[&str]) -> Vec<String> {
    let mut command = composegen();
    command
        .current_dir(project.path("."))
        .env("COMPOSEGEN_COMPLETE", "powershell")
        .args(["--", "composegen"])
        .args(words);
    let ran = Ran::of(&mut command);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{words:?}");
    let names = ran
        .stdout
        .lines()
        .filter_map(|line| line.split('\t').next());
    names.map(str::to_owned).collect()
}

#[test]
fn candidates_follow_the_line() {
    let project = Project::sound();
    assert_eq!(asked(&project, &["drift", "--host", "w"]), ["web"]);
    assert_eq!(asked(&project, &["man", "dr"]), ["drift"]);
    assert_eq!(
        asked(&project, &["drift", "prod", "--env", "pr"]),
        ["preview", "prod"]
    );
    assert!(asked(&project, &["drift", "prod", "--service", ""]).contains(&"db".to_owned()));
    assert!(
        asked(&project, &["check", "--select", "no-restart,no-lim"])
            .contains(&"no-restart,no-limits".to_owned())
    );
    assert!(asked(&project, &["drift", "--code", "port-e"]).contains(&"port-extra".to_owned()));
    assert!(asked(&project, &["rules", "port-e"]).contains(&"port-extra".to_owned()));

    // A file is asked for its services, and so is the one that is found outside of a project.
    project.write(
        "own/compose.yaml",
        "services: { gate: { image: a }, job: { image: b, profiles: [x] } }\n",
    );
    assert_eq!(
        asked(
            &project,
            &["drift", "-f", "own/compose.yaml", "--service", ""]
        ),
        ["gate", "job"]
    );
    let alone = Project::empty();
    alone.write("compose.yaml", "services: { gate: { image: a } }\n");
    assert_eq!(asked(&alone, &["plan", "--service", "g"]), ["gate"]);

    // A mistake in a spec leaves the names of the files.
    project.edit("environments/prod.yaml", "environment:", "enviroment:");
    assert_eq!(
        asked(&project, &["drift", "--env", "p"]),
        ["preview", "prod"]
    );
    assert_eq!(asked(&project, &["drift", "--host", "w"]), [""; 0]);

    // -C names another project, and no project is not an error.
    let directory = root().display().to_string();
    assert_eq!(
        asked(&alone, &["-C", &directory, "drift", "--host", "vps-s"]),
        ["vps-staging"]
    );
    assert_eq!(
        asked(&Project::empty(), &["drift", "--service", ""]),
        [""; 0]
    );
}

#[test]
fn every_shell_has_a_script() {
    let project = Project::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = project.run(&["completions", shell]);
        assert_eq!(ran.code, Some(0), "{shell}: {}", ran.stderr);
        assert!(
            ran.stdout.contains("COMPOSEGEN_COMPLETE"),
            "{shell}: {}",
            ran.stdout
        );
    }
    assert_eq!(project.run(&["completions", "tcsh"]).code, Some(2));
}

#[test]
#[ignore = "needs a terminal (script of util-linux): make test"]
fn a_terminal_shows_what_is_waited_for_and_a_pipe_does_not() {
    let slow = Fake::new(|path| {
        std::thread::sleep(Duration::from_millis(700));
        nothing(path)
    });
    let project = Project::empty();
    project.write(
        "compose.yml",
        "name: shop\nservices: { web: { image: a } }\n",
    );
    let url = slow.url();
    let command = format!("composegen drift -f compose.yml --docker {url}");
    let shown = in_project(&project, "script")
        .env("TERM", "xterm")
        .args(["--quiet", "--return", "--command", &command, "typescript"])
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("waiting for shop"), "{shown:?}");
    // The line is gone before anything else is written.
    let (_, after) = shown.rsplit_once("waiting for shop").unwrap();
    assert!(
        after.contains("\x1b[2K") && after.contains("drifted"),
        "{after:?}"
    );

    let quiet = format!("{command} --quiet");
    let shown = in_project(&project, "script")
        .env("TERM", "xterm")
        .args(["--quiet", "--return", "--command", &quiet, "typescript"])
        .output()
        .unwrap();
    assert!(!String::from_utf8_lossy(&shown.stdout).contains("waiting"));
    let piped = project.run(&["drift", "-f", "compose.yml", "--docker", &url]);
    assert_eq!(
        (piped.code, piped.stderr.contains("waiting")),
        (Some(1), false),
        "{}",
        piped.stderr
    );
}

#[test]
#[ignore = "needs groff: make test"]
fn every_command_has_a_manual_page_without_warnings() {
    let project = Project::empty();
    let commands = project.run(&["--help"]).stdout;
    let (_, commands) = commands.split_once("Commands:\n").unwrap();
    let names = commands.lines().take_while(|line| !line.is_empty());
    let names = names.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names: Vec<&str> = names
        .filter(|name| !name.is_empty() && *name != "help")
        .collect();
    assert!(names.len() >= 16, "{names:?}");
    for name in [&[""], names.as_slice()].concat() {
        let arguments: Vec<&str> = ["man", name]
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect();
        let page = project.run(&arguments);
        assert_eq!(page.code, Some(0), "{name}: {}", page.stderr);
        project.write("page.1", &page.stdout);
        let file = project.path("page.1").display().to_string();
        let shown = Command::new("groff")
            .args(["-man", "-ww", "-Tutf8", "-P-cbou", &file])
            .output()
            .unwrap();
        let shown = Ran::from(shown);
        assert_eq!((shown.code, shown.stderr.as_str()), (Some(0), ""), "{name}");
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES"] {
            assert!(
                shown.stdout.lines().any(|line| line == section),
                "{name}: {section}\n{}",
                shown.stdout
            );
        }
    }
    assert_eq!(project.run(&["man", "drfit"]).code, Some(2));
}
