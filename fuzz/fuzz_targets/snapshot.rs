//! Snapshots, and what comes of comparing with them.
#![no_main]

use std::sync::LazyLock;

use composegen::redact::Salt;
use composegen::state::State;
use composegen_fuzz::{compared, round_trip};
use libfuzzer_sys::fuzz_target;

static RECORDED: LazyLock<State> = LazyLock::new(|| {
    let text = include_str!("../../tests/fixtures/hosts/web.json");
    serde_json::from_str(text).expect("a state")
});

fuzz_target!(|text: &str| {
    let Ok(state) = serde_json::from_str::<State>(text) else {
        return;
    };
    round_trip(&state);
    let salt: Salt = serde_json::from_str(&format!("\"{}\"", "5a".repeat(32))).expect("a salt");
    round_trip(&state.clone().snapshot(&salt));
    compared(&state, &state);
    compared(&state, &RECORDED);
    compared(&RECORDED, &state);
    // What has no services, networks and volumes, and no engine that shows more, differs in nothing.
    let empty = State::empty(&*state.project);
    assert!(compared(&empty, &empty).findings.is_empty());
});
