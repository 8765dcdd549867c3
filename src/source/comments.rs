//! The comments of a text that are for this program: `# composegen: …`.

use std::ops::Range;

use super::outline::scalars;
use crate::redact::{EXTENSION, TextForm, merged};

/// What such a comment begins with.
const MARK: &str = "composegen:";

/// The end of the mark, as people write it.
const WRITTEN: [&str; 3] = ["omposegen:", "omposeGen:", "OMPOSEGEN:"];

/// What follows the mark where findings are allowed.
const IGNORE: &str = "ignore";

/// A comment for this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment {
    /// From its `#` to the end of its line, in bytes.
    pub(crate) at: Range<usize>,
    /// Where what follows the mark begins.
    pub(crate) body: usize,
    /// The line that it is about, counted from one: its own, or the next one where it is alone on its line.
    pub(crate) line: usize,
}

/// The comments of a text for this program, in its order.
pub(super) fn comments(text: &str, form: TextForm) -> Vec<Comment> {
    let mut found: Vec<Comment> = Vec::new();
    let has_mark = || WRITTEN.iter().any(|written| text.contains(written));
    if form == TextForm::Variables || !has_mark() {
        return found;
    }
    let is_template = form == TextForm::Template;
    let yaml = is_template.then(|| without_expressions(text));
    // As long as the text, and with the same lines.
    let yaml = yaml.as_deref().unwrap_or(text);
    let scalars = scalars(yaml);
    let mut scalars = scalars.iter().peekable();
    // How many of the last comments are alone on their lines, and wait for the line that they are about.
    let mut waiting = 0;
    let mut start = 0;
    for (number, whole) in (1..).zip(text.split_inclusive('\n')) {
        let line = whole.trim_end();
        let bare = yaml.get(start..start + line.len()).unwrap_or_default();
        let content = bare.trim_start();
        let is_comment = content.starts_with('#');
        if !content.is_empty() && !is_comment {
            let first = found.len() - waiting;
            for comment in found.iter_mut().skip(first) {
                comment.line = number;
            }
            waiting = 0;
        }
        let begins = bare.match_indices('#').map(|(at, _)| at).find(|at| {
            let before = bare.get(..*at).unwrap_or_default();
            if !(before.is_empty() || before.ends_with([' ', '\t'])) {
                return false;
            }
            while scalars.next_if(|scalar| scalar.end <= start + at).is_some() {}
            scalars
                .peek()
                .is_none_or(|scalar| start + at < scalar.start)
        });
        // Behind a value, those for other programs may be in front of it. What is alone on its line is one comment: a line that is
        // commented out keeps its own, which does not mean the next line.
        let comment = begins.and_then(|at| line.get(at..)).unwrap_or_default();
        let signs = comment.match_indices('#').map(|(at, _)| at);
        let mut signs = signs.take(if is_comment { 1 } else { usize::MAX });
        let body = signs.find_map(|at| {
            let before = comment.get(..at)?;
            let body = body(comment.get(at + 1..)?)?;
            let is_apart = before.is_empty() || before.ends_with([' ', '\t']);
            is_apart.then_some((line.len() - comment.len() + at, body))
        });
        if let Some((at, body)) = body {
            found.push(Comment {
                at: start + at..start + line.len(),
                body: start + line.len() - body.len(),
                line: number,
            });
            waiting = if is_comment { waiting + 1 } else { 0 };
        }
        start += whole.len();
    }
    found
}

/// What follows the mark in a comment; in prose, the name of this program may be written with capitals.
fn body(comment: &str) -> Option<&str> {
    let comment = comment.trim_start();
    let (mark, body) = comment.split_at_checked(MARK.len())?;
    let is_written = mark == MARK || mark.eq_ignore_ascii_case(MARK) && ignoring(body).is_some();
    is_written.then_some(body)
}

/// What follows the word that allows findings.
fn ignoring(body: &str) -> Option<&str> {
    let (word, rest) = body.trim_start().split_at_checked(IGNORE.len())?;
    word.eq_ignore_ascii_case(IGNORE).then_some(rest)
}

