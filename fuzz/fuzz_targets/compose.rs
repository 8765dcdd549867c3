//! Compose files.
#![no_main]

use std::path::PathBuf;

use composegen::compose::{Document, Options, Unset, read, read_document};
use composegen::docker::ProjectScope;
use composegen::orchestrator::Orchestrator;
use composegen::redact::{Salt, to_json};
use composegen::state::State;
use composegen::variables::Variables;
use composegen_fuzz::{compared, round_trip, show, source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let source = source("compose.yml", text);
    let document = match Document::parse(&source) {
        Ok(document) => document,
        Err(problems) => return show(&problems),
    };
    let _ = (document.name(), document.names("services"));
    match read_document(document, &Options::verbatim()) {
        Ok(state) => {
            let again = read(&source, &Options::verbatim()).expect("it was read before");
            assert_eq!(to_json(&state).ok(), to_json(&again).ok());
            check(&state);
        }
        Err(problems) => show(&problems),
    }
    let set = [
        ("A", "a"),
        ("EMPTY", ""),
        ("HOME", "/root"),
        ("PORT", "80"),
        ("TAG", "1"),
    ];
    let set = set.into_iter();
    let options = Options {
        directory: PathBuf::from("/srv/project"),
        project: PathBuf::from("/srv/project"),
        variables: set
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect::<Variables>(),
        unset: Unset::Strict,
        orchestrator: Orchestrator::Docker,
        name: None,
        profiles: Vec::new(),
        reads_files: false,
    };
    match read(&source, &options) {
        Ok(state) => check(&state),
        Err(problems) => show(&problems),
    }
});

fn check(state: &State) {
    round_trip(state);
    let salt: Salt = serde_json::from_str(&format!("\"{}\"", "5a".repeat(32))).expect("a salt");
    assert!(salt.is_valid());
    assert_eq!(state.clone().sealed(&salt), state.clone().sealed(&salt));
    round_trip(&state.clone().snapshot(&salt));
    let _ = ProjectScope::of(state);
    // Nothing runs: whatever is expected is missing.
    let comparison = compared(state, &State::empty(&*state.project));
    let is_missing = state.services.values().any(|service| service.replicas > 0);
    assert!(!is_missing || !comparison.findings.is_empty() || !comparison.unchecked.is_empty());
}
