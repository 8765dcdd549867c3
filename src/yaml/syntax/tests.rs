use crate::source::Source;

/// The error of a text: the place, the message and what was expected.
fn said(text: &str) -> String {
    let source = Source::new("a.yaml", text);
    let problems = super::super::parse_any(&source).unwrap_err();
    let all: Vec<String> = problems
        .iter()
        .map(|problem| {
            let (line, column) = problem.place().line_column().unwrap_or_default();
            let message = problem
                .message()
                .trim_start_matches("this is not valid YAML: ");
            format!("{line}:{column} {message}; {}", problem.label_text())
        })
        .collect();
    all.join("\n")
}

#[test]
fn a_mistake_is_where_it_was_made() {
    let said: Vec<String> = [
        // Indentation.
        "a:\n    b: c\n   d: e\n",
        "a:\n  b: c\n   d: e\n",
        "a:\n  - b: c\n   - d\n",
        "a:\n  b:\n    - c\n   - d\n",
        "a:\n  - b\n  c: d\n",
        "a:\n  b: c\n  - d\n",
        "a:\n\t- b\n",
        // Keys.
        "a:\n  image nginx\n  b: c\n",
        "a:\n  image:nginx\n  b: c\n",
        "a:\n  b: c\n  image nginx\n  d: e\n",
        "a:\n  b: c\n  image [a]\n  d: e\n",
        "a:\n  b:[c]\n  d: e\n",
        "a: b: c\n",
        "a: - b\n",
        // Characters and quotes.
        "é: ö\na: @b\n",
        "a: %b\n",
        "a: `b`\n",
        "a: *.example\n",
        "a: *b\n",
        "a: \"b\nc: \"d\"\n",
        "a: \"b\nc: d\n",
        "a: 'it's'\n",
        "a: \"b\" c\n",
        "a: \"\\q\"\n",
        "a: |b\n  c\n",
        // Brackets.
        "a: [b\nc: d\n",
        "a: {b: c\nd: e\n",
        "a: [\n",
        "a: [b]]\n",
        "a: [\"b\" \"c\"]\n",
        "a: {b: ${C}}\n",
        "a: [b, {c]\n",
        "- a\nb: c\n",
    ]
    .iter()
    .map(|text| format!("{text:?}\n  {}", said(text)))
    .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_variable_in_brackets_needs_quotes() {
    let helps = |text: &str| {
        let problems = super::super::parse_any(&Source::new("a.yaml", text)).unwrap_err();
        let helps: Vec<String> = problems
            .iter()
            .flat_map(|problem| problem.helps().iter().map(|help| format!("{help:?}")))
            .collect();
        helps.join(" ")
    };
    for text in ["a: {b: ${C}}\n", "a: {b: x${C:-d}, e: f}\n"] {
        assert!(
            helps(text).contains("put quotes around the variable"),
            "{text}: {}",
            helps(text)
        );
    }
    assert!(!helps("a: [\"b\" \"c\"]\n").contains("variable"));
}
