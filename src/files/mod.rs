//! The files of a project, by handles.
//!
//! [`Root`] is the project's root as an opened folder. Everything is opened from there, so that no
//! path is looked up twice: a folder that is swapped for a link between two steps leads nowhere else.

mod lock;
mod root;
mod write;

pub use lock::{Lock, PATIENCE};
pub use root::{Entry, Folder, Kind, Links, Refusal, Root};
pub use write::{Access, Staged, is_temporary, read_whole, sweep, write_named};
