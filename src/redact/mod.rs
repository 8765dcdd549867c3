//! What is secret, and how it is hidden.
//!
//! This is the only place that knows names and shapes of secrets. It knows only texts, so that
//! everything that shows something can use it:
//!
//! - [`Mask`] is what is hidden of a file, for those who quote its lines;
//! - [`text`] hides what a name or a shape gives away in any other text;
//! - [`Sensitive`] is a value that is compared and never shown;
//! - [`to_json`] writes JSON without secrets.

mod escapes;
mod fields;
mod flow;
mod json;
mod lines;
mod mask;
mod names;
mod ranges;
mod sensitive;
mod shapes;
mod text;

pub use fields::is_hidden_path;
pub use json::{to_json, write_json};
pub use lines::Form;
pub use mask::Mask;
pub use names::{is_variable, may_be_secret, tells_secret};
pub use sensitive::{Salt, Sensitive, Value, serialize_named};
pub(crate) use shapes::{is_literal, spot};
pub use text::{name, text, value};

/// What is shown instead of a value.
pub const HIDDEN: &str = "(hidden)";
