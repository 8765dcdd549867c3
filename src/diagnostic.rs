//! One shape for every message about bad input: what is wrong, where, what was expected there and
//! how to fix it.

mod many;

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::severity::Severity;
use crate::source::{Place, Source};
use crate::text::{Style, Styled, quoted, visible};

pub use many::Diagnostics;
pub(crate) use many::MAX_SHOWN;

/// Words for people. What is borrowed is literal text of the program; what is owned was built at run
/// time and may hold words of the input.
pub(crate) type Words = Cow<'static, str>;

/// The message in place of one that may hold words of a text outside the project.
const WITHHELD: &str = "invalid content in a file outside the project, which is not shown";

/// A line that is longer, in bytes, is not quoted: the mark would be hard to find.
const LONGEST_LINE: usize = 4096;

/// So many hosts are named; of more, only their number is said.
const FEW_HOSTS: usize = 3;

/// The longest rendered line that is quoted, in characters.
const LONGEST_RENDERED: usize = 120;

/// Something that is wrong with an input.
///
/// Built from a message and a place, so that neither can be forgotten. Where any of its places is in
/// a text that lies outside the project, it keeps only words that are literals of the code.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    message: Words,
    place: Place,
    label: Words,
    related: Vec<(Place, Words)>,
    helps: Vec<Words>,
    follows: Option<String>,
    severity: Severity,
    code: Option<&'static str>,
    /// The line that a template rendered, where its place is in the template.
    rendered: Option<String>,
    /// The hosts that it was found in, where the run has several; and whether all it says holds for each.
    hosts: Vec<String>,
    differs: bool,
    names_hosts: bool,
    /// Its texts as they may be shown, once they were asked for.
    texts: OnceLock<Texts>,
}

/// The texts of a diagnostic without what its places hide: the only form in which they leave it.
#[derive(Debug, Clone)]
struct Texts {
    message: String,
    label: String,
    related: Vec<(Place, String)>,
    helps: Vec<String>,
}

impl Diagnostic {
    /// A message about a place.
    pub(crate) fn new(message: impl Into<Words>, place: impl Into<Place>) -> Self {
        let new = Self {
            message: message.into(),
            place: place.into(),
            label: Words::default(),
            related: Vec::new(),
            helps: Vec::new(),
            follows: None,
            severity: Severity::Error,
            code: None,
            rendered: None,
            hosts: Vec::new(),
            differs: false,
            names_hosts: false,
            texts: OnceLock::new(),
        };
        new.withhold()
    }

    /// Drops what may hold words of a text that must not be shown.
    fn withhold(mut self) -> Self {
        self.texts = OnceLock::new();
        let mut places = std::iter::once(&self.place).chain(self.related.iter().map(|(at, _)| at));
        if places.all(|place| !place.source.is_outside) {
            return self;
        }
        let is_built = |words: &Words| matches!(words, Words::Owned(_));
        if is_built(&self.message) {
            self.message = WITHHELD.into();
        }
        let related = self.related.iter_mut().map(|(_, label)| label);
        for label in related.chain([&mut self.label]) {
            if is_built(label) {
                *label = Words::default();
            }
        }
        self.helps.retain(|help| !is_built(help));
        self
    }

    /// Shows it as the finding of a rule: with the rule's code and severity.
    pub(crate) fn found_by(mut self, code: &'static str, severity: Severity) -> Self {
        self.code = Some(code);
        self.severity = severity;
        self
    }

    /// How much it matters.
    pub(crate) fn severity(&self) -> Severity {
        self.severity
    }

    /// The same about another place, where its own is in a text that nobody wrote.
    pub(crate) fn moved_to(mut self, place: Place) -> Self {
        self.place = place;
        self.related.clear();
        self.withhold()
    }

    /// The same at the places that `traced` gives for its own, where these are in a text that nobody
    /// wrote: what is hidden there stays hidden. A place comes with the line of that text.
    pub(crate) fn traced(mut self, traced: &dyn Fn(&Place) -> Option<(Place, String)>) -> Self {
        if std::iter::once(&self.place)
            .chain(self.related.iter().map(|(place, _)| place))
            .all(|place| traced(place).is_none())
        {
            return self;
        }
        let texts = self.texts().clone();
        self.message = texts.message.into();
        self.label = texts.label.into();
        self.helps = texts.helps.into_iter().map(Words::from).collect();
        if let Some((place, line)) = traced(&self.place) {
            let line = line.trim();
            let is_written = place.line().is_some_and(|own| own.text.trim() == line);
            self.rendered = (!is_written && !line.is_empty()).then(|| line.to_owned());
            self.place = place;
        }
        let own = self.place.identity();
        let related = texts.related.into_iter().map(|(place, label)| {
            let place = traced(&place).map_or(place, |(place, _)| place);
            (place, Words::from(label))
        });
        self.related = related
            .filter(|(place, _)| place.identity() != own)
            .collect();
        self.withhold()
    }

    /// Says which host it was found in.
    pub(crate) fn in_host(mut self, host: &str) -> Self {
        self.hosts = vec![host.to_owned()];
        self
    }

