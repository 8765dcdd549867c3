//! What `render` writes: through real folders only, whole or not at all, and nothing is left behind.

#![cfg(unix)]

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::project::{Project, Ran, composegen};

/// The outputs of the repository's own project that lie in one folder.
const OUTPUT: &str = "generated/compose";

/// The repository's own project, rendered.
fn rendered() -> Project {
    let project = Project::nata();
    let ran = project.run(&["render"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    project
}

/// Changes what every file of the project is rendered to.
fn edit(project: &Project, round: usize) {
    for template in templates(&project.path("templates")) {
        let text = fs::read_to_string(&template).unwrap();
        let text = text.split("\n# round").next().unwrap().to_owned();
        fs::write(&template, format!("{text}\n# round {round}\n")).unwrap();
    }
}

fn templates(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(templates(&path));
        } else if path.to_str().unwrap().ends_with(".yml.j2") {
            found.push(path);
        }
    }
    found
}

/// The names below `generated/` that a run leaves only where it was killed.
fn leftovers(project: &Project) -> Vec<String> {
    let everything = project.everything().into_iter();
    let names = everything.map(|(path, _)| path.display().to_string());
    names
        .filter(|name| name.contains("/.composegen-"))
        .collect()
}

/// Something mounted, until it goes out of scope.
pub(crate) struct Mount(std::path::PathBuf);

impl Mount {
    /// Mounts, which takes root.
    pub(crate) fn new(arguments: &[&str], at: &Path) -> Self {
        assert!(made(Command::new("mount").args(arguments).arg(at)));
        Self(at.to_owned())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(&self.0).status();
        assert!(unmounted.unwrap().success());
    }
}

