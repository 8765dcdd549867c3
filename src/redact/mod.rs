//! What is secret, and how it is hidden.
//!
//! This is the only place that knows names and shapes of secrets. It knows only texts, so that
//! everything that shows something can use it:
//!
//! - [`Mask`] is what is hidden of a file, for those who quote its lines;
//! - [`text`] hides what a name or a shape gives away in any other text;
//! - [`Sensitive`] is a value that is compared and never shown;
//! - [`to_json`] writes JSON without secrets.

mod above;
mod address;
mod assigned;
mod clients;
mod command;
mod directive;
mod dockerfile;
mod dollars;
mod escapes;
mod fields;
mod flow;
mod hashes;
mod json;
mod line;
mod lines;
mod mask;
mod mount_options;
mod names;
mod personal;
mod public;
mod ranges;
mod sensitive;
mod settings;
mod shapes;
mod shown_name;
mod slips;
mod strings;
mod template;
mod text;
mod value;
mod within;

pub(crate) use command::{InCommand, has_options, in_command, in_command_line, in_header};
pub(crate) use directive::in_line;
pub(crate) use dockerfile::in_dockerfile;
pub(crate) use dollars::{is_variable, literal_dollars, written_dollars};
pub(crate) use fields::{EXTENSION, Holds, holds, is_hidden_path};
pub(crate) use hashes::has_hash;
pub use json::to_json;
pub(crate) use json::{write_json, write_line};
pub use lines::TextForm;
pub use mask::Mask;
pub(crate) use mask::is_sentence;
pub use names::DEFINITION;
pub(crate) use names::{may_be_secret, names_no_secret};
pub(crate) use personal::{is_domain, is_reserved, of_people, personal};
pub(crate) use ranges::merged;
pub(crate) use sensitive::serialize_named;
pub use sensitive::{Salt, Sensitive};
pub(crate) use settings::named_values;
pub(crate) use shapes::{Spotted, spot};
pub(crate) use strings::named_strings;
pub(crate) use text::{held, hide, name, text};
pub(crate) use value::is_secret;
pub(crate) use within::in_value;

/// What is shown instead of a value.
pub(crate) const HIDDEN: &str = "(hidden)";
