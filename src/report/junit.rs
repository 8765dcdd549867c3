//! `JUnit` XML: what all reports in it have in common.

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
}

impl<'a> Suite<'a> {
    /// Begins a suite.
    pub(super) fn begin(page: &'a mut String, title: &str, counts: Counts) -> Self {
        let title = escaped(title);
        // Writing to a `String` cannot fail.
        let _ = writeln!(page, "  <testsuite name=\"{title}\"{counts}>");
        Self { page, title }
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

    /// Adds a test.
    pub(super) fn test(&mut self, name: &str, result: &TestResult<'_>) {
        let (title, name, result) = (&self.title, escaped(name), result.element());
        let _ = writeln!(
            self.page,
            "    <testcase classname=\"{title}\" name=\"{name}\">{result}</testcase>"
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
