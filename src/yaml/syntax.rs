//! What is wrong with a text that is not YAML. The parser says where it cannot read on and what it was reading there; what
//! is shown is where the mistake is, which is often the line before, and what YAML expects there.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::source::{Place, Source};
use crate::text::plural::counted;

/// A mistake as the parser reports it.
struct Mistake<'a> {
    source: &'a Arc<Source>,
    /// What it could not read.
    problem: &'a str,
    /// Where that is.
    at: usize,
    /// What it was reading.
    context: &'a str,
    /// Where that begins.
    begin: Option<usize>,
}

/// A line of the text.
struct Line<'a> {
    /// Where it begins.
    start: usize,
    /// Its text without indentation, a comment behind it and blanks at its end.
    text: &'a str,
    indentation: usize,
}

impl Line<'_> {
    /// The bytes of its text.
    fn range(&self) -> Range<usize> {
        let start = self.start + self.indentation;
        start..start + self.text.len()
    }

    /// Whether a key is in it, or the dash of an item.
    fn is_entry(&self) -> bool {
        self.text.contains(": ") || self.text.ends_with(':') || self.is_item()
    }

    fn is_item(&self) -> bool {
        self.text == "-" || self.text.starts_with("- ")
    }
}

/// Explains an error of the parser: its words are `PROBLEM at line 3 column 5, CONTEXT at line 2 column 1`.
pub(super) fn explain(source: &Arc<Source>, words: &str) -> Diagnostic {
    let (problem, rest) = words.split_once(" at line ").unwrap_or((words, ""));
    let (mark, context) = rest.split_once(", ").unwrap_or((rest, ""));
    let (context, begin) = context.split_once(" at line ").unwrap_or((context, ""));
    let Some(at) = offset(source, mark) else {
        return Diagnostic::new(
            format!("this is not valid YAML: {problem}"),
            Place::whole(source),
        );
    };
    // The parser does not name the start of the text.
    let begin = offset(source, begin).or((!context.is_empty()).then_some(0));
    let mistake = Mistake {
        source,
        problem,
        at,
        context,
        begin,
    };
    mistake.diagnostic()
}

/// The byte of the text at `3 column 5`; the columns are those of characters.
fn offset(source: &Source, mark: &str) -> Option<usize> {
    let (line, column) = mark.split_once(" column ")?;
    let line: usize = line.parse().ok()?;
    let column: usize = column.parse().ok()?;
    let text = source.text.as_str();
    let start = match line.checked_sub(2) {
        None => 0,
        Some(breaks) => text
            .match_indices('\n')
            .nth(breaks)
            .map_or(text.len(), |(at, _)| at + 1),
    };
    let rest = text.get(start..)?;
    let before = rest.char_indices().nth(column.checked_sub(1)?);
    Some(before.map_or(text.len(), |(at, _)| start + at))
}

impl<'a> Mistake<'a> {
    fn diagnostic(&self) -> Diagnostic {
        if let Some(at) = self.indenting_tab() {
            return self
                .mark("a tab may not indent", at..at + 1)
                .label("expected spaces");
        }
        match self.problem {
            "mapping values are not allowed in this context" => self.second_colon(),
            "could not find expected ':'" => self.key_alone(self.line_before(self.at)),
            "block sequence entries are not allowed in this context" => self
                .here("a list cannot begin on the line of its key")
                .label("expected it on the lines below")
                .help("write each `- item` on a line of its own, or the list as `[a, b]`"),
            "found character that cannot start any token" => self.character(),
            "did not find expected key" | "did not find expected '-' indicator" => self.entry(),
            "did not find expected ',' or ']'"
            | "did not find expected ',' or '}'"
            | "did not find expected node content" => self.bracket(),
            "found unexpected end of stream" | "found unexpected document indicator"
                if self.context.contains("quoted scalar") =>
            {
                let begin = self.begin.unwrap_or(self.at);
                self.unclosed_quote(begin)
            }
            "did not find expected alphabetic or numeric character" | "unknown anchor" => {
                self.anchor()
            }
            "found unknown escape character" => self
                .here("this is not an escape of YAML")
                .label("expected one such as `\\n`, `\\\"` or `\\\\`")
                .help("between single quotes, `\\` is a character like any other"),
            "did not find expected comment or line break" => self
                .here("a text that begins with `|` or `>` has something after it")
                .label("expected the text on the lines below, indented"),
            "did not find expected <document start>" => self
                .here("the document ends before this line")
                .label("expected nothing after the value above"),
            problem => self.here(problem),
        }
    }

    /// Where a tab is in the indentation of the line.
    fn indenting_tab(&self) -> Option<usize> {
        let line = self.line(self.at);
        let indentation = line.start..line.start + line.indentation;
        Some(line.start + self.source.text.get(indentation)?.find('\t')?)
    }

    fn place(&self, range: Range<usize>) -> Place {
        Place::bytes(self.source, range)
    }

    fn mark(&self, message: &str, range: Range<usize>) -> Diagnostic {
        let message = format!("this is not valid YAML: {message}");
        Diagnostic::new(message, self.place(range))
    }

