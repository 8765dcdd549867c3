//! One shape for every message about bad input: what is wrong, where, what was expected there and
//! how to fix it.

mod close;
mod draw;
mod kind;
mod many;
mod scope;
mod words;

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::redact;
use crate::severity::Severity;
use crate::source::{Place, Source};

pub(crate) use close::{DidYouMean, closest, is_one_slip, misspelt, no_such};
pub(crate) use kind::ProblemKind;
pub use many::Diagnostics;
pub(crate) use many::MAX_SHOWN;
use many::UnreadCause;
use scope::DiagnosticScope;
pub(crate) use words::Words;

/// The message instead of one that may hold words of a text outside the project.
const WITHHELD: &str = "invalid content in a file outside the project, which is not shown";

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
    follows: Vec<UnreadCause>,
    severity: Severity,
    code: Option<&'static str>,
    /// What kind of problem it is about, where code decides by that.
    kind: Option<Box<ProblemKind>>,
    /// Where it was found, if that is in a rendered file.
    before: Option<Box<Before>>,
    /// What it holds for, where that is said: there may be very many findings.
    scope: Option<Box<DiagnosticScope>>,
    /// Its texts as they may be shown, once they were asked for.
    texts: OnceLock<Texts>,
}

/// The places of a diagnostic before it was traced to what somebody wrote. What is hidden there stays hidden.
#[derive(Debug, Clone)]
struct Before {
    /// The place of the diagnostic itself, if it was traced to another one.
    place: Option<Place>,
    /// Its related places.
    related: Vec<Place>,
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
            follows: Vec::new(),
            severity: Severity::Error,
            code: None,
            kind: None,
            before: None,
            scope: None,
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
        if self.message.is_built() {
            self.message = WITHHELD.into();
            self.kind = None;
        }
        let related = self.related.iter_mut().map(|(_, label)| label);
        for label in related.chain([&mut self.label]) {
            if label.is_built() {
                *label = Words::default();
            }
        }
        self.helps.retain(|help| !help.is_built());
        if let Some(scope) = &mut self.scope {
            scope.subjects = Vec::new();
            scope.kind = "";
        }
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

    /// The diagnostic at another place, where its own is in a text that nobody wrote.
    pub(crate) fn moved_to(mut self, place: Place) -> Self {
        self.place = place;
        self.related.clear();
        self.withhold()
    }

    /// The diagnostic at the places that `traced` gives for its own, if these are in a rendered file. What it says is
    /// made only where it is asked for: hundreds of findings may be allowed, and none of them shown.
    pub(crate) fn traced(mut self, traced: &dyn Fn(&Place) -> Option<Place>) -> Self {
        let place = traced(&self.place);
        let related: Vec<Option<Place>> = self.related.iter().map(|(at, _)| traced(at)).collect();
        if place.is_none() && related.iter().all(Option::is_none) {
            return self;
        }
        let before = self.related.iter().map(|(at, _)| at.clone()).collect();
        let own = place.map(|place| std::mem::replace(&mut self.place, place));
        self.before = Some(Box::new(Before {
            place: own,
            related: before,
        }));
        for ((at, _), written) in self.related.iter_mut().zip(related) {
            *at = written.unwrap_or_else(|| at.clone());
        }
        let own = self.place.identity();
        self.related.retain(|(at, _)| at.identity() != own);
        self.withhold()
    }

    /// Whether it was found in a rendered file.
    pub(crate) fn is_traced(&self) -> bool {
        self.before
            .as_ref()
            .is_some_and(|before| before.place.is_some())
    }

    /// The line in which it was found, where nobody wrote it like that.
    fn rendered(&self) -> Option<&str> {
        let before = self.before.as_ref()?.place.as_ref()?;
        let line = before.line()?.text.trim();
        let is_written = self.place.line().is_some_and(|own| own.text.trim() == line);
        (!is_written && !line.is_empty()).then_some(line)
    }

    /// What distinguishes it from others: those of one identity are reported at once.
    fn identity(&self) -> String {
        match self.scope().kind {
            "" => format!("{} at {:?}", self.message(), self.place.identity()),
            kind => {
                let file = self
                    .related
                    .first()
                    .map(|(place, _)| &place.source.name)
                    .map_or("", String::as_str);
                format!("{} of {kind} in {file}", self.message.as_str())
            }
        }
    }

