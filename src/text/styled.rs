//! Text with our own colours, and none from outside.

use std::fmt::{self, Write as _};

use super::{lines, without_commands};

/// Whether an output has colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Text only.
    Plain,
    /// ANSI colours.
    Colour,
}

/// An output for a person. What is written into it is made [printable](super::printable), so that only
/// [`Styled::paint`] can put a control sequence there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Styled {
    text: String,
    style: Style,
}

impl Styled {
    /// Nothing yet.
    pub(crate) fn new(style: Style) -> Self {
        Self {
            text: String::new(),
            style,
        }
    }

    /// Adds a text as it is.
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(&lines(text));
    }

    /// Adds a text with a style, where the output has any.
    pub(crate) fn paint(&mut self, style: anstyle::Style, text: &str) {
        let text = lines(text);
        match self.style {
            Style::Plain => self.text.push_str(&text),
            Style::Colour => {
                // Writing to a `String` cannot fail.
                let _ = write!(self.text, "{style}{text}{style:#}");
            }
        }
    }

    /// Adds another output of the same style.
    pub(crate) fn append(&mut self, other: &Self) {
        self.text.push_str(&other.text);
    }

    /// A text whose colours come from a library that was only given [visible](super::visible) text.
    pub(crate) fn of_library(text: String, style: Style) -> Self {
        Self { text, style }
    }
}

impl fmt::Write for Styled {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}

impl fmt::Display for Styled {
    /// The whole output. Only here is it known what begins a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.style {
            Style::Plain => f.write_str(&super::printable(&self.text)),
            Style::Colour => f.write_str(&without_commands(&self.text)),
        }
    }
}

/// A line without the white space and the colours that it begins with.
pub(super) fn trim_start(line: &str) -> &str {
    let mut rest = line.trim_start();
    while let Some(after) = after_colour(rest) {
        rest = after.trim_start();
    }
    rest
}

/// A text without the colours that it begins with.
pub(super) fn without_colours(text: &str) -> &str {
    let mut rest = text;
    while let Some(after) = after_colour(rest) {
        rest = after;
    }
    rest
}

fn after_colour(text: &str) -> Option<&str> {
    let colour = text.strip_prefix("\u{1b}[")?;
    let after = colour.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
    after.strip_prefix('m')
}

#[cfg(test)]
mod tests {
    use anstyle::AnsiColor;
    use proptest::prelude::*;

    use super::*;
    use crate::text::is_invisible;
    use crate::text::tests::{is_command, nasty};

    #[test]
    fn a_control_character_is_shown_and_not_sent() {
        let mut out = Styled::new(Style::Plain);
        std::fmt::Write::write_str(&mut out, "engine 1\u{1b}[31m").unwrap();
        assert_eq!(out.to_string(), "engine 1\\u{1b}[31m");
    }

    proptest! {
        /// Whatever is painted or written, only our own control sequences are in it.
        #[test]
        fn only_our_colours_survive(painted in nasty(), written in nasty()) {
            let red = AnsiColor::Red.on_default();
            let mut out = Styled::new(Style::Colour);
            out.paint(red, &painted);
            write!(out, "{written}").unwrap();
            let text = out.to_string();
            let (start, end) = (red.to_string(), format!("{red:#}"));
            let rest = text.replacen(&start, "", 1).replacen(&end, "", 1);
            prop_assert!(!rest.chars().any(|c| is_invisible(c) && !matches!(c, '\n' | '\t')));
            prop_assert!(!rest.lines().any(is_command), "{rest:?}");

            let mut plain = Styled::new(Style::Plain);
            plain.paint(red, &painted);
            write!(plain, "{written}").unwrap();
            let plain = plain.to_string();
            prop_assert!(!plain.contains("##["));
            prop_assert!(!plain.lines().any(is_command), "{plain:?}");
        }
    }
}
