//! Hostile texts are read within bounds, and told of in few words.

use crate::project::{Project, composegen};
use crate::reading::bounded;

/// Texts of a megabyte that cost far more than they say, by what they are.
fn hostile() -> Vec<(&'static str, String)> {
    let numbered =
        |count: usize, line: &dyn Fn(usize) -> String| -> String { (0..count).map(line).collect() };
    let bomb = (1..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, n| {
        let last = n - 1;
        text + &format!("a{n}: &a{n} [*a{last}, *a{last}]\n")
    });
    vec![
        ("brackets", "[".repeat(1_000_000)),
        ("dashes", "- ".repeat(500_000)),
        ("questions", "? ".repeat(500_000)),
        ("aliases of aliases", bomb),
        (
            "aliases of a long text",
            format!(
                "s: &s {}\nl: [{}]\n",
                "x".repeat(500_000),
                "*s,".repeat(160_000)
            ),
        ),
        (
            "merged mappings",
            format!("x: &x {{a: 1}}\ny: {{<<: [{}]}}\n", "*x,".repeat(300_000)),
        ),
        ("anchors", numbered(60_000, &|n| format!("k{n}: &a{n} v\n"))),
        (
            "unknown anchor",
            numbered(60_000, &|n| format!("k{n}: &a{n} v\n")) + "r: *none\n",
        ),
        ("unknown keys", numbered(120_000, &|n| format!("k{n}:\n"))),
        (
            "keys on one line",
            format!("{{{}}}", numbered(100_000, &|n| format!("k{n}: 1,"))),
        ),
        (
            "unknown fields",
            "services:\n  a:\n    image: x\n".to_owned()
                + &numbered(80_000, &|n| format!("    k{n}: 1\n")),
        ),
        ("one key", "k: 1\n".repeat(200_000)),
        (
            "one key on one line",
            format!("{{{}}}", "k: 1,".repeat(200_000)),
        ),
        ("documents", "---\na: 1\n".repeat(100_000)),
        ("small mappings", format!("[{}]", "a: b,".repeat(190_000))),
        (
            "tags before commas",
            format!("[{}]", "!a, ".repeat(250_000)),
        ),
        (
            "commas behind a tag",
            format!("a: ['!x', {}]\n", "a,".repeat(490_000)),
        ),
        ("one text", format!("a: {}\n", "x".repeat(1_000_000))),
        ("line breaks", "\n".repeat(1_000_000)),
        (
            "services of a wrong kind",
            "services:\n".to_owned() + &numbered(60_000, &|n| format!("  s{n}: 1\n")),
        ),
    ]
}

#[test]
fn a_hostile_text_of_a_megabyte_ends_soon_with_little_memory_and_few_words() {
    for (name, text) in hostile() {
        let project = Project::sound();
        project.write("c.yml", &text);
        project.write("environments/x.yaml", &text);
        project.write("snapshot.json", &text);
        project.write("small.yml", "name: p\nservices: { a: { image: a:1 } }\n");
        let commands: [&[&str]; 4] = [
            &["state", "-f", "c.yml"],
            &["check"],
            &["drift", "-f", "small.yml", "--snapshot", "snapshot.json"],
            &["state", "-f", "small.yml", "--env-file", "c.yml"],
        ];
        for command in commands {
            let mut run = composegen();
            run.args(command).current_dir(project.path(""));
            let what = format!("{name} for {command:?}");
            let run = bounded(&what, &mut run);
            // A hundred errors, and not a word of the others.
            let length = run.output.len();
            assert!(
                length < 300_000 || run.code == Some(0),
                "{what}: {length} bytes"
            );
        }
    }
}

#[test]
fn a_hostile_journal_ends_soon_with_little_memory() {
    for (name, text) in [
        ("lines", "x\n".repeat(500_000)),
        ("line breaks", "\n".repeat(1_000_000)),
        ("brackets", "[".repeat(1_000_000)),
        ("empty entries", "{}\n".repeat(330_000)),
    ] {
        let project = Project::sound();
        project.write("releases/journal.jsonl", &text);
        let mut run = composegen();
        run.arg("check").current_dir(project.path(""));
        let run = bounded(&format!("{name} as a journal"), &mut run);
        let length = run.output.len();
        assert!(length < 1_000_000, "{name}: {length} bytes");
    }
}

#[test]
fn of_many_errors_the_first_are_shown_and_all_are_counted() {
    let project = Project::empty();
    let lines: Vec<String> = (0..5000).map(|n| format!("    k{n}: 1\n")).collect();
    let lines = lines.concat();
    project.write("c.yml", &format!("services:\n  a:\n    image: x\n{lines}"));
    let ran = project.run(&["state", "-f", "c.yml"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("--> c.yml:4:5\n"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("\n\nand at least ") && ran.stderr.ends_with(" errors\n"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stderr.matches("--> c.yml:").count(), 20);
    let lines: String = lines
        .lines()
        .take(150)
        .fold(String::new(), |all, line| all + line + "\n");
    project.write("c.yml", &format!("services:\n  a:\n    image: x\n{lines}"));
    let ran = project.run(&["state", "-f", "c.yml"]);
    assert!(
        ran.stderr
            .ends_with("\n\nand 130 more (--all-errors shows them)\n\n150 errors\n"),
        "{}",
        ran.stderr
    );
    let ran = project.run(&["state", "-f", "c.yml", "--all-errors"]);
    assert_eq!(ran.stderr.matches("--> c.yml:").count(), 150);
    assert!(ran.stderr.ends_with("\n\n150 errors\n"), "{}", ran.stderr);
}
