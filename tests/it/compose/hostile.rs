//! Texts that nobody means well with: no panic, no overflow, no endless run.

use std::path::Path;
use std::time::{Duration, Instant};

use composegen::compose::{Document, FileArgument, Options, Request, Unset, read};
use composegen::orchestrator::Orchestrator;
use composegen::rules::{self, Subject};
use composegen::source::Source;
use composegen::variables::Variables;
use proptest::prelude::*;

fn options() -> Options {
    Options {
        directory: "/".into(),
        project: "/".into(),
        variables: Variables::default(),
        unset: Unset::Strict,
        orchestrator: Orchestrator::Docker,
        name: None,
        profiles: Vec::new(),
        reads_files: false,
    }
}

/// Reads a text, which may or may not be refused.
fn survive(text: &str) {
    let source = Source::new("compose.yml", text);
    let strict = read(&source, &options());
    if let Err(problems) = strict {
        assert!(!problems.to_string().is_empty());
    }
    let _ = read(&source, &Options::verbatim());
    judge(text);
}

/// Holds the rules against a text, as `check --file` does.
fn judge(text: &str) {
    let request = Request {
        profiles: vec!["*".to_owned()],
        ..Request::new(Variables::default(), Unset::Keep)
    };
    let file = FileArgument::Text(text.to_owned());
    match Subject::of_files(vec![vec![file]], Path::new("/nowhere"), &request) {
        Ok(subject) => drop(rules::judge(&subject, &rules::CustomRules::default())),
        Err(problems) => assert!(!problems.to_string().is_empty()),
    }
}

#[test]
fn deep_and_large_texts_are_refused_in_time() {
    let nested = |open: &str, close: &str, times| open.repeat(times) + "x" + &close.repeat(times);
    let bomb: String = (1..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, number| {
        let last = number - 1;
        text + &format!("a{number}: &a{number} [*a{last}, *a{last}]\n")
    });
    let merges: String = (1..60).fold("a0: &a0 {k: v}\n".to_owned(), |text, number| {
        let last = number - 1;
        text + &format!("a{number}: &a{number} {{<<: [*a{last}, *a{last}]}}\n")
    });
    let lines =
        |count: usize, line: &dyn Fn(usize) -> String| -> String { (0..count).map(line).collect() };
    let cycle = lines(5_000, &|number| {
        format!(
            "  s{number}: {{image: a, depends_on: [s{}]}}\n",
            (number + 1) % 20_000
        )
    });
    let chain = lines(3000, &|number| {
        format!("  s{number}: {{extends: s{}}}\n", number + 1)
    });
    for text in [
        nested("[", "]", 100_000),
        nested("{a: ", "}", 100_000),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        "a:\n ".repeat(20_000),
        "\"".repeat(100_001),
        format!("a: {}", nested("${A:-", "}", 10_000)),
        format!(
            "name: t\nservices: {{a: {{image: '{}'}}}}",
            "${".repeat(50_000)
        ),
        format!("a: '{}'", "${A:-x}".repeat(50_000)),
        format!("a: '{}'", "${A:-{".repeat(20_000)),
        bomb,
        merges,
        format!("name: t\nservices:\n{cycle}"),
        format!("name: t\nservices:\n{chain}  s3000: {{image: a}}\n"),
        format!(
            "name: t\nservices: {{a: {{image: a, ports: ['{}']}}}}",
            "1-65535:1-65535"
        ),
        lines(5_000, &|number| format!("k{number}: v\n")),
        "\u{FEFF}\u{0}\u{1}".to_owned(),
    ] {
        let start = Instant::now();
        survive(&text);
        let took = start.elapsed();
        let head: String = text.chars().take(40).collect();
        assert!(took < Duration::from_secs(20), "{head}… took {took:?}");
    }
}

/// Pieces that mean something to YAML or to Compose.
fn pieces() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "services:", "web:", "image: a", "ports:", "- ", "80:80", "'", "\"", "{", "}", "[", "]",
        ":", ",", "\n", "  ", "\t", "&a ", "*a", "<<: *a", "!reset ", "!override ", "!!str ",
        "${A", "}", "$$", ":-", "|", ">", "#", "---\n", "...\n", "? ", "null", "~", "volumes:",
        "networks:", "environment:", "A=1", "extends: web", "include:", "é", "\u{FEFF}", "\\",
        "%YAML 1.2\n", "x-a:", "0", "-1", "1e400", "deploy:", "limits:", "..", "/", "configs:",
        "secrets:", "name: t\n", "!reset, ", "[!a, b]", "%TAG ! x", "%41", "\\",
    ]);
    proptest::collection::vec(words, 0..40).prop_map(|words| words.concat())
}

/// The files of the fixtures.
fn files() -> Vec<String> {
    let folder = crate::project::root().join("tests/fixtures/compose/accepted");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    let texts = paths.iter().map(std::fs::read_to_string);
    texts.map(Result::unwrap).collect()
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in pieces()) {
        survive(&text);
        survive(&format!("name: t\nservices:\n  web:\n    {text}"));
    }

    #[test]
    fn any_part_of_a_file_is_read_or_refused(
        file in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        piece in pieces(),
    ) {
        let files = files();
        let text = file.get(&files);
        let chars: Vec<char> = text.chars().collect();
        let (from, to) = (from.index(chars.len()), to.index(chars.len()));
        survive(&chars[from.min(to)..from.max(to)].iter().collect::<String>());
        let (before, after) = chars.split_at(at.index(chars.len()));
        let text = |chars: &[char]| chars.iter().collect::<String>();
        survive(&(text(before) + &piece + &text(after)));
        survive(&text(before));
    }

    #[test]
    fn any_bytes_are_read_or_refused(text in "\\PC*") {
        survive(&text);
        let _ = Document::parse(&Source::new("compose.yml", text));
    }
}

/// A text with everything that YAML has, cut off anywhere, and with each of its characters gone.
#[test]
fn a_text_that_is_cut_off_is_read_or_refused() {
    let text = concat!(
        "%YAML 1.1\n%TAG !e! tag:example.com,2000:\n--- # é\nname: t\n",
        "a: \"\\x41\\u00e9\\U0001F600\\\\ \\\n  on \\\" \\/ \\_ \\N\\L\\P\\e\"\n",
        "b: 'it''s\n\n  folded'\n? complex\n: &anchor !!str x\nc: *anchor\n",
        "d: !e!tag y\ne: !<tag:example.com,2000:x> z\nf: !local {g: [1, ? h : i, \"j\": k]}\n",
        "l: |2-\n   x\n\nm: >+\n  y\n   z\n\nn: - o\np:\n- q: r\n  <<: *anchor\n- - s\n",
        "t: 1_000\nu: 0o17\nv: .inf\nw: ~\nx-y: 2001-01-01\n\u{85}z: \u{2028}\n...\n---\n!reset\n",
    );
    let whole: Vec<char> = text.chars().collect();
    for at in 0..whole.len() {
        survive(&whole[..at].iter().collect::<String>());
        let without: String = whole[..at].iter().chain(&whole[at + 1..]).collect();
        survive(&without);
    }
}
