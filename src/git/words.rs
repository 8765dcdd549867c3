//! The names that git is given, as types: a value that exists cannot be taken for an option.

use serde::{Serialize, Serializer};

use crate::text::word;

word!(
    /// A commit by its number, whole or abbreviated: 7 to 64 hexadecimal digits (SHA-1 has 40, SHA-256
    /// has 64).
    pub(crate) Commit,
    |text| (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
    "a commit: 7 to 64 hexadecimal digits"
);

word!(
    /// A branch or tag, with or without `refs/heads/` and the like, by git's own rules
    /// (git-check-ref-format) with `--allow-onelevel`; and nothing that begins with `-`.
    pub(crate) RefName,
    is_ref_name,
    "the name of a branch or tag"
);

word!(
    /// A name that a person gives to a commit, for example `main~1`: for git to look up, in one argument
    /// that cannot be an option, a range or several.
    pub(crate) Revision,
    is_revision,
    "a branch, a tag or a release candidate"
);

impl Commit {
    /// The first twelve digits, for messages.
    #[must_use]
    pub(crate) fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl Serialize for Commit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<&RefName> for Revision {
    fn from(name: &RefName) -> Self {
        Self(name.0.clone())
    }
}

/// The longest name of a branch or tag; file systems end at 255 bytes for each part of it.
const LONGEST_REF: usize = 1024;

fn is_ref_name(text: &str) -> bool {
    let is_allowed = |c: char| {
        !c.is_control()
            && !matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\')
            && !is_invisible(c)
    };
    let is_part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.to_ascii_lowercase().ends_with(".lock")
    };
    !text.starts_with('-')
        && text != "@"
        && text.len() <= LONGEST_REF
        && text.chars().all(is_allowed)
        && !text.contains("..")
        && !text.contains("@{")
        && text.split('/').all(is_part)
}

fn is_revision(text: &str) -> bool {
    let is_allowed =
        |c: char| !c.is_control() && !is_invisible(c) && !matches!(c, ' ' | ':' | '\\');
    !text.is_empty()
        && text.len() <= LONGEST_REF
        && !text.starts_with(['-', '^'])
        && !text.contains("..")
        && !text.contains("^{/")
        && text.chars().all(is_allowed)
}

/// What git lets into a name, and a person cannot see: it could look like another name.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        || (c != ' ' && c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::{Commit, RefName, Revision};

    #[test]
    fn a_commit_is_hexadecimal_digits_alone() {
        for good in ["c0ffee0", "C0FFEE0", &"a".repeat(40), &"0".repeat(64)] {
            assert!(good.parse::<Commit>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "c0ffee",
            "HEAD",
            "--output=a",
            "-c0ffee0",
            "c0ffee0~1",
            "c0ffee0:path",
            "c0ffee0\n",
            " c0ffee0",
            "c0ffee0..",
            "c0ffeeg",
            "c0ffe\u{660}\u{661}",
            "c0ffee0\0",
            &"a".repeat(65),
        ] {
            assert!(bad.parse::<Commit>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_ref_keeps_to_the_rules_of_git() {
        for good in [
            "main",
            "feature/x",
            "refs/tags/v1.0.0-rc.1",
            "origin/main",
            "a@b",
            "größe",
            "x-",
        ] {
            assert!(good.parse::<RefName>().is_ok(), "{good}");
            assert!(good.parse::<Revision>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "-h",
            "--all",
            "a b",
            "a\tb",
            "a\nb",
            "a..b",
            "a~1",
            "a^",
            "a:b",
            "a?",
            "a*",
            "a[b",
            "a\\b",
            "a@{1}",
            "@",
            "/a",
            "a/",
            "a//b",
            ".a",
            "a/.b",
            "a.",
            "a.lock",
            "a/b.LOCK/c",
            "a\u{7f}",
            "a\u{202e}b",
            "a\u{200b}",
            "a\u{a0}b",
            &"a".repeat(2000),
        ] {
            assert!(bad.parse::<RefName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_revision_is_one_argument() {
        for good in ["main~1", "main^{}", "HEAD", "@", "c0ffee", "main@{1}"] {
            assert!(good.parse::<Revision>().is_ok(), "{good}");
        }
        for bad in [
            "", "-h", "^main", "a..b", "a...b", ":/text", "a:b", "a b", "a\n", "a^{/x}",
        ] {
            assert!(bad.parse::<Revision>().is_err(), "{bad:?}");
        }
    }
}
