//! A report of drift, held against what a test expects.

use serde_json::{Value, json};

use super::finding::Finding;
use crate::project::Ran;

const SEVERITIES: [&str; 3] = ["exposure", "drift", "notice"];
const AFTER_UP: [&str; 6] = [
    "heals", "ignores", "fails", "destroys-data", "asks", "unknown",
];
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
        let json = ran.json();
        assert_eq!(json["version"], 1);
        let mut findings = list(&json["hosts"][0]["findings"]);
        check(&json);
        findings.retain(|finding| {
            let foreign = finding["resource"].as_str().unwrap();
            finding["code"] != "port-foreign" || foreign.starts_with(prefix)
        });
        let engine = json["hosts"][0]["engine"].to_string();
        for finding in &mut findings {
            finding["is_of_podman"] = engine.contains("Podman").into();
        }
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

/// The entries of a list; none where it is none.
pub(crate) fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}
