//! What `promote` writes and what it gives git: entries whole or not at all, and values that were
//! checked.

#![cfg(unix)]

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::project::{Project, Ran, composegen};
use crate::promote::{JOURNAL, Repository};
use crate::writing::Mount;

const RECORD: [&str; 4] = ["main", "--to", "staging", "--record"];

/// An entry of staging that nothing is wrong with.
fn entry() -> Value {
    json!({
        "time": "2026-01-02T03:04:05Z", "ref": "main", "commit": "c0ffee0",
        "environment": "staging", "files": {}, "approver": null, "previous": null
    })
}

fn lines(repository: &Repository) -> usize {
    repository.0.read(JOURNAL).lines().count()
}

/// A git that writes down what it is given, and then is the real one.
fn recording(project: &Project) -> (String, PathBuf) {
    let log = project.path(".git/arguments");
    let path = std::env::var("PATH").unwrap();
    let script = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$@\" >> {}\nPATH='{path}' exec git \"$@\"\n",
        log.display()
    );
    project.write(".git/bin/git", &script);
    let git = project.path(".git/bin/git");
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{path}", git.parent().unwrap().display());
    (path, log)
}

#[test]
fn an_invalid_value_in_a_journal_never_reaches_git() {
    let repository = Repository::new();
    let project = &repository.0;
    let (path, log) = recording(project);
    let longest = "a".repeat(65);
    let bad: [(&str, &[&str]); 6] = [
        (
            "commit",
            &[
                "--output=a",
                "-c0ffee0",
                "HEAD",
                "main",
                "c0ffee",
                "c0ffee0:x",
                "c0ffee0~1",
                "",
                "c0ffee0 --output=a",
                "c0ffee0\n--output=a",
                "@{-1}",
                ":/evil",
                "c0ffee0\u{0}",
                "\u{ff43}0ffee0",
                "$(touch evil)",
                &longest,
            ],
        ),
        (
            "ref",
            &[
                "--output=evil",
                "",
                "a..b",
                "main\n::error::evil",
                "a\u{202e}b",
                "@{-1}",
            ],
        ),
        (
            "environment",
            &["--to", "", "../evil", "staging\n", "st aging"],
        ),
        (
            "time",
            &[
                "soon",
                "",
                "2026-01-02",
                "2026-01-02T03:04:05",
                "2026-13-02T03:04:05Z",
                "now\n",
            ],
        ),
        ("previous", &["sha256:0", "", "md5:0", "evil"]),
        ("approver", &[]),
    ];
    for (field, values) in bad {
        for value in values {
            let mut entry = entry();
            entry[field] = json!(value);
            // As a file of the last release differs, its text would be asked of the commit.
            entry["files"] = json!({ "generated/stage.yml": format!("sha256:{}", "0".repeat(64)) });
            refused(&repository, &entry, &path);
        }
    }
    let digest = format!("sha256:{}", "0".repeat(64));
    for file in [
        "../evil", "/etc/passwd", "generated/../evil", "generated/", "generated//evil",
        "generated/./evil", "generated/a\nb", "-evil", "generated/\u{0}",
    ] {
        let mut entry = entry();
        entry["files"] = json!({ file: digest });
        refused(&repository, &entry, &path);
    }
    for digest in [
        "",
        "sha256:",
        "sha256:00",
        "sha1:00",
        &digest.replace('0', "g"),
    ] {
        let mut entry = entry();
        entry["files"] = json!({ "generated/stage.yml": digest });
        refused(&repository, &entry, &path);
    }
    let said = fs::read_to_string(&log).unwrap();
    assert!(said.contains("rev-parse"), "git was asked");
    for word in ["output", "evil", "c0ffee", "@{", "touch"] {
        assert!(!said.contains(word), "{word}:\n{said}");
    }
}

