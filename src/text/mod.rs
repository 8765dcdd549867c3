//! Text from outside, and how it is shown.
//!
//! Engine answers, file names, words of specs and Compose files, variables, what git and ssh print and
//! what a command line names may hold anything: control sequences that a terminal obeys, characters
//! that change the order of the text around them, commands of a CI runner. Inside the program such
//! text stays as it is; whatever leaves it goes through one of the forms of this module:
//!
//! | form | for |
//! |---|---|
//! | [`visible`] | one line of a message or a report |
//! | [`printable`] | a whole output; the last step before standard output and standard error |
//! | [`Styled`] | an output with colours, of which only our own survive |
//! | [`write_json_string`] | JSON, in which the same characters are `\u` escapes |
//! | [`markdown`] | Markdown, in which nothing from outside is markup |
//! | [`xml`] | XML, in which nothing from outside is markup |
//! | [`workflow`] | workflow commands of GitHub Actions |
//! | [`expected`] | what messages say was expected |
//! | [`quoted()`] | a line of a source below a message |

pub(crate) mod command_line;
pub(crate) mod expected;
pub(crate) mod expression;
pub(crate) mod file_purpose;
pub(crate) mod hex;
pub(crate) mod host_path;
mod invalid;
mod json;
pub(crate) mod markdown;
pub(crate) mod path;
pub(crate) mod plural;
mod quoted;
pub(crate) mod shell;
mod styled;
mod word;
pub(crate) mod workflow;
pub(crate) mod xml;

use std::borrow::Cow;
use std::fmt;

pub use invalid::Invalid;
pub(crate) use json::write_json_string;
pub(crate) use quoted::quoted;
pub use styled::Style;
pub use styled::Styled;
pub(crate) use word::word;

/// Whether two texts have the same letters and digits, in any order.
pub(crate) fn has_same_letters(a: &str, b: &str) -> bool {
    let sorted = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    a.len() == b.len() && sorted(a) == sorted(b)
}

/// A text whose lines end as they do in git and on Unix: a checkout on Windows ends them otherwise (`core.autocrlf`).
pub(crate) fn unix_lines(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") {
        text.replace("\r\n", "\n").into()
    } else {
        text.into()
    }
}

/// A text that is cut after so many characters.
pub(crate) fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}

/// What may be printed as it is: only forms of this module are.
pub trait Shown: fmt::Display + sealed::Sealed {}

impl Shown for Styled {}
impl Shown for workflow::Command {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Styled {}
    impl Sealed for super::workflow::Command {}
}

/// Whether a character does something other than being seen: it controls the terminal, changes the
/// direction of text, takes no room, or means nothing outside one program.
///
/// These are the control characters (Cc), the separators of lines and paragraphs, what Unicode calls
/// default ignorable (`DerivedCoreProperties.txt`, which holds all bidirectional controls and all
/// characters without width), noncharacters and those of private use.
pub(crate) fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(
            c,
            '\u{AD}'
                | '\u{34F}'
                | '\u{61C}'
                | '\u{115F}'..='\u{1160}'
                | '\u{17B4}'..='\u{17B5}'
                | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{3164}'
                | '\u{E000}'..='\u{F8FF}'
                | '\u{FDD0}'..='\u{FDEF}'
                | '\u{FE00}'..='\u{FE0F}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF0}'..='\u{FFFB}'
                | '\u{13430}'..='\u{1343F}'
                | '\u{1BCA0}'..='\u{1BCA3}'
                | '\u{1D173}'..='\u{1D17A}'
                | '\u{E0000}'..='\u{E0FFF}'
                | '\u{F0000}'..
        )
        || u32::from(c) & 0xFFFE == 0xFFFE
}

/// A text on one line: what cannot be seen as `\n`, `\t`, `\r` or `\u{1b}`, and nothing that a CI
/// runner takes for a command within a line. Applying it twice changes nothing more.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    replaced(text, |_| false, braced)
}

/// A text of several lines, for a terminal or the log of a CI job: as [`visible`], but line breaks and
/// tabs stay, and no line begins as a workflow command of GitHub Actions does.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    match lines(text) {
        Cow::Borrowed(text) => without_commands(text),
        Cow::Owned(text) => Cow::Owned(without_commands(&text).into_owned()),
    }
}

/// What [`printable`] gives, for an output whose lines are workflow commands themselves.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    replaced(text, |c| matches!(c, '\n' | '\t'), braced)
}

/// A character as Rust writes it in a string.
fn braced(c: char, out: &mut String) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c => out.extend(c.escape_unicode()),
    }
}

/// Whether a text is visible ASCII without `#`, with which a command may begin, and without `others`. Nearly every text is.
fn is_plain(text: &str, others: impl Fn(u8) -> bool) -> bool {
    let is_other = |byte: &u8| !matches!(byte, b' '..=b'~') || *byte == b'#' || others(*byte);
    // Counting all of them is vectorized; a search that stops at the first is not.
    text.as_bytes().iter().filter(|byte| is_other(byte)).count() == 0
}