impl Comment {
    /// The codes in `ignore[…]`, which are not empty, and the reason behind it. `None` for any other comment.
    pub(crate) fn ignored<'a>(&self, text: &'a str) -> Option<(Vec<&'a str>, &'a str)> {
        let body = text.get(self.body..self.at.end)?.trim();
        let (codes, reason) = ignoring(body)?.strip_prefix('[')?.split_once(']')?;
        let codes: Vec<&str> = codes.split(',').map(str::trim).collect();
        let is_whole = codes.iter().all(|code| !code.is_empty());
        is_whole.then_some((codes, reason.trim()))
    }

    /// Where codes are that do not look like codes: they may be anything.
    pub(super) fn odd_codes(&self, text: &str) -> Vec<Range<usize>> {
        let body = text.get(self.body..self.at.end).unwrap_or_default();
        let Some((before, rest)) = body.split_once('[') else {
            return Vec::new();
        };
        let mut at = self.body + before.len() + 1;
        let mut odd = Vec::new();
        for code in rest.split(']').next().unwrap_or_default().split(',') {
            let is_like_code = |c: char| c.is_ascii_lowercase() || c == '-';
            if !code.trim().chars().all(is_like_code) {
                odd.push(at..at + code.len());
            }
            at += code.len() + 1;
        }
        odd
    }
}

/// What is written for readers: the comments, and the lines of `x-composegen` with its reasons.
pub(super) fn notes(text: &str, comments: &[Comment]) -> Vec<Range<usize>> {
    let mut notes: Vec<Range<usize>> = comments.iter().map(|comment| comment.at.clone()).collect();
    if text.contains(EXTENSION) {
        let mut column = None;
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let content = line.trim();
            let indent = line.len() - line.trim_start().len();
            if content.starts_with(EXTENSION) {
                column = Some(indent);
            } else if !content.is_empty() && column.is_some_and(|column| indent <= column) {
                column = None;
            }
            if column.is_some() {
                notes.push(start..start + line.len());
            }
            start += line.len();
        }
        notes = merged(notes);
    }
    notes
}

