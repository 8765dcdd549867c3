//! What commands say of their arguments, the same for all of them.

use crate::mistakes::refused;
use crate::project::Project;

#[test]
fn a_file_in_the_place_of_a_host_is_explained() {
    let project = Project::empty();
    for command in ["check", "drift", "snapshot", "state"] {
        let ran = refused(&project, &[command, "compose.yml"]);
        assert_eq!(
            ran.stderr,
            "error: `compose.yml` is not a host or environment; did you mean `-f compose.yml`?\n"
        );
    }
    insta::assert_snapshot!(refused(&project, &["render", "compose.yml"]).stderr, @"error: `compose.yml` is not a host or environment; this command takes no files, `check` and `drift` do: `-f compose.yml`");
}

#[test]
fn all_commands_that_take_targets_take_them_alike() {
    let project = Project::sound();
    for command in [&["render", "--check"][..], &["check"]] {
        for targets in [
            &["web"][..],
            &["--host", "web"],
            &["--env", "prod"],
            &["--all"],
            &["web", "--env", "prod"],
        ] {
            let ran = project.run(&[command, targets].concat());
            assert!(
                ran.code.is_some_and(|code| code < 2),
                "{command:?} {targets:?}: {}",
                ran.stderr
            );
        }
        let ran = refused(&project, &[command, &["--host", "prod"]].concat());
        assert!(
            ran.stderr.contains("`prod` is an environment"),
            "{}",
            ran.stderr
        );
        let ran = refused(&project, &[command, &["--env", "web"]].concat());
        assert!(ran.stderr.contains("`web` is a host"), "{}", ran.stderr);
        refused(&project, &[command, &["--all", "web"]].concat());
    }
    let named = project.run(&["state", "web"]);
    assert_eq!(named.code, Some(0), "{}", named.stderr);
    assert_eq!(
        named.stdout,
        project.run(&["state", "--host", "web"]).stdout
    );
    for command in ["state", "snapshot"] {
        let ran = refused(&project, &[command, "--env", "prod"]);
        assert!(ran.stderr.contains("2 are selected"), "{}", ran.stderr);
    }
}

#[test]
fn help_is_a_command() {
    let project = Project::empty();
    let ran = project.run(&["help", "render"]);
    assert_eq!(ran.code, Some(0));
    assert_eq!(ran.stdout, project.run(&["render", "--help"]).stdout);
    assert_eq!(
        project.run(&["help"]).stdout,
        project.run(&["--help"]).stdout
    );
    for arguments in [&["help", "--help"][..], &["help", "-h"]] {
        let ran = project.run(arguments);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_eq!(ran.stdout, project.run(&["help"]).stdout);
    }
    let ran = project.run(&["help", "render", "--help"]);
    assert_eq!(ran.stdout, project.run(&["help", "render"]).stdout);
}