/// Neither `promote` nor `check` takes a journal of this one entry.
fn refused(repository: &Repository, entry: &Value, path: &str) {
    let written = format!("{entry}\n");
    repository.0.write(JOURNAL, &written);
    let ran = repository
        .0
        .run_with(&[&["promote"], &RECORD[..]].concat(), &[("PATH", path)]);
    assert_eq!(ran.code, Some(1), "{entry}: {}", ran.stderr);
    assert!(
        ran.stderr
            .contains("releases/journal.jsonl:1:1 is not a valid journal entry"),
        "{entry}: {}",
        ran.stderr
    );
    assert_eq!(repository.0.read(JOURNAL), written, "nothing is noted");
    assert!(
        repository.check().contains(&"journal-chain".to_owned()),
        "{entry}"
    );
}

#[test]
fn an_invalid_name_never_reaches_git() {
    let repository = Repository::new();
    let (path, log) = recording(&repository.0);
    let longest = "evil".repeat(1000);
    for name in [
        "--output=evil", "-evil", "", "evil\n", "evil..main", "evil:./x", ":/evil", "^evil",
        "a evil", "evil\u{202e}", "evil\u{200b}", "main^{/evil}", "evil\u{7f}", &longest,
    ] {
        let arguments = ["promote", "--to", "staging", "--record", "--", name];
        let ran = repository.0.run_with(&arguments, &[("PATH", &path)]);
        assert_eq!(ran.code, Some(2), "{name:?}: {}", ran.stderr);
    }
    let said = fs::read_to_string(&log).unwrap_or_default();
    assert!(!said.contains("evil"), "{said}");
    assert!(!repository.0.path(JOURNAL).exists());
}

