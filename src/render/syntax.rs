//! How templates are written.

use std::ops::Range;

use minijinja::machinery::Span;
use minijinja::syntax::SyntaxConfig;

/// How a template is written.
pub(super) fn syntax() -> SyntaxConfig {
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build();
    // The delimiters are the default ones, and those are sound.
    syntax.unwrap_or_default()
}

/// The tags that begin a block, which `end` and the name ends. `set` is one only without a value.
pub(super) const BLOCKS: [&str; 10] = [
    "for", "if", "with", "block", "macro", "call", "filter", "autoescape", "set", "raw",
];

/// The tags that neither begin nor end a block.
pub(super) const OTHER_TAGS: [&str; 7] =
    ["do", "elif", "else", "extends", "from", "import", "include"];

/// Whether a word is a tag that does something in a template; `raw` keeps a text from it.
pub(crate) fn is_tag(word: &str) -> bool {
    word != "raw" && (BLOCKS.contains(&word) || OTHER_TAGS.contains(&word))
}

/// The bytes of a template that a token of it takes.
pub(super) fn range(span: Span) -> Range<usize> {
    let offset = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    offset(span.start_offset)..offset(span.end_offset)
}
