//! Diagnostics for people: a message with its source lines.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::Diagnostic;
use crate::severity::Severity;
use crate::source::Place;
use crate::text::{Style, Styled, quoted, visible};

/// A line that is longer, in bytes, is not quoted: the mark would be hard to find.
const LONGEST_LINE: usize = 4096;

impl Diagnostic {
    /// The message with its source lines, for a person. The library that draws it is only given text
    /// that may be shown.
    pub fn render(&self, style: Style) -> Styled {
        self.render_with(style, &[])
    }

    /// Like `render`, with what else it holds for.
    pub(crate) fn render_with(&self, style: Style, also: &[String]) -> Styled {
        let level = match self.severity {
            Severity::Exposure | Severity::Error => Level::ERROR,
            Severity::Drift | Severity::Warning => Level::WARNING,
            Severity::Hardening => Level::NOTE.with_name("hardening"),
            Severity::Notice => Level::NOTE,
        };
        let mut title = level.primary_title(visible(self.message()));
        if let Some(code) = self.code {
            title = title.id(code);
        }
        let mut group = Group::with_title(title);
        group = add_place(
            group,
            &self.place,
            self.label_text(),
            AnnotationKind::Primary,
        );
        for (place, label) in self.related_places() {
            group = add_place(group, place, label, AnnotationKind::Context);
        }
        let notes = self.notes();
        for note in &notes {
            group = group.element(Level::NOTE.message(visible(note)));
        }
        for other in also {
            group = group.element(Level::NOTE.with_name("also").message(visible(other)));
        }
        for help in self.helps() {
            group = group.element(Level::HELP.message(visible(help)));
        }
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Colour => Renderer::styled(),
        };
        let drawn = renderer.decor_style(DecorStyle::Ascii).render(&[group]);
        Styled::of_library(drawn, style)
    }
}

fn add_place<'a>(
    group: Group<'a>,
    place: &'a Place,
    label: &'a str,
    kind: AnnotationKind,
) -> Group<'a> {
    let (name, label) = (visible(&place.source.name), visible(label));
    if let Some(line) = place.line()
        && !place.source.is_outside
        && line.text.len() <= LONGEST_LINE
    {
        // The line alone: the renderer looks through all that it is given, for each message.
        let (text, mark) = quoted(line.text, line.range);
        let snippet = Snippet::source(text).line_start(line.number);
        return group.element(snippet.path(name).annotation(kind.span(mark).label(label)));
    }
    let origin = match place.line_column() {
        Some((line, column)) => Origin::path(name).line(line).char_column(column),
        None => Origin::path(name),
    };
    let group = group.element(origin);
    if label.is_empty() {
        group
    } else {
        group.element(Level::NOTE.message(label))
    }
}
