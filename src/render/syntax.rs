//! How templates are written.

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
