//! Which rules are checked, from which level on, and which findings fail: what the command line says, over what a file
//! says.

use super::custom::CustomRules;
use super::error::CheckError;
use super::rule::Rule;
use super::{Codes, codes};
use crate::diagnostic::{Diagnostic, Diagnostics, DidYouMean, Words, closest};
use crate::pattern;
use crate::severity::{FailOn, Level};
use crate::source::Place;
use crate::spec::{CheckSettings, Located};

/// Which findings are reported, and which of them fail a check.
#[derive(Debug, Clone, Default)]
pub struct RuleSelection {
    /// The codes that are reported, where not all are; `*` matches any text.
    pub select: Vec<String>,
    /// The codes that are not reported.
    pub ignore: Vec<String>,
    /// The lowest level that is reported, where it is set for all findings.
    pub level: Option<Level>,
    /// The lowest level that is reported where no host or environment sets one.
    pub default_level: Option<Level>,
    /// The lowest level that fails; every finding that is reported where it is not set.
    pub fail_on: Option<FailOn>,
    /// The rules that are not built in.
    pub custom: Vec<&'static Rule>,
}

impl RuleSelection {
    /// The selection with rules that are not built in.
    #[must_use]
    pub fn with(self, custom: &CustomRules) -> Self {
        Self {
            custom: custom.rules().collect(),
            ..self
        }
    }

    /// What the command line says, over the settings of a file.
    ///
    /// # Errors
    /// A code that is of no rule, or a selection of none.
    pub(crate) fn over(mut self, settings: Option<&CheckSettings>) -> Result<Self, CheckError> {
        let rules = codes(&self.custom);
        known_codes(settings, &rules)?;
        let mut given = self.select.iter().chain(&self.ignore);
        if let Some(code) = given.find(|code| !is_known(code, &rules)) {
            return Err(CheckError::UnknownCode(no_rule(code, &self.custom, [])));
        }
        let is_given = !self.select.is_empty();
        let is_of_file = !is_given && self.ignore.is_empty();
        let mut is_by_code = is_given;
        if let Some(settings) = settings {
            if !is_given {
                self.select = values(&settings.select);
                self.ignore.extend(values(&settings.ignore));
            }
            self.default_level = settings.level.as_ref().map(|level| level.value);
            is_by_code |= !self.select.is_empty() && settings.level.is_none();
            let fail_on = settings.fail_on.as_ref().map(|level| level.value);
            self.fail_on = self.fail_on.or(fail_on);
        }
        if is_by_code {
            // What is asked for by its code is shown.
            self.level = self.level.or(Some(Level::Hardening));
        }
        let settings = settings.filter(|_| is_of_file);
        self.expect_rules(settings)?;
        Ok(self)
    }

    /// Refuses a selection that nothing could be found with.
    fn expect_rules(&self, settings: Option<&CheckSettings>) -> Result<(), CheckError> {
        if self.rules() == 0 {
            let error = CheckError::AllIgnored {
                is_selected: !self.select.is_empty(),
            };
            let ignore = settings.and_then(|settings| settings.ignore.first());
            let Some(ignore) = ignore else {
                return Err(error);
            };
            let problem = Diagnostic::new(error.to_string(), &ignore.place)
                .label("expected codes that leave a rule");
            let select = settings.and_then(|settings| settings.select.first());
            let problem = match select {
                Some(select) => problem.related(&select.place, "selected here"),
                None => problem,
            };
            return Err(CheckError::Files(problem.into()));
        }
        let mut selected = self.all().filter(|rule| self.selects(rule.code));
        if let Some(level) = self.level
            && selected.all(|rule| !level.includes(rule.severity))
        {
            return Err(CheckError::AllBelow(level));
        }
        Ok(())
    }

    /// Whether findings of a code are wanted at all.
    #[must_use]
    pub fn selects(&self, code: &str) -> bool {
        let fits = |codes: &[String]| codes.iter().any(|given| pattern::matches(given, code));
        (self.select.is_empty() || fits(&self.select)) && !fits(&self.ignore)
    }

    /// All rules that it selects from.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static Rule> {
        super::all().chain(self.custom.iter().copied())
    }

    /// How many rules it selects.
    #[must_use]
    pub fn rules(&self) -> usize {
        self.all().filter(|rule| self.selects(rule.code)).count()
    }
}

fn values(codes: &[Located<String>]) -> Vec<String> {
    codes.iter().map(|code| code.value.clone()).collect()
}

/// Whether the codes in settings are all codes of rules.
fn known_codes(settings: Option<&CheckSettings>, rules: &Codes) -> Result<(), Diagnostics> {
    let mut problems = Diagnostics::default();
    let given = settings
        .map(|settings| settings.select.iter().chain(&settings.ignore))
        .into_iter()
        .flatten();
    for code in given.filter(|code| !is_known(&code.value, rules)) {
        problems.push(unknown(&code.value, code.place.clone(), rules));
    }
    problems.or(())
}

/// Whether a code, in which `*` matches any text, fits a rule.
fn is_known(given: &str, rules: &Codes) -> bool {
    rules.contains_key(given) || rules.keys().any(|code| pattern::matches(given, code))
}

/// The code of a rule that is close to a text.
pub(super) fn close(code: &str, rules: &Codes) -> Option<&'static str> {
    closest(code, rules.keys().copied())
}

/// That a text of a file is not the code of a rule. It may be anything, so it is shown only where it is close to one.
pub(super) fn unknown(code: &str, place: Place, rules: &Codes) -> Diagnostic {
    let message: Words = match close(code, rules) {
        Some(_) => format!("there is no rule `{code}`").into(),
        None => "there is no rule with this code".into(),
    };
    Diagnostic::new(message, place)
        .label("expected the code of a rule")
        .did_you_mean(code, rules.keys().copied())
        .help("`composegen rules` lists all codes")
}

/// That a code on the command line is of no rule, nor among `more` codes.
pub(crate) fn no_rule(
    code: &str,
    custom: &[&'static Rule],
    more: impl IntoIterator<Item = &'static str>,
) -> String {
    let meant = DidYouMean::of(code, codes(custom).into_keys().chain(more));
    format!("there is no rule `{code}` (`composegen rules` lists all codes){meant}")
}
