//! Which findings are reported, and which of them fail a check.

use std::collections::HashMap;

use super::rule::Rule;
use super::violation::Violation;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::pattern;
use crate::severity::{FailOn, Level, Tally};
use crate::spec::{Catalog, CheckSettings, Located};

/// What is reported where nothing is set.
const DEFAULT_LEVEL: Level = Level::Warning;

/// Which findings are reported, and which of them fail a check.
#[derive(Debug, Clone, Default)]
pub struct RuleSelection {
    /// The codes that are reported, where not all are; `*` matches any text.
    pub select: Vec<String>,
    /// The codes that are not reported.
    pub ignore: Vec<String>,
    /// The lowest level that is reported, where it is set for all findings.
    pub level: Option<Level>,
    /// The lowest level that fails; every finding that is reported where it is not set.
    pub fail_on: Option<FailOn>,
    /// The rules that are not built in.
    pub own: Vec<&'static Rule>,
}

impl RuleSelection {
    /// Completes it with settings of a file, which count less. The level is left to the caller: specs can
    /// ask for one per host.
    #[must_use]
    pub(crate) fn over(mut self, settings: Option<&CheckSettings>) -> Self {
        let is_by_code = !self.select.is_empty()
            || settings.is_some_and(|own| !own.select.is_empty() && own.level.is_none());
        if is_by_code {
            // What is asked for by its code is shown.
            self.level = self.level.or(Some(Level::Hardening));
        }
        let Some(settings) = settings else {
            return self;
        };
        let codes = |codes: &[Located<String>]| {
            let codes = codes.iter().map(|code| code.value.clone());
            codes.collect::<Vec<_>>()
        };
        if self.select.is_empty() {
            self.select = codes(&settings.select);
        }
        self.ignore.extend(codes(&settings.ignore));
        let fail_on = settings.fail_on.as_ref().map(|level| level.value);
        self.fail_on = self.fail_on.or(fail_on);
        self
    }

    /// A code that is given and fits no rule.
    #[must_use]
    pub fn unknown(&self) -> Option<&str> {
        let mut given = self.select.iter().chain(&self.ignore);
        given
            .find(|given| !is_known(given, &self.own))
            .map(String::as_str)
    }

    /// Whether findings of a code are wanted at all.
    #[must_use]
    pub fn selects(&self, code: &str) -> bool {
        let fits = |codes: &[String]| codes.iter().any(|given| pattern::matches(given, code));
        (self.select.is_empty() || fits(&self.select)) && !fits(&self.ignore)
    }

    /// All rules that it selects from.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static Rule> {
        super::all().chain(self.own.iter().copied())
    }

    /// How many rules it selects.
    #[must_use]
    pub fn rules(&self) -> usize {
        self.all().filter(|rule| self.selects(rule.code)).count()
    }

    /// The findings of the rules that it selects.
    pub(crate) fn selected(&self, mut findings: Vec<Violation>) -> Vec<Violation> {
        let mut selected: HashMap<&str, bool> = HashMap::new();
        findings.retain(|finding| {
            let code = finding.rule.code;
            *selected.entry(code).or_insert_with(|| self.selects(code))
        });
        findings
    }

    /// The findings that are reported, and how many are not because of their level.
    pub(crate) fn apply(
        &self,
        findings: Vec<Violation>,
        catalog: Option<&Catalog>,
    ) -> (Vec<Violation>, Tally) {
        let levels = Levels::of(self, catalog);
        let (shown, hidden): (Vec<_>, Vec<_>) = self
            .selected(findings)
            .into_iter()
            .partition(|finding| levels.of_finding(finding).includes(finding.rule.severity));
        let hidden = hidden.iter().map(|finding| finding.rule.severity).collect();
        (shown, hidden)
    }
}

/// Whether the codes in settings are all codes of rules.
///
/// # Errors
/// The codes that are not.
pub(crate) fn known_codes(
    settings: Option<&CheckSettings>,
    own: &[&'static Rule],
) -> Result<(), Diagnostics> {
    let mut problems = Diagnostics::default();
    let given = settings.map(|settings| settings.select.iter().chain(&settings.ignore));
    for code in given
        .into_iter()
        .flatten()
        .filter(|code| !is_known(&code.value, own))
    {
        let message = format!("there is no rule `{}`", code.value);
        let known = super::all().chain(own.iter().copied());
        let known = known.map(|rule| rule.code);
        problems.push(
            Diagnostic::new(message, &code.place)
                .label("expected the code of a rule, as `composegen rules` lists them")
                .did_you_mean(&code.value, known),
        );
    }
    problems.or(())
}

/// Whether a code, in which `*` matches any text, fits a rule.
fn is_known(given: &str, own: &[&'static Rule]) -> bool {
    let mut all = super::all().chain(own.iter().copied());
    all.any(|rule| pattern::matches(given, rule.code))
}

/// The lowest levels that are reported of hosts, of environments, and of everything else.
struct Levels<'a> {
    hosts: HashMap<&'a str, Level>,
    environments: HashMap<&'a str, Level>,
    otherwise: Level,
}

impl<'a> Levels<'a> {
    fn of(selection: &RuleSelection, catalog: Option<&'a Catalog>) -> Self {
        let (None, Some(catalog)) = (selection.level, catalog) else {
            return Self {
                hosts: HashMap::new(),
                environments: HashMap::new(),
                otherwise: selection.level.unwrap_or(DEFAULT_LEVEL),
            };
        };
        let level = |environment, host| catalog.level(environment, host).unwrap_or(DEFAULT_LEVEL);
        Self {
            hosts: catalog
                .hosts()
                .map(|(of, host)| (host.name.as_str(), level(Some(of), Some(host))))
                .collect(),
            environments: catalog
                .environments
                .iter()
                .map(|one| (one.name.as_str(), level(Some(one), None)))
                .collect(),
            otherwise: level(None, None),
        }
    }

    /// The lowest of the levels of what a finding is about.
    fn of_finding(&self, finding: &Violation) -> Level {
        let found = &finding.found;
        let lowest = |names: &[String], levels: &HashMap<&str, Level>| {
            let levels = names.iter().filter_map(|name| levels.get(name.as_str()));
            levels.copied().max()
        };
        lowest(&found.hosts, &self.hosts)
            .or_else(|| lowest(&found.environments, &self.environments))
            .unwrap_or(self.otherwise)
    }
}
