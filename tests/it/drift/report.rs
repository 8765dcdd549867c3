//! A report of drift, and what a test expects of it.

use serde_json::{Value, json};

use crate::project::Ran;

const SEVERITIES: [&str; 3] = ["exposure", "drift", "notice"];
const AFTER_UP: [&str; 5] = ["heals", "ignores", "fails", "destroys-data", "unknown"];
const CAUSES: [&str; 3] = ["unapplied", "out-of-band", "unknown"];

/// The report on one host.
pub(crate) struct Report {
    pub(crate) ran: Ran,
    /// The whole, as JSON.
    pub(crate) json: Value,
    /// What is found, without what other tests on the same engine publish.
    pub(crate) findings: Vec<Value>,
}

impl Report {
    /// Reads what a run printed. `prefix` begins the names of all that the test makes.
    pub(crate) fn read(ran: Ran, prefix: &str) -> Self {
        let json: Value = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", ran.stdout, ran.stderr));
        assert_eq!(json["version"], 1);
        let mut findings = list(&json["hosts"][0]["findings"]);
        check(&json);
        findings.retain(|finding| {
            let foreign = finding["resource"].as_str().unwrap();
            finding["code"] != "port-foreign" || foreign.starts_with(prefix)
        });
        Self {
            ran,
            json,
            findings,
        }
    }

    /// The host that is reported on.
    pub(crate) fn host(&self) -> &Value {
        &self.json["hosts"][0]
    }

    /// These and no other are found, and the first of them comes first.
    pub(crate) fn finds(&self, expected: &[Finding]) -> &Self {
        if let Some(first) = expected.first() {
            self.begins_with(first);
        }
        self.holds(expected)
    }

    /// This finding comes first.
    pub(crate) fn begins_with(&self, wanted: &Finding) {
        let first = self.findings.first().unwrap_or(&Value::Null);
        if let Err(why) = wanted.fits(first) {
            let found = self.pretty();
            panic!("the first finding is another: {why}\n{found}");
        }
    }

    /// These and no other are found, in any order.
    pub(crate) fn holds(&self, expected: &[Finding]) -> &Self {
        self.contains(expected);
        let extra = |finding: &&Value| !expected.iter().any(|wanted| wanted.fits(finding).is_ok());
        let extra: Vec<&Value> = self.findings.iter().filter(extra).collect();
        assert!(extra.is_empty(), "nobody expected {extra:#?}");
        self.ends_as_its_findings_say()
    }

    /// These are found, each once.
    pub(crate) fn contains(&self, expected: &[Finding]) {
        let found = self.pretty();
        for wanted in expected {
            let about = self.findings.iter().filter(|one| wanted.is_about(one));
            let wrong: Vec<_> = about.map(|one| wanted.fits(one)).collect();
            let right = wrong.iter().filter(|wrong| wrong.is_ok()).count();
            if let (0, Some(Err(why))) = (right, wrong.first()) {
                panic!("{why}\n{found}");
            }
            assert_eq!(right, 1, "how often {} is found: {found}", wanted.title());
        }
    }

    fn pretty(&self) -> String {
        serde_json::to_string_pretty(&self.findings).unwrap()
    }

    /// Nothing is found, and the exit status says so.
    pub(crate) fn is_in_sync(&self) -> &Self {
        self.finds(&[]);
        assert_eq!(self.ran.code, Some(0), "{}", self.ran.stderr);
        self
    }

    fn ends_as_its_findings_say(&self) -> &Self {
        let all = list(&self.host()["findings"]);
        let is_drift = all.iter().any(|finding| finding["severity"] != "notice");
        let code = Some(i32::from(is_drift));
        assert_eq!(self.ran.code, code, "{all:#?}\n{}", self.ran.stderr);
        self
    }
}

