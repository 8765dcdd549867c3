//! Every fixture, held against Docker Compose. One in `accepted` is read alike by both, one in
//! `refused` is refused by both, and has a snapshot of the message.
//!
//! A fixture is a file, or a folder with `compose.yml`. A folder's `arguments` has a line each for
//! what both are run with: `-f FILE`, `--profile NAME`, …, `NAME=VALUE` for a variable, `in FOLDER`
//! for where they run, `find` where no file is named.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use composegen::compose::load_from;

use super::oracle::Compose;
use super::verdict::{Case, Verdict, judge};
use crate::project::root;

fn fixtures(kind: &str) -> Vec<(String, Case)> {
    let folder = root().join("tests/fixtures/compose").join(kind);
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let named = paths.into_iter().map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, case(&path))
    });
    named.collect()
}

fn case(path: &Path) -> Case {
    let mut case = Case {
        folder: path.to_owned(),
        variables: vec![("HOME".into(), "/home/somebody".into())],
        ..Case::default()
    };
    if path.is_file() {
        path.parent().unwrap().clone_into(&mut case.folder);
        case.files.push(path.file_name().unwrap().into());
    } else {
        let arguments = fs::read_to_string(path.join("arguments")).unwrap_or_default();
        let mut finds = false;
        for line in arguments.lines() {
            let (flag, value) = line.split_once(' ').unwrap_or((line, ""));
            match flag {
                "-f" => case.files.push(value.into()),
                "--env-file" => case.env_files.push(value.into()),
                "--profile" => case.profiles.push(value.into()),
                "--project-directory" => case.project_directory = Some(value.into()),
                "-p" => case.project_name = Some(value.into()),
                "in" => case.folder = path.join(value),
                "find" => finds = true,
                _ => {
                    let (name, value) = line.split_once('=').unwrap();
                    case.variables.push((name.into(), value.into()));
                }
            }
        }
        if case.files.is_empty() && !finds {
            case.files.push("compose.yml".into());
        }
    }
    let folder = case.folder.to_str().unwrap().to_owned();
    for (_, value) in &mut case.variables {
        *value = value.replace("[FOLDER]", &folder);
    }
    case.variables.push(("PWD".into(), folder));
    case
}

#[test]
#[ignore = "needs Docker Compose: make test"]
fn accepted_files_are_read_as_compose_reads_them() {
    let compose = Compose::new();
    let mut wrong = String::new();
    for (name, case) in fixtures("accepted") {
        let verdict = judge(&compose, &case);
        if verdict != Verdict::Agree {
            writeln!(wrong, "{name}: {verdict}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
#[ignore = "needs Docker Compose: make test"]
fn files_that_compose_refuses_are_refused() {
    let compose = Compose::new();
    let mut wrong = String::new();
    for (name, case) in fixtures("refused") {
        let verdict = judge(&compose, &case);
        if verdict != Verdict::Refused {
            writeln!(wrong, "{name}: {verdict}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_refusal_is_explained() {
    for (name, case) in fixtures("refused") {
        let problems = load_from(&case.folder, &case.request()).unwrap_err();
        let message = problems.to_string();
        let message = message.replace(case.folder.to_str().unwrap(), "[FOLDER]");
        insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(name, message);
        });
    }
}
