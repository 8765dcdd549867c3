//! Workflow commands of GitHub Actions
//! (<https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>), escaped as its
//! toolkit escapes them (`packages/core/src/command.ts`).

use super::{lines, visible};

/// What a command says, of several lines.
#[must_use]
pub fn data(text: &str) -> String {
    percent(&lines(text))
}

/// The value of a property of a command, such as the name of a file.
#[must_use]
pub fn property(text: &str) -> String {
    percent(&visible(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}

fn percent(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::tests::nasty;

    fn unescaped(text: &str) -> String {
        let text = text.replace("%3A", ":").replace("%2C", ",");
        text.replace("%0A", "\n")
            .replace("%0D", "\r")
            .replace("%25", "%")
    }

    proptest! {
        #[test]
        fn a_command_stays_one_command(text in nasty()) {
            let (data, property) = (data(&text), property(&text));
            prop_assert!(!data.contains('\n') && !data.contains('\r'));
            prop_assert!(!property.contains([':', ',', '\n', '\r']));
            prop_assert_eq!(unescaped(&data), lines(&text));
            prop_assert_eq!(unescaped(&property), visible(&text));
        }
    }
}
