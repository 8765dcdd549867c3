//! Whether composegen and Docker Compose agree on a project.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use composegen::compose::{FileArgument, Request, Unset, load_from};
use composegen::orchestrator::Orchestrator;

use super::oracle::{Compose, difference, salt, sort_ports};

/// A project, as it is named on a command line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Case {
    /// The folder that both run in.
    pub(crate) folder: PathBuf,
    pub(crate) files: Vec<PathBuf>,
    pub(crate) profiles: Vec<String>,
    pub(crate) project_name: Option<String>,
    pub(crate) project_directory: Option<PathBuf>,
    pub(crate) env_files: Vec<PathBuf>,
    pub(crate) variables: Vec<(String, String)>,
}

impl Case {
    /// The request for composegen.
    pub(crate) fn request(&self) -> Request {
        let files = self.files.iter().cloned().map(FileArgument::Path);
        Request {
            files: files.collect(),
            project_directory: self.project_directory.clone(),
            project_name: self.project_name.clone(),
            env_files: self.env_files.clone(),
            profiles: self.profiles.clone(),
            orchestrator: Orchestrator::Docker,
            ..Request::new(self.variables.iter().cloned().collect(), Unset::Strict)
        }
    }
}

/// What the two say of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Both read the same state.
    Agree,
    /// Both refuse it.
    Refused,
    /// The first difference.
    Differ(String),
    /// Compose reads it, and cannot print it as JSON.
    Unprintable,
    /// composegen says that it does not support it.
    Unsupported(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agree => f.write_str("agree"),
            Self::Refused => f.write_str("agree (refused)"),
            Self::Unprintable => f.write_str("not compared: Compose cannot print it as JSON"),
            Self::Differ(how) => write!(f, "DIFFER {how}"),
            Self::Unsupported(what) => write!(f, "unsupported {what}"),
        }
    }
}

/// Holds the two against each other.
pub(crate) fn judge(compose: &Compose, case: &Case) -> Verdict {
    let variables: Vec<(&str, &str)> = case
        .variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut arguments: Vec<String> = Vec::new();
    let mut add = |flag: &str, value: &Path| {
        arguments.push(flag.to_owned());
        arguments.push(value.to_str().unwrap().to_owned());
    };
    for file in &case.files {
        add("-f", file);
    }
    for file in &case.env_files {
        add("--env-file", file);
    }
    if let Some(directory) = &case.project_directory {
        add("--project-directory", directory);
    }
    for profile in &case.profiles {
        add("--profile", Path::new(profile));
    }
    if let Some(name) = &case.project_name {
        add("-p", Path::new(name));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let theirs = compose.state(&case.folder, &arguments, &variables);
    let request = case.request();
    let Ok(ours) = catch_unwind(AssertUnwindSafe(|| load_from(&case.folder, &request))) else {
        return Verdict::Differ("ours: a panic".into());
    };
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            let mut ours = serde_json::to_value(ours.state.snapshot(&salt())).unwrap();
            ours.as_object_mut().unwrap().remove("salt");
            for (_, service) in ours["services"].as_object_mut().unwrap() {
                sort_ports(service["ports"].as_array_mut().unwrap());
            }
            match difference(&ours, &theirs) {
                None => Verdict::Agree,
                Some(how) => Verdict::Differ(how),
            }
        }
        (Err(_), Err(_)) => Verdict::Refused,
        (Ok(_), Err(why)) if why.contains("error calling MarshalJSON") => Verdict::Unprintable,
        (Ok(_), Err(why)) => Verdict::Differ(format!("theirs: refused: {}", why.trim())),
        (Err(problems), Ok(_)) => {
            let text = problems.to_string();
            if text.contains("not supported") {
                Verdict::Unsupported(text)
            } else {
                Verdict::Differ(format!("ours: refused: {text}"))
            }
        }
    }
}
