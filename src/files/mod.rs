//! Files in and out, by handles and within limits.
//!
//! [`Root`] is the project's root as an opened folder. Everything is opened from there, so that no
//! path is looked up twice: a folder that is swapped for a link between two steps leads nowhere else.
//!
//! What is read is bounded while it is read, and only regular files are: a FIFO waits for ever, and a
//! device has no end. Nothing outside this module opens files for reading (`clippy.toml` sees to it):
//!
//! - [`named`] and [`standard_input`] read what the user names;
//! - [`bytes`], [`text`] and [`entries`] read the configuration of docker and what composegen made;
//! - [`Root::bytes`], [`Root::text`], [`Root::names`] read what lies in the trees of a project;
//! - [`Boundary::text`] reads what the text of a Compose file names, which may be anything;
//! - [`limits`] says how much is read of each.

// Tests set up what must be refused.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

mod boundary;
pub mod limits;
mod lock;
mod read;
mod root;
mod tree;
mod write;

pub use boundary::{Boundary, Text, named};
pub use limits::Limit;
pub use lock::{Lock, PATIENCE};
pub use read::{ReadError, Total, bytes, entries, opened, standard_input, text, to_text};
pub use root::{Entry, Folder, Kind, Links, Refusal, Root};
pub use write::{Access, Staged, is_temporary, sweep, write_named};
