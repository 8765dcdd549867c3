//! Every Compose file below a folder is created on each Docker Engine, with a stub instead of each
//! image, and compared: `make stacks DIR=…`. Nothing may differ but that nothing runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::compose::corpus;
use crate::outside::{Outside, everything};
use crate::project::{Ran, composegen};

/// The variables that Compose and composegen are run with.
const VARIABLES: [(&str, &str); 2] = [("HOME", "/home/somebody"), ("PWD", "/tmp")];

/// The engines, by their settings.
const ENGINES: [&str; 3] = [
    "DOCKER_HOST",
    "COMPOSEGEN_DOCKER_26",
    "COMPOSEGEN_DOCKER_28",
];

/// What became of a file.
enum Outcome {
    /// Compose or the engine refuses it, and why.
    NotCreated(String),
    /// What is found that is not there, and what is not checked.
    Compared(Vec<String>, Vec<String>),
    /// composegen refuses what Compose takes.
    Failed(String),
}

#[test]
#[ignore = "needs a folder of Compose files: make stacks DIR=…"]
fn manual_stacks() {
    let folder = std::env::var("STACKS").expect("STACKS names a folder");
    let folder = Path::new(&folder).canonicalize().unwrap();
    let mut files = Vec::new();
    corpus::find(&folder, &mut files);
    files.sort();
    let wrong: usize = std::thread::scope(|scope| {
        let runs: Vec<_> = ENGINES
            .iter()
            .map(|engine| scope.spawn(|| on_engine(engine, &files)))
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).sum()
    });
    assert_eq!(wrong, 0, "see above");
}

/// Compares every file on an engine, and says how many are wrong.
fn on_engine(engine: &str, files: &[PathBuf]) -> usize {
    let outside = Outside::new().other(engine);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unchecked: BTreeMap<String, usize> = BTreeMap::new();
    for (number, file) in files.iter().enumerate() {
        let stack = Stack {
            outside: &outside,
            file,
            project: format!("stacks-{}-{number}", std::process::id()),
        };
        let outcome = stack.outcome();
        let kind = match &outcome {
            Outcome::NotCreated(_) => "not created",
            Outcome::Compared(found, _) if found.is_empty() => "in sync",
            Outcome::Compared(..) => "differs",
            Outcome::Failed(_) => "failed",
        };
        *counts.entry(kind).or_default() += 1;
        if let Outcome::Compared(_, entries) = &outcome {
            for entry in entries {
                *unchecked.entry(entry.clone()).or_default() += 1;
            }
        }
        println!("{engine} {}: {kind}{outcome}", file.display());
    }
    println!("{engine}: {} files, {counts:?}", files.len());
    for (entry, count) in unchecked {
        println!("{engine}: not checked in {count}: {entry}");
    }
    counts.get("differs").unwrap_or(&0) + counts.get("failed").unwrap_or(&0)
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCreated(why) | Self::Failed(why) => write!(f, ": {}", why.trim()),
            Self::Compared(found, _) => found.iter().try_for_each(|one| write!(f, "\n    {one}")),
        }
    }
}

/// A Compose file on an engine.
struct Stack<'a> {
    outside: &'a Outside,
    file: &'a Path,
    project: String,
}