    /// The hosts that it was found in, where the run has several.
    pub(crate) fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// What is known beside the message: what a template rendered, and in which hosts.
    pub(crate) fn notes(&self) -> Vec<String> {
        let rendered = self.rendered.as_ref();
        let mut notes: Vec<String> = rendered
            .map(|line| format!("rendered as `{}`", shortened(line)))
            .into_iter()
            .collect();
        let named = |names: &[String]| -> String {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            names.join(", ")
        };
        let shown = match self.hosts.first() {
            Some(first) if self.differs => format!("; this is what it says for `{first}`"),
            _ => String::new(),
        };
        match self.hosts.as_slice() {
            [] => {}
            [one] => notes.push(format!("in host `{one}`")),
            few if self.names_hosts || few.len() <= FEW_HOSTS => {
                notes.push(format!("in {} hosts: {}{shown}", few.len(), named(few)));
            }
            many => notes.push(format!("in {} hosts{shown}", many.len())),
        }
        notes
    }

    /// What was expected at the place; shown beside the mark.
    pub(crate) fn label(mut self, label: impl Into<Words>) -> Self {
        self.label = label.into();
        self.withhold()
    }

    /// Another place that has to do with it, and how.
    pub(crate) fn related(mut self, place: impl Into<Place>, label: impl Into<Words>) -> Self {
        self.related.push((place.into(), label.into()));
        self.withhold()
    }

    /// How to fix it.
    pub(crate) fn help(mut self, help: impl Into<Words>) -> Self {
        self.helps.push(help.into());
        self.withhold()
    }

    /// Says that this may only follow from the thing called `name` not being readable.
    pub(crate) fn follows_from(mut self, name: impl Into<String>) -> Self {
        self.follows = Some(name.into());
        self
    }

    /// Adds "did you mean", where one of `known` is close to `word`.
    pub(crate) fn did_you_mean<'a>(
        self,
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        match closest(word, known) {
            Some(close) => self.help(format!("did you mean `{close}`?")),
            None => self,
        }
    }

    /// What is wrong, in one sentence.
    pub fn message(&self) -> &str {
        &self.texts().message
    }

    /// Where it is wrong.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// What is said beside the place.
    pub(crate) fn label_text(&self) -> &str {
        &self.texts().label
    }

    /// The other places that have to do with it, and how.
    pub(crate) fn related_places(&self) -> &[(Place, String)] {
        &self.texts().related
    }

    /// How to fix it.
    pub fn helps(&self) -> &[String] {
        &self.texts().helps
    }

    /// A text that goes with it, as the name of what it is about, without what its place hides.
    pub(crate) fn without_hidden(&self, text: &str) -> String {
        self.place.without_hidden(text)
    }

    /// What it says beside its message.
    fn says(&self) -> (&str, &[String], Vec<(String, &str)>) {
        let related = self.related_places().iter();
        let related = related.map(|(place, label)| (place.display(), label.as_str()));
        (self.label_text(), self.helps(), related.collect())
    }

    /// The texts without what its places hide, whoever wrote them.
    fn texts(&self) -> &Texts {
        self.texts.get_or_init(|| {
            let others = self.related.iter().map(|(place, _)| place);
            let places: Vec<&Place> = std::iter::once(&self.place).chain(others).collect();
            let hidden = |text: &str| {
                let hide = |text: String, place: &&Place| place.without_hidden(&text);
                places.iter().fold(text.to_owned(), hide)
            };
            let related = self.related.iter();
            Texts {
                message: self.place.message(&hidden(&self.message)),
                label: hidden(&self.label),
                related: related
                    .map(|(place, label)| (place.clone(), hidden(label)))
                    .collect(),
                helps: self.helps.iter().map(|help| hidden(help)).collect(),
            }
        })
    }

    /// The message with its source lines, for a person. The library that draws it is only given text
    /// that may be shown.
    pub fn render(&self, style: Style) -> Styled {
        self.render_with(style, &[])
    }

    /// The same, with what else it holds for.
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

/// A line that is short enough to be quoted in a message.
fn shortened(line: &str) -> Cow<'_, str> {
    match line.char_indices().nth(LONGEST_RENDERED) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()).into(),
        None => line.into(),
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

/// The longest word that another is looked for, in bytes, and the most words that are compared with
/// it: the time grows with the product of their lengths.
const MAX_GUESSED: (usize, usize) = (64, 1000);

/// The one of `known` that is closest to `word`, if any is close. Where there are very many, none is.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > MAX_GUESSED.0 {
        return None;
    }
    let known: Vec<&str> = known.into_iter().take(MAX_GUESSED.1 + 1).collect();
    if known.len() > MAX_GUESSED.1 {
        return None;
    }
    // The comparison takes its time, and a file may hold many unknown words. Two texts are
    // at most as alike as the share of their letters that the other one has too.
    let own = letters(word);
    let is_near = |other: &&str| {
        let all = word.len() + other.len();
        let others = letters(other);
        let here = word.bytes().filter(|byte| others & bit(*byte) != 0);
        let there = other.bytes().filter(|byte| own & bit(*byte) != 0);
        // `ratio >= 0.6`, where the ratio is twice the shared letters by all.
        2 * here.count().min(there.count()) * 10 >= all * 6
    };
    let known: Vec<&str> = known.into_iter().filter(is_near).collect();
    similar::get_close_matches(word, &known, 1, 0.6)
        .into_iter()
        .next()
}

/// The letters of a word, one bit for each or for a few that share it.
fn letters(word: &str) -> u64 {
    word.bytes().fold(0, |letters, byte| letters | bit(byte))
}

fn bit(byte: u8) -> u64 {
    1 << (byte & 63)
}

/// A diagnostic about a file that could not be read or written.
pub(crate) fn unreadable(name: &str, doing: &str, error: &impl fmt::Display) -> Diagnostic {
    let source = Source::new(name, "");
    Diagnostic::new(
        format!("cannot {doing} `{name}`: {error}"),
        Place::whole(&source),
    )
}
