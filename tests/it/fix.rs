//! `composegen check --fix`

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::project::{Project, Ran};

const FIX: [&str; 6] = [
    "check", "--fix", "--level", "hardening", "-f", "compose.yml",
];
const WRITE: [&str; 7] = [
    "check", "--fix", "--write", "--level", "hardening", "-f", "compose.yml",
];

/// Every form in which something can be fixed, and comments, tabs and unicode around it.
const FORMS: &str = "\u{feff}version: '3.8' # old\n\n# Ä comment\nx-port: &port 2222:22\nx-base: &base\n  \
    image: 'a:$TAG'\t# tag\nservices:\n  web:\n    <<: *base\n    command: [ä, $A, '$B', \"$C\", \"${D:-$E}\", $$F]\n    \
    ports: [2223:22, $P:80, *port]\n  api:\n    <<: *base\n    environment:\n      A: |\n        ü $G\n        ${H}\n      \
    B: >-\n        $I\n    labels: { l: é$J, m: *port }\n    expose:\n      - 53:53 # dns\n---\nversion: '2'\n\nservices: {}";

#[test]
fn the_diff_shows_every_form_and_writes_nothing() {
    let project = Project::empty();
    project.write("compose.yml", FORMS);
    let ran = project.run(&FIX);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    insta::assert_snapshot!(ran.stdout + &ran.stderr);
    assert_eq!(project.read("compose.yml"), FORMS);
}

#[test]
fn what_is_written_is_what_the_diff_showed_and_has_nothing_to_fix() {
    for text in [FORMS.to_owned(), FORMS.replace('\n', "\r\n")] {
        let project = Project::empty();
        project.write("compose.yml", &text);
        let shown = project.run(&FIX);
        let ran = project.run(&WRITE);
        assert_eq!(
            (ran.code, &ran.stdout),
            (Some(0), &shown.stdout),
            "{}",
            ran.stderr
        );
        let fixed = project.read("compose.yml");
        assert_eq!(
            fixed.matches("\r\n").count(),
            fixed.matches('\n').count() * usize::from(text.contains('\r'))
        );
        let again = project.run(&FIX);
        assert_eq!((again.code, again.stdout.as_str()), (Some(0), ""));
        assert!(again.stderr.contains("nothing to fix"), "{}", again.stderr);
    }
}

#[test]
fn the_example_of_the_documentation_shows_its_real_output() {
    let page = fs::read_to_string(crate::project::root().join("docs/check.md")).unwrap();
    let project = Project::empty();
    let text = "version: \"3.8\"\nservices:\n  web:\n    image: shop/web:$TAG # set by CI\n    ports: [2222:22]\n";
    project.write("compose.yml", text);
    let ran = project.run(&FIX);
    for line in ran.stdout.lines().chain(ran.stderr.lines()) {
        assert!(page.contains(&format!("\n    {line}\n")), "{line}");
    }
}

