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

/// The bytes of a template that a token of it takes.
pub(super) fn range(span: Span) -> Range<usize> {
    let offset = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    offset(span.start_offset)..offset(span.end_offset)
}
