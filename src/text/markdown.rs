//! Markdown as GitHub reads it (<https://github.github.com/gfm/>), in which nothing from outside is markup.
//!
//! A text is taken word by word: a word of letters, digits and plain punctuation stays, any other
//! becomes a code span, in which no markup, HTML, mention, reference or address means anything. What is
//! allowed is listed, and not what is active: GitHub finds more active than any list would hold.

use super::visible;

/// Punctuation that means nothing within a word.
const PLAIN: &str = "-./,;'()?\"+%";

/// A name or a value as a code span, on one line.
pub(crate) fn code(text: &str) -> String {
    let text = visible(text);
    // Markdown has no empty code span.
    if text.trim().is_empty() {
        return "(empty)".to_owned();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // One space is taken from both ends where both have one.
    let is_padded = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let pad = if is_padded { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A sentence in which `names` are code spans, on one line that something else begins.
pub(crate) fn text(text: &str) -> String {
    words(text, false)
}

/// A text as a line of its own, where `-` or `1.` would begin a list.
pub(crate) fn paragraph(text: &str) -> String {
    words(text, true)
}

/// Lines as a code block, of which a name for their language says how they are coloured. No line of it
/// can end the block.
pub(crate) fn block(lines: &str, language: &str) -> String {
    let longest = lines.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let end = if lines.ends_with('\n') { "" } else { "\n" };
    format!(
        "{fence}{language}\n{}{end}{fence}\n",
        super::printable(lines)
    )
}

fn words(text: &str, begins_line: bool) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len() + 16);
    let mut parts = text.split('`').enumerate().peekable();
    while let Some((index, part)) = parts.next() {
        let is_first = begins_line && index == 0;
        let is_name = !index.is_multiple_of(2);
        match (is_name, parts.peek().is_some()) {
            (true, true) if !part.trim().is_empty() => push_code(part, &mut out),
            (true, true) => push_code(&format!("`{part}`"), &mut out),
            // A backquote that no other closes.
            (true, false) => push_words(&format!("`{part}"), is_first, &mut out),
            (false, _) => push_words(part, is_first, &mut out),
        }
    }
    out
}

/// Markdown of this module in a cell of a table, where a bar would end it even within a code span.
pub(crate) fn cell(markdown: &str) -> String {
    // Readers differ in what a backslash before an escaped bar means.
    markdown.replace("\\|", "\\\\u{7c}").replace('|', "\\|")
}

fn push_words(text: &str, is_first: bool, out: &mut String) {
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 && !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
        let begins_line = is_first && out.is_empty();
        push_word(word, begins_line, out);
    }
}

fn push_word(word: &str, begins_line: bool, out: &mut String) {
    // `-`, `1.` and others begin a list where they begin a line.
    if begins_line && !word.starts_with(|c: char| c.is_alphabetic() || c == '(') {
        push_code(word, out);
        return;
    }
    let inner = word.trim_start_matches('(');
    let (before, _) = word.split_at(word.len() - inner.len());
    let core = inner.trim_end_matches(['.', ',', ':', ';', '?', ')']);
    let (_, after) = inner.split_at(core.len());
    out.push_str(before);
    if is_plain(core) {
        out.push_str(core);
    } else {
        push_code(core, out);
    }
    out.push_str(after);
}

fn push_code(text: &str, out: &mut String) {
    // A word of non-breaking spaces would be empty.
    if text.trim().is_empty() {
        return;
    }
    // Two runs of backquotes side by side would be one.
    if out.ends_with('`') {
        out.push(' ');
    }
    out.push_str(&code(text));
}

/// Whether a word is one, and nothing that GitHub makes a link of: `www.`, a commit, or a number behind
/// a dash, as issues of other trackers have.
fn is_plain(word: &str) -> bool {
    let is_allowed = |c: char| c.is_alphanumeric() || PLAIN.contains(c);
    let is_commit = (7..=64).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_hexdigit());
    let is_issue = word.as_bytes().windows(3).any(
        |three| matches!(three, [a, b'-', c] if a.is_ascii_alphabetic() && c.is_ascii_digit()),
    );
    word.chars().all(is_allowed)
        && !is_commit
        && !is_issue
        && !word.to_ascii_lowercase().contains("www.")
}