/// What holds of every report.
fn check(json: &Value) {
    for host in list(&json["hosts"]) {
        for finding in list(&host["findings"]) {
            let word = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            assert!(
                SEVERITIES.contains(&word("severity").as_str()),
                "{finding:#}"
            );
            assert!(AFTER_UP.contains(&word("after_up").as_str()), "{finding:#}");
            let cause = word("cause");
            assert!(
                cause.is_empty() || CAUSES.contains(&cause.as_str()),
                "{finding:#}"
            );
            assert!(!word("message").is_empty(), "{finding:#}");
            assert!(!word("resource").is_empty(), "{finding:#}");
        }
        for one in list(&host["unchecked"]) {
            assert!(one["what"].is_string() && one["why"].is_string(), "{one:#}");
        }
    }
    let count = |key: &str, of: &dyn Fn(&Value) -> usize| {
        let number: usize = list(&json["hosts"]).iter().map(of).sum();
        assert_eq!(json["summary"][key], json!(number), "{key}: {json:#}");
    };
    count("hosts", &|_| 1);
    for severity in SEVERITIES {
        count(severity, &|host| {
            let findings = list(&host["findings"]);
            let same = findings.iter().filter(|one| one["severity"] == severity);
            same.count()
        });
    }
    count("suppressed", &|host| list(&host["suppressed"]).len());
    count("unchecked", &|host| list(&host["unchecked"]).len());
    count("unreachable", &|host| {
        usize::from(host["status"] == "unreachable")
    });
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// What a test expects of one side of a finding.
pub(crate) enum Want {
    /// This value. Nothing at all, an empty list and an empty map are the same.
    Is(Value),
    /// What tells two values of a variable apart, and not the value.
    Digest,
    /// Something that the test cannot know.
    Something,
    /// Whatever it is.
    Any,
    /// A list that holds the first name, and not the second.
    Names(&'static str, &'static str),
}

impl<T: Into<Value>> From<T> for Want {
    fn from(value: T) -> Self {
        Self::Is(value.into())
    }
}

impl Want {
    fn fits(&self, value: &Value) -> bool {
        match self {
            Self::Is(wanted) => wanted == value || is_nothing(wanted) && is_nothing(value),
            Self::Digest => value.as_str().is_some_and(|digest| {
                digest.len() == 8 && digest.chars().all(|digit| digit.is_ascii_hexdigit())
            }),
            Self::Something => !is_nothing(value),
            Self::Any => true,
            Self::Names(one, other) => {
                let names = list(value);
                names.contains(&json!(one)) && !names.contains(&json!(other))
            }
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Is(value) => value.to_string(),
            Self::Digest => "a digest".to_owned(),
            Self::Something => "something".to_owned(),
            Self::Any => "anything".to_owned(),
            Self::Names(one, other) => format!("a list with {one:?} and without {other:?}"),
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// What a test expects a finding to be.
pub(crate) struct Finding {
    code: &'static str,
    severity: &'static str,
    resource: String,
    field: Option<&'static str>,
    expected: Want,
    observed: Want,
    after_up: Option<&'static str>,
    cause: Option<&'static str>,
}

/// Somebody can reach what they should not.
pub(crate) fn exposure(code: &'static str, resource: &str) -> Finding {
    finding(code, "exposure", resource)
}

/// The host is not what it should be.
pub(crate) fn drift(code: &'static str, resource: &str) -> Finding {
    finding(code, "drift", resource)
}

/// Something that is good to know.
pub(crate) fn notice(code: &'static str, resource: &str) -> Finding {
    finding(code, "notice", resource)
}

fn finding(code: &'static str, severity: &'static str, resource: &str) -> Finding {
    Finding {
        code,
        severity,
        resource: resource.to_owned(),
        field: None,
        expected: Want::Any,
        observed: Want::Any,
        after_up: None,
        cause: None,
    }
}

impl Finding {
    pub(crate) fn field(
        mut self,
        name: &'static str,
        expected: impl Into<Want>,
        observed: impl Into<Want>,
    ) -> Self {
        self.field = Some(name);
        self.expected = expected.into();
        self.observed = observed.into();
        self
    }

    /// Whatever field it is.
    pub(crate) fn field_any(
        mut self,
        expected: impl Into<Want>,
        observed: impl Into<Want>,
    ) -> Self {
        self.expected = expected.into();
        self.observed = observed.into();
        self
    }

    /// What `docker compose up -d` would make of it.
    pub(crate) fn after_up(mut self, word: &'static str) -> Self {
        self.after_up = Some(word);
        self
    }

    /// Somebody changed the host.
    pub(crate) fn by_hand(mut self, after_up: &'static str) -> Self {
        self.cause = Some("out-of-band");
        self.after_up(after_up)
    }

    /// Somebody changed what the host should be.
    pub(crate) fn unapplied(mut self, after_up: &'static str) -> Self {
        self.cause = Some("unapplied");
        self.after_up(after_up)
    }

    fn title(&self) -> String {
        format!(
            "{} of {} ({})",
            self.code,
            self.resource,
            self.field.unwrap_or("any field")
        )
    }

    fn is_about(&self, finding: &Value) -> bool {
        finding["code"] == self.code
            && finding["resource"] == self.resource.as_str()
            && self.field.is_none_or(|field| finding["field"] == field)
    }

    fn fits(&self, finding: &Value) -> Result<(), String> {
        if !self.is_about(finding) {
            return Err(format!("expected {}", self.title()));
        }
        let mut wrong = Vec::new();
        let mut hold = |key: &str, wanted: &Want| {
            if !wanted.fits(&finding[key]) {
                wrong.push(format!("{key} should be {}", wanted.show()));
            }
        };
        hold("severity", &self.severity.into());
        hold("kind", &kind(self.code).into());
        hold("expected", &self.expected);
        hold("observed", &self.observed);
        hold("after_up", &self.after_up.map_or(Want::Any, Want::from));
        hold("cause", &self.cause.map_or(Want::Any, Want::from));
        if wrong.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{}: {}, in {finding:#}",
            self.title(),
            wrong.join(", ")
        ))
    }
}

/// What kind of thing a code is about.
fn kind(code: &str) -> &str {
    match code {
        "name-taken" => "service",
        "file-stale" | "ignore-expired" | "ignore-unused" => "project",
        _ => code.split_once('-').map_or(code, |(kind, _)| kind),
    }
}
