//! Which line of a template wrote a place of the rendered text.
//!
//! The engine does not say. So where something is wrong with a rendered text, the templates are rendered once
//! more with a mark before everything that they write. Without the marks the text must be the same; only then
//! do they say where each part of it comes from.

use std::sync::Arc;

use minijinja::machinery::{Token, tokenize};

use super::placeholders::Substituted;
use super::syntax::{range, syntax};
use super::texts::Sources;
use crate::source::{Place, Source};

/// The longest line that the engine counts the columns of, in bytes.
const MAX_LINE: usize = 60_000;

/// A mark in a text, which is removed from it: where it was, and what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    at: usize,
    /// The template, by its number among all of them.
    template: usize,
    /// Its line, counted from one.
    line: usize,
}

/// A rendered text, and where its parts come from.
#[derive(Debug)]
pub(super) struct Origins {
    /// The text with placeholders, as the templates gave it.
    pub(super) raw: String,
    pub(super) marks: Vec<Mark>,
    pub(super) done: Substituted,
}

impl Origins {
    /// The line of a template that wrote the byte `at` of the text.
    fn of(&self, at: usize) -> Option<(usize, usize)> {
        let at = self.done.raw_offset(at)?;
        let end = self.marks.partition_point(|mark| mark.at <= at);
        let is_here = |mark: &&Mark, between: fn(&str) -> bool| {
            let (start, end) = (mark.at.min(at), mark.at.max(at));
            self.raw.get(start..end).is_some_and(between)
        };
        // What is indented begins behind its indentation.
        let after = self
            .marks
            .get(end)
            .filter(|mark| is_here(mark, |text| text.chars().all(|c| matches!(c, ' ' | '\t'))));
        let before = self
            .marks
            .get(..end)
            .and_then(<[Mark]>::last)
            .filter(|mark| is_here(mark, |text| !text.contains('\n')));
        let mark = after.or(before)?;
        Some((mark.template, mark.line))
    }

    /// The place in a template of a place in the file, whose text follows a header of so many bytes.
    pub(super) fn place(&self, at: &Place, header: usize, sources: &Sources) -> Option<Place> {
        let range = at.range()?;
        let (template, line) = self.of(range.start.checked_sub(header)?)?;
        let source = sources.values().nth(template)?;
        let part = at.source.text.get(range).unwrap_or_default();
        Some(within(source, line, part))
    }
}

