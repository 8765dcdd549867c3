//! Every block of README.md and docs/ that shows commands is run, and prints what the page shows.
//!
//! A comment before the block says how, and is not seen by readers:
//!
//! - `<!-- console: nata -->`: in a new copy of that project ([`project`]), or in the `repository`;
//! - `<!-- console: arguments of nata -->`: what it needs is not there, but the arguments are valid;
//! - `<!-- console: files above -->`: in a new project of the files that the page shows above it, by their first lines;
//! - `<!-- console: tests/it/tutorial.rs -->`: that test runs it, because it needs an engine or edits;
//! - `<!-- console: not run, needs Debian -->`: the reason why nothing does.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::project::{Project, Ran, composegen, root};

/// Pages that are generated from the program.
const GENERATED: [&str; 3] = ["cli.md", "coverage.md", "rules.md"];

/// What begins a command where no prompt does.
const PROGRAMS: [&str; 10] = [
    "composegen ", "docker ", "make ", "cargo ", "git ", "gh ", "pre-commit ", "sha256sum ",
    "KIOSK_TAG=", "NATA_TAG=",
];

/// A block that shows commands.
struct Block {
    /// The page and the line, for messages.
    at: String,
    page: String,
    how: Option<String>,
    steps: Vec<Step>,
    /// The files that the page shows above it, the last one of each path.
    files: BTreeMap<String, String>,
}

/// A command, and what the page says that it prints.
struct Step {
    command: String,
    shown: Vec<String>,
}

fn pages() -> Vec<PathBuf> {
    let docs = fs::read_dir(root().join("docs")).unwrap();
    let mut pages: Vec<PathBuf> = docs.map(|entry| entry.unwrap().path()).collect();
    pages.retain(|page| {
        let name = page.file_name().unwrap().to_str().unwrap();
        page.extension().is_some_and(|kind| kind == "md") && !GENERATED.contains(&name)
    });
    pages.push(root().join("README.md"));
    pages.sort();
    pages
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    for path in pages() {
        let page = path.strip_prefix(root()).unwrap().display().to_string();
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains("```"), "{page}: code is indented");
        let (mut how, mut lines): (Option<String>, Vec<&str>) = (None, Vec::new());
        let mut files = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines().chain([""; 2])) {
            let code = line.strip_prefix("    ");
            if code.is_some() || line.is_empty() && !lines.is_empty() {
                lines.push(code.unwrap_or_default());
                if code.is_some() || number <= text.lines().count() {
                    continue;
                }
            }
            files.extend(specs(&lines));
            let steps = steps(&lines);
            if !steps.is_empty() {
                let at = format!("{page}:{}", number - lines.len());
                blocks.push(Block {
                    at,
                    page: page.clone(),
                    how: how.take(),
                    steps,
                    files: files.clone(),
                });
            }
            lines.clear();
            if let Some(comment) = line.strip_prefix("<!-- console: ") {
                how = comment.strip_suffix(" -->").map(str::to_owned);
            } else if !line.is_empty() {
                assert_eq!(how, None, "{page}:{number}: no block follows");
            }
        }
    }
    blocks
}

