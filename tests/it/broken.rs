//! Bad input: each fixture is one edit of the sound project, and has a snapshot of its message.

use std::fs;

use crate::project::{Project, root};

/// An edit: `edit FILE`, the lines that go (`- `) and those that come (`+ `); or `delete FILE`.
fn apply(project: &Project, edit: &str) {
    let mut file = String::new();
    let (mut old, mut new): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let flush = |file: &str, old: &mut Vec<&str>, new: &mut Vec<&str>| {
        if old.is_empty() {
            return;
        }
        let gone = if new.is_empty() { "\n" } else { "" };
        project.edit(file, &(old.join("\n") + gone), &new.join("\n"));
        old.clear();
        new.clear();
    };
    for line in edit.lines() {
        match line.split_once(' ').unwrap_or((line, "")) {
            ("edit", name) => {
                flush(&file, &mut old, &mut new);
                name.clone_into(&mut file);
            }
            ("delete", name) => project.remove(name),
            ("-", text) => {
                if !new.is_empty() {
                    flush(&file, &mut old, &mut new);
                }
                old.push(text);
            }
            ("+", text) => new.push(text),
            _ => panic!("not an edit: {line:?}"),
        }
    }
    flush(&file, &mut old, &mut new);
}

#[test]
fn every_broken_project_is_refused_with_a_clear_message_and_nothing_written() {
    let mut fixtures: Vec<_> = fs::read_dir(root().join("tests/fixtures/broken"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    fixtures.sort();
    assert!(fixtures.len() >= 100, "{} fixtures", fixtures.len());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots/broken");
    settings.set_prepend_module_to_snapshot(false);
    let mut failed = Vec::new();
    for fixture in fixtures {
        let name = fixture.file_stem().unwrap().to_str().unwrap().to_owned();
        let edit = fs::read_to_string(&fixture).unwrap();
        let project = Project::sound();
        project.write("generated/web.yml", "# here before\n");
        apply(&project, &edit);
        let before = project.everything();
        let ran = project.run(&["render"]);
        if ran.code != Some(2) || !ran.stdout.is_empty() || project.everything() != before {
            failed.push(format!("{name}: exit {:?}\n{}", ran.code, ran.stderr));
            continue;
        }
        // A panic would also end with a code, but not with this line.
        if !ran.stderr.contains("nothing was written") {
            failed.push(format!("{name}: {}", ran.stderr));
            continue;
        }
        settings.set_description(edit.trim_end().to_owned());
        settings.bind(|| insta::assert_snapshot!(name, ran.stderr));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

#[test]
fn the_project_that_they_are_made_from_is_sound() {
    let project = Project::sound();
    let ran = project.run(&["render"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(0), ""),
        "{}",
        ran.stderr
    );
    assert!(project.path("generated/web.yml").exists());
}

/// The README shows a mistake as it is told.
#[test]
fn the_readme_shows_one() {
    let project = Project::nata();
    let (right, wrong) = ("    networks: [internal]", "    netwroks: [internal]");
    project.edit("environments/catalog.yaml", right, wrong);
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for line in project.run(&["render"]).stderr.lines() {
        assert!(readme.contains(line.trim()), "the README lacks: {line}");
    }
}