/// A line of a template: the one part of it that reads so, or else the whole of it.
fn within(source: &Arc<Source>, number: usize, part: &str) -> Place {
    let lines = source.text.split_inclusive('\n');
    let start: usize = lines.take(number - 1).map(str::len).sum();
    let line = source
        .text
        .get(start..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default();
    let mut found = line.match_indices(part).filter(|_| !part.is_empty());
    let (from, length) = match (found.next(), found.next()) {
        (Some((from, part)), None) => (from, part.len()),
        _ => (line.len() - line.trim_start().len(), line.trim().len()),
    };
    Place::bytes(source, start + from..start + from + length)
}

/// A template with a mark before everything that it writes. `None` where there is no such template.
pub(super) fn marked(source: &Source, template: usize, mark: char) -> Option<String> {
    let text = &source.text;
    let mut out = String::with_capacity(text.len() * 2);
    let mut copied = 0;
    let written = |at: usize| {
        let (line, _) = source.line(at);
        format!("{mark}{template}.{line}{mark}")
    };
    for token in tokenize(text, false, syntax()) {
        let (token, span) = token.ok()?;
        let start = range(span).start;
        match token {
            Token::TemplateData(data) => {
                if !text.get(start..)?.starts_with(data) {
                    return None;
                }
                let mut at = start;
                for line in data.split_inclusive('\n') {
                    let first = at + line.len() - line.trim_start().len();
                    if !line.trim().is_empty() {
                        out.push_str(text.get(copied..first)?);
                        out.push_str(&written(first));
                        copied = first;
                    }
                    at += line.len();
                }
            }
            Token::VariableStart => {
                out.push_str(text.get(copied..start)?);
                out.push_str(&before_value(text.get(range(span))?, &written(start)));
                copied = start;
            }
            _ => {}
        }
    }
    out.push_str(text.get(copied..)?);
    out.split('\n')
        .all(|line| line.len() <= MAX_LINE)
        .then_some(out)
}

/// What is written before a `{{`. A `{{-` must still trim the text before it, and not the mark.
fn before_value(braces: &str, mark: &str) -> String {
    match braces {
        "{{" => mark.to_owned(),
        trimming => format!("{trimming} '{mark}'|safe }}}}"),
    }
}

/// Takes the marks out of a text. `None` where a template took one apart.
pub(super) fn unmarked(text: String, mark: char) -> Option<(String, Vec<Mark>)> {
    if !text.contains(mark) {
        return Some((text, Vec::new()));
    }
    let mut raw = String::with_capacity(text.len());
    let mut marks = Vec::new();
    let mut parts = text.split(mark);
    raw.push_str(parts.next()?);
    while let Some(part) = parts.next() {
        let (template, line) = part.split_once('.')?;
        marks.push(Mark {
            at: raw.len(),
            template: template.parse().ok()?,
            line: line.parse().ok()?,
        });
        raw.push_str(parts.next()?);
    }
    Some((raw, marks))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Mark, marked, unmarked, within};
    use crate::render::engine::{Budget, TemplateEngine};
    use crate::render::texts::Sources;
    use crate::render::usage::Node;
    use crate::source::Source;

    fn lines(text: &str) -> String {
        marked(&Source::new("t", text), 0, '^').unwrap()
    }

    #[test]
    fn everything_that_is_written_has_a_mark() {
        for (text, expected) in [
            ("a: b\n  c: d\n", "^0.1^a: b\n  ^0.2^c: d\n"),
            ("a: {{ b }} # c\n", "^0.1^a: ^0.1^{{ b }} ^0.1^# c\n"),
            (
                "{% if a %}\n  b\n{% endif %}\n",
                "{% if a %}\n  ^0.2^b\n{% endif %}\n",
            ),
            ("  {% if a %}{% endif %}\n", "  {% if a %}{% endif %}\n"),
            ("a\n  {{- b }}\n", "^0.1^a\n  {{- '^0.2^'|safe }}{{- b }}\n"),
            (
                "{% raw %}{{ a }}{% endraw %}",
                "{% raw %}^0.1^{{ a }}{% endraw %}",
            ),
        ] {
            assert_eq!(lines(text), expected);
        }
    }

    /// A project's templates, in which every written line ends with the name of its template and its own number.
    fn numbered(texts: &[(&str, &str)]) -> Sources {
        let number = |(name, text): &(&str, &str)| {
            let lines: Vec<String> = text
                .lines()
                .zip(1..)
                .map(|(line, number)| line.replace('@', &format!("{name}:{number}")))
                .collect();
            let text = lines.join("\n") + "\n";
            ((*name).to_owned(), Source::new(*name, text))
        };
        texts.iter().map(number).collect()
    }

    #[test]
    fn every_line_comes_from_where_it_says() {
        let sources = numbered(&[
            (
                "a.yml.j2",
                "{% macro twice(x) %}\n  m: '@'\n  n: [{{ x }}] # @\n{% endmacro %}\n",
            ),
            (
                "b.yml.j2",
                "{% if true %}\n  b: '@'\n{% endif %}\n  {%- if true %}\n\n  c: '@'\n{%- endif %}\n",
            ),
            (
                "main.yml.j2",
                "{% from 'a.yml.j2' import twice %}\n# @\n\nx:\n  # @\n{{ twice(1) }}\ny: # @\n{% include 'b.yml.j2' %}\n\nz:\n{% for i in [1, 2] %}\n  - '@'\n  - { k: {{ i }} } # @\n{% endfor %}\nv: [\n  {{- '@' }}]\n{% set block %}\nw: # @\n  - '@'\n{% endset %}\n{{ block|indent(2) }}\n{% raw %}\nr: '{{ @ }}'\n{% endraw %}\n",
            ),
        ]);
        let mut engine = TemplateEngine::new(BTreeSet::new()).unwrap();
        for (name, source) in &sources {
            engine.add(name, source).unwrap();
        }
        let context = Node::map([("a", Node::own(1))]);
        let budget = Budget::of(1);
        let plain = engine.render("main.yml.j2", &context, budget);
        let traced =
            engine
                .tracing(&sources)
                .unwrap()
                .trace("main.yml.j2", &context, budget.twice());
        let (plain, traced) = (plain.unwrap(), traced.unwrap());
        assert_eq!(traced.done.text, plain.text);
        let mut known = 0;
        let mut start = 0;
        for line in plain.text.split_inclusive('\n') {
            let says = sources.keys().enumerate().find_map(|(index, name)| {
                let (_, number) = line.split_once(&format!("{name}:"))?;
                let digits: String = number
                    .trim_start_matches(name.as_str())
                    .chars()
                    .take_while(char::is_ascii_digit)
                    .collect();
                Some((index, digits.parse::<usize>().unwrap()))
            });
            if let Some(says) = says {
                // The line of a value that trims what is before it begins with another line.
                let own = line.find(": [").filter(|_| line.starts_with('v'));
                let from = own.map_or(0, |at| at + 3);
                for at in start + from..start + line.trim_end().len() - from.min(1) {
                    assert_eq!(traced.of(at), Some(says), "{line}");
                }
                known += 1;
            }
            start += line.len();
        }
        assert!(known >= 15, "{known}: {}", plain.text);
    }

    #[test]
    fn a_place_is_the_part_of_the_line_that_reads_so_or_the_line() {
        let source = Source::new("t", "a: 1\n  b: {{ b }}\n");
        for (part, expected) in [
            ("b:", "b:"),
            ("b", "b: {{ b }}"),
            ("5", "b: {{ b }}"),
            ("", "b: {{ b }}"),
        ] {
            let place = within(&source, 2, part);
            let range = place.range().unwrap();
            assert_eq!(source.text.get(range), Some(expected));
        }
    }

    #[test]
    fn marks_are_taken_out_again() {
        let at = |at, line| Mark {
            at,
            template: 2,
            line,
        };
        let expected = ("a: b\nc".to_owned(), vec![at(0, 1), at(3, 7), at(5, 10)]);
        assert_eq!(
            unmarked("^2.1^a: ^2.7^b\n^2.10^c".into(), '^'),
            Some(expected)
        );
        assert_eq!(unmarked("^2.1^a ^".into(), '^'), None);
        assert_eq!(unmarked("^2^a".into(), '^'), None);
    }
}
