//! Compose file → expected state.