#[test]
fn a_folder_that_is_swapped_for_a_link_receives_nothing_outside() {
    let project = rendered();
    let outside = tempfile::tempdir().unwrap();
    let (folder, aside) = (project.path(OUTPUT), project.path("generated/.aside"));
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut pause = 0;
            while !is_over.load(Ordering::Relaxed) {
                pause = (pause * 7 + 311) % 3000;
                fs::rename(&folder, &aside).unwrap();
                // A run may make the folder again before the link is there.
                while symlink(outside.path(), &folder).is_err() {
                    fs::remove_dir_all(&folder).unwrap();
                }
                thread::sleep(Duration::from_micros(pause));
                fs::remove_file(&folder).unwrap();
                // A run may have made the folder again in the meantime.
                if fs::rename(&aside, &folder).is_err() {
                    fs::remove_dir_all(&folder).unwrap();
                    fs::rename(&aside, &folder).unwrap();
                }
                thread::sleep(Duration::from_micros(3000 - pause));
            }
        });
        for round in 0..40 {
            edit(&project, round);
            project.run(&["render", "-q"]);
            let written: Vec<_> = fs::read_dir(outside.path()).unwrap().collect();
            if !written.is_empty() {
                is_over.store(true, Ordering::Relaxed);
                panic!("round {round}: {written:?}");
            }
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let ran = project.run(&["render", "-q"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(leftovers(&project), Vec::<String>::new());
}

#[test]
fn after_a_run_that_was_killed_the_next_one_leaves_a_clean_tree() {
    let project = rendered();
    let before = project.everything().len();
    let mut pause = 0;
    for round in 0..40 {
        edit(&project, round);
        if round % 4 == 0 {
            fs::remove_dir_all(project.path(OUTPUT)).unwrap();
        }
        let mut child = composegen()
            .args(["render", "-q"])
            .current_dir(project.path("."))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        if round % 2 == 0 {
            // Anywhere in a run, which takes some tens of milliseconds.
            pause = (pause + 1700) % 50_000;
            thread::sleep(Duration::from_micros(pause));
        } else {
            // While files are on their way.
            while leftovers(&project).is_empty() && child.try_wait().unwrap().is_none() {}
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let check = project.run(&["render", "--check", "--format", "json"]);
        assert!(!check.stdout.contains("orphaned"), "{}", check.stdout);
        let ran = project.run(&["render", "-q"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_eq!(leftovers(&project), Vec::<String>::new());
        assert_eq!(project.run(&["render", "--check", "-q"]).code, Some(0));
        assert_eq!(project.everything().len(), before);
    }
}

#[test]
fn only_what_a_killed_run_left_is_removed() {
    let project = rendered();
    let whole = project.read("generated/docker-compose.local.yml");
    let ours = [
        ("generated/.composegen-AbCdEf", whole.as_str()),
        ("generated/compose/.composegen-012345", "# Generat"),
        ("generated/compose/.composegen-zZ9aB0", ""),
    ];
    let theirs = [
        ("generated/.composegen-ignore", "old/*\n"),
        ("generated/.composegen-AbCdE", whole.as_str()),
        ("generated/.composegen-AbCdEf.yml", "a: 1\n"),
        ("generated/.composegen-Ab_dEf", ""),
        ("generated/compose/composegen-AbCdEf", ""),
        ("templates/.composegen-AbCdEf", whole.as_str()),
    ];
    for (name, text) in ours.iter().chain(&theirs) {
        project.write(name, text);
    }
    fs::create_dir(project.path("generated/.composegen-folder")).unwrap();
    fs::create_dir(project.path("generated/.composegen-Folder")).unwrap();
    symlink(
        "docker-compose.local.yml",
        project.path("generated/.composegen-LinkTo"),
    )
    .unwrap();
    let check = project.run(&["render", "--check", "--format", "json"]);
    let orphans = check.stdout.matches("\"orphaned\"").count();
    assert_eq!(orphans, 1, "a whole file of another name: {}", check.stdout);
    for (name, _) in ours {
        assert!(
            project.path(name).exists(),
            "`--check` removes nothing: {name}"
        );
    }
    assert_eq!(project.run(&["render", "-q"]).code, Some(0));
    for (name, _) in ours {
        assert!(!project.path(name).exists(), "{name}");
    }
    for (name, text) in theirs {
        assert_eq!(project.read(name), text, "{name}");
    }
    assert!(project.path("generated/.composegen-Folder").is_dir());
    assert!(project.path("generated/.composegen-LinkTo").is_symlink());
}

#[test]
fn two_renders_side_by_side_both_succeed() {
    let project = rendered();
    for round in 0..20 {
        edit(&project, round);
        let mut children: Vec<_> = (0..2)
            .map(|_| {
                composegen()
                    .arg("render")
                    .current_dir(project.path("."))
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for child in children.drain(..) {
            let ran = Ran::from(child.wait_with_output().unwrap());
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        }
        assert_eq!(project.run(&["render", "--check", "-q"]).code, Some(0));
        assert_eq!(leftovers(&project), Vec::<String>::new());
    }
}

#[test]
fn a_render_waits_for_another_one_and_says_so() {
    let project = rendered();
    edit(&project, 1);
    let root = File::open(project.path(".")).unwrap();
    root.lock().unwrap();
    // Who only looks does not wait.
    assert_eq!(project.run(&["render", "--check", "-q"]).code, Some(1));
    let child = composegen()
        .arg("render")
        .current_dir(project.path("."))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(1500));
    assert_eq!(project.run(&["render", "--check", "-q"]).code, Some(1));
    root.unlock().unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(
        said.starts_with("waiting for another composegen run"),
        "{said}"
    );
    assert_eq!(project.run(&["render", "--check", "-q"]).code, Some(0));
}

#[test]
fn only_files_are_replaced() {
    let project = rendered();
    let target = "generated/compose/vps.prod.yml";
    let others = project.everything();
    let outside = tempfile::tempdir().unwrap();
    let victim = outside.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    let make: [Impostor<'_>; 6] = [
        ("is a directory", &|path| fs::create_dir(path).unwrap()),
        ("symbolic link", &|path| symlink(&victim, path).unwrap()),
        ("symbolic link", &|path| {
            symlink("vps.staging.yml", path).unwrap();
        }),
        ("symbolic link", &|path| symlink("nowhere", path).unwrap()),
        ("FIFO", &|path| {
            assert!(made(Command::new("mkfifo").arg(path)));
        }),
        ("is a socket", &|path| {
            drop(std::os::unix::net::UnixListener::bind(path).unwrap());
        }),
    ];
    for (why, make) in make {
        let path = project.path(target);
        fs::remove_file(&path).unwrap();
        make(&path);
        edit(&project, 1);
        let ran = project.run(&["render"]);
        assert_eq!(ran.code, Some(2), "{why}: {}", ran.stderr);
        assert!(ran.stderr.contains(why), "{why}: {}", ran.stderr);
        let kind = fs::symlink_metadata(&path).unwrap().file_type();
        assert!(!kind.is_file(), "{why}: it is still what it was");
        if kind.is_dir() {
            fs::remove_dir(&path).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
        assert_eq!(leftovers(&project), Vec::<String>::new());
        edit(&project, 0);
        assert_eq!(project.run(&["render", "-q"]).code, Some(0));
    }
    assert_eq!(project.everything().len(), others.len());
}

/// What an error says of something that is not a file, and how it is made.
type Impostor<'a> = (&'a str, &'a dyn Fn(&Path));

fn made(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}

#[test]
#[ignore = "needs root: make test"]
fn a_device_is_neither_read_nor_replaced() {
    let project = rendered();
    let path = project.path("generated/compose/vps.prod.yml");
    fs::remove_file(&path).unwrap();
    // The device that never ends.
    let mut mknod = Command::new("mknod");
    assert!(made(mknod.arg(&path).args(["c", "1", "5"])));
    for arguments in [&["render"][..], &["render", "--check"]] {
        let ran = project.run(arguments);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains("a device"), "{}", ran.stderr);
    }
}

#[test]
fn a_replaced_file_keeps_its_mode_and_a_new_one_has_the_usual_mode() {
    modes_and_owners(None);
}

#[test]
#[ignore = "needs root: make test"]
fn a_replaced_file_keeps_its_owner() {
    modes_and_owners(Some((12345, 23456)));
}

/// Renders over a file of each mode, and of this owner.
fn modes_and_owners(owner: Option<(u32, u32)>) {
    let project = rendered();
    let (kept, new) = (
        "generated/compose/vps.prod.yml",
        "generated/compose/vps.staging.yml",
    );
    let mode = |name: &str| fs::metadata(project.path(name)).unwrap().mode() & 0o7777;
    for (umask, expected) in [("022", 0o644), ("077", 0o600), ("000", 0o644)] {
        for kept_mode in [0o640, 0o606, 0o444] {
            fs::set_permissions(project.path(kept), fs::Permissions::from_mode(kept_mode)).unwrap();
            if let Some((user, group)) = owner {
                std::os::unix::fs::chown(project.path(kept), Some(user), Some(group)).unwrap();
            }
            project.remove(new);
            edit(&project, usize::try_from(kept_mode + expected).unwrap());
            let binary = env!("CARGO_BIN_EXE_composegen");
            let mut command = Command::new("sh");
            command
                .args(["-c", &format!("umask {umask}; exec {binary} render -q")])
                .current_dir(project.path("."));
            let ran = Ran::of(&mut command);
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
            assert!(project.read(kept).contains("# round"), "it was replaced");
            assert_eq!(
                (mode(kept), mode(new)),
                (kept_mode, expected),
                "umask {umask}"
            );
            let metadata = fs::metadata(project.path(kept)).unwrap();
            if let Some(owner) = owner {
                assert_eq!((metadata.uid(), metadata.gid()), owner);
            }
        }
    }
}

/// A file that cannot be replaced, as another one is mounted on it, makes the run fail when others
/// have taken their places.
#[test]
#[ignore = "needs root: make test"]
fn files_replaced_before_a_failure_are_restored_byte_for_byte() {
    let project = rendered();
    let last = project.run(&["render", "--check", "--format", "json"]);
    let last: serde_json::Value = serde_json::from_str(&last.stdout).unwrap();
    let files = last["files"].as_array().unwrap();
    let paths: Vec<&str> = files
        .iter()
        .map(|file| file["path"].as_str().unwrap())
        .collect();
    let [first, second, .., last] = paths.as_slice() else {
        panic!("{paths:?}");
    };
    let bytes = b"not UTF-8: \xff\xfe\x00 \xc3\x28\r\n";
    fs::write(project.path(first), bytes).unwrap();
    fs::set_permissions(project.path(first), fs::Permissions::from_mode(0o606)).unwrap();
    project.remove(second);
    project.write("other", "mounted");
    let other = project.path("other");
    let at = project.path(last);
    let _mount = Mount::new(&["--bind", other.to_str().unwrap()], &at);
    std::os::unix::fs::chown(project.path(first), Some(12345), Some(23456)).unwrap();
    edit(&project, 1);
    let before = project.everything();
    let ran = project.run(&["render"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(
        ran.stderr.contains(&format!("cannot write `{last}`")),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("nothing was written"), "{}", ran.stderr);
    assert_eq!(project.everything(), before);
    let metadata = fs::metadata(project.path(first)).unwrap();
    assert_eq!(metadata.mode() & 0o7777, 0o606);
    assert_eq!((metadata.uid(), metadata.gid()), (12345, 23456));
}

#[test]
#[ignore = "needs root: make test"]
fn a_full_disk_changes_nothing() {
    let disk = tempfile::tempdir().unwrap();
    let options = ["-t", "tmpfs", "-o", "size=2m", "none"];
    let _mount = Mount::new(&options, disk.path());
    let project = Project::nata();
    let mut copy = Command::new("cp");
    let copied = copy.arg("-r").arg(project.path("."));
    assert!(made(copied.arg(disk.path().join("p"))));
    let run = |arguments: &[&str]| {
        let mut command = composegen();
        Ran::of(command.args(arguments).current_dir(disk.path().join("p")))
    };
    let everything = || {
        let listed = Command::new("find")
            .arg(disk.path().join("p"))
            .output()
            .unwrap();
        let digests = Command::new("sh")
            .args(["-c", "find . -type f -exec sha256sum {} +"])
            .current_dir(disk.path().join("p"))
            .output()
            .unwrap();
        (listed.stdout, digests.stdout)
    };
    let fill = |name: &str| {
        let mut fill = Command::new("dd");
        fill.args([
            "if=/dev/zero",
            "bs=1k",
            &format!("of={}", disk.path().join(name).display()),
        ]);
        assert!(!made(fill.stderr(Stdio::null())), "the disk is full");
    };
    // First where there is nothing yet, then where the files are stale.
    fill("fill");
    let before = everything();
    let ran = run(&["render"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("nothing was written"), "{}", ran.stderr);
    assert_eq!(everything(), before);
    fs::remove_file(disk.path().join("fill")).unwrap();
    assert_eq!(run(&["render"]).code, Some(0));
    for template in templates(&disk.path().join("p/templates")) {
        let old = fs::read_to_string(&template).unwrap();
        fs::write(&template, format!("{old}\n# changed\n")).unwrap();
    }
    fill("fill");
    let before = everything();
    let ran = run(&["render"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert_eq!(everything(), before);
    fs::remove_file(disk.path().join("fill")).unwrap();
    assert_eq!(run(&["render"]).code, Some(0));
}

#[test]
fn a_folder_that_cannot_be_written_to_is_an_error_and_stays_as_it_was() {
    let project = rendered();
    edit(&project, 1);
    let before = project.everything();
    let mut command = composegen();
    command.arg("render").current_dir(project.path("."));
    fs::set_permissions(project.path("."), fs::Permissions::from_mode(0o755)).unwrap();
    if fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0) {
        // Nothing is forbidden to root.
        let copy = tempfile::tempdir().unwrap();
        fs::set_permissions(copy.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let binary = copy.path().join("composegen");
        fs::copy(env!("CARGO_BIN_EXE_composegen"), &binary).unwrap();
        let mut command = Command::new(&binary);
        command
            .env_clear()
            .arg("render")
            .current_dir(project.path("."));
        let ran = Ran::of(command.uid(65534).gid(65534));
        refused(&project, &ran, &before);
        return;
    }
    for folder in ["generated", OUTPUT] {
        fs::set_permissions(project.path(folder), fs::Permissions::from_mode(0o555)).unwrap();
    }
    let ran = Ran::of(&mut command);
    for folder in ["generated", OUTPUT] {
        fs::set_permissions(project.path(folder), fs::Permissions::from_mode(0o755)).unwrap();
    }
    refused(&project, &ran, &before);
}

fn refused(project: &Project, ran: &Ran, before: &[(std::path::PathBuf, Vec<u8>)]) {
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("Permission denied"), "{}", ran.stderr);
    assert!(ran.stderr.contains("nothing was written"), "{}", ran.stderr);
    assert_eq!(project.everything(), before);
}

#[test]
fn folders_are_made_where_they_are_missing_and_only_real_ones_are_used() {
    let project = rendered();
    let outside = tempfile::tempdir().unwrap();
    fs::remove_dir_all(project.path("generated")).unwrap();
    assert_eq!(project.run(&["render", "-q"]).code, Some(0));
    assert!(project.path(OUTPUT).is_dir());
    for link in [OUTPUT, "generated"] {
        fs::remove_dir_all(project.path(link)).unwrap();
        for to in [outside.path(), Path::new("."), Path::new("nowhere")] {
            symlink(to, project.path(link)).unwrap();
            let ran = project.run(&["render"]);
            assert_eq!(ran.code, Some(2), "{link}: {}", ran.stderr);
            assert!(
                ran.stderr.contains("symbolic link"),
                "{link}: {}",
                ran.stderr
            );
            fs::remove_file(project.path(link)).unwrap();
        }
        fs::write(project.path(link), "a file").unwrap();
        let ran = project.run(&["render"]);
        assert_eq!(ran.code, Some(2), "{link}: {}", ran.stderr);
        assert_eq!(project.read(link), "a file");
        project.remove(link);
        assert_eq!(project.run(&["render", "-q"]).code, Some(0));
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}
