//! The answers of an engine: one of them is the input, the others are those that an engine gave.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use composegen::compose::{Options, read};
use composegen::docker::{ProjectScope, translate};
use composegen::fuzzing::{Answers, observe};
use composegen::redact::{Salt, to_json};
use composegen::source::Source;
use composegen::state::State;
use composegen_fuzz::{compared, round_trip};
use libfuzzer_sys::fuzz_target;

struct Recorded {
    answers: BTreeMap<String, Vec<u8>>,
    expected: State,
    scope: ProjectScope,
}

static RECORDED: LazyLock<Recorded> = LazyLock::new(|| {
    let text = include_str!("../../tests/fixtures/engines/docker-26.1.json");
    let answers: BTreeMap<String, serde_json::Value> = serde_json::from_str(text).expect("JSON");
    let answers = answers.into_iter();
    let compose = include_str!("../../tests/fixtures/engines/compose.yml");
    let expected = read(&Source::new("compose.yml", compose), &Options::verbatim());
    let expected = expected.expect("the project of the recorded engine");
    Recorded {
        answers: answers
            .map(|(path, answer)| (path, answer.to_string().into_bytes()))
            .collect(),
        scope: ProjectScope::of(&expected),
        expected,
    }
});

// The first byte says which answer it is.
fuzz_target!(|bytes: &[u8]| {
    let Some((which, answer)) = bytes.split_first() else {
        return;
    };
    let recorded = &*RECORDED;
    let mut answers = recorded.answers.clone();
    let number = usize::from(which.wrapping_sub(b'0')) % answers.len();
    if let Some(replaced) = answers.values_mut().nth(number) {
        *replaced = answer.to_vec();
    }
    let look = |chunk| {
        let mut state = observe(
            &Answers {
                answers: &answers,
                chunk,
            },
            &recorded.scope,
        );
        if let Ok(Some(live)) = state.as_mut().map(|state| state.live.as_mut()) {
            live.taken.clear();
        }
        state
    };
    let state = look(4096);
    let again = look(13);
    assert_eq!(state, again, "how an answer is cut up makes a difference");
    let Ok(state) = state else { return };
    round_trip(&state);
    let salt: Salt = serde_json::from_str(&format!("\"{}\"", "5a".repeat(32))).expect("a salt");
    let snapshot = to_json(&state.clone().snapshot(&salt)).expect("a snapshot is JSON");
    let mut snapshot: State = serde_json::from_str(&snapshot).expect("a snapshot is read");
    translate(&mut snapshot);
    let direct = compared(&recorded.expected, &state);
    let later = compared(&recorded.expected.clone().sealed(&salt), &snapshot);
    let codes = |comparison: &composegen::drift::Comparison| {
        let findings = comparison.findings.iter();
        findings
            .map(|f| (f.code, f.resource.clone(), f.field.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        codes(&direct),
        codes(&later),
        "a snapshot tells something else than its host"
    );
});
