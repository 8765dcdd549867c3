//! Which parts of the lines of a file are hidden.
//!
//! A mistake is often the very reason that a file is not YAML, so nothing is parsed here: lines,
//! indentation, brackets and quotes are enough. Where a text can be read in two ways, more is hidden.

use std::collections::HashSet;
use std::ops::Range;

use super::above::Above;
use super::fields::{self, Visible};
use super::flow::{self, Entry};
use super::line::{Line, is_blank};
use super::{dollars, names, slips};

/// What a text is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TextForm {
    /// A Compose file, or a text of which nothing is known.
    #[default]
    Compose,
    /// A template of one: its expressions are visible.
    Template,
    /// A spec: it has no fields that hold secrets by nature, only names and shapes tell.
    Spec,
    /// An env file: every value is hidden.
    Variables,
    /// Data: what may be that of people is hidden as well.
    Data,
}

/// A field whose values are hidden, and what is below it.
#[derive(Debug, Clone, Copy)]
struct Region {
    /// The column of the field.
    column: usize,
    visible: Visible,
    /// The column of the names below the field, once one was seen.
    child: Option<usize>,
    /// Whether the field is only known by what its own name says, so that any other field ends it.
    is_own: bool,
    /// Whether only a value without a key is hidden: `password:` may be the name of a mapping.
    is_unsure: bool,
}

/// What the lines of a text say.
pub(super) struct Scanned {
    /// The parts that are hidden because of the field they are in.
    pub(super) hidden: Vec<Range<usize>>,
    /// Where the values of names of things begin, which are not secrets whatever the names are.
    pub(super) of_names: HashSet<usize>,
}

/// Looks through the lines of a text.
pub(super) fn scan(text: &str, form: TextForm) -> Scanned {
    let mut scan = Scan {
        text,
        is_template: form == TextForm::Template,
        has_fields: !matches!(form, TextForm::Spec | TextForm::Data),
        ranges: Vec::new(),
        region: None,
        above: Vec::new(),
        own: 0,
        covered: 0,
        unclosed: 0,
        in_extension: false,
        of_names: HashSet::new(),
    };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        if form == TextForm::Variables {
            scan.variable(start, bare);
        } else {
            scan.line(start, bare);
        }
        start += line.len();
    }
    Scanned {
        hidden: scan.ranges,
        of_names: scan.of_names,
    }
}

/// After as many brackets without an end, all that follows is hidden: each is looked for up to the
/// end of the text.
const MAX_UNCLOSED: u8 = 8;

struct Scan<'a> {
    text: &'a str,
    is_template: bool,
    /// Whether there are fields whose values are hidden whatever they are.
    has_fields: bool,
    ranges: Vec<Range<usize>>,
    region: Option<Region>,
    /// The fields above.
    above: Vec<Above<'a>>,
    /// Up to where the text is of the block of composegen.
    own: usize,
    /// Up to where a value that began on a line above goes.
    covered: usize,
    /// How many brackets without an end were looked at.
    unclosed: u8,
    /// Whether the line is in an extension of the file (`x-…`).
    in_extension: bool,
    of_names: HashSet<usize>,
}

impl<'a> Scan<'a> {
    fn hide(&mut self, range: Range<usize>) {
        let part = self.text.get(range.clone()).unwrap_or_default();
        let start = range.end - part.trim_start_matches([' ', '\t']).len();
        if start < range.end {
            self.ranges.push(start..range.end);
        }
    }

    /// A line of an env file.
    fn variable(&mut self, start: usize, line: &str) {
        let end = start + line.len();
        if start < self.covered {
            return self.hide(start..end);
        }
        let trimmed = line.trim_start();
        let body = trimmed
            .strip_prefix("export ")
            .unwrap_or(trimmed)
            .trim_start();
        let at = end - body.len();
        if body.starts_with('#') {
            return self.hide(at + 1..end);
        }
        let entry = Entry::of(body);
        match entry.value {
            Some(value) if entry.is_name() => {
                self.hide(at + value..end);
                self.cover(at + value);
            }
            None if dollars::is_variable(body.trim_end()) => {}
            _ => self.hide(at..end),
        }
    }

