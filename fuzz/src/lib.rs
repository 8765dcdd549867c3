//! What the fuzz targets share.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use composegen::diagnostic::{Diagnostic, Diagnostics};
use composegen::drift::{Comparison, Context, compare};
use composegen::fuzzing::reported;
use composegen::redact::to_json;
use composegen::report::Format;
use composegen::source::Source;
use composegen::state::State;
use composegen::text::Style;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    let folder = parent.join(format!("composegen-fuzz-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    folder
});

/// The temporary folder of this process, in memory where the system has such a place.
pub fn folder() -> &'static Path {
    &FOLDER
}

/// Writes a file below the temporary folder.
pub fn write(path: &str, text: &str) {
    let path = folder().join(path);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).expect("a folder");
    }
    fs::write(path, text).expect("a file");
}

/// A source of this text, and whether its places and lines fit.
pub fn source(name: &str, text: &str) -> Arc<Source> {
    Source::new(name, text)
}

/// Shows mistakes in every way that there is, and holds their places against the text.
pub fn show(problems: &Diagnostics) {
    assert!(!problems.is_empty(), "a refusal without a reason");
    let (plain, _) = problems.messages(Style::Plain);
    assert!(!plain.is_empty());
    problems.iter().for_each(show_one);
}

/// Shows a mistake.
pub fn show_one(problem: &Diagnostic) {
    assert!(!problem.message().is_empty());
    let plain = problem.render(Style::Plain).to_string();
    assert!(
        plain.chars().all(|c| c == '\n' || !c.is_control()),
        "a control character is shown: {plain:?}"
    );
    let _ = problem.render(Style::Colour);
    let source = &problem.place().source;
    if let Some(range) = problem.place().range() {
        assert!(range.start <= range.end && range.end <= source.text.len() + 1);
    }
    if let Some((line, column)) = problem.place().line_column() {
        assert!(line >= 1 && column >= 1 && line <= source.text.split('\n').count() + 1);
    }
}

/// Writes a state as JSON, reads it and writes it again. What is hidden is hidden once more then, and
/// after that nothing changes.
pub fn round_trip(state: &State) {
    let again = |text: &str| {
        let read: State = serde_json::from_str(text).expect("a state that was written is read");
        to_json(&read).expect("a state is written as JSON")
    };
    let shown = again(&to_json(state).expect("a state is written as JSON"));
    assert_eq!(shown, again(&shown), "a state is written as it was read");
}

/// Compares states, twice, and reports it in every form.
pub fn compared(expected: &State, observed: &State) -> Comparison {
    let context = Context::default();
    let comparison = compare(expected, observed, &context);
    let again = compare(expected, observed, &context);
    assert_eq!(comparison.findings, again.findings);
    assert_eq!(comparison.unchecked, again.unchecked);
    for (format, text) in reported(expected, &comparison) {
        match format {
            Format::Human => assert!(
                text.chars().all(|c| c == '\n' || !c.is_control()),
                "{text:?}"
            ),
            Format::Json => {
                let _: serde_json::Value = serde_json::from_str(&text).expect("a report is JSON");
            }
            _ => {}
        }
    }
    comparison
}