    /// What distinguishes it from others where its line is of several services: all it says, but for the name of its own.
    fn identity_of_line(&self) -> Option<String> {
        let service = self.scope().service.as_deref()?;
        let general = |text: &str| {
            let text = text.replace(&format!("`{service}`"), "");
            text.replace(&format!("services.{service}"), "")
        };
        let said = [self.message(), self.label_text()].map(general);
        Some(format!("{said:?} at {:?}", self.place.identity()))
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

    /// How to fix it, instead of what was said of that.
    pub(crate) fn with_only_help(mut self, help: impl Into<Words>) -> Self {
        self.helps.clear();
        self.help(help)
    }

    /// Says that this may only follow from the thing called `name` not being readable.
    pub(crate) fn follows_from(mut self, name: impl Into<String>) -> Self {
        self.follows.push(UnreadCause::Thing(name.into()));
        self
    }

    /// Says that this may only follow from a field not being readable that has names, such as `services`.
    pub(crate) fn follows_from_field(mut self, field: impl Into<String>) -> Self {
        self.follows.push(UnreadCause::Field(field.into()));
        self
    }

    /// Adds "did you mean", where one of `known` is close to `word`.
    pub(crate) fn did_you_mean<'a>(
        self,
        word: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        match closest(word, known) {
            Some(close) => self.help(Words::named(format!("did you mean `{close}`?"))),
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

    /// The label for a line of text, unless the message says it already.
    pub(crate) fn label_beside_message(&self) -> &str {
        let label = self.label_text();
        if self.message().ends_with(label) {
            return "";
        }
        label
    }

    /// The other places that have to do with it, and how.
    pub(crate) fn related_places(&self) -> &[(Place, String)] {
        &self.texts().related
    }

    /// How to fix it.
    pub fn helps(&self) -> &[String] {
        &self.texts().helps
    }

    /// What it says beside its message.
    fn says(&self) -> (&str, &[String], Vec<(String, &str)>) {
        let related = self
            .related_places()
            .iter()
            .map(|(place, label)| (place.display(), label.as_str()));
        (self.label_text(), self.helps(), related.collect())
    }

    /// The message, with what it holds for.
    fn whole_message(&self) -> Cow<'_, str> {
        let DiagnosticScope { kind, subjects, .. } = self.scope();
        match subjects.as_slice() {
            [] => Cow::Borrowed(self.message.as_str()),
            [one] => format!("{} of {kind} `{one}`", self.message.as_str()).into(),
            many => format!("{} of {} {kind}s", self.message.as_str(), many.len()).into(),
        }
    }

    /// The texts without what its places hide, whoever wrote them.
    fn texts(&self) -> &Texts {
        self.texts.get_or_init(|| {
            let before = self
                .before
                .iter()
                .flat_map(|before| before.place.iter().chain(&before.related));
            let related = self.related.iter().map(|(place, _)| place);
            let own = std::iter::once(&self.place);
            let places: Vec<&Place> = before.chain(own).chain(related).collect();
            let found_at = self
                .before
                .as_ref()
                .and_then(|before| before.place.as_ref());
            let hidden = |words: &Words, text: &str| match words {
                Words::Built(_) => {
                    let hide = |text: String, place: &&Place| place.without_hidden(&text);
                    places.iter().fold(text.to_owned(), hide)
                }
                Words::Literal(_) | Words::Named(_) => redact::text(text).into_owned(),
            };
            let shown = |words: &Words| hidden(words, words.as_str());
            let message = hidden(&self.message, &self.whole_message());
            let related = self.related.iter();
            Texts {
                message: match self.message {
                    Words::Built(_) => {
                        let at = found_at.into_iter().chain([&self.place]);
                        at.fold(message, |text, place| place.message(&text))
                    }
                    Words::Literal(_) | Words::Named(_) => message,
                },
                label: shown(&self.label),
                related: related
                    .map(|(place, label)| (place.clone(), shown(label)))
                    .collect(),
                helps: self.helps.iter().map(shown).collect(),
            }
        })
    }
}

/// A diagnostic about a file that could not be read or written.
pub(crate) fn unreadable(name: &str, doing: &str, error: &impl fmt::Display) -> Diagnostic {
    let source = Source::new(name, "");
    Diagnostic::new(
        format!("cannot {doing} `{name}`: {error}"),
        Place::whole(&source),
    )
}

/// The folder that names of files on the command line start from.
///
/// # Errors
/// The system does not say it, as where it was removed.
pub(crate) fn current_folder() -> Result<PathBuf, Diagnostic> {
    std::env::current_dir().map_err(|error| unreadable(".", "find", &error))
}
