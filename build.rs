//! Tells `composegen --version` which commit is built, and its day.
//!
//! Nothing here fails: without git, or outside of a clone, the version is all there is to say. The same commit gives the
//! same bytes everywhere, and `SOURCE_DATE_EPOCH` sets the day (<https://reproducible-builds.org>).

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a build script reads its own sources, and speaks to cargo"
)]

use std::env;
use std::path::Path;
use std::process::Command;

/// How many digits of a commit are shown; git's own abbreviation grows with the repository.
const DIGITS: usize = 9;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    // A debug build would be compiled again after each commit.
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let (commit, seconds) = if is_release { origin() } else { (None, None) };
    let commit = commit.map(|commit| commit.chars().take(DIGITS).collect());
    let built: Vec<String> = [commit, seconds.map(day)].into_iter().flatten().collect();
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let version = if built.is_empty() {
        version
    } else {
        format!("{version} ({})", built.join(" "))
    };
    println!("cargo::rustc-env=COMPOSEGEN_VERSION={version}");
    // A program at a fixed address needs no relocations when it starts. For the static binaries of a release,
    // packaging/env.sh says the same.
    let target = |what: &str| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if is_release && target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}

/// The commit, and a time in seconds since 1970, as far as they are known.
fn origin() -> (Option<String>, Option<i64>) {
    let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let folder = Path::new(&folder);
    let epoch = env::var("SOURCE_DATE_EPOCH").ok();
    let epoch = epoch.and_then(|seconds| seconds.parse().ok());
    let packaged = published(folder);
    if packaged.is_some() {
        return (packaged, epoch);
    }
    // A copy below somebody else's repository is not of its commit.
    if git(folder, &["rev-parse", "--show-cdup"]).as_deref() != Some("") {
        return (None, epoch);
    }
    for file in ["HEAD", "logs/HEAD"] {
        let path = git(folder, &["rev-parse", "--git-path", file]).map(|path| folder.join(path));
        if let Some(path) = path.filter(|path| path.exists()) {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    let committed = git(folder, &["log", "-1", "--format=%ct"]);
    let committed = committed.and_then(|seconds| seconds.parse().ok());
    let commit = git(folder, &["rev-parse", "HEAD"]);
    (commit, epoch.or(committed))
}

/// The commit that `cargo package` noted.
fn published(folder: &Path) -> Option<String> {
    let path = folder.join(".cargo_vcs_info.json");
    let text = std::fs::read_to_string(path).ok()?;
    let (_, rest) = text.split_once("\"sha1\"")?;
    Some(rest.split('"').nth(1)?.to_owned())
}

/// What git says of this folder, and not of the repository in whose hook it may run.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(variable);
    }
    let output = command.current_dir(folder).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// The day of a time, in UTC (<https://howardhinnant.github.io/date_algorithms.html#civil_from_days>).
fn day(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    format!("{:04}-{month:02}-{day:02}", year + era * 400 + carry)
}
