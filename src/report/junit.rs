//! `JUnit` XML: what all reports in it have in common.

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
