//! Secrets that stand in every place that can hold one, and in no output.

mod names;
mod places;
mod property;
mod slips;

use std::path::Path;

use composegen::compose::{FileArgument, Request, Unset, load_from};
use composegen::redact;
use composegen::report::check::CheckReport;
use composegen::report::{Look, Output, Report as _};
use composegen::rules::{Checked, CustomRules, Scope, Subject};
use composegen::text::Style;
use composegen::variables::Variables;

/// What is looked for: a secret as it is, in the percent encoding and in base64. No word of an output
/// holds one of them by chance.
pub(crate) const CANARIES: [&str; 3] = ["hunter2Canary", "p%40ss2Canary", "aHVudGVyMkNhbmFyeQ=="];

/// Everything that is said of a Compose file without an engine: its state, its mistakes, its warnings
/// and what `check` finds, in every format.
pub(crate) fn said(text: &str) -> String {
    let here = Path::new("/");
    let mut said = Vec::new();
    for unset in [Unset::Strict, Unset::Keep] {
        let request = Request {
            files: vec![FileArgument::Text(text.to_owned())],
            project_directory: Some(here.to_owned()),
            project_name: Some("p".to_owned()),
            ..Request::new(Variables::default(), unset)
        };
        match load_from(here, &request) {
            Ok(loaded) => {
                said.push(redact::to_json(&loaded.state).unwrap());
                said.push(format!("{:?}", loaded.warnings));
            }
            Err(problems) => {
                for style in [Style::Plain, Style::Colour] {
                    let messages = problems.messages(style).0;
                    said.extend(messages.iter().map(ToString::to_string));
                }
                for problem in &problems {
                    said.push(format!("{:?} {:?}", problem.message(), problem.helps()));
                }
            }
        }
    }
    let request = Request::new(Variables::default(), Unset::Keep);
    let file = FileArgument::Text(text.to_owned());
    match Subject::of_files(vec![vec![file]], here, &request) {
        Ok(subject) => {
            let report = CheckReport::of(Checked::of(
                &subject,
                &CustomRules::default(),
                Scope::default(),
            ));
            let look = Look {
                style: Style::Plain,
                width: None,
                is_verbose: false,
                is_quiet: false,
            };
            for (_, write) in CheckReport::WRITERS {
                let mut bytes = Vec::new();
                write(&report, &mut Output::new(look, &mut bytes, &|_, _, _| {})).unwrap();
                said.push(String::from_utf8(bytes).unwrap());
            }
        }
        Err(problems) => said.push(problems.to_string()),
    }
    said.join("\n")
}

/// The lines of an output that hold a canary.
pub(crate) fn leaks(output: &str) -> Vec<&str> {
    let is_leak = |line: &&str| CANARIES.iter().any(|canary| line.contains(canary));
    output.lines().filter(is_leak).collect()
}
