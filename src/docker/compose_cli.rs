//! What the Docker Compose that is installed here says: its version, and the hashes of services.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use crate::process::{self, Complaints, End, Limits};

/// How long the docker CLI may take, and how long an answer may be.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(5),
    output: 1 << 20,
};

/// An engine that is not there: what is asked needs none, but the docker CLI says hello to the one that it would use.
const NO_ENGINE: [&str; 2] = ["-H", "unix:///dev/null/docker.sock"];

/// What `docker compose version --short` prints; nothing where the docker CLI or Compose is not
/// installed.
#[must_use]
pub fn compose_version() -> Option<String> {
    let text = answer(&["compose", "version", "--short"].map(str::to_owned), &[])?;
    Some(text.trim().to_owned())
}

/// The hash of each service that Compose would write on its containers, as `docker compose config
/// --hash` prints it; `options` name the files and the project. What names the container of another service is not filled
/// in. Variables of other files are only where `resolves` says so: the files are then filled in first.
#[must_use]
pub fn service_hashes(options: &[String], resolves: bool) -> BTreeMap<String, String> {
    let text = if resolves {
        config(options, &["--format", "json"], &[]).and_then(|filled| {
            let mut others = vec!["-f".to_owned(), "-".to_owned()];
            let mut options = options.iter();
            while let Some(option) = options.next() {
                if option == "-f" {
                    options.next();
                } else {
                    others.push(option.clone());
                }
            }
            config(&others, HASHES, filled.as_bytes())
        })
    } else {
        config(options, HASHES, &[])
    };
    let text = text.unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines
        .map(|(service, hash)| (service.to_owned(), hash.trim().to_owned()))
        .collect()
}

const HASHES: &[&str] = &["--hash", "*"];

/// What `docker compose config` prints.
fn config(options: &[String], wanted: &[&str], input: &[u8]) -> Option<String> {
    let mut arguments = vec!["compose".to_owned()];
    arguments.extend_from_slice(options);
    arguments.push("config".to_owned());
    arguments.extend(wanted.iter().map(|&one| one.to_owned()));
    answer(&arguments, input)
}

/// What the docker CLI prints, if it ends well and within the limits.
fn answer(arguments: &[String], input: &[u8]) -> Option<String> {
    let mut command = Command::new("docker");
    command.args(NO_ENGINE).args(arguments);
    let ended = process::run(command, input, Complaints::Dropped, LIMITS).ok()?;
    match ended.end {
        End::Status(status) if status.success() => String::from_utf8(ended.output).ok(),
        _ => None,
    }
}