/// Not even one that the repository's configuration names.
#[test]
fn git_starts_no_program() {
    let repository = Repository::released();
    let project = &repository.0;
    project.write(".gitattributes", "* diff=evil\n");
    project.edit("environments/prod.yaml", "metrics: 90d", "metrics: 91d");
    project.run(&["render"]);
    repository.commit();
    let evil = project.path(".git/evil");
    let script = format!(
        "#!/bin/sh\ntouch {}\ncat \"$1\" 2>/dev/null\n",
        evil.display()
    );
    project.write(".git/bin/evil", &script);
    project.write(".git/hooks/post-index-change", &script);
    for name in [".git/bin/evil", ".git/hooks/post-index-change"] {
        fs::set_permissions(project.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let program = project.path(".git/bin/evil").display().to_string();
    for key in [
        "core.fsmonitor", "core.pager", "diff.external", "diff.evil.textconv", "diff.evil.command",
        "pager.diff", "pager.rev-parse", "core.sshCommand", "core.editor", "core.askPass",
    ] {
        repository.git(&["config", key, &program]);
    }
    // A file that git has to look into again, as its times do not tell.
    File::options()
        .append(true)
        .open(project.path("generated/stage.yml"))
        .unwrap()
        .set_modified(std::time::SystemTime::now())
        .unwrap();
    let path = std::env::var("PATH").unwrap();
    for external in ["", program.as_str()] {
        let arguments = ["promote", "main", "--to", "staging"];
        let variables = [("PATH", path.as_str()), ("GIT_EXTERNAL_DIFF", external)];
        let ran = project.run_with(
            &arguments,
            &variables[..if external.is_empty() { 1 } else { 2 }],
        );
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    }
    assert!(!evil.exists(), "a program was started");
}

#[test]
fn a_large_file_of_a_commit_is_not_read_to_its_end() {
    let repository = Repository::new();
    let project = &repository.0;
    let stage = project.read("generated/stage.yml");
    File::create(project.path("generated/stage.yml"))
        .unwrap()
        .set_len(200 << 20)
        .unwrap();
    repository.commit();
    let commit = repository.git(&["rev-parse", "HEAD"]);
    project.write("generated/stage.yml", &stage);
    let mut entry = entry();
    entry["commit"] = json!(commit.trim());
    entry["files"] = json!({ "generated/stage.yml": format!("sha256:{}", "0".repeat(64)) });
    project.write(JOURNAL, &format!("{entry}\n"));
    repository.commit();
    let ran = repository.promote(&["main", "--to", "staging"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("changed    generated/stage.yml"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stdout.len() < stage.len() * 3,
        "{} bytes",
        ran.stdout.len()
    );
}

#[test]
#[ignore = "needs root: make test"]
fn a_repository_of_another_user_is_an_error_that_says_so() {
    let repository = Repository::new();
    let mut chown = Command::new("chown");
    chown.arg("-R").arg("12345").arg(repository.0.path("."));
    assert!(chown.status().unwrap().success());
    let ran = repository.promote(&["main", "--to", "staging"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("belongs to another user"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("safe.directory"), "{}", ran.stderr);
}

#[test]
fn a_project_in_no_repository_is_an_error_that_says_so() {
    let repository = Repository::new();
    fs::remove_dir_all(repository.0.path(".git")).unwrap();
    let ran = repository.promote(&["main", "--to", "staging"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("is not in a git repository"),
        "{}",
        ran.stderr
    );
}

#[test]
fn two_promotions_side_by_side_are_two_entries() {
    let repository = Repository::new();
    let path = std::env::var("PATH").unwrap();
    for round in 1..=20 {
        let children: Vec<_> = (0..2)
            .map(|_| {
                composegen()
                    .arg("promote")
                    .args(RECORD)
                    .current_dir(repository.0.path("."))
                    .env("PATH", &path)
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        for child in children {
            let ran = Ran::from(child.wait_with_output().unwrap());
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        }
        assert_eq!(lines(&repository), round * 2);
    }
    assert_eq!(repository.check(), Vec::<String>::new());
}

#[test]
fn the_end_of_the_last_line_may_be_missing_or_another_one() {
    let repository = Repository::released();
    let journal = repository.0.read(JOURNAL);
    for changed in [
        journal.trim_end().to_owned(),
        journal.replace('\n', "\r\n"),
        journal.replace('\n', "\r\n").trim_end().to_owned(),
        format!("{journal}\n\n"),
    ] {
        repository.0.write(JOURNAL, &changed);
        assert_eq!(repository.check(), Vec::<String>::new(), "{changed:?}");
        let ran = repository.promote(&RECORD);
        // A committed line break that is not there any more is a change of what was committed.
        if ran.code != Some(0) {
            assert!(
                ran.stderr.contains("its history was changed"),
                "{}",
                ran.stderr
            );
            repository.commit();
            let ran = repository.promote(&RECORD);
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        }
        let entries = repository.0.read(JOURNAL);
        assert_eq!(entries.lines().filter(|line| !line.is_empty()).count(), 3);
        assert_eq!(repository.check(), Vec::<String>::new(), "{entries}");
        repository.0.write(JOURNAL, &journal);
        repository.commit_if_changed();
    }
}

#[test]
fn a_line_that_was_cut_off_is_reported_and_nothing_is_added_to_it() {
    let repository = Repository::released();
    let journal = repository.0.read(JOURNAL);
    let whole = journal.split_once('\n').unwrap().0.len() + 1;
    for length in [whole + 1, whole + 100, journal.len() - 2] {
        let cut = journal.get(..length).unwrap();
        repository.0.write(JOURNAL, cut);
        let ran = repository.promote(&RECORD);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        let said = "releases/journal.jsonl:2:1 is not a valid journal entry: the line is cut off";
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
        let check = repository.0.run(&["check"]);
        assert_eq!(check.code, Some(1));
        assert!(
            check.stdout.contains("the line is cut off"),
            "{}",
            check.stdout
        );
        assert_eq!(repository.0.read(JOURNAL), cut);
    }
    fs::write(repository.0.path(JOURNAL), b"{\"time\":\"\xff").unwrap();
    let check = repository.0.run(&["check"]);
    assert_eq!(check.code, Some(2), "{}", check.stdout);
    assert!(check.stderr.contains("not valid UTF-8"), "{}", check.stderr);
    assert_eq!(repository.promote(&RECORD).code, Some(2));
}

#[test]
fn a_journal_behind_a_link_is_refused() {
    let repository = Repository::released();
    let project = &repository.0;
    let outside = tempfile::tempdir().unwrap();
    let journal = project.read(JOURNAL);
    fs::write(outside.path().join("journal.jsonl"), &journal).unwrap();
    fs::create_dir(project.path("inside")).unwrap();
    project.write("inside/journal.jsonl", &journal);
    let links = [
        (JOURNAL, outside.path().join("new")),
        (JOURNAL, outside.path().join("journal.jsonl")),
        (JOURNAL, PathBuf::from("../inside/journal.jsonl")),
        ("releases", outside.path().to_owned()),
        ("releases", PathBuf::from("inside")),
        ("releases", PathBuf::from("nowhere")),
    ];
    for (link, to) in links {
        fs::remove_dir_all(project.path("releases")).unwrap();
        if link == JOURNAL {
            fs::create_dir(project.path("releases")).unwrap();
        }
        symlink(&to, project.path(link)).unwrap();
        for ran in [repository.promote(&RECORD), project.run(&["check"])] {
            assert_eq!(
                ran.code,
                Some(2),
                "{link} to {}: {}",
                to.display(),
                ran.stderr
            );
            assert!(ran.stderr.contains(link), "{}", ran.stderr);
        }
        assert_eq!(fs::read_link(project.path(link)).unwrap(), to);
        assert_eq!(project.read("inside/journal.jsonl"), journal);
        fs::remove_file(project.path(link)).unwrap();
        fs::create_dir_all(project.path("releases")).unwrap();
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    assert_eq!(
        fs::read_to_string(outside.path().join("journal.jsonl")).unwrap(),
        journal
    );
}

#[test]
fn a_journal_that_is_not_a_file_is_refused() {
    let repository = Repository::new();
    let path = repository.0.path(JOURNAL);
    fs::create_dir(repository.0.path("releases")).unwrap();
    for make in ["mkfifo", "mkdir"] {
        assert!(Command::new(make).arg(&path).status().unwrap().success());
        for ran in [repository.promote(&RECORD), repository.0.run(&["check"])] {
            assert_eq!(ran.code, Some(2), "{}", ran.stderr);
            assert!(ran.stderr.contains("not a regular file"), "{}", ran.stderr);
        }
        let _ = fs::remove_dir(&path);
        let _ = fs::remove_file(&path);
    }
    fs::remove_dir(repository.0.path("releases")).unwrap();
    repository.0.write("releases", "a file");
    assert_eq!(repository.promote(&RECORD).code, Some(2));
    assert_eq!(repository.0.read("releases"), "a file");
}

#[test]
fn the_journal_keeps_its_mode_and_no_temporary_file_stays() {
    mode_and_owner_are_kept(None);
}

#[test]
#[ignore = "needs root: make test"]
fn the_journal_keeps_its_owner() {
    mode_and_owner_are_kept(Some((12345, 23456)));
}

fn mode_and_owner_are_kept(owner: Option<(u32, u32)>) {
    let repository = Repository::new();
    assert_eq!(repository.promote(&RECORD).code, Some(0));
    let path = repository.0.path(JOURNAL);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o644);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o660)).unwrap();
    if let Some((user, group)) = owner {
        std::os::unix::fs::chown(&path, Some(user), Some(group)).unwrap();
    }
    // What a killed run left, and what is somebody's.
    repository.0.write(
        "releases/.composegen-AbCdEf",
        repository.0.read(JOURNAL).get(..50).unwrap(),
    );
    repository.0.write("releases/.composegen-notes1", "mine");
    assert_eq!(repository.promote(&RECORD).code, Some(0));
    let metadata = fs::metadata(&path).unwrap();
    assert_eq!(metadata.mode() & 0o7777, 0o660);
    if let Some(owner) = owner {
        assert_eq!((metadata.uid(), metadata.gid()), owner);
    }
    assert_eq!(lines(&repository), 2);
    let mut names: Vec<_> = fs::read_dir(repository.0.path("releases"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, [".composegen-notes1", "journal.jsonl"]);
}

#[test]
fn leftovers_of_a_killed_render_do_not_prevent_a_promotion() {
    let repository = Repository::new();
    let text = repository.0.read("generated/stage.yml");
    repository.0.write("generated/.composegen-AbCdEf", &text);
    let ran = repository.promote(&["main", "--to", "staging"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    // A template may use such a file.
    repository.0.write("templates/.composegen-AbCdEf", "");
    let ran = repository.promote(&["main", "--to", "staging"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
}

#[test]
fn an_entry_of_the_future_is_not_followed() {
    let repository = Repository::new();
    let mut entry = entry();
    entry["time"] = json!("2999-01-02T03:04:05Z");
    repository.0.write(JOURNAL, &format!("{entry}\n"));
    let ran = repository.promote(&RECORD);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("is in the future"), "{}", ran.stderr);
    assert_eq!(lines(&repository), 1);
}

#[test]
#[ignore = "needs root: make test"]
fn a_journal_on_a_full_disk_is_as_it_was() {
    let disk = tempfile::tempdir().unwrap();
    let options = ["-t", "tmpfs", "-o", "size=3m", "none"];
    let repository = Repository::released();
    let _mount = Mount::new(&options, disk.path());
    let copy = disk.path().join("p");
    let mut copied = Command::new("cp");
    copied.arg("-r").arg(repository.0.path(".")).arg(&copy);
    assert!(copied.status().unwrap().success());
    let path = std::env::var("PATH").unwrap();
    let promote = || {
        let mut command = composegen();
        command
            .arg("promote")
            .args(RECORD)
            .current_dir(&copy)
            .env("PATH", &path);
        Ran::of(&mut command)
    };
    // A copy has other times, which git notes where there is room for it.
    let mut status = Command::new("git");
    status.arg("-C").arg(&copy).args(["status", "--short"]);
    assert!(status.status().unwrap().success());
    let fill = disk.path().join("fill");
    let mut dd = Command::new("dd");
    dd.args(["if=/dev/zero", "bs=1k", &format!("of={}", fill.display())]);
    assert!(
        !dd.stderr(Stdio::null()).status().unwrap().success(),
        "the disk is full"
    );
    let before = fs::read(copy.join(JOURNAL)).unwrap();
    let ran = promote();
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("cannot write `releases/journal.jsonl`"),
        "{}",
        ran.stderr
    );
    assert_eq!(fs::read(copy.join(JOURNAL)).unwrap(), before);
    assert_eq!(fs::read_dir(copy.join("releases")).unwrap().count(), 1);
    fs::remove_file(&fill).unwrap();
    assert_eq!(promote().code, Some(0));
}

#[test]
fn a_journal_of_a_megabyte_is_read_and_added_to() {
    let repository = Repository::new();
    let mut journal = String::new();
    let mut previous = Value::Null;
    while journal.len() < 1 << 20 {
        let mut entry = entry();
        entry["previous"] = previous;
        let line = entry.to_string();
        previous = json!(composegen::journal::Digest::of(line.as_bytes()));
        journal.push_str(&line);
        journal.push('\n');
    }
    repository.0.write(JOURNAL, &journal);
    assert_eq!(repository.check(), Vec::<String>::new());
    let ran = repository.promote(&RECORD);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(repository.0.read(JOURNAL).starts_with(&journal));
    assert_eq!(repository.check(), Vec::<String>::new());
}

#[test]
fn a_file_that_is_not_a_journal_gives_few_findings() {
    let repository = Repository::new();
    let strange = entry().to_string().replace("staging", "nowhere") + "\n";
    for line in ["x\n", "{}\n", strange.as_str()] {
        repository
            .0
            .write(JOURNAL, &line.repeat((1 << 20) / line.len()));
        let found = repository.check();
        assert!((1..=110).contains(&found.len()), "{line}: {}", found.len());
        let ran = repository.promote(&RECORD);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert!(ran.stderr.lines().count() < 20, "{}", ran.stderr);
    }
}