/// Applies the edits of SARIF, as a program would that knows nothing of Compose.
#[test]
fn sarif_has_what_would_be_written() {
    let project = Project::empty();
    project.write("compose.yml", FORMS);
    let ran = project.run(&[&["check", "--format", "sarif"], &FIX[2..]].concat());
    let log = ran.json();
    let at = |region: &serde_json::Value, end: &str| {
        let number = |key: String| {
            region[key]
                .as_u64()
                .map(|n| usize::try_from(n).unwrap() - 1)
        };
        let (line, column) = (
            number(format!("{end}Line")).unwrap(),
            number(format!("{end}Column")).unwrap(),
        );
        let lines: Vec<&str> = FORMS.split_inclusive('\n').collect();
        let before: usize = lines[..line].iter().map(|line| line.len()).sum();
        let within: usize = lines[line].chars().take(column).map(char::len_utf8).sum();
        before + within
    };
    let mut edits = BTreeSet::new();
    let results = log["runs"][0]["results"].as_array().unwrap();
    for fix in results.iter().filter_map(|result| result.get("fixes")) {
        assert_ne!(fix[0]["description"]["text"], "");
        let change = &fix[0]["artifactChanges"][0];
        assert_eq!(change["artifactLocation"]["uri"], "compose.yml");
        for one in change["replacements"].as_array().unwrap() {
            let (region, new) = (&one["deletedRegion"], &one["insertedContent"]["text"]);
            let range = (at(region, "start"), at(region, "end"));
            edits.insert((range, new.as_str().unwrap()));
        }
    }
    let mut text = FORMS.to_owned();
    for ((start, end), new) in edits.into_iter().rev() {
        text.replace_range(start..end, new);
    }
    project.run(&WRITE);
    assert_eq!(text, project.read("compose.yml"));
    // A template, whose files nobody fixes, has none.
    let clean = Project::copy_of(&crate::project::root().join("tests/fixtures/clean"));
    clean.edit(
        "templates/service.yml.j2",
        "    cap_drop: [ALL]\n",
        "    labels: { a: $A }\n",
    );
    let ran = clean.run(&["check", "--level", "hardening", "--format", "sarif"]);
    assert!(
        ran.stdout.contains("variable-may-be-empty"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("\"fixes\""), "{}", ran.stdout);
}

#[test]
fn files_of_the_folder_are_fixed_and_others_are_not() {
    let project = Project::empty();
    let base = "services: { base: { image: 'a:$TAG' } }\n";
    project.write("outside.yml", base);
    project.write("app/parts/base.yml", base);
    project.write("app/parts/more.yml", &format!("version: '3'\n{base}"));
    project.write(
        "app/compose.yml",
        "include: [parts/more.yml]\nservices:\n  a: { extends: { file: parts/base.yml, service: base } }\n  \
         b: { extends: { file: ../outside.yml, service: base } }\n",
    );
    let file = ["-f", "app/compose.yml"];
    let ran = project.run(&[&WRITE[..5], &file].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let fixed = base.replace("$TAG", "${TAG:?}");
    assert_eq!(project.read("app/parts/base.yml"), fixed);
    assert_eq!(project.read("app/parts/more.yml"), fixed);
    assert_eq!(project.read("outside.yml"), base);
}

#[test]
fn a_variable_that_is_set_and_empty_is_not_required() {
    let project = Project::empty();
    let text = "services: { a: { image: 'a:1', command: \"$A $B\" }, b: { image: 'b:$C' } }\n";
    project.write("compose.yml", text);
    let set = [("A", ""), ("B", "1")];
    assert_eq!(project.run_with(&WRITE, &set).code, Some(0));
    let fixed = text.replace("$B", "${B:?}").replace("$C", "${C:?}");
    assert_eq!(project.read("compose.yml"), fixed);
    // Where there is an env file, what it does not set is missing.
    project.write("compose.yml", text);
    project.write(".env", "A=\nC=1\n");
    let ran = project.run_with(&["check", "--fix", "--write", "-f", "compose.yml"], &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(project.read("compose.yml"), text.replace("$B", "${B:?}"));
}

/// A `$` in a password begins a variable, and a diff would show what follows.
#[test]
fn what_is_hidden_is_neither_fixed_nor_shown() {
    let project = Project::empty();
    let text = "version: '3'\nservices:\n  a:\n    image: 'a:1'\n    environment:\n      PASSWORD: pa$hunter2\n";
    project.write("compose.yml", text);
    let ran = project.run(&WRITE);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(!ran.stdout.contains("hunter2"), "{}", ran.stdout);
    assert_eq!(
        project.read("compose.yml"),
        text.replace("version: '3'\n", "")
    );
}

#[test]
fn every_variable_of_a_text_is_required_at_once() {
    let project = Project::empty();
    for (text, fixed) in [
        ("G=$H$I", "G=${H:?}${I:?}"),
        ("U=a://$U@$P:1/$D", "U=a://${U:?}@${P:?}:1/${D:?}"),
    ] {
        let file =
            |value| format!("services: {{ a: {{ image: 'a:1', environment: [ '{value}' ] }} }}\n");
        project.write("compose.yml", &file(text));
        let ran = project.run(&WRITE);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_eq!(project.read("compose.yml"), file(fixed));
        assert!(!ran.stdout.contains('*'), "{}", ran.stdout);
    }
}

/// Programs apply the diff, byte for byte.
#[test]
fn the_diff_of_a_file_is_a_patch() {
    let project = Project::empty();
    let text =
        "\u{feff}version: '3'\r\nservices:\r\n  a:\r\n    image: 'a:1'\r\n    ports: [22:22]\r\n";
    project.write("compose.yml", text);
    let ran = project.run(&FIX);
    let patch = ran.stdout.clone() + &ran.stderr;
    assert!(
        ran.stdout.contains("\n-\u{feff}version: '3'\r\n"),
        "{patch}"
    );
    assert!(
        ran.stdout.contains("\n+    ports: [\"22:22\"]\r\n"),
        "{patch}"
    );
}

#[test]
fn a_fix_that_would_change_more_is_left() {
    let project = Project::empty();
    for text in [
        // A `$` in a word is more likely a part of a password.
        "services: { a: { image: 'a:1', environment: [ 'A=pre$B-post' ] } }\n",
        // What is not at the top of a text has no fix.
        "services: { a: { image: 'a:1', environment: [ 'A=${C:-$B}' ] } }\n",
        // The anchor of `version` is used below.
        "version: &v '3'\nservices:\n  a: { image: 'a:1', labels: { v: *v } }\n",
        // Between braces it would need quotes, and it has both kinds.
        "services: { a: { image: 'a:1', command: it's-\"$A\" } }\n",
    ] {
        project.write("compose.yml", text);
        let ran = project.run(&WRITE);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stderr.contains("1 finding is left"), "{}", ran.stderr);
        assert_eq!(project.read("compose.yml"), text);
    }
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_and_of_several_files_all_or_none() {
    let project = Project::empty();
    let text = "version: '3'\nservices: { a: { image: 'a:1' } }\n";
    project.write("real.yml", text);
    project.write("first.yml", text);
    std::os::unix::fs::symlink("real.yml", project.path("compose.yml")).unwrap();
    let before = project.everything();
    let ran = project.run(&[
        "check", "--fix", "--write", "-f", "first.yml", "-f", "compose.yml",
    ]);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.stderr);
    assert!(project.everything() == before);
}

#[test]
fn standard_input_cannot_be_fixed() {
    let ran = Project::empty().run(&["check", "--fix", "-f", "-"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("name the file"), "{}", ran.stderr);
    let ran = Project::empty().run(&["check", "--write", "-f", "compose.yml"]);
    assert_eq!(ran.code, Some(2));
}

/// What a service may have, in block and in flow style.
const FIELDS: [&str; 12] = [
    "command: $A",
    "command: \"x $A\" # $A",
    "command: ['$A', $B]",
    "command: {}",
    "hostname: é$A",
    "environment: { A: $A, B: \"${B}\", C: '${C-$A}' }",
    "environment:\n      # $A\n      A: $B\n      B: |-\n        $A\n\n        ${B}",
    "ports: [2222:22, $P:80]",
    "ports:\n      - 2222:22 # ssh\n      - 127.0.0.1:${P}:81",
    "expose: [53:53, '22:22']",
    "labels: &anchor { a: $A }",
    "labels: *shared",
];

fn state(project: &Project) -> Ran {
    let set = ["A", "B", "C"].map(|name| (name, "text"));
    project.run_with(
        &["state", "-f", "compose.yml"],
        &[set.as_slice(), &[("P", "8080"), ("TAG", "1")]].concat(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// With every variable set, the state is the same; a second run finds nothing; and what is not
    /// between the values stays: comments, indentation, line breaks.
    #[test]
    fn a_fixed_file_asks_for_the_same_state(
        services in prop::collection::vec(prop::collection::vec(select(&FIELDS[..]), 0..4), 1..4),
        (starts, version, ends, line) in (
            select(&["", "\u{feff}", "# head\n", "---\n"][..]),
            select(&["", "version: '3' # v\n\n", "version: \"2.4\"\n"][..]),
            select(&["", "\n", "\n# end", "\n---\nversion: '3'\n"][..]),
            select(&["\n", "\r\n"][..]),
        ),
        at in any::<Index>(),
    ) {
        let mut text = format!("{starts}{version}x-shared: &shared {{ s: $A }}\nservices:");
        for (number, fields) in services.iter().enumerate() {
            text.push_str(&["\n  s", &number.to_string(), ":\n    image: a:${TAG}\t"].concat());
            let mut known = Vec::new();
            for field in fields {
                let key = field.split(':').next();
                if !known.contains(&key) {
                    text.extend(["\n    ", field]);
                    known.push(key);
                }
            }
        }
        if at.index(2) == 0 {
            text = text.replacen("version: '3' # v\n\n", "", 1) + if version.is_empty() { "" } else { "\nversion: '3'" };
        }
        let text = (text + ends).replace('\n', line);
        let project = Project::empty();
        project.write("compose.yml", &text);
        let before = state(&project);
        let ran = project.run(&WRITE);
        prop_assume!(before.code == Some(0));
        prop_assert_eq!(ran.code, Some(0), "{}\n{}", ran.stderr, text);
        let fixed = fs::read_to_string(project.path("compose.yml")).unwrap();
        let after = state(&project);
        prop_assert_eq!(&after.stdout, &before.stdout, "{}\n{}", after.stderr, fixed);
        let again = project.run(&FIX);
        prop_assert_eq!(again.code, Some(0), "{}\n{}", again.stdout, fixed);
        let comments = |text: &str| text.matches("# ").count() - text.matches("# v").count();
        prop_assert_eq!(comments(&fixed), comments(&text));
        let unset = project.run(&["state", "-f", "compose.yml"]);
        prop_assert_eq!(unset.code, Some(2), "{}", unset.stdout);
    }
}

/// Every Compose file below a folder, with the files beside it: `make compose-corpus DIR=…`.
#[test]
#[ignore = "needs a folder of Compose files: make compose-corpus DIR=…"]
fn manual_corpus_of_fixes() {
    let folder = std::env::var("COMPOSE_CORPUS").expect("COMPOSE_CORPUS names a folder");
    let mut files = Vec::new();
    crate::compose::corpus::find(&Path::new(&folder).canonicalize().unwrap(), &mut files);
    let (mut fixed, mut same) = (0, 0);
    for file in &files {
        let project = Project::empty();
        let mut text = String::new();
        for entry in fs::read_dir(file.parent().unwrap()).unwrap() {
            let path = entry.unwrap().path();
            if let Ok(content) = fs::read_to_string(&path) {
                project.write(path.file_name().unwrap().to_str().unwrap(), &content);
                text += &content;
            }
        }
        let name = file.file_name().unwrap().to_str().unwrap();
        let variables: BTreeSet<&str> = text
            .split('$')
            .map(|part| part.trim_start_matches('{'))
            .map(|part| {
                let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                part.get(..end.unwrap_or(part.len())).unwrap()
            })
            .filter(|name| !name.is_empty() && !name.starts_with("COMPOSE_"))
            .collect();
        let set: Vec<(&str, &str)> = variables.into_iter().map(|name| (name, "1")).collect();
        let state = || project.run_with(&["state", "-f", name], &set);
        let before = state();
        let ran = project.run(&[&WRITE[..5], &["-f", name]].concat());
        if ran.stdout.is_empty() {
            continue;
        }
        fixed += 1;
        let after = state();
        assert_eq!(
            (after.code, &after.stdout),
            (before.code, &before.stdout),
            "{}: {}",
            file.display(),
            after.stderr
        );
        same += usize::from(after.code == Some(0));
        let again = project.run(&[&FIX[..4], &["-f", name]].concat());
        assert_eq!(again.stdout, "", "{}", file.display());
    }
    println!(
        "{} files, {fixed} fixed, the state of {same} compared",
        files.len()
    );
}
