//! One shape for every message about bad input: what is wrong, where, what was expected there and
//! how to fix it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::OnceLock;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::severity::Severity;
use crate::source::{Place, Source};
use crate::text::{Style, Styled, quoted, visible};

/// Words for people. What is borrowed is literal text of the program; what is owned was built at run
/// time and may hold words of the input.
pub(crate) type Words = Cow<'static, str>;

/// The message in place of one that may hold words of a text outside the project.
const WITHHELD: &str = "invalid content in a file outside the project, which is not shown";

/// A line that is longer, in bytes, is not quoted: the mark would be hard to find.
const LONGEST_LINE: usize = 4096;

/// The most errors that a run shows; more are not fixed in one go.
pub(crate) const MAX_SHOWN: usize = 100;

/// As many are kept, so that those shown are the first in the order of the text. What comes after
/// them is counted.
const MAX_KEPT: usize = 10 * MAX_SHOWN;

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

    /// The same about another place, where its own is in a text that nobody wrote.
    pub(crate) fn moved_to(mut self, place: Place) -> Self {
        self.place = place;
        self.related.clear();
        self.withhold()
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
        let level = match self.severity {
            Severity::Exposure | Severity::Error => Level::ERROR,
            Severity::Drift | Severity::Warning => Level::WARNING,
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

/// Everything that is wrong with the inputs of a run; as an error, it ends the run.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    /// How many were found beyond those that are kept.
    more: usize,
    unreadable: BTreeSet<String>,
}

impl Diagnostics {
    /// Takes note of a diagnostic, unless it only follows from one that is known.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        let follows = diagnostic.follows.as_ref();
        if follows.is_some_and(|name| self.unreadable.contains(name)) {
            return;
        }
        if self.found.len() < MAX_KEPT {
            self.found.push(diagnostic);
        } else {
            self.more += 1;
        }
    }

    /// Remembers that the thing called `name` is there and could not be read.
    pub(crate) fn unreadable(&mut self, name: impl Into<String>) {
        self.unreadable.insert(name.into());
    }

    /// Takes note of all diagnostics of `others`.
    pub(crate) fn extend(&mut self, others: impl IntoIterator<Item = Diagnostic>) {
        for other in others {
            self.push(other);
        }
    }

    /// The same without those that say again what another one says of the same place.
    #[must_use]
    pub(crate) fn once(mut self) -> Self {
        let mut known = BTreeSet::new();
        self.found.retain(|one| {
            let place = one.place();
            known.insert(format!(
                "{}\n{:?}\n{}",
                place.source.name,
                place.at,
                one.message()
            ))
        });
        self
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether no more diagnostics are kept, only counted.
    pub(crate) fn is_full(&self) -> bool {
        self.found.len() >= MAX_KEPT
    }

    /// The words before a number of errors: a search for them may stop where no more are kept.
    pub(crate) fn at_least(&self) -> &'static str {
        if self.is_full() { "at least " } else { "" }
    }

    /// How many things are wrong.
    pub(crate) fn len(&self) -> usize {
        self.found.len()
    }

    /// The diagnostics in the order they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.found.iter()
    }

    /// `value` if nothing is wrong, otherwise all that is.
    pub(crate) fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }

    /// The messages, sorted by file and place, each once; of very many only the first, and how many
    /// there are beside them.
    pub fn messages(&self, style: Style) -> (Vec<Styled>, usize) {
        let mut sorted: Vec<&Diagnostic> = self.found.iter().collect();
        sorted.sort_by_cached_key(|diagnostic| {
            let place = &diagnostic.place;
            let start = place.range().map(|range| range.start);
            (place.source.name.as_str(), start)
        });
        let mut messages: Vec<Styled> = Vec::new();
        let mut others = sorted.into_iter();
        for diagnostic in others.by_ref() {
            let message = diagnostic.render(style);
            // The same mistake, found by two passes, comes twice in a row or nearly so.
            if messages.iter().rev().take(8).all(|known| *known != message) {
                messages.push(message);
            }
            if messages.len() == MAX_SHOWN {
                break;
            }
        }
        (messages, others.len() + self.more)
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::from_iter([diagnostic])
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Self {
        let mut all = Self::default();
        all.extend(diagnostics);
        all
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.found.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (messages, more) = self.messages(Style::Plain);
        for (index, message) in messages.iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n\n" };
            write!(f, "{gap}{message}")?;
        }
        match more {
            0 => Ok(()),
            more => write!(f, "\n\nand {}{more} more", self.at_least()),
        }
    }
}

impl std::error::Error for Diagnostics {}

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