impl Stack<'_> {
    fn outcome(&self) -> Outcome {
        let config = match run(&mut self.compose(&["config", "--format", "json"])) {
            Ok(text) => serde_json::from_str(&text).unwrap(),
            Err(why) => return Outcome::NotCreated(why),
        };
        let prepared = Prepared::of(self, &config);
        let create = ["create", "--no-build", "--pull", "never"];
        let outcome = match run(&mut self.compose(&create)) {
            Ok(_) => self.compared(),
            Err(why) => Outcome::NotCreated(why),
        };
        let down = ["down", "--volumes", "--remove-orphans", "--timeout", "0"];
        let _ = self.compose(&down).output();
        prepared.remove(self.outside);
        outcome
    }

    fn compose(&self, arguments: &[&str]) -> Command {
        let mut command = self.docker(&["compose", "--project-name", &self.project, "--file"]);
        command.arg(self.file).args(arguments);
        command
    }

    /// A docker command with the variables that composegen has too.
    fn docker(&self, arguments: &[&str]) -> Command {
        let mut command = self.outside.docker(arguments);
        let folder = self.file.parent().unwrap();
        command.current_dir(folder).env_remove("NATA_TAG");
        command.envs(VARIABLES);
        command
    }

    fn compared(&self) -> Outcome {
        let mut command = composegen();
        let url = self.outside.url();
        command.args(["drift", "--format", "json", "--docker", url]);
        command.args(["--project-name", &self.project, "--file"]);
        command.arg(self.file).envs(VARIABLES);
        let ran = Ran::of(command.current_dir(self.file.parent().unwrap()));
        let Ok(report) = serde_json::from_str::<Value>(&ran.stdout) else {
            return Outcome::Failed(ran.stderr);
        };
        let host = &report["hosts"][0];
        if !host["error"].is_null() {
            return Outcome::Failed(host["error"].to_string());
        }
        let findings = host["findings"].as_array().unwrap().iter();
        let found = findings
            // The ports of other projects on the engine are theirs.
            .filter(|finding| finding["code"] != "service-stopped")
            .filter(|finding| finding["code"] != "port-foreign")
            .map(|finding| {
                format!(
                    "{} {}: {} {}: {} / {}",
                    finding["code"],
                    finding["resource"],
                    finding["message"],
                    finding["field"],
                    finding["expected"],
                    finding["observed"]
                )
            });
        let unchecked = host["unchecked"].as_array().unwrap().iter();
        let unchecked = unchecked.map(|entry| kind_of(entry["what"].as_str().unwrap()));
        Outcome::Compared(found.collect(), unchecked.collect())
    }
}

/// What is not checked, without the name of its service and without numbers.
fn kind_of(what: &str) -> String {
    let kind = what.split(" of service").next().unwrap_or_default();
    kind.replace(|letter: char| letter.is_ascii_digit(), "")
}

/// What a stack needs that Compose does not create.
struct Prepared {
    images: BTreeSet<String>,
    networks: Vec<String>,
    volumes: Vec<String>,
}

impl Prepared {
    fn of(stack: &Stack<'_>, config: &Value) -> Self {
        let external = |kind: &str| -> Vec<String> {
            let things = config[kind].as_object().into_iter().flatten();
            things
                .filter(|(_, thing)| thing["external"] == true)
                .filter_map(|(_, thing)| thing["name"].as_str())
                .map(str::to_owned)
                .collect()
        };
        let services = config["services"].as_object().into_iter().flatten();
        let images = services.map(|(name, service)| {
            let built = format!("{}-{name}", stack.project);
            service["image"].as_str().map_or(built, str::to_owned)
        });
        let prepared = Self {
            images: images.collect(),
            networks: external("networks"),
            volumes: external("volumes"),
        };
        for image in &prepared.images {
            let _ = run(&mut stack.docker(&["tag", "composegen-stub:latest", image]));
        }
        for network in &prepared.networks {
            let _ = run(&mut stack.docker(&["network", "create", network]));
        }
        for volume in &prepared.volumes {
            let _ = run(&mut stack.docker(&["volume", "create", volume]));
        }
        prepared
    }

    fn remove(self, outside: &Outside) {
        let kinds = [
            (["image", "rm"], self.images.into_iter().collect()),
            (["network", "rm"], self.networks),
            (["volume", "rm"], self.volumes),
        ];
        for (remove, names) in kinds {
            if !names.is_empty() {
                let _ = outside.docker(&remove).args(names).output();
            }
        }
    }
}

/// What a command prints, or why it fails.
fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().unwrap();
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(everything(&output))
    }
}