    fn line(&mut self, start: usize, line: &'a str) {
        let line = Line::of(start, line);
        if line.body.is_empty() && !line.is_item {
            return;
        }
        if line.at < self.covered {
            self.hide(line.at..line.end);
            let rest = self.covered.min(line.end);
            return self.flow_fields(rest, line.end);
        }
        if let Some(region) = self.region {
            if !self.ends(region, &line) {
                return self.inside(region, &line);
            }
            self.region = None;
        }
        self.outside(&line);
    }

    /// Whether a line is no longer below a field whose values are hidden. What is indented wrongly
    /// still is, unless it is a field of a Compose file.
    fn ends(&self, region: Region, line: &Line<'_>) -> bool {
        if line.is_comment() || line.is_closing() || self.is_statement(line) {
            return false;
        }
        let entry = Entry::of(line.body);
        if region.is_unsure && (line.is_item || entry.value.is_some()) {
            return true;
        }
        let is_sibling = line.indent == region.column;
        if line.indent > region.column || (line.is_item && is_sibling && !region.is_own) {
            return false;
        }
        if line.indent == 0 && (line.body.starts_with("---") || line.body.starts_with("...")) {
            return true;
        }
        if region.is_own || fields::is_field(entry.word) || fields::field(entry.word).is_some() {
            return true;
        }
        let is_known_column = self.above.iter().any(|above| above.column == line.indent);
        let is_bare = entry.is_name()
            && entry
                .value
                .is_some_and(|at| is_blank(line.body.get(at..).unwrap_or_default()));
        !is_sibling && !line.has_tab && is_known_column && (is_bare || entry.word.starts_with("x-"))
    }

    /// Whether a line of a template is a statement or a comment of it.
    fn is_statement(&self, line: &Line<'_>) -> bool {
        self.is_template && (line.body.starts_with("{%") || line.body.starts_with("{#"))
    }

    /// A line below a field whose values are hidden.
    fn inside(&mut self, region: Region, line: &Line<'_>) {
        if line.is_closing() || self.is_statement(line) {
            return;
        }
        if line.is_comment() {
            return self.hide(line.at + 1..line.end);
        }
        if region.visible == Visible::Nothing {
            self.hide(line.at..line.end);
            return self.cover(line.at);
        }
        let child = region.child.unwrap_or(line.indent);
        self.region = Some(Region {
            child: Some(child),
            ..region
        });
        if line.indent > child {
            self.hide(line.at..line.end);
            return self.cover(line.at);
        }
        let entry = Entry::of(line.body);
        match entry.value {
            // A digest of what the file says anyway.
            Some(_) if entry.word == names::DEFINITION => return,
            Some(value) if entry.is_name() => {
                let rest = line.body.get(value..).unwrap_or_default();
                let value = value + flow::merged(&entry, rest);
                self.hide(line.at + value..line.end);
                self.cover(line.at + value);
            }
            None if dollars::is_variable(entry.word) && entry.is_all(line.body) => {}
            _ => self.hide(line.at..line.end),
        }
        if entry.is_quoted {
            // The quote may hold the name and the value, and more lines.
            self.cover(line.at);
        }
    }