#[cfg(test)]
mod tests {
    use comrak::nodes::{AstNode, NodeValue};
    use comrak::{Arena, Options, parse_document};
    use proptest::prelude::*;

    use super::*;
    use crate::text::tests::nasty;

    /// What GitHub reads in a text: everything that its Markdown can hold is turned on.
    fn options() -> Options<'static> {
        let mut options = Options::default();
        let extension = &mut options.extension;
        extension.autolink = true;
        extension.table = true;
        extension.strikethrough = true;
        extension.tasklist = true;
        extension.footnotes = true;
        extension.math_dollars = true;
        extension.alerts = true;
        options
    }

    /// The text of the only paragraph, of which nothing but text and code may be.
    fn read(markdown: &str) -> String {
        let arena = Arena::new();
        let document = parse_document(&arena, markdown, &options());
        let mut out = String::new();
        for node in document.descendants() {
            match &node.data.borrow().value {
                NodeValue::Text(text) => out.push_str(text),
                NodeValue::Code(code) => out.push_str(&code.literal),
                NodeValue::Document | NodeValue::Paragraph => {}
                other => panic!("{markdown:?} holds {other:?}"),
            }
        }
        out
    }

    /// The cells of each row of the only table.
    fn rows(markdown: &str) -> Vec<usize> {
        let arena = Arena::new();
        let document = parse_document(&arena, markdown, &options());
        let is_row =
            |node: &&AstNode<'_>| matches!(node.data.borrow().value, NodeValue::TableRow(_));
        let rows = document.descendants().collect::<Vec<_>>();
        rows.iter()
            .copied()
            .filter(|node| is_row(node))
            .map(|row| row.children().count())
            .collect()
    }

    #[test]
    fn a_sentence_keeps_its_names() {
        assert_eq!(
            text("service `db` is on network `a|b` (of 2), not `c`."),
            "service `db` is on network `a|b` (of 2), not `c`."
        );
        assert_eq!(
            text("mail @org/team, see #12."),
            "mail `@org/team`, see `#12`."
        );
        assert_eq!(text("https://e.org a_b"), "`https://e.org` `a_b`");
        assert_eq!(
            (text("1 GiB"), paragraph("1 GiB")),
            ("1 GiB".into(), "`1` GiB".into())
        );
        assert_eq!(paragraph("- x"), "`-` x");
        assert_eq!(text("a ` b"), "a `` ` `` b");
        assert_eq!(code("a`b``"), "``` a`b`` ```");
        assert_eq!(cell(&code("a|b\\|c")), "`a\\|b\\\\u{7c}c`");
    }

    proptest! {
        #[test]
        fn a_code_span_holds_all_of_it(name in nasty()) {
            let shown = visible(&name);
            let expected = if shown.trim().is_empty() { "(empty)" } else { shown.as_ref() };
            prop_assert_eq!(read(&code(&name)), expected);
        }

        #[test]
        fn a_sentence_is_text_and_code(sentence in nasty()) {
            let words = |text: &str| text.replace(|c: char| c == '`' || c.is_whitespace(), "");
            prop_assert_eq!(words(&read(&paragraph(&sentence))), words(&visible(&sentence)));
            let inline = format!("In {}.", text(&sentence));
            prop_assert_eq!(words(&read(&inline)), words(&format!("In {}.", visible(&sentence))));
        }

        #[test]
        fn a_row_keeps_its_cells(first in nasty(), second in nasty()) {
            let row = format!("| {} | {} |", cell(&code(&first)), cell(&text(&second)));
            prop_assert_eq!(rows(&format!("| a | b |\n|---|---|\n{row}\n")), [2, 2], "{}", row);
        }
    }
}