    fn here(&self, message: &str) -> Diagnostic {
        self.mark(message, self.at..self.at + 1)
    }

    /// The line that holds a byte.
    fn line(&self, at: usize) -> Line<'a> {
        let (_, range) = self.source.line(at.min(self.source.text.len()));
        let whole = self.source.text.get(range.clone()).unwrap_or_default();
        let text = whole.trim_start();
        let indentation = whole.len() - text.len();
        let end = match text.find(" #") {
            _ if text.starts_with('#') => 0,
            Some(comment) => comment,
            None => text.len(),
        };
        Line {
            start: range.start,
            text: text.get(..end).unwrap_or_default().trim_end(),
            indentation,
        }
    }

    /// The lines before the one that holds a byte, the nearest first, without empty ones.
    fn lines_before(&self, at: usize) -> impl Iterator<Item = Line<'a>> {
        let first = self.line(at).start.checked_sub(1);
        std::iter::successors(first.map(|end| self.line(end)), |line| {
            line.start.checked_sub(1).map(|end| self.line(end))
        })
        .filter(|line| !line.text.is_empty())
    }

    fn line_before(&self, at: usize) -> Option<Line<'a>> {
        self.lines_before(at).next()
    }

    /// What is between the start of its line and the place of the mistake.
    fn before(&self) -> &'a str {
        let start = self.line(self.at).start;
        let before = self.source.text.get(start..self.at);
        before.unwrap_or_default().trim()
    }

    /// A `:` where no key may be.
    fn second_colon(&self) -> Diagnostic {
        let line = self.line(self.at);
        let before = self.before();
        let has_key = before.contains(": ") || self.context.contains("flow");
        let above = self.line_before(self.at).filter(|_| !has_key);
        let Some(above) = above else {
            return self
                .here("the value of a key has a `: ` in it")
                .label("expected a value without `: `")
                .help("put quotes around the whole value, or write a mapping on the lines below");
        };
        if !above.is_entry() {
            return self.key_alone(Some(above));
        }
        if line.indentation > above.indentation && !above.text.ends_with(':') {
            let expected = spaces(above.indentation);
            return self
                .mark(
                    "this line is indented more than the one above, which has a value",
                    line.range(),
                )
                .label(format!("expected {expected} before it"))
                .related(self.place(above.range()), "has a value");
        }
        self.here("the value of a key has a `: ` in it")
            .label("expected a value without `: `")
    }

    /// A line that has no key and would need one.
    fn key_alone(&self, line: Option<Line<'a>>) -> Diagnostic {
        let Some(line) = line else {
            return self
                .here("a key has no `:`")
                .label("expected `: ` after it");
        };
        let has_colon = line
            .text
            .split_once(':')
            .is_some_and(|(key, value)| !key.contains(' ') && !value.starts_with("//"));
        if has_colon {
            self.mark("the `:` of a key has no space after it", line.range())
                .label("expected `: ` after the key")
        } else {
            self.mark("this line has no `:`", line.range())
                .label("expected a key, `: ` and a value")
        }
    }

    /// A character that begins no value.
    fn character(&self) -> Diagnostic {
        let rest = self.source.text.get(self.at..);
        let found = rest.and_then(|rest| rest.chars().next());
        let range = self.at..self.at + found.map_or(1, char::len_utf8);
        match found {
            Some('\t') => self
                .mark("a tab is not allowed here", range)
                .label("expected spaces"),
            Some('`') => self
                .mark("a value cannot begin with a backtick", range)
                .label("expected quotes around the value"),
            Some(found) => self
                .mark(&format!("a value cannot begin with `{found}`"), range)
                .label("expected quotes around the value"),
            None => self.here(self.problem),
        }
    }

    /// Something else than the next entry of a mapping or a list.
    fn entry(&self) -> Diagnostic {
        let line = self.line(self.at);
        let before = self.before();
        if before.ends_with(['"', '\'']) {
            let quote = if before.ends_with('"') { '"' } else { '\'' };
            return self.behind_quote(quote, &line);
        }
        if !before.is_empty() {
            let diagnostic = self
                .here("this is after the end of a value")
                .label("expected the end of the line");
            return if before.contains("{{") {
                diagnostic.help("put quotes around the whole value; only templates are filled in")
            } else {
                diagnostic
            };
        }
        let is_list = self.problem.contains('-');
        let own = self.begin.map(|begin| self.column(begin));
        let is_beside = own == Some(line.indentation);
        if is_list && is_beside {
            return self
                .mark("a line of a list does not begin with `- `", line.range())
                .label("expected `- ` before it, or more spaces if it belongs to the item above");
        }
        if is_beside && line.is_item() {
            return self
                .mark(
                    "an item of a list is among the keys of a mapping",
                    line.range(),
                )
                .label("expected a key")
                .help("put it below the key whose list it belongs to");
        }
        // Where lines before it begin, up to the one that they all are below.
        let mut columns: Vec<usize> = Vec::new();
        for above in self.lines_before(self.at) {
            if columns.last().is_none_or(|last| above.indentation < *last) {
                columns.push(above.indentation);
            }
            if own.is_some_and(|own| above.indentation <= own) {
                break;
            }
        }
        columns.retain(|column| *column != line.indentation);
        let near = |column: &usize| column.abs_diff(line.indentation) <= 4;
        let mut expected: Vec<usize> = columns.into_iter().filter(near).collect();
        expected.truncate(2);
        let words: Vec<String> = expected.iter().map(|column| spaces(*column)).collect();
        let found = spaces(line.indentation);
        let message = format!("this line has {found} before it, which no line above has");
        let diagnostic = self.mark(&message, line.range());
        match words.as_slice() {
            [] => diagnostic.label("expected the spaces of a line above"),
            words => diagnostic.label(format!("expected {}", words.join(" or "))),
        }
    }

    /// The column of a byte, as a number of bytes.
    fn column(&self, at: usize) -> usize {
        at - self.line(at).start.min(at)
    }

    /// Text behind a quote: either the quote closes one of an earlier line, or it is in the middle of a value.
    fn behind_quote(&self, quote: char, line: &Line<'a>) -> Diagnostic {
        let is_odd = |line: &Line<'_>| line.text.matches(quote).count() % 2 == 1;
        let opened = || self.lines_before(self.at).take(MAX_LINES).find(is_odd);
        let in_line = self.before().matches(quote).count();
        if in_line % 2 == 1
            && let Some(opened) = opened()
        {
            let start = opened.text.rfind(quote).unwrap_or_default();
            return self.unclosed_quote(opened.range().start + start);
        }
        self.mark("something follows the closing quote of a value", self.at..line.range().end.max(self.at + 1))
            .label("expected the end of the value")
            .help("put quotes around the whole value; a quote in it is written twice between single quotes: `'it''s'`")
    }

    fn unclosed_quote(&self, at: usize) -> Diagnostic {
        let rest = self.source.text.get(at..).unwrap_or_default();
        let quote = if rest.starts_with('\'') { '\'' } else { '"' };
        let end = self.line(at).range().end.max(at + 1);
        self.mark("a quote is not closed", at..end)
            .label(format!("expected `{quote}` at the end of the value"))
    }

    /// A list or mapping in brackets that does not go on, or that does not end.
    fn bracket(&self) -> Diagnostic {
        let text = &self.source.text;
        let is_bracket = |at: &usize| {
            text.get(*at..)
                .is_some_and(|rest| rest.starts_with(['[', '{']))
        };
        let begin = self.begin.filter(is_bracket).or_else(|| {
            let is_open = self.at >= text.trim_end().len();
            is_open.then(|| text.rfind(['[', '{'])).flatten()
        });
        let Some(begin) = begin else {
            return self.here(self.problem).label("expected a value");
        };
        let is_list = text.get(begin..).is_some_and(|rest| rest.starts_with('['));
        let (open, close) = if is_list { ('[', ']') } else { ('{', '}') };
        let opened = self.line(begin);
        let is_same_line = self.line(self.at).start == opened.start;
        let rest = text.get(self.at..).unwrap_or_default();
        if is_same_line && !rest.starts_with([']', '}']) && !rest.trim().is_empty() {
            let diagnostic = self
                .here("two values in brackets have no comma between them")
                .label(format!("expected `,` or `{close}`"))
                .related(self.place(begin..begin + 1), "in these brackets");
            let before = text.get(..self.at).unwrap_or_default();
            let is_expression = rest.starts_with('{') && before.ends_with('$');
            return if is_expression {
                diagnostic.help("put quotes around the variable: `\"${NAME}\"`")
            } else {
                diagnostic
            };
        }
        self.mark(
            &format!("a `{open}` is not closed"),
            begin..opened.range().end.max(begin + 1),
        )
        .label(format!("expected `{close}` at its end"))
    }

    /// `*` or `&` before something that is not a name.
    fn anchor(&self) -> Diagnostic {
        let begin = self.begin.unwrap_or(self.at);
        let is_anchor = self.context.contains("anchor");
        let (sign, what) = if is_anchor {
            ('&', "an anchor")
        } else {
            ('*', "an alias")
        };
        let end = self.line(begin).range().end.max(begin + 1);
        if self.problem == "unknown anchor" {
            return self
                .mark("there is no anchor of this name", begin..end)
                .label(format!(
                    "expected an anchor above: `&NAME`, which `{sign}NAME` repeats"
                ))
                .help("if it is text, put quotes around it");
        }
        self.mark(
            &format!("`{sign}` begins {what}, which needs a name"),
            begin..end,
        )
        .label("expected quotes around the value")
    }
}

/// How many lines are searched for a quote.
const MAX_LINES: usize = 1000;

/// A number of spaces in words.
fn spaces(number: usize) -> String {
    match number {
        0 => "no spaces".to_owned(),
        some => counted(some, "space", "spaces"),
    }
}

#[cfg(test)]
mod tests;
