//! Bad input: each fixture is one edit of the sound project, and has a snapshot of its message.

use std::fs;
use std::path::Path;

use libtest_mimic::Trial;

use crate::project::{Project, root};

pub(crate) fn cases() -> Vec<Trial> {
    let folder = root().join("tests/fixtures/broken");
    let fixtures = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut cases: Vec<Trial> = fixtures
        .map(|fixture| {
            let name = fixture.file_stem().unwrap().to_str().unwrap().to_owned();
            crate::case(format!("broken::{name}"), move || refused(&name, &fixture))
        })
        .collect();
    assert!(cases.len() >= 100, "{} fixtures", cases.len());
    cases.push(crate::case("broken::the original is sound", sound));
    cases.push(crate::case("broken::the README shows one", readme));
    cases
}

/// `render` of a broken project prints a clear message and writes nothing.
fn refused(name: &str, fixture: &Path) -> Result<(), String> {
    let edit = fs::read_to_string(fixture).unwrap();
    let project = Project::sound();
    project.write("generated/web.yml", "# here before\n");
    project.apply(&edit);
    let before = project.everything();
    let ran = project.run(&["render"]);
    // A panic would also end with a code, but not with this line.
    let is_refused = ran.code == Some(2) && ran.stderr.contains("nothing was written");
    if !is_refused || !ran.stdout.is_empty() || project.everything() != before {
        return Err(format!("exit {:?}\n{}{}", ran.code, ran.stdout, ran.stderr));
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots/broken");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_description(edit.trim_end().to_owned());
    settings.bind(|| insta::assert_snapshot!(name, ran.stderr));
    Ok(())
}

fn sound() -> Result<(), String> {
    let project = Project::sound();
    let ran = project.run(&["render"]);
    let is_written = project.path("generated/web.yml").exists();
    if (ran.code, ran.stdout.as_str(), is_written) == (Some(0), "", true) {
        return Ok(());
    }
    Err(ran.stderr)
}

/// The README shows a mistake as it is printed.
fn readme() -> Result<(), String> {
    let project = Project::nata();
    let (right, wrong) = ("    networks: [internal]", "    netwroks: [internal]");
    project.edit("environments/catalog.yaml", right, wrong);
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for line in project.run(&["render"]).stderr.lines() {
        if !readme.contains(line.trim()) {
            return Err(format!("the README lacks: {line}"));
        }
    }
    Ok(())
}
