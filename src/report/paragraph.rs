//! Paragraphs of text for people.

use std::fmt::Write as _;

use super::Look;
use crate::text::{Styled, visible};

/// A text below an indentation, broken to the width of the terminal.
pub(super) fn paragraph(out: &mut Styled, text: &str, indent: usize, look: Look) {
    let text = &*visible(text);
    let margin = " ".repeat(indent);
    let Some(width) = look.width else {
        let _ = writeln!(out, "{margin}{text}");
        return;
    };
    // A terminal too narrow for the indentation gets lines of some length all the same.
    let options = textwrap::Options::new(width.max(indent + 30))
        .initial_indent(&margin)
        .subsequent_indent(&margin)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    for line in textwrap::wrap(text, options) {
        let _ = writeln!(out, "{line}");
    }
}