    /// A line that may begin such a field.
    fn outside(&mut self, line: &Line<'a>) {
        if line.is_comment() {
            return;
        }
        let entry = Entry::of(line.body);
        if line.indent == 0 && !line.is_item && entry.value.is_some() {
            self.in_extension =
                entry.word.starts_with("x-") && entry.word != fields::EXTENSION && self.has_fields;
        }
        let value_at = line.at + entry.value.unwrap_or(entry.end);
        let value = self.text.get(value_at..line.end).unwrap_or_default();
        let parent = self.go_below(&entry, line);
        let is_named = parent.is_some_and(|parent| parent.has_names()) && !line.is_item;
        let is_check = parent.is_some_and(|parent| parent.word == "healthcheck");
        let mut region = Region {
            column: line.column,
            visible: Visible::Nothing,
            child: None,
            is_own: false,
            is_unsure: false,
        };
        if let Some(visible) = self.field(&entry, line, value, is_check) {
            region.visible = visible;
            self.region = Some(region);
            return self.value(value_at, line.end, visible);
        }
        if let Some(visible) = self.slip(&entry, line, parent, value_at) {
            region.visible = visible;
            // What is below a key without a value may begin in its column.
            region.is_own = !is_blank(value);
            self.region = Some(region);
            return self.value(value_at, line.end, visible);
        }
        let is_telling = names::may_be_secret(entry.word) && !is_named;
        if is_named {
            self.note_value(value_at);
        }
        let is_hidden = is_telling
            || self.has_fields
                && !is_named
                && dollars::is_variable(entry.word)
                && entry.word.len() > 2
            || self.in_extension && !fields::is_shown(entry.word);
        if self.in_extension
            && entry.value.is_none()
            && !line.body.starts_with(['{', '[', '}', ']'])
        {
            return self.hide(line.at..line.end);
        }
        if is_hidden && entry.value.is_some() {
            region.is_own = true;
            let is_anchor = value.trim_start().starts_with('&') && !value.trim().contains(' ');
            if is_blank(value) || is_anchor {
                if self.in_extension && line.indent > 0 {
                    self.hide(value_at..line.end);
                }
                region.is_unsure = true;
                self.region = is_telling.then_some(region);
                return;
            }
            self.region = Some(region);
            return self.value(value_at, line.end, Visible::Names);
        }
        self.flow_fields(line.at, line.end);
    }