/// A template with its statements as blanks and its expressions as words, each as long as it was.
fn without_expressions(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let (end, filler) = match after.as_bytes() {
            [_, b'%', ..] => ("%}", " "),
            [_, b'#', ..] => ("#}", " "),
            [_, b'{', ..] => ("}}", "x"),
            _ => ("", "{"),
        };
        let length = match end {
            "" => 1,
            end => after.find(end).map_or(after.len(), |at| at + end.len()),
        };
        let (construct, after) = after.split_at(length);
        for c in construct.chars() {
            match c {
                '\n' => out.push('\n'),
                c => out.push_str(&filler.repeat(c.len_utf8())),
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::{comments, without_expressions};
    use crate::redact::TextForm;

    fn found(text: &str, form: TextForm) -> Vec<(usize, String)> {
        let comments = comments(text, form).into_iter();
        let body = |at: usize, end| text.get(at..end).unwrap().trim().to_owned();
        comments
            .map(|one| (one.line, body(one.body, one.at.end)))
            .collect()
    }

    #[test]
    fn a_comment_is_about_its_line_or_about_the_next() {
        for (text, line) in [
            ("a: 1 # composegen: x\n", 1),
            ("a: \"1\" # composegen: x\n", 1),
            ("a: 'it''s' # composegen: x\n", 1),
            ("a: \"\\\"\" #composegen:x\n", 1),
            ("- \"81:81\" # composegen: x\n- b\n", 1),
            ("a: [\"1\", '2'] # composegen: x\n", 1),
            ("a: it's # composegen: x\nb: 'c'\n", 1),
            ("a: | # composegen: x\n  b\n", 1),
            ("a: > # composegen: x\n  b\n", 1),
            ("a: | # composegen: x\n", 1),
            ("a: |\n  b\n  # c\nd: 1 # composegen: x\n", 4),
            ("a: \"b\n  c\" # composegen: x\n", 2),
            ("a: &b \"c\" # composegen: x\n", 1),
            ("a: !!str 'c' # composegen: x\n", 1),
            ("a: &b | # composegen: x\n  c\n", 1),
            ("# composegen: x\n\n  # more\n\t\na: 1\n", 5),
            ("# composegen: x\r\na: 1\r\n", 2),
            ("a: 1\n# composegen: x\n", 2),
            ("a: 1\n---\nb: \"1\" # composegen: x", 3),
            ("ü: \"ö\" # composegen: x", 1),
            ("a: [1,\n  2, # composegen: x\n  3]\n", 2),
            ("a: 1 # nosec # composegen: x\n", 1),
            ("a: 1 # b#c: d #e # composegen: x\n", 1),
            ("- # nosec # composegen: x\n  a\n", 1),
        ] {
            assert_eq!(
                found(text, TextForm::Compose),
                [(line, "x".to_owned())],
                "{text}"
            );
        }
    }

    #[test]
    fn a_comment_for_another_program_is_ignored() {
        for text in [
            "a: \"# composegen: x\"\n",
            "a: '# composegen: x'\n",
            "a: 1# composegen: x\n",
            "a: |\n  # composegen: x\n",
            "a: >-\n  b\n\n  # composegen: x\nc: 1\n",
            "a: \"b\n  # composegen: x\"\n",
            "- 'b\n  # composegen: x'\n",
            "a: 1 # see composegen: x\n",
            "a: 1 # see#composegen: x\n",
            "a: 1 # Composegen: what we use\n",
            "b: 1\n---\na: \"# composegen: x\"\n",
            "#a: b  # composegen: x\na: b\n",
            "  # a: b # nosec # composegen: x\na: b\n",
            "# Write it as in: a: b # composegen: x\na: b\n",
        ] {
            assert_eq!(found(text, TextForm::Compose), [], "{text}");
        }
        assert_eq!(found("A=1 # composegen: x\n", TextForm::Variables), []);
    }

    #[test]
    fn statements_of_templates_are_not_lines() {
        let text = "# composegen: x\n{% for a in b %}\n{# c #}\n{{ a }}: \"{{ '#' }}\" # composegen: y\n{% endfor %}\n\
                    d: |\n  # composegen: z\n";
        let expected = [(4, "x".to_owned()), (4, "y".to_owned())];
        assert_eq!(found(text, TextForm::Template), expected);
        for (text, line) in [
            ("{% if a %} # b # composegen: x\nc: 1\n", None),
            ("{% if a %} # composegen: x\nc: 1\n", Some(2)),
            (
                "{% if a %}c: 1{% endif %} # b # composegen: x\nc: 1\n",
                Some(1),
            ),
            (
                "{% if a\n  and b %}\n# composegen: x\n{% set c\n  = 1 %}\nc: 1\n",
                Some(6),
            ),
            ("{% set a = ' # composegen: x' %}\nc: 1\n", None),
        ] {
            let expected: Vec<_> = line
                .map(|line| (line, "x".to_owned()))
                .into_iter()
                .collect();
            assert_eq!(found(text, TextForm::Template), expected, "{text}");
        }
        let neutral = without_expressions("é {{ ü\n}}{% a %}{b}{#");
        assert_eq!(neutral, "é xxxxx\nxx       {b}  ");
    }

    #[test]
    fn capitals_mean_the_same() {
        for text in [
            "a: 1 # Composegen: Ignore[privileged] why\n",
            "a: 1 # COMPOSEGEN: IGNORE[privileged] why\n",
            "a: 1 # ComposeGen:ignore[privileged] why\n",
        ] {
            let comments = comments(text, TextForm::Compose);
            let ignored = comments.first().and_then(|one| one.ignored(text));
            assert_eq!(ignored, Some((vec!["privileged"], "why")), "{text}");
        }
    }

    #[test]
    fn what_looks_like_no_code_is_hidden() {
        let text = "a: 1 # composegen: ignore[no-restart, hunter2, b] why\n";
        let comments = comments(text, TextForm::Compose);
        let (codes, reason) = comments[0].ignored(text).unwrap();
        assert_eq!((codes, reason), (vec!["no-restart", "hunter2", "b"], "why"));
        let odd = comments[0].odd_codes(text);
        let odd: Vec<_> = odd.into_iter().filter_map(|odd| text.get(odd)).collect();
        assert_eq!(odd, [" hunter2"]);
    }

    #[test]
    fn many_comments_are_found() {
        let above = "# composegen: x\n".repeat(50_000);
        assert_eq!(
            found(&format!("{above}a: 1\n"), TextForm::Compose).len(),
            50_000
        );
        let one = format!("a: 1 {}\n", "# composegen: x ".repeat(50_000));
        assert_eq!(comments(&one, TextForm::Compose).len(), 1);
        let quoted = format!(
            "a: [{}] # composegen: x",
            "\"# composegen: \", ".repeat(50_000)
        );
        assert_eq!(found(&quoted, TextForm::Compose).len(), 1);
    }
}
