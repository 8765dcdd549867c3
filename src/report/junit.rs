//! `JUnit` XML: what all reports in it have in common.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::text::xml::escaped;

/// How many tests there are, and how they end.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    /// All of them.
    pub(super) tests: usize,
    /// Those that fail.
    pub(super) failures: usize,
    /// Those that could not be run.
    pub(super) errors: usize,
    /// Those that are allowed or ignored.
    pub(super) skipped: usize,
}

impl Counts {
    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            tests: self.tests + other.tests,
            failures: self.failures + other.failures,
            errors: self.errors + other.errors,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            tests,
            failures,
            errors,
            skipped,
        } = self;
        write!(
            f,
            " tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\""
        )
    }
}

/// The end of a page.
pub(super) const SUITES_END: &str = "</testsuites>\n";

/// The beginning of a page of test suites.
pub(super) fn suites_begin(name: &str, all: Counts) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{name}\"{all}>\n")
}

/// How a test ends. Its texts are not escaped yet; `more` has a text per line.
pub(super) enum TestResult<'a> {
    /// It passes.
    Passed,
    /// It passes, and has a message.
    Noted {
        message: &'a str,
        more: &'a [&'a str],
    },
    /// It fails.
    Failed {
        code: &'a str,
        message: &'a str,
        more: &'a [&'a str],
    },
    /// It could not be run.
    Unreachable(&'a str),
    /// It is allowed or ignored, for this reason.
    Skipped(&'a str),
}

/// A suite of tests, at the end of a page.
pub(super) struct Suite<'a> {
    page: &'a mut String,
    /// Its name, escaped. Its tests have it as their class.
    title: String,
    /// How many of its tests have each name.
    names: HashMap<String, usize>,
}

impl<'a> Suite<'a> {
    /// Begins a suite.
    pub(super) fn begin(page: &'a mut String, title: &str, counts: Counts) -> Self {
        let title = escaped(title);
        // Writing to a `String` cannot fail.
        let _ = writeln!(page, "  <testsuite name=\"{title}\"{counts}>");
        Self {
            page,
            title,
            names: HashMap::new(),
        }
    }

    /// Adds figures of the suite, before its tests.
    pub(super) fn properties(&mut self, properties: &[(&str, usize)]) {
        if properties.is_empty() {
            return;
        }
        self.page.push_str("    <properties>");
        for (name, value) in properties {
            let property = format!("<property name=\"{name}\" value=\"{value}\"/>");
            self.page.push_str(&property);
        }
        self.page.push_str("</properties>\n");
    }

    /// Adds a test. Of several with the same name, readers keep only one, so that each further one has a number.
    pub(super) fn test(&mut self, name: &str, result: &TestResult<'_>) {
        let count = self.names.entry(name.to_owned()).or_default();
        *count += 1;
        let number = if *count > 1 {
            format!(" ({count})")
        } else {
            String::new()
        };
        let (title, name, result) = (&self.title, escaped(name), result.element());
        let _ = writeln!(
            self.page,
            "    <testcase classname=\"{title}\" name=\"{name}{number}\">{result}</testcase>"
        );
    }

    /// Ends the suite.
    pub(super) fn end(self) {
        self.page.push_str("  </testsuite>\n");
    }
}

impl TestResult<'_> {
    /// The element in the test.
    fn element(&self) -> String {
        match self {
            Self::Passed => String::new(),
            Self::Noted { message, more } => {
                let message = escaped(message);
                format!("<system-out>{message}\n{}</system-out>", lines(more))
            }
            Self::Failed {
                code,
                message,
                more,
            } => {
                let (message, more) = (escaped(message), lines(more));
                format!("<failure type=\"{code}\" message=\"{message}\">{more}</failure>")
            }
            Self::Unreachable(error) => {
                let error = escaped(error);
                format!("<error type=\"unreachable\" message=\"{error}\"/>")
            }
            Self::Skipped(reason) => format!("<skipped message=\"{}\"/>", escaped(reason)),
        }
    }
}

fn lines(texts: &[&str]) -> String {
    let lines: Vec<_> = texts.iter().map(|text| escaped(text)).collect();
    lines.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Counts, Suite, TestResult};

    #[test]
    fn no_two_tests_of_a_suite_have_one_name() {
        let mut page = String::new();
        let mut suite = Suite::begin(&mut page, "a.yml", Counts::default());
        for name in ["x line 2", "x line 2", "y line 2", "x line 2"] {
            suite.test(name, &TestResult::Passed);
        }
        suite.end();
        let names: Vec<&str> = page
            .split(" name=\"")
            .skip(2)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert_eq!(
            names,
            ["x line 2", "x line 2 (2)", "y line 2", "x line 2 (3)"]
        );
    }
}