/// The paths and the texts of the specs in a block of code.
fn specs(lines: &[&str]) -> Vec<(String, String)> {
    let mut specs: Vec<(String, String)> = Vec::new();
    for line in lines {
        match line.strip_prefix("# ") {
            Some(path) if path.starts_with("environments/") => {
                specs.push((path.to_owned(), String::new()));
            }
            _ => {}
        }
        if let Some((_, text)) = specs.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    specs
}

/// The commands of a block of code; none where it is a file.
fn steps(lines: &[&str]) -> Vec<Step> {
    let has_prompt = lines.iter().any(|line| line.starts_with("$ "));
    let mut steps: Vec<Step> = Vec::new();
    for line in lines {
        let command = if has_prompt {
            line.strip_prefix("$ ")
        } else {
            let is_command = PROGRAMS.iter().any(|program| line.starts_with(program));
            is_command.then_some(*line)
        };
        match (command, steps.last_mut()) {
            (Some(command), _) => steps.push(Step {
                command: command.split(" #").next().unwrap().trim().to_owned(),
                shown: Vec::new(),
            }),
            (None, Some(step)) if !line.is_empty() => step.shown.push((*line).to_owned()),
            _ => {}
        }
    }
    steps
}

/// The words of a command, with its variables before them.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in command.chars() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, ' ') => words.push(String::new()),
            (_, c) => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A project by the name that pages give it.
fn project(name: &str, files: &BTreeMap<String, String>) -> Project {
    match name {
        "files above" => {
            assert!(!files.is_empty());
            let project = Project::empty();
            for (path, text) in files {
                project.write(path, text);
            }
            project
        }
        "empty" => Project::empty(),
        "sound" => Project::sound(),
        "nata" => Project::nata(),
        "adopt" => {
            let project = Project::empty();
            for file in fs::read_dir(root().join("tests/fixtures/adopt")).unwrap() {
                let file = file.unwrap();
                let name = file.file_name().into_string().unwrap();
                project.write(&name, &fs::read_to_string(file.path()).unwrap());
            }
            project
        }
        "plain" => {
            let project = Project::empty();
            project.write(
                "compose.yaml",
                "services:\n  web: { image: \"shop:1.4\" }\n",
            );
            project
        }
        "mistaken" => {
            let project = Project::empty();
            let text = "name: shop\nservices:\n  web:\n    imge: x\n    ports: [\"80:80:80:80\"]\n";
            project.write("compose.yml", text);
            project
        }
        name => panic!("no project is called {name}"),
    }
}

fn run(step: &Step, folder: &Path) -> Ran {
    let mut command = composegen();
    let mut words = words(&step.command).into_iter().peekable();
    while let Some((name, value)) = words.peek().and_then(|word| word.split_once('=')) {
        command.env(name, value);
        words.next();
    }
    assert_eq!(
        words.next().as_deref(),
        Some("composegen"),
        "{}",
        step.command
    );
    Ran::of(command.args(words).current_dir(folder))
}

/// Whether what is shown is in what was printed, line by line; what a page leaves out is between them.
fn prints(ran: &Ran, step: &Step) -> Result<(), String> {
    let printed = format!("{}{}", ran.stdout, ran.stderr);
    let mut lines = printed.lines().map(str::trim_end);
    for shown in &step.shown {
        if !lines.any(|line| line == shown.trim_end()) {
            return Err(format!(
                "`{}` does not print: {shown}\nbut:\n{printed}",
                step.command
            ));
        }
    }
    Ok(())
}

#[test]
fn every_block_with_commands_is_run() {
    let blocks = blocks();
    assert!(blocks.len() >= 20, "{}", blocks.len());
    let mut failures = Vec::new();
    for block in &blocks {
        let Some(how) = block.how.as_deref() else {
            failures.push(format!("{}: no comment says how it is run", block.at));
            continue;
        };
        if how.starts_with("not run, ") {
            continue;
        }
        if how.starts_with("tests/") {
            let test = fs::read_to_string(root().join(how)).unwrap_or_default();
            let page = block.page.trim_end_matches(".md");
            if !test.contains(page) {
                failures.push(format!("{}: {how} does not run it", block.at));
            }
            continue;
        }
        let (is_run, name) = match how.strip_prefix("arguments of ") {
            Some(name) => (false, name),
            None => (true, how),
        };
        // The recorded hosts are in the repository, which no command here changes.
        let copy = (name != "repository").then(|| project(name, &block.files));
        let folder = copy
            .as_ref()
            .map_or_else(|| root().to_owned(), |copy| copy.path(""));
        for step in &block.steps {
            let ran = run(step, &folder);
            let is_usage = ran.stderr.contains("Usage:") || ran.stderr.contains("unexpected");
            if is_usage || is_run && step.shown.is_empty() && ran.code == Some(2) {
                failures.push(format!("{}: `{}`\n{}", block.at, step.command, ran.stderr));
            } else if let Err(why) = prints(&ran, step) {
                failures.push(format!("{}: {why}", block.at));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
