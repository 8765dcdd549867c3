//! The documentation as a site, the page of the command line, and what is written for CI systems.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::outside::{Outside, everything, succeed};
use crate::project::{Project, root};

/// docs/cli.md: what `--help` says of every command.
fn cli_page() -> String {
    let project = Project::empty();
    let help = |arguments: &[&str]| {
        let ran = project.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
        let lines = ran
            .stdout
            .lines()
            .map(|line| format!("    {line}").trim_end().to_owned());
        lines.collect::<Vec<_>>().join("\n")
    };
    let mut page = format!(
        "<!-- Written by UPDATE_DOCS=1 cargo test --test it site; the test compares it with the program. -->\n\n\
         # Command line\n\n{}\n",
        help(&["--help"])
    );
    for name in commands(&project) {
        let help = help(&[&name, "--help"]);
        writeln!(page, "\n## `composegen {name}`\n\n{help}").unwrap();
    }
    page
}

/// The commands, in the order of the help.
fn commands(project: &Project) -> Vec<String> {
    let help = project.run(&["-h"]).stdout;
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let lines = commands.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names = names.filter(|name| !name.is_empty() && *name != "help");
    names.map(str::to_owned).collect()
}

#[test]
fn the_page_of_the_command_line_is_up_to_date() {
    let file = root().join("docs/cli.md");
    let page = cli_page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&file, &page).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap();
    assert!(
        committed == page,
        "docs/cli.md is stale: UPDATE_DOCS=1 cargo test --test it site"
    );
}

#[test]
#[ignore = "needs MkDocs: make test"]
fn the_site_has_a_page_for_everything_and_no_dead_link() {
    let outside = Outside::new();
    let site = Project::empty();
    let output = outside
        .tool("mkdocs")
        .args(["build", "--quiet", "--strict", "--config-file"])
        .arg(root().join("site/mkdocs.yml"))
        .arg("--site-dir")
        .arg(site.path("."))
        .env("NO_MKDOCS_2_WARNING", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", everything(&output));

    let menu = fs::read_to_string(root().join("site/mkdocs.yml")).unwrap();
    for page in tracked(&[".md"]) {
        let Ok(page) = page.strip_prefix("docs") else {
            continue;
        };
        let entry = format!(": {}\n", page.display());
        assert!(
            menu.contains(&entry),
            "{} is not in the menu",
            page.display()
        );
    }

    let rules = site.run(&["rules"]).stdout;
    let codes = rules
        .lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(code, _)| code);
    let codes: BTreeSet<&str> = codes.filter(|code| !code.is_empty()).collect();
    assert!(codes.len() >= 120, "{codes:?}");
    for code in codes {
        let of = |folder: &str| site.path(&format!("{folder}/{code}/index.html"));
        let page = if of("rules").exists() {
            of("rules")
        } else {
            of("findings")
        };
        let page = fs::read_to_string(page).unwrap_or_else(|_| panic!("no page for {code}"));
        assert!(page.contains(code), "{code}");
    }
    // It can be searched, and loads nothing from elsewhere.
    let index: Value = serde_json::from_str(&site.read("search/search_index.json")).unwrap();
    let places = index["docs"].as_array().unwrap().iter();
    assert!(
        places
            .filter_map(|one| one["location"].as_str())
            .any(|one| one.starts_with("findings/port-extra"))
    );
    let home = site.read("index.html");
    assert!(!home.contains("fonts.googleapis"), "{home}");
    assert!(
        !home.contains("console:"),
        "a comment for tests is on the page"
    );
}

/// Every file below a folder of the repository that git would know.
fn tracked(endings: &[&str]) -> Vec<PathBuf> {
    let mut git = Command::new("git");
    git.current_dir(root()).args([
        "ls-files", "--cached", "--others", "--exclude-standard", "-z",
    ]);
    let listed = succeed(&mut git);
    let names = listed
        .split('\0')
        .filter(|name| endings.iter().any(|end| name.ends_with(end)));
    names
        .map(|name| root().join(name))
        .filter(|path| path.is_file())
        .collect()
}

#[test]
#[ignore = "needs shellcheck: make test"]
fn every_script_passes_shellcheck() {
    let mut scripts = tracked(&[".sh"]);
    scripts.push(root().join(".ci/run"));
    assert!(scripts.len() >= 12, "{scripts:?}");
    let outside = Outside::new();
    let parts = root().join("tests/tools/engines");
    let (parts, whole): (Vec<_>, Vec<_>) = scripts
        .iter()
        .partition(|script| script.starts_with(&parts));
    let check = |scripts: &[&PathBuf], options: &[&str]| {
        let mut shellcheck = outside.tool("shellcheck");
        shellcheck.arg("--external-sources").args(options);
        succeed(shellcheck.args(scripts).current_dir(root()));
    };
    check(&whole, &[]);
    // These are parts of engine.sh, which sets their variables.
    check(&parts, &["--exclude=SC1091,SC2034,SC2154"]);
}

/// Code of a page below a comment with the name of a file: `# .github/workflows/composegen.yml`.
fn example(page: &str, file: &str) -> String {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let (_, rest) = text.split_once(&format!("    # {file}\n")).unwrap();
    let lines = rest
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with("    "));
    lines
        .map(|line| line.strip_prefix("    ").unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
        + "\n"
}

#[test]
#[ignore = "needs zizmor and check-jsonschema: make test"]
fn what_is_written_for_ci_systems_is_valid_and_safe() {
    let outside = Outside::new();
    let examples = Project::empty();
    let workflow = ".github/workflows/composegen.yml";
    examples.write(workflow, &example("docs/ci.md", workflow));
    let gitlab = ".gitlab-ci.yml";
    examples.write(gitlab, &example("docs/ci.md", gitlab));
    let started = examples.run(&["init", "shop"]);
    assert_eq!(started.code, Some(0), "{}", started.stderr);

    let own = root().join(".github/workflows/release.yml");
    let action = root().join("action.yml");
    let of_init = examples.path("shop").join(workflow);
    let valid = |schema: &str, files: &[&Path]| {
        let schema = format!("vendor.{schema}");
        succeed(
            outside
                .tool("check-jsonschema")
                .args(["--builtin-schema", &schema])
                .args(files),
        );
    };
    let example = examples.path(workflow);
    valid("github-workflows", &[&own, &example, &of_init]);
    valid("github-actions", &[&action]);
    valid("gitlab-ci", &[&examples.path(gitlab)]);
    // of actions that are named by a tag only those are not ours to pin: of this project, and what the example shows
    let mut zizmor = outside.tool("zizmor");
    succeed(
        zizmor
            .args(["--offline", "--no-progress"])
            .arg(&own)
            .arg(&action),
    );
    let zizmor = outside
        .tool("zizmor")
        .args(["--offline", "--no-progress"])
        .arg(&example)
        .output()
        .unwrap();
    let said = everything(&zizmor);
    let unpinned = said.matches("error[").count();
    assert_eq!(
        unpinned,
        said.matches("error[unpinned-uses]").count(),
        "{said}"
    );
}
