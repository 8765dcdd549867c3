//! The shared vocabulary of expected and observed state.
