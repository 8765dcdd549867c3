//! What composegen does if no further thread can be started, as in a container with a low limit of processes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::project::{Project, Ran};

/// A user that runs nothing else, so that the limit counts composegen alone.
const USER: &str = "--reuid=54321";

#[test]
#[ignore = "needs root: make test"]
fn without_a_further_thread_work_is_done_by_the_first_one() {
    let project = Project::nata();
    let rendered = project.run(&["render", "-q"]);
    assert_eq!(rendered.code, Some(0), "{}", rendered.stderr);
    let file = "generated/compose/vps.prod.yml";
    // That user may not read the folder of the tests, but can read this one.
    let program = project.path("composegen");
    fs::copy(env!("CARGO_BIN_EXE_composegen"), &program).unwrap();
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(project.path("."), open).unwrap();
    let alone = |arguments: &[&str]| {
        let mut command = Command::new("setpriv");
        command
            .args([USER, "--clear-groups", "prlimit", "--nproc=1:1"])
            .arg(&program)
            .args(arguments);
        Ran::of(command.current_dir(project.path(".")))
    };
    let check = ["check", "-f", file];
    let expected = project.run(&check);
    assert_eq!(expected.code, Some(0), "{}", expected.stderr);
    let ran = alone(&check);
    assert_eq!(
        (ran.code, ran.stdout),
        (Some(0), expected.stdout),
        "{}",
        ran.stderr
    );
    // Templates run in a thread of their own, so that they can be stopped.
    let ran = alone(&["render", "--check"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    let why = "cannot start a thread for the templates";
    assert!(ran.stderr.contains(why), "{}", ran.stderr);
    let ran = alone(&["drift", "--docker", "unix:///nowhere", "-f", file]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stdout.contains("unreachable"), "{}", ran.stderr);
}