    /// Notes that a line is below those that are less indented. The field right above it.
    fn go_below(&mut self, entry: &Entry<'a>, line: &Line<'a>) -> Option<Above<'a>> {
        let mut above = self.above.iter().rev().copied();
        let parent = above.find(|above| above.column < line.column);
        self.above.retain(|above| above.column < line.indent);
        let is_own = entry.word == fields::EXTENSION || parent.is_some_and(|parent| parent.is_own);
        if is_own {
            self.own = self.own.max(line.end);
        }
        let is_name = parent.is_some_and(|parent| parent.has_names()) && !line.is_item;
        let field = |column, word| Above {
            column,
            word,
            is_own,
            is_name,
        };
        let word = if line.is_item { "" } else { entry.word };
        self.above.push(field(line.indent, word));
        if line.is_item {
            self.above.push(field(line.column, entry.word));
        }
        parent
    }

    /// What is visible of a line that no Compose file has there, as it may be a slip of a field whose values are hidden.
    fn slip(
        &self,
        entry: &Entry<'_>,
        line: &Line<'_>,
        parent: Option<Above<'_>>,
        value_at: usize,
    ) -> Option<Visible> {
        if !self.has_fields || line.at < self.own || self.in_extension {
            return None;
        }
        let is_key = entry.value.is_some() && flow::is_key(self.text, value_at);
        let value = is_key.then(|| self.text.get(value_at..line.end).unwrap_or_default());
        slips::of_line(entry.word, line, parent.map(|it| it.word), value)
    }

    /// What is visible of the field that a line begins, if its values are hidden.
    fn field(
        &self,
        entry: &Entry<'_>,
        line: &Line<'_>,
        value: &str,
        is_check: bool,
    ) -> Option<Visible> {
        let visible = fields::field(entry.word).filter(|_| self.has_fields)?;
        let is_whole = entry.value.is_some() || fields::is_exact(entry.word);
        // `test` may be the name of a service, too.
        let is_service = entry.word == "test" && is_blank(value) && !is_check;
        (is_whole && !is_service && !line.body.is_empty()).then_some(visible)
    }

    /// Notes where the value of a name begins.
    fn note_value(&mut self, at: usize) {
        let rest = self.text.get(at..).unwrap_or_default();
        let value = rest.trim_start_matches([' ', '\t']);
        let is_quoted = value.starts_with(['"', '\'']);
        self.of_names
            .insert(at + rest.len() - value.len() + usize::from(is_quoted));
    }

    /// Hides a value up to the end of its line, and what goes on below.
    fn value(&mut self, at: usize, end: usize, visible: Visible) {
        let value = self.text.get(at..end).unwrap_or_default();
        let start = end - flow::after_properties(value).len();
        match flow::end(self.text, start) {
            Some(close) if visible == Visible::Names => {
                self.hide(at..start);
                for hidden in flow::hidden(self.text, start..close) {
                    self.hide(hidden);
                }
                self.hide(close..end);
                self.flow_fields(close.min(end), end);
            }
            Some(close) => {
                self.hide(at..end);
                self.flow_fields(close.min(end), end);
            }
            None => self.hide(at..end),
        }
        self.cover(at);
    }

    /// Covers a value in quotes or brackets that goes on below its line; one in quotes without an
    /// end covers all that follows.
    fn cover(&mut self, at: usize) {
        let rest = self.text.get(at..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let start = at + line.len() - flow::after_properties(line).len();
        let opens = |with: [char; 2]| {
            self.text
                .get(start..)
                .is_some_and(|rest| rest.starts_with(with))
        };
        let (is_quoted, is_bracket) = (opens(['"', '\'']), opens(['{', '[']));
        if let Some(end) = flow::end(self.text, start) {
            self.covered = self.covered.max(end);
        } else if is_quoted || is_bracket && self.unclosed == MAX_UNCLOSED {
            self.covered = self.text.len();
        } else if is_bracket {
            self.unclosed += 1;
        }
    }

    /// Hides the values of fields in brackets, and behind another key: `{image: a, environment: {A: b}}`.
    fn flow_fields(&mut self, from: usize, to: usize) {
        let mut at = from;
        let mut is_comment = false;
        while let Some(found) = flow::next_key(self.text, at..to) {
            let before = self.text.get(at..found.at).unwrap_or_default();
            is_comment = is_comment || before.contains(" #");
            at = found.value;
            if found.word == fields::EXTENSION {
                self.own = self.own.max(flow::value_end(self.text, found.value));
            }
            let is_scalar = !flow::is_open(self.text, found.value);
            let Some(visible) = self.flow_field(&found, is_scalar, is_comment) else {
                continue;
            };
            let end = match flow::value_end(self.text, found.value) {
                _ if is_comment => to,
                // Outside of brackets, a comma is a part of the value.
                end if found.is_loose && is_scalar => end.max(to),
                end => end,
            };
            if visible == Visible::Names && !is_scalar {
                for hidden in flow::hidden(self.text, found.value..end) {
                    self.hide(hidden);
                }
            } else {
                self.hide(found.value..end);
            }
            self.covered = self.covered.max(if end > to { end } else { 0 });
            at = end.max(at);
            if at >= to {
                return;
            }
        }
    }

    /// What is visible of the value of a key within a line, if anything of it is hidden.
    fn flow_field(
        &mut self,
        found: &flow::Key<'a>,
        is_scalar: bool,
        is_comment: bool,
    ) -> Option<Visible> {
        if let Some(visible) = fields::field(found.word).filter(|_| self.has_fields) {
            return Some(visible);
        }
        let parent = || flow::parent(self.text, found.at);
        if names::may_be_secret(found.word) {
            if parent().is_some_and(fields::has_names) {
                self.note_value(found.value);
            } else if is_scalar {
                return Some(Visible::Nothing);
            }
        }
        // A comment has no fields.
        let is_field = self.has_fields
            && found.at >= self.own
            && !(found.is_loose && is_comment)
            && flow::is_key(self.text, found.value);
        let value = self.text.get(found.value..).unwrap_or_default();
        is_field.then(|| slips::visible(found.word, parent(), value))?
    }
}
