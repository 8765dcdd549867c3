//! Every Compose file below a folder, and every two files of one folder, one laid over the other,
//! held against Docker Compose: `make compose-corpus DIR=…`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::oracle::Compose;
use super::verdict::{Case, Verdict, judge};

/// The variables that both are run with.
const VARIABLES: [(&str, &str); 4] = [
    ("HOME", "/home/somebody"),
    ("PWD", "/tmp"),
    ("TAG", "1.2.3"),
    ("EMPTY", ""),
];

#[test]
#[ignore = "needs a folder of Compose files: make compose-corpus DIR=…"]
fn manual_corpus() {
    let folder = std::env::var("COMPOSE_CORPUS").expect("COMPOSE_CORPUS names a folder");
    let compose = Compose::new();
    let mut files = Vec::new();
    find(
        Path::new(&folder).canonicalize().unwrap().as_path(),
        &mut files,
    );
    files.sort();
    let cases = with_pairs(&files);
    let next = AtomicUsize::new(0);
    let done = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(files) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let case = Case {
                        folder: files[0].parent().unwrap().to_owned(),
                        files: files.clone(),
                        variables: VARIABLES
                            .iter()
                            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                            .collect(),
                        ..Case::default()
                    };
                    let verdict = judge(&compose, &case);
                    done.lock().unwrap().insert(files.clone(), verdict);
                }
            });
        }
    });
    let done = done.into_inner().unwrap();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (files, verdict) in &done {
        let kind = match verdict {
            Verdict::Agree => "agree",
            Verdict::Refused => "agree (refused)",
            Verdict::Unprintable => "not compared",
            Verdict::Differ(_) => "differ",
            Verdict::Unsupported(_) => "unsupported",
        };
        *counts.entry(kind).or_default() += 1;
        let names: Vec<_> = files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        println!("{}: {verdict}", names.join(" + "));
    }
    println!(
        "\n{} files, {} with pairs: {counts:?}",
        files.len(),
        done.len()
    );
    assert!(!counts.contains_key("differ"), "some differ");
}

/// Each file, and every two files of a folder that holds a few.
fn with_pairs(files: &[PathBuf]) -> Vec<Vec<PathBuf>> {
    let mut cases: Vec<Vec<PathBuf>> = files.iter().map(|file| vec![file.clone()]).collect();
    for one in files {
        let beside: Vec<_> = files
            .iter()
            .filter(|other| other.parent() == one.parent())
            .collect();
        if beside.len() <= 8 {
            let others = beside.into_iter().filter(|other| *other != one);
            cases.extend(others.map(|other| vec![one.clone(), other.clone()]));
        }
    }
    cases
}

/// The files that may be Compose files: YAML that says `services:` or `include:` somewhere.
pub(crate) fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            find(&path, files);
            continue;
        }
        let is_yaml = path
            .extension()
            .is_some_and(|end| end == "yml" || end == "yaml");
        let text = if is_yaml {
            std::fs::read_to_string(&path)
        } else {
            continue;
        };
        let is_compose = |text: String| text.contains("services:") || text.contains("include:");
        if text.is_ok_and(is_compose) {
            files.push(path);
        }
    }
}