/// Replaces each character that cannot be seen and is not kept, and the bracket of `##[error]`,
/// `##vso[` and `##teamcity[`, which runners of GitHub, Azure and `TeamCity` look for anywhere in a line
/// (<https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs>).
fn replaced(
    text: &str,
    keeps: impl Fn(char) -> bool,
    replace: impl Fn(char, &mut String),
) -> Cow<'_, str> {
    if is_plain(text, |_| false) {
        return Cow::Borrowed(text);
    }
    let mut marker = Marker::default();
    let is_replaced = |c: char, marker: &mut Marker| {
        let is_command = marker.ends_at(c);
        is_command || (is_invisible(c) && !keeps(c))
    };
    let first = text
        .char_indices()
        .find(|(_, c)| is_replaced(*c, &mut marker));
    let Some((at, _)) = first else {
        return Cow::Borrowed(text);
    };
    let (before, rest) = text.split_at(at);
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(before);
    // The marker has seen the first character of the rest; it ends with it either way.
    let mut marker = Marker::default();
    for (index, c) in rest.chars().enumerate() {
        if index == 0 || is_replaced(c, &mut marker) {
            replace(c, &mut out);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Looks for the bracket of `##word[` while characters go by.
#[derive(Default)]
struct Marker {
    hashes: usize,
    is_word: bool,
}

impl Marker {
    fn ends_at(&mut self, c: char) -> bool {
        match c {
            '#' => {
                self.hashes = if self.is_word { 1 } else { self.hashes + 1 };
                self.is_word = false;
                false
            }
            c if c.is_ascii_alphabetic() && self.hashes >= 2 => {
                self.is_word = true;
                false
            }
            c => {
                let is_command = c == '[' && self.hashes >= 2;
                *self = Self::default();
                is_command
            }
        }
    }
}

/// Takes the meaning from lines that begin with `::` after, or around, any white space and colours. Three colons
/// and a space, which stand before a further file of a message, begin no command.
fn without_commands(text: &str) -> Cow<'_, str> {
    if !text.contains("::") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for line in text.split_inclusive('\n') {
        let rest = styled::trim_start(line);
        let begins = |after: &&str| {
            let after = styled::without_colours(after);
            after.starts_with(':') && !after.starts_with(":: ")
        };
        match rest.strip_prefix(':') {
            Some(after) if begins(&after) => {
                let (before, _) = line.split_at(line.len() - rest.len());
                out.push_str(before);
                braced(':', &mut out);
                out.push_str(after);
            }
            _ => out.push_str(line),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Texts in which what is dangerous is as frequent as letters.
    pub(crate) fn nasty() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            any::<char>().prop_map(String::from),
            "[a-z0-9 ]{1,4}",
            "`{1,5}",
            proptest::sample::select(vec![
                "\u{1b}[31m",
                "\u{1b}]8;;http://e\u{1b}\\",
                "\u{7}",
                "\u{9b}31m",
                "\u{202e}",
                "\u{200b}",
                "\u{2028}",
                "\r",
                "\n",
                "\n::error::x",
                "::set-output name=a::b",
                "##[error]x",
                "##vso[a]b",
                "##",
                "#",
                "[",
                "]",
                "<img src=x onerror=alert(1)>",
                "![p](http://e/p.png)",
                "[x](javascript:y)",
                "@org/team",
                "#12",
                "https://e.org/",
                "www.e.org",
                "a@b.cc",
                "| a |",
                "|",
                "\\|",
                "\\",
                "<!--",
                "&lt;",
                "*",
                "_",
                "~~",
                "$",
                "\u{e0041}",
                "\u{10fffd}",
                "\u{fdd0}",
                "%0A",
                "---",
                "- ",
                "1. ",
            ])
            .prop_map(String::from),
        ];
        proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
    }

    pub(crate) fn is_command(line: &str) -> bool {
        let line = line.trim_start();
        line.starts_with("::") && !line.starts_with("::: ")
    }

    #[test]
    fn invisible_characters_are_written_out() {
        assert_eq!(visible("1\u{1b}[31m\nx\t\r"), "1\\u{1b}[31m\\nx\\t\\r");
        assert_eq!(
            visible("\u{9b}a\u{202e}b\u{200b}"),
            "\\u{9b}a\\u{202e}b\\u{200b}"
        );
        assert_eq!(
            visible("\u{feff}\u{e0041}\u{fdd0}"),
            "\\u{feff}\\u{e0041}\\u{fdd0}"
        );
        assert!(matches!(visible("Zürich `a` ## b"), Cow::Borrowed(_)));
    }

    #[test]
    fn commands_of_runners_are_taken_apart() {
        assert_eq!(visible("a ##[error]x"), "a ##\\u{5b}error]x");
        assert_eq!(visible("###vso[x]"), "###vso\\u{5b}x]");
        assert_eq!(visible("#[x] ## [y] ##a1[z]"), "#[x] ## [y] ##a1[z]");
        assert_eq!(
            printable("a\n \u{a0}::error::x"),
            "a\n \u{a0}\\u{3a}:error::x"
        );
        assert_eq!(printable("a ::error::x"), "a ::error::x");
        assert_eq!(printable("  ::: file:1:1"), "  ::: file:1:1");
        assert_eq!(printable("::::error::x"), "\\u{3a}:::error::x");
    }

    proptest! {
        #[test]
        fn a_visible_text_is_one_line_of_what_can_be_seen(text in nasty()) {
            let shown = visible(&text).into_owned();
            prop_assert!(!shown.chars().any(is_invisible), "{shown:?}");
            prop_assert!(!shown.contains("##["));
            prop_assert!(!shown.contains("##vso["));
            prop_assert_eq!(visible(&shown), shown.as_str());
        }

        #[test]
        fn a_printable_text_gives_no_orders(text in nasty()) {
            let shown = printable(&text).into_owned();
            prop_assert!(!shown.chars().any(|c| is_invisible(c) && !matches!(c, '\n' | '\t')));
            prop_assert!(!shown.lines().any(is_command), "{shown:?}");
            prop_assert!(!shown.contains("##["));
            prop_assert_eq!(printable(&shown), shown.as_str());
        }

        #[test]
        fn an_ordinary_text_stays_as_it_is(text in "[a-zA-Z0-9 .,:/_{}äßé日本`'\"-]{0,40}") {
            prop_assert_eq!(visible(&text), text.as_str());
        }
    }
}
